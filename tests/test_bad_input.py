"""Whatever comes in: the right status, one clear sentence, and never a traceback."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from parley.store import tables
from parley.store.db import PATIENCE
from parley.talk import people
from parley.web import parts
from tests.installations import opened
from tests.visitor import HTMX, JSON, PASSWORD, Visitor, soup, words

NO_NUMBER = "in the address is not a number."
NOT_THERE = "The address may be mistyped, the message deleted, or the room not yours to see."
NO_METHOD = "This address does not take what was sent to it."
UNFIT = "There is a character in it that cannot be shown. Type it again."
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def lasting(tmp_path_factory, prepared) -> Iterator[tuple[Visitor, Visitor]]:
    """Ann and Bob, on whom the whole table is tried: none of it changes a thing."""
    with prepared.installed(tmp_path_factory.mktemp("lasting") / "instance") as app:
        miriam = Visitor(opened(app), "Miriam")
        ann, bob = miriam.brings_in("Ann"), miriam.brings_in("Bob")
        ann.posts("hello", ("notes.txt", b"some notes"))
        yield ann, bob


@pytest.fixture
def said(ann: Visitor, bob: Visitor) -> dict:
    """Ann has said something with a file; Bob is there to see it."""
    return ann.posts("hello", ("notes.txt", b"some notes"))


def sentences(answer: TestResponse) -> str:
    """All that a person reads on the page."""
    return words(soup(answer).body)


def untouched(visitor: Visitor) -> bool:
    """Whether the room is as it was, and everyone is called as they were."""
    said = visitor.gets("/messages").get_json()
    with parts(visitor.app).db.reading() as c:
        called = [person.name for person in people.everyone(c)]
    return [text for _, _, text in said] == ["hello"] and called == ["Ann", "Bob", "Miriam"]


# What is asked (as Ann), with which form; the status, and the sentence on the page.
TOO_LARGE = "That was more than is taken at once: 10,000 characters and ten files."
TABLE = [
    # Numbers that are not numbers
    ("GET", "/rooms/abc", None, 404, NOT_THERE),
    ("GET", "/rooms/1.5", None, 404, NOT_THERE),
    ("GET", "/rooms/-1", None, 404, NOT_THERE),
    ("GET", "/rooms/0", None, 404, NOT_THERE),
    ("GET", "/rooms/٣", None, 404, NOT_THERE),
    ("GET", "/rooms/1%00", None, 404, NOT_THERE),
    ("GET", "/rooms/99999999999999999999", None, 404, NOT_THERE),
    ("GET", "/rooms/999999999999999999", None, 404, NOT_THERE),
    ("GET", "/rooms/99999999999999999999/feed?after=0", None, 404, NOT_THERE),
    ("GET", "/rooms/1?before=x", None, 422, f"“before” {NO_NUMBER}"),
    ("GET", "/rooms/1?before=", None, 422, f"“before” {NO_NUMBER}"),
    ("GET", "/rooms/1?around=1e3", None, 422, f"“around” {NO_NUMBER}"),
    ("GET", "/rooms/1?since=0x10", None, 422, f"“since” {NO_NUMBER}"),
    ("GET", "/rooms/1?since=²", None, 422, f"“since” {NO_NUMBER}"),
    ("GET", "/rooms/1?before=99999999999999999999", None, 422, f"“before” {NO_NUMBER}"),
    ("GET", f"/rooms/1?before={'9' * 5000}", None, 422, f"“before” {NO_NUMBER}"),
    ("GET", "/rooms/1?before=9223372036854775808", None, 422, f"“before” {NO_NUMBER}"),
    ("GET", "/rooms/1/list?before=x", None, 422, f"“before” {NO_NUMBER}"),
    ("GET", "/rooms/1/feed?after=-1", None, 422, f"“after” {NO_NUMBER}"),
    ("GET", "/rooms/1/feed?after=٣", None, 422, f"“after” {NO_NUMBER}"),
    ("GET", "/rooms/1/feed?after=1%00", None, 422, f"“after” {NO_NUMBER}"),
    ("GET", "/rooms/1/feed?after=%ff", None, 422, f"“after” {NO_NUMBER}"),
    ("GET", "/rooms/1/feed?after=1_000", None, 422, f"“after” {NO_NUMBER}"),
    # What is not there
    ("GET", "/rooms/99", None, 404, NOT_THERE),
    ("POST", "/rooms/99/messages", {"text": "x"}, 404, NOT_THERE),
    ("GET", "/rooms/1?around=99", None, 404, NOT_THERE),
    ("GET", "/messages/99", None, 404, NOT_THERE),
    ("POST", "/messages/99/edit", {"text": "x"}, 404, NOT_THERE),
    ("POST", "/messages/99/delete", {}, 404, NOT_THERE),
    ("POST", "/messages/99999999999999999999/restore", {}, 404, NOT_THERE),
    ("GET", "/files/99", None, 404, NOT_THERE),
    ("GET", "/files/99/notes.txt", None, 404, NOT_THERE),
    ("GET", "/files/1/..%2f..%2fsecret", None, 404, NOT_THERE),
    ("GET", "/files/99999999999999999999/thumb", None, 404, NOT_THERE),
    ("GET", "/people/99", None, 404, NOT_THERE),
    ("GET", "/people/99/picture", None, 404, NOT_THERE),
    ("GET", "/static/../site/parley/settings.py", None, 404, NOT_THERE),
    ("GET", "/static/%2e%2e/README.md", None, 404, NOT_THERE),
    ("GET", "/welcome", None, 404, NOT_THERE),
    ("POST", "/welcome", {"space": "x", "name": "y", "password": PASSWORD}, 404, NOT_THERE),
    ("GET", "/join/wrong", None, 404, NOT_THERE),
    ("GET", "/join/%00", None, 404, NOT_THERE),
    ("GET", "/join/%ff%fe", None, 404, NOT_THERE),
    # Methods
    ("PUT", "/rooms/1", {}, 405, NO_METHOD),
    ("DELETE", "/messages/1", {}, 405, NO_METHOD),
    ("POST", "/rooms/1", {}, 405, NO_METHOD),
    ("GET", "/messages/1/delete", None, 405, NO_METHOD),
    ("GET", "/logout", None, 405, NO_METHOD),
    # Names
    ("POST", "/people/me", b"name=a%00b", 422, UNFIT),
    ("POST", "/people/me", b"name=a%07b", 422, UNFIT),
    ("POST", "/people/me", b"name=a%0ab", 422, UNFIT),
    ("POST", "/people/me", b"name=a%7fb", 422, UNFIT),
    ("POST", "/people/me", b"name=a%ff%feb", 422, UNFIT),
    ("POST", "/people/me", b"name=a\xff\xfeb", 422, UNFIT),
    ("POST", "/people/me", b"name=a%ed%a0%80b", 422, UNFIT),  # half a pair
    ("POST", "/people/me", b"name=a%ef%bf%bfb", 422, UNFIT),  # U+FFFF is no character
    ("POST", "/people/me", b"name=a%ef%b7%90b", 422, UNFIT),  # nor is U+FDD0
    ("POST", "/people/me", b"name=%f4%8f%bf%bf", 422, UNFIT),  # nor U+10FFFF
    # Forms that are none
    ("POST", "/rooms/1/messages", {}, 422, "There is nothing in it yet."),
    ("POST", "/rooms/1/messages", b"=&=&&%", 422, "There is nothing in it yet."),
    ("POST", "/people/me", b"", 422, "A name is needed here."),
    ("POST", "/rooms/1/messages", b"&".join([b"a=b"] * 5000), 413, TOO_LARGE),
    ("POST", "/login", b"a=" + b"b" * 300_000, 413, TOO_LARGE),
]


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "sentence"),
    TABLE,
    ids=[f"{row[0]} {row[1][:40]} {str(row[2])[:30]}" for row in TABLE],
)
def test_bad_input(lasting, method, path, form, status, sentence):
    ann, bob = lasting
    answer = ann.client.open(path, method=method, data=form, content_type=form and FORM)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    page = soup(answer)
    assert sentence in words(page.body)
    assert len(page.select("h1")) == 1 and page.html["lang"] == "en"
    assert untouched(bob)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("after=-1", "after"), ("after=٣", "after"), ("after=99999999999999999999", "after")),
        *(("limit=x", "limit"), ("limit=-5", "limit"), ("limit=1.5", "limit")),
        ("before=x", "before"),
    ],
)
def test_programs_hear_which_number_is_none(said, ann, query, field):
    answer = ann.gets(f"/rooms/1/messages?{query}", **JSON)
    assert answer.status_code == 422
    assert answer.get_json() == {"error": f"“{field}” {NO_NUMBER}", "field": field}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"a%00b", "a\ufffdb"),
        (b"a\x00b", "a\ufffdb"),
        (b"a%07b%1b[31m", "a\ufffdb\ufffd[31m"),
        (b"a%c2%85b", "a\ufffdb"),
        (b"a%ff%feb", "a\ufffd\ufffdb"),
        (b"a\xff\xfeb", "a\ufffd\ufffdb"),
        (b"a%e2%82", "a\ufffd"),
        (b"a%ed%a0%80b", "a\ufffd\ufffd\ufffdb"),  # half a pair, in UTF-8 that is none
        (b"a%ef%bf%beb", "a\ufffdb"),
        (b"a%ef%b7%90b", "a\ufffdb"),
        (b"a%f0%9f%bf%bfb", "a\ufffdb"),
        (b"a%0d%0ab%0dc%09d", "a\nb\nc\td"),
        (b"%zz%", "%zz%"),
    ],
)
def test_what_cannot_be_shown_in_a_message_is_marked(ann, bob, sent, kept):
    for kind, body in (
        (FORM, b"text=" + sent),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n%b\r\n--x--\r\n' % sent,
        ),
    ):
        answer = ann.client.post("/rooms/1/messages", data=body, content_type=kind, headers=JSON)
        assert answer.status_code == 201
        message = answer.get_json()
        if kind == FORM:
            assert message["text"] == kept
        shown = bob.page("/rooms/1").select(".words")[-1].get_text()
        assert "\0" not in shown and shown.strip() == message["text"].strip()
        shown.encode("utf-8")


def test_nobody_is_found_by_a_name_that_cannot_be(said, stranger):
    for name in (b"a%00b", b"%ff%fe", b"%ed%a0%80", b"x" * 100_000):
        answer = stranger.client.post("/login", data=b"password=x&name=" + name, content_type=FORM)
        assert answer.status_code == 422


def test_a_body_that_ends_too_soon_posts_nothing(said, ann, bob):
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json", ""):
        answer = ann.client.post(
            "/rooms/1/messages", data=b"--x\r\nContent-Disp", content_type=kind
        )
        assert answer.status_code == 422
    assert untouched(bob)


def test_too_much_at_once_is_refused(said, ann, bob):
    many = {f"field{number}": "x" for number in range(101)}
    for form in ({"text": "x" * 300_000}, many):
        kind = "multipart/form-data"
        answer = ann.client.post("/rooms/1/messages", data=form, content_type=kind)
        assert answer.status_code == 413
        assert "That was more than is taken at once" in sentences(answer)
    assert untouched(bob)


# ---- Nobody can tell what they may not know from what is not there ----


def test_all_that_is_not_there_looks_the_same(said, ann):
    paths = ("/nothing", "/rooms/99", "/rooms/x", "/messages/99", "/files/99/x", "/files/1/x")
    paths += ("/people/99", "/welcome", "/join/wrong", "/static/nothing", "/rooms/99/feed")
    paths += ("/messages/99/edit", "/rooms/1?around=99", "/rooms/99/list")
    for headers in ({}, HTMX, JSON):
        answers = [ann.gets(path, **headers) for path in paths]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.data for answer in answers}) == 1
    assert len({ann.gets(path).headers["Vary"] for path in ("/nothing", "/rooms/99")}) == 1


def test_strangers_learn_of_nothing_either(said, stranger):
    for path in (
        "/rooms/{}",
        "/messages/{}",
        "/people/{}",
        "/files/{}/notes.txt",
        "/rooms/{}/feed",
    ):
        there, missing = stranger.gets(path.format(1)), stranger.gets(path.format(99))
        # The way back names what was asked for; nothing else differs.
        assert there.status_code == missing.status_code
        assert there.text.replace(path.format(1), path.format(99)) == missing.text


def test_a_wrong_method_says_which_are_right(ann):
    allowed = ann.client.put("/rooms/1").headers["Allow"].split(", ")
    assert sorted(allowed) == ["GET", "HEAD", "OPTIONS"]
    allowed = ann.client.get("/messages/1/delete").headers["Allow"].split(", ")
    assert sorted(allowed) == ["OPTIONS", "POST"]


# ---- From another site ----

OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "anything"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://localhost/x"},
]
OURS = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    {"Origin": "http://localhost"},
]


@pytest.mark.parametrize("headers", OTHERS, ids=str)
def test_another_site_can_do_nothing(said, ann, bob, stranger, headers):
    link = {"name": "Mallory", "password": PASSWORD}
    for path, form in (
        ("/rooms/1/messages", {"text": "evil"}),
        ("/messages/1/edit", {"text": "evil"}),
        ("/messages/1/delete", {}),
        ("/people/me", {"name": "Evil"}),
        ("/password", {"old": PASSWORD, "password": "an evil password"}),
        ("/links", {}),
        ("/logout", {"anyway": "yes"}),
        ("/nothing", {}),
    ):
        answer = ann.client.post(path, data=form, headers=headers)
        assert answer.status_code == 403
        assert "This came from another site, so nothing was done." in sentences(answer)
    assert stranger.client.post("/login", data=link, headers=headers).status_code == 403
    assert untouched(bob)
    assert ann.gets("/rooms/1").status_code == 200
    assert Visitor(ann.app, "Ann").signs_in().status_code == 303


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_ones_own_pages_and_programs_can(ann, bob, headers):
    form = {"text": "hello"}
    assert ann.client.post("/rooms/1/messages", data=form, headers=headers).status_code == 303
    assert bob.sees("hello")


def test_links_from_another_site_open(ann):
    for site in ("cross-site", "same-site"):
        assert ann.gets("/rooms/1", Sec_Fetch_Site=site).status_code == 200


def test_htmx_and_programs_hear_it_too(ann):
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = ann.client.post("/rooms/1/messages", data={"text": "x"}, headers=HTMX | headers)
    assert answer.status_code == 403
    assert "another site" in words(soup(answer).select_one("#problem[role=alert]"))
    answer = ann.client.post("/rooms/1/messages", data={"text": "x"}, headers=JSON | headers)
    assert answer.status_code == 403
    assert "another site" in answer.get_json()["error"]


# ---- When something breaks ----


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    """A view and a rule that raise what nobody has foreseen."""

    def breaks(*_arguments, **_more):
        raise RuntimeError("the innermost secret")

    monkeypatch.setitem(app.view_functions, "people.index", breaks)
    monkeypatch.setattr("parley.talk.messages.post", breaks)
    monkeypatch.setattr("parley.talk.feed.news", breaks)
    caplog.set_level(logging.ERROR)


def test_an_error_is_a_page_and_tells_nothing_of_the_inside(ann, broken, caplog):
    for answer in (
        ann.gets("/people"),
        ann.gets("/people", **HTMX),
        ann.gets("/people", **JSON),
        ann.gets("/rooms/1/feed?after=0", **HTMX),
        ann.sends("hello"),
        ann.sends("hello", headers=HTMX),
        ann.sends("hello", headers=JSON),
        ann.client.post("/message", data={"message": "hello"}),
    ):
        assert answer.status_code == 500
        assert "It has been noted." in answer.text
        for inside in ("Traceback", "the innermost secret", "RuntimeError", "parley/", ".py"):
            assert inside not in answer.text
    page = soup(ann.gets("/people"))
    assert words(page.h1) == "Something went wrong here"
    assert words(page.select_one("main a.button")) == "To your rooms"
    assert "the innermost secret" in caplog.text, "who runs it can read it in the log"


def test_after_an_error_all_goes_on(ann, bob, app, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("parley.talk.messages.Message", lambda *_, **__: 1 / 0)  # after the row
        assert ann.sends("hello", key="k1").status_code == 500
    assert bob.room() == [], "half a message is none"
    assert ann.sends("hello", key="k1").status_code == 303
    assert bob.room() == ["hello"]
    assert bob.polls().select_one("#poll")["hx-get"].endswith("after=1")


def test_a_busy_server_says_when_to_come_back(ann, app, monkeypatch):
    monkeypatch.setattr("parley.store.db.PATIENCE", 0.01)
    for headers in ({}, HTMX, JSON):
        with parts(app).db.writing():  # somebody else, for longer than one waits
            answer = ann.sends("hello", headers=headers)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "The server is busy. Try again in a few seconds." in answer.text
    assert ann.gets("/rooms/1").status_code == 200, "reading goes on"


def test_a_page_does_not_wait_to_note_that_somebody_is_here(ann, app):
    its = parts(app)
    with its.db.writing() as c:
        c.execute(update(tables.people).values(seen_at=datetime(2026, 1, 1, tzinfo=UTC)))
    began = time.monotonic()
    with its.db.writing():
        assert ann.gets("/rooms/1").status_code == 200
    assert time.monotonic() - began < PATIENCE / 2
    assert ann.gets("/rooms/1").status_code == 200
    with its.db.reading() as c:
        assert c.scalar(select(func.max(tables.people.c.seen_at))).year == datetime.now(UTC).year
