"""Replies: what they quote, what follows when that changes, and those that stand apart."""

import pytest

from parley.store.errors import Conflict, Wrong
from parley.talk import (
    feed,
    leaving,
    messages,
    people,
    pins,
    reactions,
    reading,
    replies,
    rooms,
    unread,
)
from parley.talk.reading import Message
from tests.meeting import Meeting, at_once


@pytest.fixture
def asked(meeting: Meeting) -> Message:
    """What Ann has said, to be answered."""
    return meeting.says(meeting.ann, "who waters on Monday?")


def now(meeting: Meeting, message: Message) -> Message:
    """As it is read now."""
    with meeting.db.reading() as c:
        return reading.get(c, message.id)


def stamps(meeting: Meeting) -> list[int]:
    """The revision of every message, in the order of the room."""
    with meeting.db.reading() as c:
        return [one.revision for one in reading.read(c)]


def in_flow(meeting: Meeting) -> list[str]:
    """The words that a page of the room shows."""
    return [one.text for one in meeting.reads(feed.newest).messages]


# ---- What is quoted


def test_a_reply_quotes_what_it_answers(meeting, asked):
    said = meeting.replies(meeting.bob, asked, "I do")
    assert (said.reply_to, said.apart) == (asked.id, False)
    assert (said.quote.id, said.quote.author_id, said.quote.author) == (asked.id, 2, "Ann")
    assert (said.quote.text, said.quote.is_gone) == ("who waters on Monday?", False)
    assert now(meeting, said) == said
    assert meeting.says(meeting.bob, "no reply").quote is None


def test_only_what_stands_in_the_room_can_be_answered(meeting, asked):
    with meeting.db.writing() as c:
        other = rooms.get(c, meeting.ann, rooms.make(c, meeting.ann, "Garden"))
        there = messages.post(c, other, meeting.ann, messages.draft("elsewhere", ""))
    for message_id in (there.id, 4711):
        with pytest.raises(Wrong) as wrong:
            meeting.says(meeting.bob, "a reply", reply_to=message_id)
        assert wrong.value.field == "reply_to"
    assert meeting.room.revision == 1


def test_what_was_deleted_cannot_be_answered_any_more(meeting, asked):
    meeting.removes(meeting.ann, asked)
    with pytest.raises(Wrong, match="was deleted"):
        meeting.replies(meeting.bob, asked, "I do")


def test_only_a_reply_stands_apart():
    with pytest.raises(Wrong) as wrong:
        messages.draft("hello", "", apart=True)
    assert wrong.value.field == "apart"


def test_a_key_stands_for_the_reply_too(meeting, asked):
    reply = {"reply_to": asked.id, "apart": True}
    said = meeting.says(meeting.bob, "I do", "key", **reply)
    assert meeting.says(meeting.bob, "I do", "key", **reply).id == said.id
    for other in ({}, {"reply_to": asked.id}, {"reply_to": said.id, "apart": True}):
        with pytest.raises(Conflict):
            meeting.says(meeting.bob, "I do", "key", **other)
    assert now(meeting, asked).replies == 1


def test_a_reply_sent_again_is_known_when_what_it_answers_is_gone(meeting, asked):
    said = meeting.says(meeting.bob, "I do", "key", reply_to=asked.id)
    meeting.removes(meeting.ann, asked)
    assert meeting.says(meeting.bob, "I do", "key", reply_to=asked.id).id == said.id


def test_without_a_reply_a_key_stands_for_what_it_always_did(meeting):
    said = meeting.says(meeting.ann, "hello", "key")
    assert said.digest == "1b16e15e1442a9ba4a7b4754af8fc5d691dc458daf546e0eb93fb7fc87df48d6"


# ---- What follows when it changes


def test_a_quote_follows_edits_deletion_and_undo(meeting, asked):
    said = meeting.replies(meeting.bob, asked, "I do")
    meeting.edits(meeting.ann, asked, "who waters on Tuesday?")
    assert now(meeting, said).quote.text == "who waters on Tuesday?"
    meeting.removes(meeting.ann, asked)
    assert now(meeting, said).quote.is_gone
    meeting.restores(meeting.ann, asked)
    assert not now(meeting, said).quote.is_gone


@pytest.mark.parametrize("act", ["edits", "removes", "restores"])
def test_who_quotes_it_has_changed_with_it(meeting, asked, act):
    some = [meeting.replies(meeting.bob, asked, f"I do {number}") for number in range(3)]
    meeting.says(meeting.bob, "no reply")
    if act == "restores":
        meeting.removes(meeting.ann, asked)
    before = meeting.room.revision
    getattr(meeting, act)(meeting.ann, asked, *["other words"][: act == "edits"])
    changed = meeting.news(before).changed
    assert [one.id for one in changed] == [asked.id, *(one.id for one in some)]
    revisions = stamps(meeting)
    assert len(set(revisions)) == len(revisions), "no two share a revision"
    assert max(revisions) == meeting.room.revision == now(meeting, asked).revision


def test_what_a_quote_does_not_show_changes_none(meeting, asked):
    meeting.replies(meeting.bob, asked, "I do")
    before = meeting.room.revision
    with meeting.db.writing() as c:
        reactions.react(c, asked, meeting.bob, "👍")
        pins.pin(c, asked, meeting.miriam)
    assert [one.id for one in meeting.news(before).changed] == [asked.id]


def test_a_page_read_before_shows_the_new_quote(meeting, asked):
    meeting.replies(meeting.bob, asked, "I do")
    assert meeting.reads(feed.newest).messages[1].quote.text == "who waters on Monday?"
    meeting.edits(meeting.ann, asked, "never mind")
    assert meeting.reads(feed.newest).messages[1].quote.text == "never mind"


def test_however_many_quote_it_none_is_left_behind(meeting, asked):
    with meeting.db.writing() as c:
        for number in range(250):
            messages.post(
                c,
                rooms.get(c, meeting.bob, rooms.LOBBY),
                meeting.bob,
                messages.draft(f"{number}", "", reply_to=asked.id),
            )
    before = meeting.room.revision
    meeting.removes(meeting.ann, asked)
    assert min(stamps(meeting)) > before
    assert meeting.news(before).stretch, "more than one answer brings: the list is shown anew"


# ---- Apart


def test_what_stands_apart_is_counted_and_not_in_the_flow(meeting, asked):
    before = meeting.room.revision
    apart = meeting.replies(meeting.bob, asked, "I do", apart=True)
    assert in_flow(meeting) == ["who waters on Monday?"]
    assert now(meeting, asked).replies == 1
    news = meeting.news(before)
    assert ([one.id for one in news.new], [one.id for one in news.changed]) == (
        [apart.id],
        [asked.id],
    )
    assert sorted(stamps(meeting)) == [before + 1, before + 2]
    assert apart.revision == meeting.room.revision


def test_a_reply_in_the_flow_is_not_counted(meeting, asked):
    meeting.replies(meeting.bob, asked, "I do")
    assert now(meeting, asked).replies == 0
    assert in_flow(meeting) == ["who waters on Monday?", "I do"]


def test_the_count_follows_deletion_and_undo(meeting, asked):
    some = [meeting.replies(meeting.bob, asked, f"{n}", apart=True) for n in range(2)]
    for _ in range(2):  # the second finds it deleted
        meeting.removes(meeting.bob, some[0])
    assert now(meeting, asked).replies == 1
    before = meeting.room.revision
    for _ in range(2):
        meeting.restores(meeting.bob, some[0])
    assert now(meeting, asked).replies == 2
    assert [one.id for one in meeting.news(before).changed] == [asked.id, some[0].id]


def test_the_count_is_exact_when_many_reply_and_delete_at_once(meeting, asked):
    first = meeting.replies(meeting.bob, asked, "first", apart=True)
    acts = [lambda n=n: meeting.replies(meeting.ann, asked, f"{n}", apart=True) for n in range(6)]
    taken = [lambda: meeting.removes(meeting.bob, first)] * 2
    results = at_once(*acts, *taken)
    assert not [one for one in results if isinstance(one, Exception)]
    assert now(meeting, asked).replies == 6
    assert len(set(stamps(meeting))) == 8


def test_what_stands_apart_is_unread_for_nobody_and_groups_with_nothing(meeting, asked):
    meeting.says(meeting.bob, "one")
    apart = meeting.replies(meeting.bob, asked, "apart", apart=True)
    assert not apart.follows
    assert meeting.says(meeting.bob, "two").follows, "it stands below the first"
    with meeting.db.reading() as c:
        assert unread.listed(c, meeting.miriam).all[0].unread == 3


def test_programs_that_follow_the_room_are_told_of_it(meeting, asked):
    apart = meeting.replies(meeting.bob, asked, "apart", apart=True)
    assert apart in meeting.reads(feed.changes, 0, 50)[0]


def test_the_replies_to_a_message_come_in_order(meeting, asked, monkeypatch):
    some = [meeting.replies(meeting.bob, asked, f"{n}", apart=n % 2 == 0) for n in range(5)]
    meeting.replies(meeting.bob, some[0], "to another")
    monkeypatch.setattr(replies, "MOST", 3)
    with meeting.db.reading() as c:
        parent, found, more = replies.read(c, asked.id)
        assert parent.id == asked.id
        assert ([one.id for one in found], more) == ([one.id for one in some[2:]], True)
        _, found, more = replies.read(c, asked.id, some[1].id)
        assert ([one.id for one in found], more) == ([one.id for one in some[:2]], False)


# ---- Somebody leaves and takes their words away


def test_who_takes_their_words_away_leaves_no_quote_and_no_count(meeting, asked):
    quoting = meeting.replies(meeting.bob, asked, "I do")
    theirs = meeting.says(meeting.bob, "something else")
    meeting.replies(meeting.ann, theirs, "apart", apart=True)
    gone = meeting.replies(meeting.ann, theirs, "deleted before", apart=True)
    meeting.removes(meeting.ann, gone)
    meeting.replies(meeting.bob, theirs, "stays", apart=True)
    before = meeting.room.revision
    with meeting.db.writing() as c:
        leaving.leave(c, people.get(c, meeting.ann.id), take_away=True)
    assert now(meeting, quoting).quote.is_gone and not now(meeting, quoting).quote.text
    assert now(meeting, theirs).replies == 1
    changed = {one.id for one in meeting.news(before).changed}
    assert {quoting.id, theirs.id, asked.id} <= changed
    assert len(set(stamps(meeting))) == len(stamps(meeting))
