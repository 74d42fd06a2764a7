"""Whose direct messages do not reach a person."""

import pytest

from parley.store.errors import Forbidden
from parley.talk import direct as talk
from parley.talk import messages, people, rooms, unread
from tests.meeting import Meeting, at_once


def direct(meeting: Meeting, *others: people.Person) -> int:
    """A conversation of Ann and these."""
    with meeting.db.writing() as c:
        return talk.start(c, meeting.ann, [other.id for other in others])


def says(meeting: Meeting, who: people.Person, room_id: int) -> messages.Message:
    with meeting.db.writing() as c:
        return messages.post(c, rooms.get(c, who, room_id), who, messages.draft("hello", ""))


def blocks_bob(meeting: Meeting) -> None:
    with meeting.db.writing() as c:
        talk.block(c, meeting.ann, meeting.bob)


def blocked(meeting: Meeting, who: people.Person) -> list[str]:
    with meeting.db.reading() as c:
        return [one.name for one in talk.blocked_by(c, who)]


def test_who_is_blocked_does_not_reach_me_directly(meeting):
    room_id = direct(meeting, meeting.bob)
    assert says(meeting, meeting.bob, room_id)
    blocks_bob(meeting)
    with pytest.raises(Forbidden) as refused:
        says(meeting, meeting.bob, room_id)
    assert "block" not in refused.value.sentence, "they are not told"
    with pytest.raises(Forbidden, match=refused.value.sentence):
        says(meeting, meeting.ann, room_id)  # nor do they learn it by an answer
    with meeting.db.writing() as c:
        talk.unblock(c, meeting.ann, meeting.bob)
    assert says(meeting, meeting.bob, room_id)


def test_among_others_they_go_on_talking(meeting):
    room_id = direct(meeting, meeting.bob, meeting.miriam)
    blocks_bob(meeting)
    assert says(meeting, meeting.bob, room_id)
    assert meeting.says(meeting.bob, "hello")


def test_what_they_say_among_others_is_unread_for_everybody_else(meeting):
    room_id = direct(meeting, meeting.bob, meeting.miriam)
    blocks_bob(meeting)
    says(meeting, meeting.bob, room_id)
    with meeting.db.reading() as c:
        ann, miriam = (unread.listed(c, one).room(room_id) for one in (meeting.ann, meeting.miriam))
        assert ann and miriam
        assert (ann.unread, ann.calls, miriam.unread, miriam.calls) == (0, False, 1, True)
        assert unread.first(c, meeting.ann, room_id, 0) == (None, True)
    says(meeting, meeting.miriam, room_id)
    with meeting.db.reading() as c:
        [ann] = unread.listed(c, meeting.ann).direct
    assert ann.unread == 1


def test_each_has_a_list_of_their_own(meeting):
    blocks_bob(meeting)
    blocks_bob(meeting)  # again is the same
    assert blocked(meeting, meeting.ann) == ["Bob"]
    assert blocked(meeting, meeting.bob) == blocked(meeting, meeting.miriam) == []


def test_twice_at_once_is_once(meeting):
    assert at_once(*[lambda: blocks_bob(meeting)] * 4) == [None] * 4
    assert blocked(meeting, meeting.ann) == ["Bob"]


def test_nobody_blocks_themselves(meeting):
    with meeting.db.writing() as c, pytest.raises(Forbidden):
        talk.block(c, meeting.ann, meeting.ann)
