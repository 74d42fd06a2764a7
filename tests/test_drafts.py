"""Drafts: kept for each person and room, and gone with the message they become."""

import pytest
from sqlalchemy import select

from parley.store import tables
from parley.store.errors import Missing
from parley.talk import drafts, memberships, people, rooms, unread
from tests.meeting import Meeting, at_once
from tests.visitor import HTMX, JSON, soup, typed


def kept(meeting: Meeting, who: people.Person) -> str:
    """Their draft in the Lobby, as the room's page shows it."""
    with meeting.db.reading() as c:
        listed = unread.listed(c, who, rooms.LOBBY).room(rooms.LOBBY)
    assert listed and listed.has_draft == bool(listed.draft)
    return listed.draft


def saves(meeting: Meeting, who: people.Person, words: str, **more) -> None:
    with meeting.db.writing() as c:
        drafts.save(c, who, rooms.LOBBY, words, **more)


def test_the_last_words_are_kept_for_who_typed_them_alone(meeting):
    saves(meeting, meeting.ann, "half a")
    saves(meeting, meeting.ann, "half a sent")
    assert kept(meeting, meeting.ann) == "half a sent"
    assert kept(meeting, meeting.bob) == ""


def test_without_words_nothing_is_kept(meeting):
    saves(meeting, meeting.ann, "half a sent")
    saves(meeting, meeting.ann, " \n ")
    assert kept(meeting, meeting.ann) == ""


def test_words_are_cleaned_and_cut(meeting):
    saves(meeting, meeting.ann, "a\r\nb\0" + "c" * 20_000)
    assert kept(meeting, meeting.ann).startswith("a\nb\ufffdccc")
    assert len(kept(meeting, meeting.ann)) == 10_000


def test_a_post_takes_the_draft_away_and_a_late_save_does_not_revive_it(meeting):
    saves(meeting, meeting.ann, "said at l", key="k1")
    meeting.says(meeting.ann, "said at last", "k1")
    assert kept(meeting, meeting.ann) == ""
    saves(meeting, meeting.ann, "said at las", key="k1")
    assert kept(meeting, meeting.ann) == ""
    saves(meeting, meeting.ann, "the next", key="k2")
    saves(meeting, meeting.ann, "said at las", key="k1")
    assert kept(meeting, meeting.ann) == "the next"


def test_who_is_not_in_the_room_leaves_none_there(meeting):
    with meeting.db.writing() as c:
        memberships.leave(c, rooms.LOBBY, meeting.ann.id)
    with pytest.raises(Missing):
        saves(meeting, meeting.ann, "half a sent")
    with meeting.db.reading() as c:
        assert c.execute(select(tables.drafts)).all() == []


def test_the_key_of_somebody_else_takes_nothing_away(meeting):
    meeting.says(meeting.bob, "mine", "k1")
    saves(meeting, meeting.ann, "half a sent", key="k1")
    assert kept(meeting, meeting.ann) == "half a sent"


def test_a_post_and_a_save_at_once_leave_no_draft_of_what_was_said(meeting):
    for number in range(10):
        key = f"key {number}"
        at_once(
            lambda key=key: meeting.says(meeting.ann, key, key),
            lambda key=key: saves(meeting, meeting.ann, key, key=key),
        )
        assert kept(meeting, meeting.ann) == ""


def test_who_leaves_a_room_leaves_no_draft(meeting):
    saves(meeting, meeting.ann, "half a sent")
    with meeting.db.writing() as c:
        memberships.leave(c, rooms.LOBBY, meeting.ann.id)
        assert not c.execute(select(tables.drafts.c.id)).all()


# ---- On pages


@pytest.mark.parametrize("headers", [{}, HTMX, JSON], ids=["a form", "htmx", "a program"])
def test_a_draft_stands_in_the_box_on_every_device(ann, headers):
    answer = ann.client.post("/rooms/1/draft", data={"text": "half <a> sent"}, headers=headers)
    assert answer.status_code == {0: 303, 1: 200, 2: 204}[len(headers)]
    assert typed(ann.page("/rooms/1")) == "half <a> sent"
    ann.posts("something")
    assert typed(ann.page("/rooms/1")) == ""


def test_what_was_refused_stands_before_an_older_draft(ann):
    ann.client.post("/rooms/1/draft", data={"text": "older"})
    assert typed(soup(ann.sends("ä" * 10_001))) == "ä" * 10_001


def test_a_reply_apart_takes_the_draft_of_the_box_it_was_typed_in(ann):
    asked = ann.posts("who waters?")
    for page, left in ((f"/messages/{asked['id']}/thread", "half"), ("/rooms/1", "")):
        thread = {"thread": asked["id"]} if left else {}
        ann.client.post("/rooms/1/draft", data={"text": "half"})
        ann.posts("I do", reply_to=asked["id"], apart="yes", **thread)
        assert typed(ann.page("/rooms/1")) == left, page


def test_a_room_with_a_draft_has_a_sign_at_the_side_of_others(ann):
    ann.client.post("/rooms", data={"name": "Garden", "kind": "open"})
    ann.client.post("/rooms/2/draft", data={"text": "half a sent"})
    assert ann.page("/rooms/1").select_one("#side a[href='/rooms/2'] .soft").text == "Draft"
    assert not ann.page("/rooms/2").select("#side a[href='/rooms/2'] .soft")
