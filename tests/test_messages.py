"""What one does with a message: post, edit, delete, bring back; and what text can never do."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import delete

from parley.store import tables
from parley.store.errors import Wrong
from parley.web import parts
from tests.visitor import HTMX, JSON, Visitor, change, fill, said, soup, typed, words

LONG = "x" * 10_001
TOO_LONG = "That is 10,001 characters; 10,000 is the most. Send it in two."
EMPTY = "There is nothing in it yet. Write something, or add a photo."


@pytest.fixture
def message(ann: Visitor) -> dict:
    """Something that Ann said."""
    return ann.posts("hello")


def menu(visitor: Visitor, message: dict) -> BeautifulSoup:
    """What htmx gets for the menu of a message."""
    answer = visitor.gets(f"/messages/{message['id']}", **HTMX)
    assert answer.status_code == 200
    return soup(answer)


def delete_long_ago(app: Flask, visitor: Visitor, message: dict, **ago: int) -> None:
    """Delete it, and let time pass."""
    visitor.deletes(message)
    change(app, tables.messages, message["id"], deleted_at=datetime.now(UTC) - timedelta(**ago))


# ---- Posting ----


def test_a_form_posts_and_leads_back_to_the_room(ann, bob):
    answer = ann.sends("hello")
    assert (answer.status_code, answer.location) == (303, "/rooms/1")
    assert bob.room() == ["hello"]


def test_the_form_of_the_page_works_as_it_stands(ann, bob):
    form = ann.page("/rooms/1").select_one("#composer")
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    fields = {one["name"]: one.get("value", "") for one in form.select("[name]:not([type=file])")}
    assert fields.keys() == {"key", "text"} and fields["key"]
    assert form.select_one("[type=file]")["name"] == "files"
    ann.client.post(form["action"], data=fields | {"text": "by form"})
    assert bob.sees("by form")


def test_each_page_has_a_key_of_its_own(ann):
    keys = {ann.page("/rooms/1").select_one("#key")["value"] for _ in range(5)}
    assert len(keys) == 5


def test_htmx_gets_no_message_but_a_hint_to_ask_for_it(ann):
    answer = ann.sends("hello", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "posted")
    assert "hello" not in answer.text
    assert not soup(answer).select(".message, #messages, #history")
    assert all(part.has_attr("hx-swap-oob") for part in soup(answer).find_all(recursive=False))
    assert said(soup(answer)) == "", "what was wrong before is wrong no more"


def test_a_program_posts_without_a_key(ann, bob):
    answer = ann.client.post("/rooms/1/messages", data={"text": "beep"}, headers=JSON)
    assert answer.status_code == 201
    message = answer.get_json()
    assert (message["text"], message["author"]["name"], message["room"]) == ("beep", "Ann", 1)
    assert message["made"] == message["revision"] == 1
    ann.client.post("/rooms/1/messages", data={"text": "beep"}, headers=JSON)
    assert bob.room() == ["beep", "beep"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  indented\n    more", "  indented\n    more"),
        ("\n\nempty lines around\n\n", "empty lines around"),
        ("windows\r\nand mac\rlines", "windows\nand mac\nlines"),
        ("a tab\tstays", "a tab\tstays"),
        ("👩‍👩‍👧 Ünïcödé עברית 日本", "👩‍👩‍👧 Ünïcödé עברית 日本"),
        ("x" * 10_000, "x" * 10_000),
        ("😀" * 10_000, "😀" * 10_000),
    ],
    ids=range(7),
)
def test_text_stays_as_it_was_typed(ann, sent, kept):
    assert ann.posts(sent)["text"] == kept


def test_paragraphs_are_paragraphs(ann, bob):
    ann.posts("first line\nsecond line\n\nthird")
    shown = bob.page("/rooms/1").select(".message .words p")
    assert [one.get_text() for one in shown] == ["first line\nsecond line", "third"]
    assert all(one["dir"] == "auto" for one in shown)


def test_marks_are_shown_as_html_and_kept_as_they_were_typed(ann, bob):
    said = ann.posts(typed_text := "**bold** & <b>\n- :tada:")
    assert said["text"] == typed_text
    assert said["html"].startswith('<p dir="auto"><strong>bold</strong> &amp; &lt;b&gt;</p><ul')
    shown = bob.page("/rooms/1").select_one(".message .words")
    assert [words(one) for one in shown.select("strong, li")] == ["bold", "🎉"]
    assert typed(ann.page(f"/messages/{said['id']}/edit")) == typed_text
    assert ann.client.get("/messages").get_json()[0][2] == typed_text, "a handbook's client"


# ---- Refused, with everything kept ----


@pytest.mark.parametrize(
    ("text", "sentence"), [("", EMPTY), (" \n\t ", EMPTY), (LONG, TOO_LONG)], ids=["", "w", "long"]
)
def test_what_cannot_be_posted_is_said_and_kept(ann, bob, text, sentence):
    answer = ann.sends(text, key="mine")
    assert answer.status_code == 422
    page = soup(answer)
    assert said(page) == sentence
    assert typed(page) == text
    assert page.select_one("#key")["value"] == "mine", "the next try is the same submission"
    assert words(page.h1) == "Lobby"

    answer = ann.sends(text, headers=HTMX)
    assert answer.status_code == 422
    assert said(soup(answer)) == sentence
    assert soup(answer).select_one("#problem[hx-swap-oob=true]")
    assert not soup(answer).select("textarea"), "what is being typed stays untouched"

    answer = ann.sends(text, headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json() == {"error": sentence, "field": "text"}
    assert bob.room() == []


def test_a_refused_message_can_be_sent_again_shorter(ann, bob):
    page = soup(ann.sends(LONG, key="mine"))
    ann.sends(typed(page)[:5], key=page.select_one("#key")["value"])
    assert bob.room() == ["xxxxx"]


# ---- The same again ----


def test_the_same_key_with_the_same_content_is_the_same_message(ann, bob):
    first = ann.posts("hello", key="k1")
    assert ann.posts("hello", key="k1") == first
    assert ann.sends("hello", key="k1").status_code == 303
    assert ann.sends("hello", key="k1", headers=HTMX).headers["HX-Trigger"] == "posted"
    assert bob.room() == ["hello"]


def test_the_same_again_gives_the_message_as_it_is_now(ann):
    message = ann.posts("hello", key="k1")
    ann.edits(message, "other")
    again = ann.posts("hello", key="k1")
    assert (again["id"], again["text"], again["edited"]) == (message["id"], "other", True)


def test_the_same_key_with_other_content_is_a_conflict(ann, bob):
    ann.posts("hello", key="k1")
    answer = ann.sends("hello, all", key="k1")
    assert answer.status_code == 409
    page = soup(answer)
    assert said(page) == "This was changed after it had been sent. Send it as a new message."
    assert typed(page) == "hello, all"
    key = page.select_one("#key")["value"]
    assert key not in ("", "k1")
    assert bob.room() == ["hello"]
    ann.sends(typed(page), key=key)
    assert bob.room() == ["hello", "hello, all"]


def test_htmx_and_programs_hear_of_a_conflict(ann):
    ann.posts("hello", key="k1")
    answer = ann.sends("hello, all", key="k1", headers=HTMX)
    assert answer.status_code == 409
    assert said(soup(answer)).startswith("This was changed")
    key = soup(answer).select_one("#key[hx-swap-oob=true]")["value"]
    assert key not in ("", "k1")
    answer = ann.sends("hello, all", key="k1", headers=JSON)
    assert (answer.status_code, answer.get_json()["field"]) == (409, "key")


def test_files_belong_to_what_a_key_stands_for(ann, bob):
    first = ann.posts("notes", ("notes.txt", b"one"), key="k1")
    assert ann.posts("notes", ("notes.txt", b"one"), key="k1")["id"] == first["id"]
    assert ann.sends("notes", ("notes.txt", b"two"), key="k1").status_code == 409
    assert ann.sends("notes", key="k1").status_code == 409
    assert ann.sends("notes", ("other.txt", b"one"), key="k1").status_code == 409
    assert len(bob.page("/rooms/1").select(".attachment")) == 1


def test_two_people_may_use_the_same_key(ann, bob):
    assert ann.posts("one", key="k1")["id"] != bob.posts("two", key="k1")["id"]


def test_a_key_has_at_most_64_characters(ann, bob):
    assert ann.sends("hello", key="k" * 64, headers=JSON).status_code == 201
    answer = ann.sends("bye", key="k" * 65, headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json() == {"error": "A key has at most 64 characters.", "field": "key"}
    page = soup(ann.sends("bye", key="k" * 65))
    assert typed(page) == "bye"
    assert 0 < len(page.select_one("#key")["value"]) <= 64
    assert bob.room() == ["hello"]


# ---- Editing ----


def test_an_edit_is_seen_by_others_and_marked(ann, bob, message):
    page = ann.page(f"/messages/{message['id']}/edit")
    assert typed(page) == "hello"
    form = page.select_one("#editing form")
    answer = ann.client.post(form["action"], data={"text": "hello, all"})
    assert (answer.status_code, answer.location) == (303, "/rooms/1?around=1#message-1")
    assert bob.room() == ["hello, all (edited)"]


def test_an_edit_that_changes_nothing_is_none(ann, bob, message):
    assert ann.edits(message, "hello\n").status_code == 303
    assert bob.room() == ["hello"]


def test_htmx_edits_in_the_box_below(ann, message):
    page = soup(ann.gets(f"/messages/{message['id']}/edit", **HTMX))
    assert page.select_one("#editing[hx-swap-oob=true] form")["hx-post"] == "/messages/1/edit"
    assert typed(page) == "hello"
    assert not page.select(".message, #composer")
    answer = ann.client.post("/messages/1/edit", data={"text": "other"}, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "posted"
    assert not soup(answer).select("#editing form, .message"), "the box is closed"
    assert soup(ann.gets("/rooms/1", **HTMX)).select_one("#editing") is not None


@pytest.mark.parametrize(("text", "sentence"), [(" ", EMPTY), (LONG, TOO_LONG)], ids=["", "long"])
def test_a_refused_edit_keeps_what_was_typed(ann, bob, message, text, sentence):
    answer = ann.edits(message, text)
    assert answer.status_code == 422
    page = soup(answer)
    assert said(page) == sentence
    assert typed(page) == text
    assert page.select_one("#editing form")["action"] == "/messages/1/edit"
    assert page.select("#composer textarea")[0].get_text().strip() == ""

    answer = ann.client.post("/messages/1/edit", data={"text": text}, headers=HTMX)
    assert answer.status_code == 422
    assert said(soup(answer)) == sentence
    assert not soup(answer).select("textarea")
    assert bob.room() == ["hello"]


def test_a_message_with_a_file_may_lose_its_words(ann, bob):
    message = ann.posts("notes", ("notes.txt", b"one"))
    assert ann.edits(message, "").status_code == 303
    assert "notes.txt" in bob.room()[0]


def test_a_program_edits(ann, message):
    answer = ann.client.post("/messages/1/edit", data={"text": "other"}, headers=JSON)
    assert answer.status_code == 200
    assert (answer.get_json()["text"], answer.get_json()["revision"]) == ("other", 2)


# ---- Deleting and bringing back ----


def test_a_deleted_message_leaves_a_tombstone(ann, bob, message):
    answer = ann.deletes(message)
    assert (answer.status_code, answer.location) == (303, "/rooms/1?around=1#message-1")
    assert not bob.sees("hello")
    assert words(bob.page("/rooms/1").select_one("#message-1 .theirs")) == (
        "Ann deleted this message."
    )
    assert words(ann.page("/rooms/1").select_one("#message-1 .own")) == (
        "You deleted this message. Undo"
    )


def test_a_deletion_can_be_undone(ann, bob, message):
    ann.edits(message, "hello, all")
    ann.deletes(message)
    undo = ann.page("/rooms/1").select_one("#message-1 .own a")
    assert undo["hx-post"] == "/messages/1/restore"
    form = ann.client.get(undo["href"], follow_redirects=True)  # without scripts
    restore = soup(form).select_one("form[action='/messages/1/restore']")
    assert words(restore) == "Bring it back"
    ann.client.post(restore["action"])
    assert bob.room() == ["hello, all (edited)"]


def test_a_deletion_can_be_undone_within_ten_minutes_only(ann, bob, app, message):
    delete_long_ago(app, ann, message, minutes=9, seconds=50)
    assert ann.restores(message).status_code == 303
    assert bob.sees("hello")
    delete_long_ago(app, ann, message, minutes=10)
    answer = ann.restores(message)
    assert answer.status_code == 403
    assert "ten minutes have passed" in words(soup(answer).main)
    assert not bob.sees("hello")
    assert "Deleted more than ten minutes ago" in words(menu(ann, message))


def test_deleting_twice_and_bringing_back_what_is_there_changes_nothing(ann, message):
    assert ann.restores(message).status_code == 303
    ann.deletes(message)
    ann.deletes(message)
    answer = ann.client.post("/messages/1/delete", headers=JSON)
    assert answer.get_json()["revision"] == 2


def test_a_deleted_message_cannot_be_edited(ann, message):
    ann.deletes(message)
    assert ann.edits(message, "other").status_code == 403
    assert ann.gets("/messages/1/edit").status_code == 404


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("edit", "Only who wrote a message can change it."),
        ("delete", "Only who wrote a message can delete it."),
        ("restore", "Only who deleted a message can bring it back."),
    ],
)
def test_only_who_wrote_a_message_can_change_it(ann, bob, message, act, sentence):
    for headers in ({}, HTMX, JSON):
        answer = bob.client.post(f"/messages/1/{act}", data={"text": "mine"}, headers=headers)
        assert answer.status_code == 403
        assert sentence in answer.text
    assert ann.room() == ["hello"]


def test_the_owner_deletes_but_does_not_rewrite_what_others_wrote(miriam, ann, message):
    assert miriam.edits(message, "mine").status_code == 403
    assert miriam.gets("/messages/1/edit").status_code == 404
    assert ann.room() == ["hello"]
    assert miriam.deletes(message).status_code == 303
    assert ann.room() == ["A moderator deleted this message."]


def test_what_a_moderator_deleted_its_author_cannot_bring_back(miriam, ann, bob, message):
    miriam.deletes(message)
    assert ann.restores(message).status_code == 403
    assert words(menu(ann, message)).endswith("A moderator deleted this.")
    assert not ann.page("/rooms/1").select(".gone [hx-post]"), "no Undo"
    assert "deleted this" not in words(menu(bob, message))
    assert miriam.restores(message).status_code == 303
    assert ann.room() == ["hello"]


def test_what_its_author_deleted_no_moderator_brings_back(miriam, ann, message):
    ann.deletes(message)
    assert miriam.restores(message).status_code == 403
    assert miriam.deletes(message).status_code == 303
    assert ann.restores(message).status_code == 303, "it stays the author's deletion"


def test_others_hear_at_once_that_a_moderator_deleted(miriam, bob, message):
    bob.polls()
    miriam.deletes(message)
    told = bob.polls().select("#message-1 .gone")
    assert [words(one) for one in told] == ["A moderator deleted this message."]
    assert bob.gets("/messages/1/edit").status_code == 404


def test_a_stranger_can_change_nothing(stranger, ann, message):
    for act in ("edit", "delete", "restore"):
        assert stranger.client.post(f"/messages/1/{act}", data={"text": "x"}).location.startswith(
            "/login"
        )
    assert stranger.sends("hello").location.startswith("/login")
    assert stranger.sends("hello", headers=HTMX).headers["HX-Redirect"] == "/login"
    assert stranger.sends("hello", headers=JSON).status_code == 401
    assert ann.room() == ["hello"]


# ---- Its menu and its address ----


def test_the_menu_holds_what_one_may_do(miriam, ann, bob, message):
    everybodys = ["Replies", "Address of this message", "Copy link", "About Ann"]
    everybodys.append("Mark unread from here")
    acts = [words(act) for act in menu(ann, message).select("li")]
    assert acts == ["Reply", "Edit", *everybodys, "Delete"]
    acts = [words(act) for act in menu(bob, message).select("li")]
    assert acts == ["Reply", *everybodys, "Report"]
    acts = [words(act) for act in menu(miriam, message).select("li")]
    assert acts == ["Reply", *everybodys, "Pin", "Report", "Delete"]
    ann.deletes(message)
    acts = [words(act) for act in menu(ann, message).select("li")]
    assert acts == [*everybodys, "Bring it back"]


def test_the_menu_is_a_fragment_with_a_name(ann, message):
    page = menu(ann, message)
    assert not page.html
    assert [part["id"] for part in page.find_all(recursive=False)] == ["menu"]
    assert page.select_one("#menu[popover]")["aria-label"] == "Message by Ann"


def test_the_address_of_a_message_opens_the_room_around_it(ann, bob, message):
    answer = bob.gets("/messages/1")
    assert (answer.status_code, answer.location) == (303, "/rooms/1?around=1#message-1")
    assert bob.page(answer.location).select("#message-1")
    assert "HX-Request-Type" in answer.headers["Vary"]


# ---- Text is text ----

NASTY = [
    "<img src=x onerror=alert(1)>",
    '"><a hx-get="/logout" hx-trigger="load">x</a>',
    "'><script>alert(1)</script>",
    "<div hx-post=/logout hx-trigger=load>",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onmouseover='alert(1)",
    "https://example.org/><img/src=x>",
    'www.example.org"style="x',
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1) data:text/html,<script>1</script> vbscript:x",
    'someone@example.org"onclick=1',
    "{{ 7 * 7 }} {% include 'x' %}",
    "</p></div></article><p hx-swap-oob=true id=poll>",
    "&lt;b&gt; &amp;quot;",
]


@pytest.mark.parametrize("text", NASTY)
def test_text_is_shown_as_it_is_and_never_becomes_an_attribute(ann, bob, text):
    message = ann.posts(text)
    for page in (
        *(bob.page("/rooms/1"), bob.page("/rooms/1/list"), bob.polls()),
        BeautifulSoup(f"<div class=words>{message['html']}</div>", "html.parser"),
    ):
        shown = page.select_one(".words")
        assert shown.get_text().strip() == text
        for one in shown.find_all(True):
            assert one.name in ("p", "a")
            assert one.attrs.keys() <= {"dir", "href", "rel"}
        for link in shown.select("a"):
            assert link["href"].startswith(("http://", "https://", "mailto:"))
            assert set(link["rel"]) == {"noopener", "nofollow", "ugc"}


def test_what_was_typed_comes_back_as_text(ann):
    ann.posts("hello", key="k1")
    for text in NASTY:
        page = soup(ann.sends(text, key="k1"))
        assert typed(page) == text
        assert not page.select("textarea *, img[src=x], [hx-trigger=load]")


def test_addresses_in_text_are_links(ann, bob):
    ann.posts("See https://example.org/a?b=c&d=(e), or www.example.org.")
    links = bob.page("/rooms/1").select(".words a")
    assert [link["href"] for link in links] == [
        "https://example.org/a?b=c&d=(e)",
        "https://www.example.org",
    ]


def test_a_name_is_text_too(miriam, ann):
    mallory = miriam.brings_in('"><b hx-get=/x>')
    mallory.posts("hello", ("notes.txt", b"notes"))
    for path in ("/rooms/1", "/people", "/people/3", "/messages/1", "/rooms/1/list"):
        page = soup(ann.client.get(path, follow_redirects=True))
        assert not page.select("[hx-get='/x']")
        assert '"><b hx-get=/x>' in words(page)


def test_the_cursor_of_a_refused_post_knows_what_came_meanwhile(ann, bob, monkeypatch):
    def received(*_):  # while its files are worked on
        fill(bob.app, 3, "meanwhile")
        raise Wrong("That is no picture.", "files")

    monkeypatch.setattr("parley.web.trays.received", received)
    page = soup(ann.sends("mine"))
    assert "meanwhile" in words(page.select_one("#messages"))
    assert page.select_one("#poll")["hx-get"].endswith("after=1")


def test_who_is_signed_out_while_posting_is_led_to_the_door(app, ann, monkeypatch):
    def received(*_):
        with parts(app).db.writing() as c:
            c.execute(delete(tables.logins))
        return []

    monkeypatch.setattr("parley.web.trays.received", received)
    answer = ann.sends("mine", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
