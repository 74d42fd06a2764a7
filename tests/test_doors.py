"""The doors: first run, joining, signing in and out, passwords, and what the session holds."""

import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from parley import create_app
from parley.settings import Settings
from parley.store import tables
from parley.talk import logins, spaces
from parley.web import parts
from parley.web.first_run import first_run_code
from tests.visitor import HTMX, JSON, PASSWORD, Visitor, beside, change, said, soup, words

FOUNDING = {"space": "The Larks", "name": "Olga", "password": PASSWORD}
FAR = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
OURS = first_run_code("not so secret")


@pytest.fixture
def olga(new_app: Flask) -> Visitor:
    """Somebody at the machine of a new installation."""
    return Visitor(new_app, "Olga")


def session_files(app: Flask) -> dict[str, bytes]:
    """What is kept on disk of all sessions."""
    folder = Path(app.instance_path) / "sessions"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def cookie(visitor: Visitor):
    """The session cookie as the browser keeps it."""
    return visitor.client.get_cookie("parley")


# ---- What a browser says of its own ----

TOKYO = {"zone": "Asia/Tokyo"}
GERMAN = {"Accept-Language": "de-LI,de;q=0.9,en;q=0.8"}


def reads(app: Flask, name: str) -> tuple[str | None, str | None]:
    """The zone and language that are kept of somebody."""
    found = select(tables.people.c.zone, tables.people.c.language)
    with parts(app).db.reading() as c:
        zone, language = c.execute(found.where(tables.people.c.name == name)).one()
    return zone, language


def test_the_zone_and_language_of_the_browser_come_with_who_joins(app, miriam, stranger):
    form = stranger.page(miriam.link()).form
    assert form.select_one("input[type=hidden][name=zone]")
    stranger.client.post(miriam.link(), data={"name": "Kim"} | TOKYO, headers=GERMAN)
    assert reads(app, "Kim") == ("Asia/Tokyo", "de")
    stranger.client.post("/people/me", data={"name": "Kim", "zone": "UTC", "language": "fr"})
    stranger.client.post("/password", data={"password": PASSWORD})
    stranger.signs_out()
    again = {"name": "Kim", "password": PASSWORD} | TOKYO
    assert stranger.client.post("/login", data=again, headers=GERMAN).status_code == 303
    assert reads(app, "Kim") == ("UTC", "fr"), "what they chose stays"


def test_they_come_with_who_signs_in_and_has_none_yet(app, miriam, stranger):
    data = {"name": "Miriam", "password": PASSWORD}
    stranger.client.post("/login", data=data | TOKYO, headers=GERMAN)
    assert reads(app, "Miriam") == ("Asia/Tokyo", "de")


def test_who_reads_times_as_the_space_keeps_none_of_their_own(app, miriam, stranger):
    data = {"name": "Kim", "zone": "Europe/Berlin"}
    stranger.client.post(miriam.link(), data=data, headers={"Accept-Language": "en"})
    assert reads(app, "Kim") == ("", "")


@pytest.mark.parametrize("chooses", [False, True])
def test_who_reads_times_as_the_space_goes_on_so_wherever_they_sign_in(app, miriam, chooses):
    data = {"name": "Miriam", "password": PASSWORD}
    berlin = {"zone": "Europe/Berlin"} if not chooses else TOKYO
    Visitor(app).client.post("/login", data=data | berlin, headers={"Accept-Language": "en"})
    if chooses:
        miriam.client.post("/people/me", data={"name": "Miriam", "zone": "", "language": ""})
    Visitor(app).client.post("/login", data=data | TOKYO, headers=GERMAN)
    assert reads(app, "Miriam") == ("", "")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "a\0b", "<b>", "x" * 999])
@pytest.mark.parametrize("language", ["", "tlh", "de;q=0", "x" * 999])
def test_what_is_not_known_here_is_not_taken_and_is_no_error(app, miriam, stranger, zone, language):
    data, told = {"name": "Kim", "zone": zone}, {"Accept-Language": language}
    assert stranger.client.post(miriam.link(), data=data, headers=told).status_code == 303
    assert reads(app, "Kim") == (None, None)


# ---- First run ----


def test_the_space_is_in_the_zone_and_language_of_who_founds_it(olga, new_app):
    olga.client.post("/welcome", data=FOUNDING | TOKYO, headers=GERMAN)
    assert reads(new_app, "Olga") == (None, None)
    with parts(new_app).db.reading() as c:
        space = spaces.find(c)
    assert space and (space.zone, space.language) == ("Asia/Tokyo", "de")


def test_without_any_it_is_in_the_machine_s_and_english(olga, new_app, monkeypatch):
    monkeypatch.setenv("TZ", "Africa/Lagos")
    olga.client.post("/welcome", data=FOUNDING | {"zone": "Mars/Olympus"})
    with parts(new_app).db.reading() as c:
        space = spaces.find(c)
    assert space and (space.zone, space.language) == ("Africa/Lagos", "en")


def test_a_new_installation_leads_to_the_first_run(olga):
    assert olga.client.get("/").location == "/welcome"
    assert olga.client.get("/login").location == "/welcome"
    page = olga.page("/welcome")
    assert [words(h1) for h1 in page.select("h1")] == ["A place of your own"]
    fields = ["What is this place called?", "Your name", "Password"]
    assert [words(label) for label in page.select("form label")] == fields


def test_the_first_run_makes_the_space_its_owner_and_the_lobby(olga):
    answer = olga.client.post("/welcome", data=FOUNDING)
    assert (answer.status_code, answer.location) == (303, "/people#invite")
    assert olga.client.get("/").location == "/rooms/1"
    room = olga.page("/rooms/1")
    assert words(room.h1) == "Lobby"
    assert room.title and "The Larks" in words(room.title)
    listed = olga.page("/people")
    assert "Olga owner you" in words(listed.select_one("ul.people"))
    assert listed.select_one("#invite"), "an owner can bring others in"


def test_the_owner_can_sign_in_from_elsewhere(olga, new_app):
    olga.client.post("/welcome", data=FOUNDING)
    elsewhere = Visitor(new_app, "Olga")
    assert elsewhere.signs_in().location == "/"
    assert words(elsewhere.page("/rooms/1").h1) == "Lobby"


def test_after_the_first_run_nothing_is_there_any_more(olga, new_app):
    olga.client.post("/welcome", data=FOUNDING)
    for somebody in (olga, Visitor(new_app)):
        nothing = somebody.client.get("/nothing")
        for answer in (
            somebody.client.get("/welcome"),
            somebody.client.get(f"/welcome?code={OURS}"),
            somebody.client.post("/welcome", data=FOUNDING | {"name": "Xenia", "code": OURS}),
        ):
            assert answer.status_code == 404
            assert answer.data == nothing.data
    assert "Xenia" not in words(olga.page("/people"))


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("space", " ", "A name is needed here."),
        ("space", "x" * 61, "That is 61 characters; 60 is the most."),
        ("name", "", "A name is needed here."),
        ("name", "\u3164", "A name needs a letter or a number."),
        ("password", "short", "At least 8 characters. Four plain words are easy to keep."),
        ("password", "x" * 257, "That is 257 characters; 256 is the most."),
    ],
)
def test_a_first_run_that_cannot_be_says_why_and_keeps_what_was_typed(olga, field, wrong, sentence):
    answer = olga.client.post("/welcome", data=FOUNDING | {field: wrong})
    assert answer.status_code == 422
    page = soup(answer)
    assert beside(page, field) == sentence
    assert page.select_one(f"#{field}")["aria-invalid"] == "true"
    for name in {"space", "name"} - {field}:
        assert page.select_one(f"#{name}")["value"] == FOUNDING[name]
    assert not page.select_one("#password").has_attr("value")
    assert olga.client.get("/").location == "/welcome", "nothing was made"


GUARDED = {
    "from another device": FAR,
    "from another device by IPv6": {"environ_overrides": {"REMOTE_ADDR": "2001:db8::7"}},
    "by another site's name": {"headers": {"Host": "rebound.example:8080"}},
    "by a name that is none": {"headers": {"Host": "["}},
    "by the address in the network": {"headers": {"Host": "192.168.1.20:8080"}},
    "through X-Forwarded-For": {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    "through X-Forwarded-Host": {"headers": {"X-Forwarded-Host": "localhost"}},
    "through X-Real-IP": {"headers": {"X-Real-IP": "127.0.0.1"}},
    "through Forwarded": {"headers": {"Forwarded": "for=127.0.0.1"}},
    "through Via": {"headers": {"Via": "1.1 proxy"}},
}


@pytest.mark.parametrize("way", GUARDED.values(), ids=GUARDED)
def test_a_first_run_that_is_not_at_the_machine_needs_the_code(olga, way):
    for code in ("", "000000000000", OURS[:-1], "ü"):
        sent = olga.client.post("/welcome", data=FOUNDING | {"code": code}, **way)
        assert sent.status_code == 403
        asked = olga.client.get("/welcome", query_string={"code": code}, **way)
        assert asked.status_code == 403
        assert words(soup(asked).select_one("label[for=code]")) == "Code"
    assert olga.client.get("/").location == "/welcome", "nothing was made"

    form = soup(olga.client.get(f"/welcome?code={OURS}", **way))
    filled = FOUNDING | {"code": form.select_one("input[name=code]")["value"]}
    assert olga.client.post("/welcome", data=filled, **way).location == "/people#invite"


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_a_first_run_at_the_machine_needs_no_code(olga, host):
    assert olga.client.get("/welcome", headers={"Host": host}).status_code == 200


def test_behind_a_proxy_the_first_run_always_needs_the_code(tmp_path):
    app = create_app(Settings(data=tmp_path, secret="not so secret", url="https://chat.example"))
    olga = Visitor(app)
    assert olga.client.get("/welcome").status_code == 403
    assert olga.client.get(f"/welcome?code={OURS}").status_code == 200
    parts(app).close()


# ---- Joining ----


def test_somebody_joins_with_a_password_and_comes_back_with_it(miriam, app):
    link = miriam.link()
    page = Visitor(app).page(link)
    assert words(page.h1) == "Join Class 7b"
    assert "Miriam invites you. One person is here already." in words(page)
    cleo = miriam.brings_in("Cleo")
    assert cleo.client.get("/").location == "/rooms/1"
    cleo.posts("hello")
    assert miriam.sees("hello")
    again = Visitor(app, "Cleo")
    assert again.signs_in().location == "/"
    assert again.sees("hello")


def test_somebody_without_a_password_is_known_by_this_browser_alone(miriam, app):
    dan = miriam.brings_in("Dan", password="")
    assert dan.client.get("/").location == "/rooms/1"
    for guess in ("", "nobody", PASSWORD):
        assert Visitor(app, "Dan").signs_in(guess).status_code == 422


def test_each_use_of_a_link_is_counted(miriam):
    def uses() -> str:
        return words(miriam.page("/people").select_one("#invite"))

    assert "Nobody has used it." in uses()
    miriam.brings_in("Ann")
    assert "One person has used it." in uses()
    miriam.brings_in("Bob")
    assert "Two people have used it." in uses()


def test_a_refused_name_uses_no_link(miriam, ann, stranger):
    stranger.client.post(miriam.link(), data={"name": "Ann"})
    assert "One person has used it." in words(miriam.page("/people").select_one("#invite"))


@pytest.mark.parametrize(
    ("taken", "same"),
    [
        ("Ann", "Ann"),
        ("Ann", "aNN"),
        ("Ann", " Ann "),
        ("Ann", "Ａｎｎ"),  # full width
        ("Ann", "A\u200bnn"),  # with something unseen in it
        ("Zoë", unicodedata.normalize("NFD", "Zoë")),
        ("Zoë", "ZOË"),
        ("Mary Lou", "Mary  Lou"),
        ("Mary Lou", "mary\u00a0lou"),
        ("Weiß", "WEISS"),
    ],
)
def test_a_name_is_taken_however_it_is_written(miriam, stranger, taken, same):
    miriam.brings_in(taken)
    answer = stranger.client.post(miriam.link(), data={"name": same, "password": "secret words"})
    assert answer.status_code == 422
    page = soup(answer)
    assert "is already here. Add an initial or a nickname" in beside(page, "name")
    assert page.select_one("#name")["value"] == same, "what was typed is kept"
    assert "secret words" not in answer.text
    assert stranger.client.get("/").location.startswith("/login"), "nobody was signed in"


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\0b", "a\x07b", "a\nb", "...", "\u2800"])
def test_a_name_that_cannot_be_is_refused_beside_its_field(miriam, stranger, name):
    answer = stranger.client.post(miriam.link(), data={"name": name})
    assert answer.status_code == 422
    assert beside(soup(answer), "name").endswith(".")
    assert beside(soup(answer), "name") != beside(stranger.page(miriam.link()), "name")


def test_a_short_password_is_refused_beside_its_field(miriam, stranger):
    answer = stranger.client.post(miriam.link(), data={"name": "Xenia", "password": "1234567"})
    assert answer.status_code == 422
    assert beside(soup(answer), "password").startswith("At least 8 characters.")
    assert soup(answer).select_one("#name")["value"] == "Xenia"
    assert "Xenia" not in words(miriam.page("/people"))


def test_programs_and_htmx_hear_of_a_taken_name_too(miriam, ann, stranger):
    answer = stranger.client.post(miriam.link(), data={"name": "ann"}, headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json()["field"] == "name"
    assert "already here" in answer.get_json()["error"]
    answer = stranger.client.post(miriam.link(), data={"name": "ann"}, headers=HTMX)
    assert not soup(answer).body, "a fragment"
    assert "already here" in beside(soup(answer), "name")


def test_a_revoked_link_opens_nothing(miriam, stranger):
    old = miriam.link()
    miriam.client.post("/links")
    miriam.client.post("/links/1/revoke")
    assert stranger.client.get(old).data == stranger.client.get("/nothing").data
    assert stranger.client.post(old, data={"name": "Xenia"}).status_code == 404
    assert stranger.client.get(old.upper().replace("/JOIN", "/join")).status_code == 404
    assert stranger.client.get(miriam.link()).status_code == 200


def test_who_is_in_already_is_led_to_the_room(miriam, ann):
    assert ann.client.get(miriam.link()).location == "/"
    ann.client.post(miriam.link(), data={"name": "Ann the second"})
    assert "second" not in words(miriam.page("/people"))


# ---- Signing in ----


def test_signing_in_with_the_name_in_any_case(ann, app):
    for name in ("Ann", "ann", " ＡＮＮ "):
        assert Visitor(app, name).signs_in().location == "/"


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(ann, stranger):
    known = stranger.client.post("/login", data={"name": "Ann", "password": "wrong one"})
    unknown = stranger.client.post("/login", data={"name": "Xenia", "password": "wrong one"})
    assert known.status_code == unknown.status_code == 422
    assert known.text == unknown.text.replace("Xenia", "Ann")
    page = soup(known)
    assert beside(page, "password") == "Name and password do not fit together."
    assert page.select_one("#name")["value"] == "Ann"
    assert "wrong one" not in known.text


def test_after_ten_wrong_passwords_one_waits(ann, bob, app):
    xenia = Visitor(app, "Ann")
    for _ in range(3):
        assert Visitor(app, "ann").signs_in().status_code == 303  # never counted
    for number in range(10):
        name = ("Ann", "ann", "ＡＮＮ")[number % 3]
        answer = xenia.client.post("/login", data={"name": name, "password": f"guess {number}"})
        assert answer.status_code == 422
    for password in ("another guess", PASSWORD):
        answer = xenia.signs_in(password)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
        assert said(soup(answer)) == "That was often wrong. Try again in 15 minutes."
        assert soup(answer).select_one("#name")["value"] == "Ann"
    assert Visitor(app, "Bob").signs_in().status_code == 303, "another account is not affected"
    assert ann.client.get("/rooms/1").status_code == 200, "who is in stays in"


def test_an_attacker_cannot_lock_out_the_browsers_one_has_used(ann, bob, app):
    ann.signs_out()
    xenia = Visitor(app, "Ann")
    assert [xenia.signs_in(f"guess {n}").status_code for n in range(11)] == [422] * 10 + [429]
    assert Visitor(app, "Ann").signs_in().status_code == 429, "unknown browsers share a count"
    assert bob.signs_out() and bob.client.get_cookie("browser")
    bob.name = "Ann"
    assert bob.signs_in().status_code == 429, "a browser is known to its own people only"
    assert ann.signs_in().status_code == 303


def test_a_browser_that_is_known_has_a_count_of_its_own(ann, app):
    ann.signs_out()
    answers = [ann.signs_in(f"guess {number}").status_code for number in range(11)]
    assert answers == [422] * 10 + [429]
    assert ann.signs_in().status_code == 429
    assert Visitor(app, "Ann").signs_in().status_code == 303, "others are not affected"


def test_who_makes_up_a_browser_is_not_known(ann, app):
    xenia = Visitor(app, "Ann")
    for number in range(10):
        xenia.client.set_cookie("browser", f"made up {number}")
        assert xenia.signs_in("guess").status_code == 422
    xenia.client.set_cookie("browser", "another")
    assert xenia.signs_in("guess").status_code == 429


def test_invented_names_do_not_make_the_real_ones_forgotten(ann, app, stranger):
    own = parts(app)
    xenia = Visitor(app, "Ann")
    for number in range(10):
        xenia.signs_in(f"guess {number}")
    for number in range(10_001):
        own.wrong_names.miss(f"invented {number}")
    stranger.client.post("/login", data={"name": "Xenia", "password": "guess"})
    assert len(own.wrong_names._misses) == 10_000
    assert list(own.wrong_passwords._misses) == ["2"], "only people are counted here"
    assert xenia.signs_in().status_code == 429


def test_the_browser_keeps_its_cookie_from_one_person_to_the_next(ann, bob):
    kept = ann.client.get_cookie("browser").value
    assert len(kept) >= 43 and kept != bob.client.get_cookie("browser").value
    ann.signs_out()
    assert ann.client.get_cookie("browser").value == kept
    ann.signs_in()
    assert ann.client.get_cookie("browser").value == kept


def test_a_page_notes_when_this_browser_was_used(ann, app):
    def used():
        with parts(app).db.reading() as c:
            return c.scalar(select(tables.logins.c.seen_at).where(tables.logins.c.person_id == 2))

    old = datetime.now(UTC) - timedelta(minutes=2)
    with parts(app).db.reading() as c:
        login = c.scalar(select(tables.logins.c.id).where(tables.logins.c.person_id == 2))
    change(app, tables.logins, login, seen_at=old)
    change(app, tables.people, 2, seen_at=datetime.now(UTC))  # on a slow machine it was long ago
    ann.client.get("/rooms/1/feed?after=0", headers=HTMX)  # the person was here just now
    assert used() == old
    ann.client.get("/rooms/1")
    assert datetime.now(UTC) - used() < timedelta(minutes=1)


def test_names_that_nobody_has_are_limited_just_so(app, stranger):
    form = {"name": "Xenia", "password": "guess"}
    answers = [stranger.client.post("/login", data=form) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


def test_who_came_for_a_page_is_led_there(ann, app):
    page = Visitor(app).page("/login?next=/rooms/1?around=1")
    kept = page.select_one("input[name=next]")["value"]
    visitor = Visitor(app, "Ann")
    form = {"name": "Ann", "password": PASSWORD, "next": kept}
    assert visitor.client.post("/login", data=form).location == "/rooms/1?around=1"
    assert visitor.client.get("/login?next=/people").location == "/people", "signed in already"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "/\r\nSet-Cookie: a=b",
        " //evil.example",
        "javascript:alert(1)",
        "evil.example",
        "http://[",
        "//[",
        "/\0",
    ],
)
def test_nobody_is_led_outside(ann, app, elsewhere):
    visitor = Visitor(app)
    form = {"name": "Ann", "password": PASSWORD, "next": elsewhere}
    answer = visitor.client.post("/login", data=form)
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.client.get("/login", query_string={"next": elsewhere}).location == "/"


def test_strangers_are_sent_to_sign_in(stranger):
    assert stranger.client.get("/").location.startswith("/login")
    for path in ("/rooms", "/rooms/1", "/rooms/99", "/people", "/people/me", "/messages/1"):
        answer = stranger.client.get(path)
        assert (answer.status_code, answer.location) == (303, f"/login?next={path}")
        answer = stranger.client.get(path, headers=HTMX)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
        answer = stranger.client.get(path, headers=JSON)
        assert answer.status_code == 401
        assert answer.get_json() == {"error": "Sign in first.", "field": ""}


def test_signing_in_leads_to_what_was_asked_for(ann, app):
    message = ann.posts("look here")
    visitor = Visitor(app, "Ann")
    door = visitor.client.get(f"/messages/{message['id']}?from=mail").location
    shown = visitor.page(door)
    assert shown.select_one("[name=next]")["value"] == f"/messages/{message['id']}?from=mail"


def test_a_wrong_first_run_code_is_said(new_app):
    answer = new_app.test_client().get(
        "/welcome?code=guess", environ_base={"REMOTE_ADDR": "192.168.1.7"}
    )
    assert answer.status_code == 403
    assert "That is not the code." in soup(answer).get_text()


def test_a_program_signs_in(ann, app):
    program = Visitor(app)
    form = {"name": "Ann", "password": PASSWORD}
    assert program.client.post("/login", data=form, headers=JSON).get_json() == {"person": 2}
    assert program.client.get("/rooms/1/messages", headers=JSON).status_code == 200


# ---- Signing out, and passwords ----


def test_who_signs_out_is_out_for_good(ann, app):
    before = cookie(ann).value
    answer = ann.client.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert cookie(ann) is None
    assert ann.client.get("/rooms/1").location.startswith("/login")
    ann.client.set_cookie("parley", before)
    assert ann.client.get("/rooms/1").location.startswith("/login"), "a kept cookie opens nothing"


def test_the_page_after_a_sign_out_has_the_browser_clear_what_it_holds(ann, stranger):
    assert not stranger.page("/login").select("img[src*=left]")
    ann.signs_out()
    [image] = ann.page("/login").select("img[src*=left]")
    answer = ann.client.get(image["src"])
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (204, '"cache"')
    assert not ann.page("/login").select("img[src*=left]"), "once is enough"


def test_signing_out_leaves_other_browsers_in(ann, app):
    phone = Visitor(app, "Ann")
    phone.signs_in()
    ann.signs_out()
    assert phone.client.get("/rooms/1").status_code == 200


def test_signing_out_everywhere_ends_every_browser_of_the_person_and_of_nobody_else(ann, bob, app):
    phone = Visitor(app, "Ann")
    phone.signs_in()
    choices = soup(ann.client.get("/people/me")).select('form[action="/logout"] button')
    assert [words(one) for one in choices] == ["Sign out", "Sign out on every device"]
    form = {choices[1]["name"]: choices[1]["value"]}
    assert ann.client.post("/logout", data=form).location == "/login"
    assert phone.client.get("/rooms/1").location.startswith("/login")
    assert bob.client.get("/rooms/1").status_code == 200


def test_who_has_no_password_is_asked_before_leaving(miriam, app):
    dan = miriam.brings_in("Dan", password="")
    page = soup(dan.client.post("/logout"))
    assert words(page.h1) == "Before you go"
    assert "nothing could bring you back as Dan" in words(page.main)
    assert dan.client.get("/rooms/1").status_code == 200, "still in"

    choices = {form["action"]: words(form.button) for form in page.select("form")}
    assert choices == {"/password": "Set this password", "/logout": "Sign out without one"}
    assert dan.client.post("/logout", data={"anyway": "yes"}).location.startswith("/login")
    assert dan.client.get("/rooms/1").location.startswith("/login")


@pytest.mark.parametrize("more", [{}, {"everywhere": "yes"}], ids=["here", "everywhere"])
def test_the_last_owner_sets_a_password_before_leaving(miriam, app, more):
    dan = miriam.brings_in("Dan", password="")
    for who, role in ((2, "owner"), (1, "member")):
        assert miriam.client.post(f"/people/{who}/role", data={"role": role}).status_code == 303
    answer = dan.client.post("/logout", data=more | {"anyway": "yes"})
    page = soup(answer)
    assert answer.status_code == 422 and "Set a password first" in beside(page, "password")
    assert [form["action"] for form in page.select("form")] == ["/password"]
    with parts(app).db.reading() as c:
        [device] = logins.devices_of(c, 2)
    assert dan.client.post(f"/logins/{device.id}/end").status_code == 422
    told = dan.client.post("/logout", data={"anyway": "yes"}, headers=JSON)
    assert (told.status_code, told.get_json()["field"]) == (422, "password")
    assert dan.client.post("/password", data={"password": PASSWORD}).status_code == 303
    assert dan.client.post("/logout", data=more).location == "/login"
    assert dan.signs_in().location == "/"


def test_who_sets_a_password_can_leave_and_come_back(miriam, app):
    dan = miriam.brings_in("Dan", password="")
    refused = dan.client.post("/password", data={"password": "short"})
    assert refused.status_code == 422
    assert beside(soup(refused), "password").startswith("At least 8 characters.")
    assert dan.client.post("/password", data={"password": PASSWORD}).location == "/people/me"
    assert dan.client.post("/logout").location.startswith("/login")
    assert dan.signs_in().location == "/"


def test_a_new_password_signs_out_every_other_device(ann, bob, app):
    phone = Visitor(app, "Ann")
    phone.signs_in()
    form = {"old": PASSWORD, "password": "five other plain words"}
    assert ann.client.post("/password", data=form).location == "/people/me"
    assert ann.client.get("/rooms/1").status_code == 200, "this device stays"
    assert phone.client.get("/rooms/1").location.startswith("/login")
    assert bob.client.get("/rooms/1").status_code == 200, "others stay"
    assert phone.signs_in().status_code == 422
    assert phone.signs_in("five other plain words").location == "/"


def test_a_new_password_needs_the_old_one(ann, app):
    form = {"old": "not it", "password": "five other plain words"}
    answer = ann.client.post("/password", data=form)
    assert answer.status_code == 422
    assert beside(soup(answer), "old") == "That is not the password you have now."
    assert "five other" not in answer.text and "not it" not in answer.text
    assert Visitor(app, "Ann").signs_in().status_code == 303


def test_the_old_password_cannot_be_guessed_for_ever(ann):
    form = {"old": "not it", "password": "five other plain words"}
    answers = [ann.client.post("/password", data=form) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_passwords_are_kept_hashed_with_scrypt(real_passwords, new_app, olga):
    olga.client.post("/welcome", data=FOUNDING)
    with parts(new_app).db.reading() as c:
        kept = c.scalar(select(tables.people.c.password))
    assert kept.startswith("scrypt:32768:8:3$")
    assert olga.signs_out().location.startswith("/login")
    assert olga.signs_in().location == "/"


# ---- About, health ----


def test_anyone_may_read_what_this_is_and_who_runs_it(ann, stranger):
    for somebody in (stranger, ann):
        page = somebody.page("/about")
        assert words(page.h1) == "Class 7b"
        assert "Miriam runs this place. Two people are here." in words(page.main)


def test_about_before_the_first_run(olga):
    assert "Nobody has opened the doors here yet." in words(olga.page("/about"))


def test_health_says_ok(olga, monkeypatch, new_app):
    answer = olga.client.get("/health")
    assert (answer.status_code, answer.text.strip()) == (200, "ok")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/plain"


def test_health_does_not_say_ok_without_its_database(olga, new_app, caplog):
    parts(new_app).db.close()
    for path in Path(new_app.instance_path).glob("parley.db*"):
        path.unlink()
    assert olga.client.get("/health").status_code == 500


# ---- The session ----


def test_the_session_gets_a_new_id_at_sign_in(ann, app):
    visitor = Visitor(app, "Ann")
    visitor.client.set_cookie("parley", "planted")
    visitor.signs_in()
    first = cookie(visitor).value
    assert first != "planted"
    visitor.signs_out()
    visitor.signs_in()
    assert cookie(visitor).value != first
    xenia = Visitor(app)
    xenia.client.set_cookie("parley", "planted")
    assert xenia.client.get("/rooms/1").location.startswith("/login")


def test_a_session_that_was_ended_from_afar_is_not_taken_up_again(ann, app):
    phone = Visitor(app, "Ann")
    phone.signs_in()
    before = cookie(phone).value
    ann.client.post("/password", data={"old": PASSWORD, "password": PASSWORD})
    phone.signs_in()
    assert cookie(phone).value != before
    xenia = Visitor(app)
    xenia.client.set_cookie("parley", before)
    assert xenia.client.get("/rooms/1").location.startswith("/login")


def test_the_session_holds_a_token_and_nothing_else(ann, app):
    with ann.client.session_transaction() as session:
        held = {name: value for name, value in session.items() if not name.startswith("_")}
    assert list(held) == ["login"]
    assert len(held["login"]) >= 43, "256 bits"
    with parts(app).db.reading() as c:
        hashes = c.scalars(select(tables.logins.c.token_hash)).all()
    assert held["login"] not in hashes, "the table keeps the hash only"


def test_a_stranger_gets_no_session(stranger, app):
    before = session_files(app)
    for path in ("/", "/login", "/about", "/health", "/nothing", "/rooms/1"):
        assert "Set-Cookie" not in stranger.client.get(path).headers
    assert session_files(app) == before


def test_what_is_kept_can_be_read_by_its_owner_alone(olga, tmp_path):
    made = tmp_path / "made here"
    app = create_app(Settings(data=made))
    Visitor(app).client.post("/welcome", data=FOUNDING)
    private = [made / "secret", *(made / "sessions").iterdir()]
    assert len(private) == 2
    assert {oct(path.stat().st_mode & 0o777) for path in private} == {"0o600"}
    assert (made / "sessions").stat().st_mode & 0o777 == 0o700
    assert len((made / "secret").read_text()) >= 43, "256 bits"
    parts(app).close()


def test_a_get_never_writes_the_session(ann, bob, app):
    message = bob.posts("hello", ("notes.txt", b"some notes"))
    before = session_files(app)
    file = message["files"][0]
    ann_id = 2
    for away in (timedelta(0), timedelta(minutes=5), timedelta(days=2)):
        change(app, tables.people, ann_id, seen_at=datetime.now(UTC) - away)
        for path in (
            *(
                "/",
                "/rooms",
                "/rooms/1",
                "/rooms/1?around=1",
                "/rooms/1/list",
                "/people",
                "/me.css",
            ),
            *("/rooms/1/feed?after=0", "/rooms/1/messages", "/messages/1", "/people/me", "/about"),
            *("/messages", "/lasthere", "/health", "/login", file["url"], "/nothing"),
        ):
            for headers in ({}, HTMX, JSON):
                answer = ann.gets(path, **headers)
                assert answer.status_code < 500
                assert "Set-Cookie" not in answer.headers, path
    assert session_files(app) == before
    assert app.extensions["written by GET"] == []


@pytest.mark.parametrize("seen", [timedelta(0), timedelta(hours=3)], ids=["here", "away"])
def test_once_a_week_a_page_renews_the_session(ann, app, seen):
    left = logins.LIFETIME - timedelta(days=8)
    with parts(app).db.reading() as c:
        login = c.scalar(select(tables.logins.c.id).where(tables.logins.c.person_id == 2))
    change(app, tables.logins, login, expires_at=datetime.now(UTC) + left)
    change(app, tables.people, 2, seen_at=datetime.now(UTC) - seen)

    for path in ("/rooms/1/feed?after=0", "/rooms/1"):  # a poll does not, nor does a fragment
        assert "Set-Cookie" not in ann.client.get(path, headers=HTMX).headers
    answer = ann.client.get("/rooms/1")
    assert "parley=" in answer.headers["Set-Cookie"]
    expires = cookie(ann).expires
    assert expires - datetime.now(UTC) > timedelta(days=399)
    with parts(app).db.reading() as c:
        moved = c.scalar(select(tables.logins.c.expires_at).where(tables.logins.c.id == login))
    assert moved - datetime.now(UTC) > timedelta(days=399)
    assert "Set-Cookie" not in ann.client.get("/rooms/1").headers, "once is enough"
    assert app.extensions["written by GET"] == ["/rooms/1?"]
    app.extensions["written by GET"].clear()


def test_an_expired_login_is_a_stranger(ann, app):
    with parts(app).db.reading() as c:
        login = c.scalar(select(tables.logins.c.id).where(tables.logins.c.person_id == 2))
    change(app, tables.logins, login, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert ann.client.get("/rooms/1").location.startswith("/login")


def test_a_poll_that_ends_after_a_sign_out_brings_nothing_back(ann, app):
    with ann.client.session_transaction() as session:
        token = session["login"]
    ann.signs_out()
    ann.client.get("/rooms/1/feed?after=0", headers=HTMX)
    assert not any(token.encode() in kept for kept in session_files(app).values())
