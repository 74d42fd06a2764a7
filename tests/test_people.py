"""Who is here, how they appear, and the link that brings others in."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import segno
from bs4 import BeautifulSoup
from PIL import Image
from werkzeug.test import TestResponse

from parley import create_app, network
from parley.settings import Settings
from parley.store import tables
from parley.web import parts
from parley.web.first_run import first_run_code
from tests import corpus
from tests.visitor import HTMX, JSON, PASSWORD, Visitor, beside, change, soup, words

ANN = 2


def people(visitor: Visitor) -> dict[str, list[str]]:
    """Everyone on the people page, by what stands above them."""
    sections = visitor.page("/people").select("section:has(ul.people)")
    return {
        words(section.h2): [words(name) for name in section.select("b bdi")] for section in sections
    }


def saves(visitor: Visitor, photo: bytes = b"", **fields: str) -> TestResponse:
    """The form on one's own page."""
    chosen = [("me.png", photo)] if photo else []
    form = {"name": visitor.name, "about": ""} | fields
    return visitor.submits("/people/me", form, "photo", *chosen)


# ---- Everyone ----


def test_everyone_is_listed_by_who_is_here(miriam, ann, bob, app):
    told = {"Owners and moderators": ["Miriam"]}
    assert people(ann) == told | {"Here now": ["Ann", "Bob"]}
    change(app, tables.people, 3, seen_at=datetime.now(UTC) - timedelta(minutes=20))
    assert people(ann) == told | {"Here now": ["Ann"], "Away": ["Bob"]}
    listed = words(ann.page("/people").main)
    assert "3 in Class 7b, 2 here now" in listed
    assert "Ann you" in listed and "Miriam owner" in listed
    assert "here 20 minutes ago" in listed


@pytest.mark.parametrize(
    ("minutes", "ago"), [(0, "here now"), (1, "here now"), (5, "here 5 minutes ago")]
)
def test_when_somebody_was_last_here(ann, bob, app, minutes, ago):
    change(app, tables.people, 3, seen_at=datetime.now(UTC) - timedelta(minutes=minutes))
    row = ann.page("/people").select_one("a[href='/people/3']:has(b)")
    assert words(row.select_one("b + .soft")) == ago
    assert words(ann.page("/people/3").select_one("header p")) in ("here now", f"last {ago}")


def test_one_person_has_a_page(ann, bob):
    page = bob.page(f"/people/{ANN}")
    assert [words(h1) for h1 in page.select("h1")] == ["Ann"]
    assert words(page.select_one("section h2")) == "Who this is"
    assert page.select_one("section time")
    assert not page.select("a[href='/people/me'].button")
    own = ann.page(f"/people/{ANN}")
    assert words(own.select_one("section h2")) == "You"
    assert words(own.select_one("a.button")) == "Change how you appear"
    assert words(bob.page("/people/1").select_one(".badge")) == "owner"


def test_who_has_no_picture_has_initials(miriam, ann):
    miriam.brings_in("Mary-Lou van Dyke").posts("hello")
    faces = ann.page("/rooms/1").select(".message .face")
    assert [words(face) for face in faces] == ["MD"]
    assert all(face["aria-hidden"] == "true" for face in faces), "the name is said anyway"


def test_a_person_that_is_not_there(ann):
    assert ann.gets("/people/99").data == ann.gets("/nothing").data


# ---- Oneself ----


def test_a_new_name_and_line_are_seen_everywhere(ann, bob):
    ann.posts("hello")
    ann.name = "Anna"
    answer = saves(ann, about="Plays   the\ncello")
    assert (answer.status_code, answer.location) == (303, f"/people/{ANN}")
    assert words(bob.page("/rooms/1").select_one(".who")) == "Anna"
    assert "Plays the cello" in words(bob.page("/people").main)
    assert "Plays the cello" in words(bob.page(f"/people/{ANN}").main)
    assert Visitor(ann.app, "anna").signs_in().location == "/"
    assert Visitor(ann.app, "Ann").signs_in().status_code == 422


def test_the_form_shows_what_is_there(ann):
    saves(ann, about="Plays the cello")
    page = ann.page("/people/me")
    assert page.select_one("#name")["value"] == "Ann"
    assert page.select_one("#about")["value"] == "Plays the cello"
    assert beside(page, "about") == "One line, shown beside your name on the people page."
    fields = [words(label) for label in page.select("form label")]
    assert fields == [
        "Picture",
        "Name",
        "About you",
        "Your time zone",
        "Your language for times",
        "Keys of one letter do something",
    ]


def chosen(page) -> list[str]:
    """What the two lists about times say."""
    lists = [page.select_one(f"#{name}") for name in ("zone", "language")]
    return [words(one.select_one("[selected]") or one.option) for one in lists]


def test_who_has_chosen_nothing_reads_times_as_the_space(ann):
    said = ["As the space: Europe/Berlin", "As the space: English"]
    assert chosen(ann.page("/people/me")) == said


def test_ones_own_zone_and_language_are_kept_and_can_be_given_up(ann, bob):
    message = bob.posts("good morning")
    moment = datetime(2026, 5, 21, 6, 2, 30, tzinfo=UTC)
    change(ann.app, tables.messages, message["id"], posted_at=moment)
    saves(ann, zone="Asia/Tokyo", language="de")
    assert chosen(ann.page("/people/me")) == ["Asia/Tokyo", "Deutsch"]
    [time] = ann.page("/rooms/1").select(".when time")
    assert (words(time), time["lang"]) == ("15:02", "de")
    assert time["title"].startswith("Donnerstag, 21. Mai 2026, 15:02")
    assert words(ann.page("/rooms/1").select_one("h2.day")).startswith("Donnerstag, 21. Mai")
    [time] = bob.page("/rooms/1").select(".when time")
    assert (words(time), time.get("lang")) == ("08:02", None)
    saves(ann, about="Plays the cello")
    assert chosen(ann.page("/people/me")) == ["Asia/Tokyo", "Deutsch"], "nothing was said of them"
    saves(ann, zone="", language="")
    assert words(ann.page("/rooms/1").select_one(".when time")) == "08:02"


@pytest.mark.parametrize(("field", "value"), [("zone", "Mars/Olympus"), ("language", "tlh")])
def test_a_zone_or_language_that_is_not_known_is_refused_beside_its_field(ann, field, value):
    answer = saves(ann, about="Plays the cello", **{field: value})
    assert answer.status_code == 422
    assert "not known here" in beside(soup(answer), field)
    assert not ann.page("/people/me").select_one("#about")["value"], "all of it or nothing"


def test_every_page_says_times_as_its_reader_reads_them(ann, bob, miriam):
    bob.posts("hello")
    ann.client.post("/messages/1/report", data={"reason": "rude"})
    miriam.client.post("/people/3/mute", data={"end": "day"})
    saves(miriam, name="Miriam", language="de")
    for path in ("/log", "/reports", "/people/3", "/rooms/1", "/links"):
        times = miriam.page(path).main.select("time")
        assert {time.get("lang") for time in times} == {"de"}, path
    assert len(miriam.page("/log").select("ol .entry > div time")) == 1, "the end that was set"


def test_one_may_write_ones_own_name_in_another_way(ann, bob):
    assert saves(ann, name="ANN").status_code == 303
    assert "ANN" in people(bob)["Here now"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "bob", "bob is already here. Add an initial or a nickname, so"),
        ("name", "  ", "A name is needed here."),
        ("name", "x" * 41, "That is 41 characters; 40 is the most."),
        ("name", "a\0b", "There is a character in it that cannot be shown. Type it again."),
        ("about", "x" * 251, "That is 251 characters; 250 is the most."),
    ],
    ids=range(5),
)
def test_what_cannot_be_is_said_beside_its_field_and_all_is_kept(ann, bob, field, value, sentence):
    sent = {"name": "Anna", "about": "Plays the cello"} | {field: value}
    answer = saves(ann, **sent)
    assert answer.status_code == 422
    page = soup(answer)
    assert beside(page, field).startswith(sentence)
    assert page.select_one(f"#{field}")["aria-invalid"] == "true"
    other = "about" if field == "name" else "name"
    assert page.select_one(f"#{other}")["value"] == sent[other]
    assert not page.select_one(f"#{other}[aria-invalid]")
    assert "Anna" not in words(bob.page("/people"))


def test_two_at_once_cannot_take_one_name(ann, bob, monkeypatch):
    monkeypatch.setattr("parley.talk.people.by_name", lambda c, name: None)  # neither sees it yet
    answer = saves(ann, name="Bob")
    assert answer.status_code == 422
    assert beside(soup(answer), "name").startswith("Bob is already here.")


def test_a_picture_is_shown_everywhere(ann, bob):
    ann.posts("hello")
    assert saves(ann, photo=corpus.picture("PNG", (300, 200))).status_code == 303
    for path in ("/rooms/1", "/people", f"/people/{ANN}", "/rooms/1/list"):
        image = bob.page(path).select_one(f"img[src^='/people/{ANN}/picture']")
        assert image["alt"] == "" and image["width"] and image["height"], path
    answer = bob.gets(image["src"])
    assert Image.open(io.BytesIO(answer.data)).size == (256, 256)
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"

    saves(ann, photo=corpus.picture("PNG", (200, 300)))
    newer = bob.page("/people").select_one(f"img[src^='/people/{ANN}/picture']")
    assert newer["src"] != image["src"], "a kept one is not shown instead"
    saves(ann)
    assert bob.page("/people").select(f"img[src='{newer['src']}']"), "saving without one keeps it"


def test_a_picture_loses_its_place(ann, bob):
    saves(ann, photo=corpus.talkative("JPEG"))
    data = bob.gets(f"/people/{ANN}/picture").data
    assert data
    assert not any(marker in data for marker in corpus.MARKERS)


@pytest.mark.parametrize(
    ("photo", "status"),
    [
        (b"no picture", 422),
        (corpus.truncated("PNG"), 422),
        (corpus.claims("PNG"), 422),
        (bytes(16 * 2**20 + 1), 413),
    ],
    ids=["text", "half", "bomb", "large"],
)
def test_a_picture_that_cannot_be_taken(ann, bob, app, photo, status):
    answer = saves(ann, name="Anna", about="Plays the cello", photo=photo)
    assert answer.status_code == status
    page = soup(answer)
    assert beside(page, "photo").endswith(".")
    assert page.select_one("#name")["value"] == "Anna"
    assert page.select_one("#about")["value"] == "Plays the cello"
    assert "Anna" not in words(bob.page("/people"))
    assert list(parts(app).files.tray.iterdir()) == []


def test_who_has_no_picture_has_no_address_for_it(ann):
    assert ann.gets(f"/people/{ANN}/picture").status_code == 404


def test_htmx_gets_the_form_alone(ann, bob):
    answer = ann.client.post("/people/me", data={"name": "Bob", "about": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert [part["id"] for part in soup(answer).find_all(recursive=False)] == ["form"]
    answer = ann.client.post("/people/me", data={"name": "Bob", "about": ""}, headers=JSON)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "name")


def test_the_settings_belong_to_one_alone(stranger, ann, bob):
    assert stranger.gets("/people/me").location.startswith("/login")
    assert stranger.client.post("/people/me", data={"name": "X"}).location.startswith("/login")
    assert bob.page("/people/me").select_one("#name")["value"] == "Bob"


# ---- What is mine ----


def test_a_small_stylesheet_says_what_is_mine(ann, bob):
    link = ann.page("/rooms/1").select_one("link[href^='/me.css']")["href"]
    answer = ann.gets(link)
    assert answer.mimetype == "text/css"
    assert f'[data-author="{ANN}"]' in answer.text
    assert '[data-author="3"]' not in answer.text
    assert link != bob.page("/rooms/1").select_one("link[href^='/me.css']")["href"]
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_stylesheet_is_sent_once(ann, bob, encoding):
    etag = ann.gets("/me.css", Accept_Encoding=encoding).headers["ETag"]
    again = ann.gets("/me.css", Accept_Encoding=encoding, If_None_Match=etag)
    assert (again.status_code, again.data) == (304, b"")
    assert bob.gets("/me.css", If_None_Match=etag).status_code == 200
    assert ann.gets("/me.css", If_None_Match='"another"').status_code == 200


# ---- The link that brings others in ----


def invitation(visitor: Visitor, host: str = "localhost:8080"):
    """The part of the people page that an owner sees."""
    kept = visitor.client.get_cookie("parley")
    visitor.client.set_cookie("parley", kept.value, domain=host.rpartition(":")[0].strip("[]"))
    return soup(visitor.gets("/people", Host=host)).select_one("#invite")


def test_only_those_who_may_invite_see_the_link(miriam, ann):
    code = miriam.link().rpartition("/")[2]
    assert not ann.page("/people").select("#invite")
    assert code not in ann.gets("/people").text
    change(ann.app, tables.people, 2, role="moderator")
    assert code in ann.gets("/people").text


def test_the_card_shows_the_newest_link_and_leads_to_all(miriam):
    miriam.client.post("/links", data={"name": "Parents"})
    card = invitation(miriam)
    assert card.input["value"].endswith(miriam.link())
    assert [one["href"] for one in card.select("a")] == ["/links/2", "/links"]


def test_without_an_open_link_the_card_says_so(miriam):
    miriam.client.post("/links/1/revoke")
    assert "No link is open, so nobody can join. Make a link" in words(invitation(miriam))
    change(miriam.app, tables.space, 1, joining="closed")
    assert "Nobody can join just now, because this place is closed." in words(invitation(miriam))


def test_the_link_comes_with_a_code_to_photograph(miriam):
    code = invitation(miriam).select_one("[role=img]")
    assert code["aria-label"] == "QR code of the link"
    address = invitation(miriam).input["value"]
    drawn = BeautifulSoup(segno.make(address, error="m").svg_inline(border=2), "html.parser")
    assert code.svg.path["d"] == drawn.path["d"]
    assert code.svg.path["stroke"] == "#000"
    assert not code.select("[style], script, image, [href]")
    assert words(code) == "", "a picture, not words"


def test_the_link_has_the_address_that_the_owners_browser_used(miriam):
    shown = invitation(miriam, "chat.home:8080")
    assert shown.input["value"] == f"http://chat.home:8080{miriam.link()}"
    assert shown.input["aria-label"] == "Link to join"
    assert "Whoever reaches chat.home can come in" in words(shown)


@pytest.mark.parametrize("host", ["localhost:9999", "127.0.0.1:9999", "[::1]:9999"])
def test_on_loopback_the_link_has_the_machines_address(miriam, app, monkeypatch, host):
    monkeypatch.setattr(network, "lan_address", lambda: "192.168.1.20")
    object.__setattr__(parts(app).settings, "host", "0.0.0.0")
    shown = invitation(miriam, host)
    assert shown.input["value"].startswith("http://192.168.1.20:9999/join/")
    assert "Everyone in the same network as this computer can come in" in words(shown)


def test_a_server_that_listens_to_itself_alone_says_so(miriam, monkeypatch):
    monkeypatch.setattr(network, "lan_address", lambda: "192.168.1.20")
    said = words(invitation(miriam))
    assert "Nobody else can open it yet, because Parley listens to this computer alone." in said
    assert "Stop it and start it with “.venv/bin/just serve”." in said


def test_a_machine_without_a_network_says_so(miriam, app, monkeypatch):
    monkeypatch.setattr(network, "lan_address", lambda: None)
    object.__setattr__(parts(app).settings, "host", "0.0.0.0")
    shown = invitation(miriam)
    assert shown.input["value"].startswith("http://localhost:8080/join/")
    assert "Nobody else can open it yet, because Parley has no network." in words(shown)


def test_behind_a_proxy_the_link_has_the_public_address(tmp_path):
    settings = Settings(data=tmp_path, secret="not so secret", url="https://chat.example/")
    app = create_app(settings)
    olga = Visitor(app, "Olga")
    form = {"space": "The Larks", "name": "Olga", "password": PASSWORD}
    form["code"] = first_run_code("not so secret")
    olga.client.post("/welcome", data=form, base_url="https://chat.example")
    page = soup(olga.client.get("/people", base_url="https://chat.example"))
    assert page.select_one("#invite input")["value"].startswith("https://chat.example/join/")
    assert "Whoever can open chat.example can come in." in words(page.select_one("#invite"))
    parts(app).close()


def test_this_machine_finds_its_own_address_or_none():
    found = network.lan_address()
    assert found is None or not network.is_loopback(found)
