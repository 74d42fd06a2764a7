"""What owners and moderators do with a person; what they who are out still see: one page."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from parley.store import tables
from parley.web import parts
from tests import corpus
from tests.databases import questions
from tests.visitor import HTMX, JSON, Visitor, change, soup, words

ANN, BOB = 2, 3
TOLD = r"Miriam did this just now\. What you wrote there stays\."
ENDS = r" You can come back on \w+day, \d+ \w+( \d{4})?, \d\d:\d\d\."


@pytest.fixture(autouse=True)
def in_this_order(ann, bob):
    """Ann is the second person, Bob the third."""


def does(visitor: Visitor, act: str, person_id: int, status: int = 303, **form: str):
    answer = visitor.client.post(f"/people/{person_id}/{act}", data=form)
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer


def acts(visitor: Visitor, person_id: int) -> list[str]:
    """The acts that their page offers."""
    forms = visitor.page(f"/people/{person_id}").select(f"form[action^='/people/{person_id}/']")
    return [form["action"].rpartition("/")[2] for form in forms]


def shown(visitor: Visitor, person_id: int) -> str:
    return words(visitor.page(f"/people/{person_id}").select_one("main"))


def told(visitor: Visitor, path: str = "/rooms/1") -> tuple[str, str]:
    """Title and sentence of the page that refuses them."""
    page = visitor.page(path, 403)
    return words(page.h1), words(page.select_one("h1 + p"))


# ---- The page of a person ----


def test_it_offers_what_the_reader_may_do(miriam, ann, bob):
    does(miriam, "role", ANN, role="moderator")
    sanctions = ["mute", "remove", "ban", "key"]
    assert acts(miriam, BOB) == acts(miriam, ANN) == ["block", *sanctions, "role"]
    assert acts(miriam, 1) == ["role"]
    assert acts(ann, BOB) == ["block", *sanctions]
    assert acts(ann, 1) == ["block"]
    assert acts(bob, ANN) == ["block"]
    assert acts(ann, ANN) == acts(bob, BOB) == []
    assert bob.page(f"/people/{ANN}").select_one("form[action='/direct'] [name=people][value='2']")
    assert not bob.page(f"/people/{BOB}").select("form[action='/direct']")


def test_where_members_do_not_write_directly_only_moderators_are_offered(app, miriam, ann, bob):
    change(app, tables.space, 1, writes_direct="moderator")
    assert not ann.page(f"/people/{BOB}").select("form[action='/direct']")
    assert not ann.page("/people/1").select("form[action='/direct']")
    assert miriam.page(f"/people/{BOB}").select("form[action='/direct']")


def test_somebody_is_muted_and_let_write_again(miriam, bob):
    answer = does(miriam, "mute", BOB, end="day")
    assert answer.location == f"/people/{BOB}"
    assert re.search(r"Muted until \w+day, \d+ \w+", shown(miriam, BOB))
    assert bob.sends("hello").status_code == 403
    assert "You were muted" in bob.sends("hello", headers=JSON).get_json()["error"]
    assert bob.page("/rooms/1"), "and still reads"
    does(miriam, "unmute", BOB)
    assert "Muted" not in shown(miriam, BOB)
    assert bob.sends("hello").status_code == 303


def test_the_page_says_who_is_out_and_lets_them_in_again(miriam, bob):
    does(miriam, "remove", BOB, end="none")
    assert "Removed without an end." in shown(miriam, BOB)
    assert acts(miriam, BOB) == ["block", "readmit", "role"]
    does(miriam, "ban", BOB)
    assert "Banned without an end." in shown(miriam, BOB)
    does(miriam, "readmit", BOB)
    assert acts(miriam, BOB) == ["block", "mute", "remove", "ban", "key", "role"]


def test_a_moderator_reads_that_an_owner_put_them_out(miriam, ann, bob):
    does(miriam, "role", ANN, role="moderator")
    does(miriam, "ban", BOB)
    page = ann.page(f"/people/{BOB}")
    assert "end by Miriam . Only an owner lets them in again." in words(page.main)
    assert not page.select("form[action$='/readmit'], form[action$='/key']")
    assert ann.client.post(f"/people/{BOB}/readmit").status_code == 403
    assert miriam.page(f"/people/{BOB}").select("form[action$='/readmit']")


def test_roles_are_shown_as_badges(miriam, ann, bob):
    does(miriam, "role", ANN, role="moderator")
    badges = {words(row.bdi): [words(one) for one in row.select(".badge")]
              for row in bob.page("/people").select("ul.people li")}  # fmt: skip
    assert badges == {"Ann": ["moderator"], "Bob": ["you"], "Miriam": ["owner"]}
    assert words(bob.page(f"/people/{ANN}").select_one(".badge")) == "moderator"


@pytest.mark.parametrize(
    ("act", "form"), [("mute", "end"), ("remove", "end"), ("role", "role")], ids=["m", "r", "role"]
)
def test_what_cannot_be_chosen_is_refused(miriam, ann, act, form):
    does(miriam, act, ANN, 422)
    answer = does(miriam, act, ANN, 422, **{form: "nonsense"})
    assert "Choose" in words(soup(answer).main)


@pytest.mark.parametrize("act", ["mute", "unmute", "remove", "ban", "readmit", "role"])
def test_members_do_none_of_it(stranger, miriam, ann, bob, act):
    form = {"end": "day", "role": "member"}
    sentence = "Only an owner gives" if act == "role" else "Only owners and moderators can do that."
    for person_id in (1, ANN, BOB):
        assert sentence in words(soup(does(bob, act, person_id, 403, **form)).main)
    assert stranger.client.post(f"/people/{BOB}/{act}", data=form).location.startswith("/login")
    does(miriam, act, 99, 404, **form)
    answer = miriam.client.post(f"/people/{BOB}/{act}", data=form, headers=JSON)
    assert answer.get_json() == {"person": BOB}


def test_the_only_owner_stays_one(miriam):
    answer = does(miriam, "role", 1, 403, role="member")
    assert "Miriam is the only owner. Make somebody else an owner first." in answer.text


# ---- Blocking ----


def test_whom_i_block_is_on_my_page_alone(miriam, ann, bob):
    does(ann, "block", BOB)
    assert "You blocked Bob" in shown(ann, BOB) and "unblock" in acts(ann, BOB)
    blocked = ann.page(f"/people/{ANN}").select("section:has(#blocked) li")
    assert [words(one) for one in blocked] == ["Bob Unblock Bob"]
    assert "blocked" not in shown(bob, ANN)
    assert not miriam.page(f"/people/{ANN}").select("#blocked")
    rule = f'[data-author="{BOB}"]:not(:focus-within, :target) {{ --said: none;'
    assert [rule in one.gets("/me.css").text for one in (ann, bob, miriam)] == [True, False, False]
    does(ann, "unblock", BOB)
    assert rule not in ann.gets("/me.css").text
    assert not ann.page(f"/people/{ANN}").select("#blocked")
    does(ann, "block", ANN, 403)
    does(ann, "block", 99, 404)


# ---- Who is out ----


def test_nobody_is_offered_to_write_to_who_is_out(miriam, bob):
    assert "Write directly" in words(miriam.page(f"/people/{BOB}").main)
    does(miriam, "remove", BOB, end="day")
    assert "Write directly" not in words(miriam.page(f"/people/{BOB}").main)


def test_who_was_removed_is_told_on_every_page(miriam, bob):
    does(miriam, "remove", BOB, end="day")
    paths = ["/", "/rooms", "/rooms/1", "/people", f"/people/{BOB}", "/people/me", "/removed"]
    for path in [*paths, "/rooms/99", "/rooms/1/list", "/me.css", "/log", "/reports"]:
        answer = bob.client.get(path, follow_redirects=True)
        assert answer.status_code == 403, path
        page = soup(answer)
        assert words(page.h1) == "You were removed from Class 7b", path
        assert re.fullmatch(TOLD + ENDS, words(page.select_one("h1 + p"))), path
    ways = [one.get("href") or one["action"] for one in page.select("main :is(a, form)")]
    assert ways == ["/logout", "/about"]
    assert bob.gets("/about").status_code == 200
    assert bob.gets("/lasthere").status_code == 403


def test_without_an_end_none_is_said(miriam, bob):
    does(miriam, "remove", BOB, end="none")
    title, sentence = told(bob)
    assert title == "You were removed from Class 7b" and re.fullmatch(TOLD, sentence)


def test_htmx_is_led_there_and_programs_are_told(miriam, bob):
    message = bob.posts("hello")
    does(miriam, "remove", BOB, end="day")
    asked = [
        bob.gets("/rooms/1/feed?after=0", **HTMX),
        bob.gets("/messages/1", **HTMX),
        bob.sends("again", headers=HTMX),
        bob.client.post("/messages/1/edit", data={"text": ""}, headers=HTMX),
    ]
    for answer in asked:
        assert (answer.status_code, answer.data) == (403, b"")
        assert answer.headers["HX-Redirect"] == "/removed"
    for answer in (
        bob.gets("/rooms/1/messages", **JSON),
        bob.sends("again", headers=JSON),
        bob.client.post("/messages/1/edit", data={"text": ""}, headers=JSON),
    ):
        assert answer.status_code == 403
        assert answer.get_json()["error"].startswith("You were removed from Class 7b. Miriam did")
    assert "hello" not in bob.edits(message, "").text, "no room around what was typed"
    assert miriam.room() == ["hello"]


def test_files_and_pictures_are_as_if_not_there(miriam, bob):
    file = bob.posts("", ("a.png", corpus.picture("PNG")))["files"][0]
    bob.submits(
        "/people/me", {"name": "Bob", "about": ""}, "photo", ("me.png", corpus.picture("PNG"))
    )
    paths = [file["url"], file["thumb"], f"/files/{file['id']}/large", f"/files/{file['id']}"]
    paths.append(f"/people/{BOB}/picture")
    assert [bob.gets(path).status_code for path in paths] == [200] * 5
    for act, form in (("remove", {"end": "day"}), ("ban", {})):
        does(miriam, act, BOB, **form)
        nothing = miriam.gets("/files/99")
        for path in paths:
            answer = bob.gets(path)
            assert (answer.status_code, answer.data) == (404, nothing.data), path
    does(miriam, "readmit", BOB)
    assert bob.signs_in().location == "/"
    assert [bob.gets(path).status_code for path in paths] == [200] * 5


def test_when_it_ends_they_are_back(miriam, bob, app):
    does(miriam, "remove", BOB, end="hour")
    change(app, tables.people, BOB, out_until=datetime.now(UTC) - timedelta(seconds=1))
    assert bob.page("/rooms/1")
    assert bob.gets("/removed").status_code == 404


def test_they_can_sign_out_but_not_in(miriam, bob):
    does(miriam, "remove", BOB, end="day")
    assert bob.client.post("/logout").location == "/login"
    assert bob.gets("/removed").data == miriam.gets("/nothing").data
    answer = bob.signs_in()
    assert answer.status_code == 403
    assert words(soup(answer).h1) == "You were removed from Class 7b"
    assert not soup(answer).select("form"), "nobody is signed in, so nobody signs out"
    assert bob.signs_in("not this one").status_code == 422
    assert bob.gets("/rooms/1").location.startswith("/login")


def test_the_banned_count_as_strangers_but_are_told_why(miriam, bob):
    does(miriam, "ban", BOB)
    for path in ("/rooms/1", "/removed", "/people"):
        title, sentence = told(bob, path)
        assert title == "You were banned from Class 7b" and re.fullmatch(TOLD, sentence)
    assert not bob.page("/rooms/1", 403).select("form")
    assert bob.gets("/rooms/1/feed?after=0", **HTMX).headers["HX-Redirect"] == "/removed"
    assert bob.client.post("/logout").status_code == 403, "so their browser stays known"
    assert words(bob.page("/login").h1) == "Welcome back"
    assert words(soup(bob.signs_in()).h1) == "You were banned from Class 7b"
    does(miriam, "readmit", BOB)
    assert bob.gets("/rooms/1").location.startswith("/login")
    assert bob.signs_in().location == "/"


def test_nobody_else_sees_that_page(stranger, miriam, ann):
    for visitor in (stranger, miriam, ann):
        assert visitor.gets("/removed").data == visitor.gets("/nothing").data


def test_members_do_not_see_who_is_out(miriam, ann, bob):
    does(miriam, "mute", ANN, end="day")
    does(miriam, "remove", BOB, end="none")
    page = ann.page("/people")
    assert [words(one) for one in page.select("ul.people bdi")] == ["Miriam", "Ann"]
    assert "2 in Class 7b" in words(page.header) + words(page.main)
    assert "muted" not in words(page.main)
    page = miriam.page("/people")
    out = page.select("section:has(ul.people)")[-1]
    assert words(out) == "Out B Bob removed"
    assert [words(one) for one in page.select(".badge")] == ["owner", "you", "muted"]
    does(miriam, "ban", BOB)
    assert "banned" in words(miriam.page("/people").select("section:has(ul.people)")[-1])


def test_who_has_left_is_not_listed(app, miriam, bob):
    change(app, tables.people, BOB, left_at=datetime.now(UTC))
    assert "Bob" not in words(miriam.page("/people").main)


def test_waiting_polls_are_told_after_the_commit(app, miriam, bob):
    heard = []

    def hear(room: int, number: int) -> None:
        heard.append((room, number, bob.gets("/rooms/1/feed?after=0", **HTMX).status_code))

    parts(app).bulletin.listen(hear)
    does(miriam, "remove", BOB, end="day")
    does(miriam, "block", BOB)
    assert heard == [(0, 1, 403)], "0: whose tickets are void; a block is nobody's business"


# ---- Cost ----


def test_a_page_asks_no_more_when_there_is_more(app, miriam, ann, bob):
    def counted(path: str) -> int:
        with questions(parts(app).db) as queries:
            assert miriam.gets(path).status_code == 200
        return len(queries)

    for number in range(12):
        message = ann.posts(f"nonsense {number}")
        bob.client.post(f"/messages/{message['id']}/report")
        miriam.client.post(f"/messages/{message['id']}/delete")
        does(miriam, "block", ANN if number % 2 else BOB)
    for path in ("/log", "/reports", "/people", f"/people/{ANN}", "/people/1"):
        assert counted(path) <= 12, path
