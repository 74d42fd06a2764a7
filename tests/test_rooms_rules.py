"""Rooms, and their counter."""

import itertools
import threading

import pytest

from parley.store.errors import Missing, Wrong
from parley.talk import rooms
from tests.meeting import Meeting, at_once


def make(meeting: Meeting, name: str = "Garden", topic: str = "") -> int:
    with meeting.db.writing() as c:
        return rooms.make(c, meeting.ann, name, topic)


def advance(meeting: Meeting, room_id: int = rooms.LOBBY) -> int:
    with meeting.db.writing() as c:
        return rooms.advance(c, room_id)


def test_a_new_room_has_nothing_in_it(meeting):
    room_id = make(meeting, " Garden  beds ", " who\nwaters ")
    with meeting.db.reading() as c:
        room = rooms.get(c, meeting.bob, room_id)
    assert room == rooms.Room(room_id, "Garden beds", "who waters", 0, "open", meeting.ann.id)


@pytest.mark.parametrize(
    ("name", "topic", "field"),
    [("", "", "name"), ("a" * 61, "", "name"), ("Garden", "a" * 251, "topic")],
)
def test_a_room_that_cannot_be_called_so_is_not_made(meeting, name, topic, field):
    with pytest.raises(Wrong) as refused:
        make(meeting, name, topic)
    assert refused.value.field == field


@pytest.mark.parametrize("room_id", [0, 4711, 10**18 - 1, 2**63 - 1])
def test_a_room_that_is_not_there_is_missing(meeting, room_id):
    with meeting.db.writing() as c:
        with pytest.raises(Missing):
            rooms.get(c, meeting.ann, room_id)
        with pytest.raises(Missing):
            rooms.advance(c, room_id)


def test_rooms_are_listed_the_oldest_first(meeting):
    garden = make(meeting)
    with meeting.db.reading() as c:
        listed = rooms.seen_by(c, meeting.bob)
    assert [(room.id, room.name) for room in listed] == [(1, "Lobby"), (garden, "Garden")]


def test_each_room_counts_for_itself(meeting):
    garden = make(meeting)
    assert [advance(meeting), advance(meeting), advance(meeting, garden)] == [1, 2, 1]
    with meeting.db.reading() as c:
        assert sorted(rooms.revisions(c)) == [(1, 2), (garden, 1)]


def test_what_is_undone_is_not_counted(meeting):
    with pytest.raises(KeyError), meeting.db.writing() as c:
        rooms.advance(c, rooms.LOBBY)
        raise KeyError
    assert advance(meeting) == 1


def test_writers_at_once_get_each_number_once(meeting):
    numbers = at_once(*[lambda: [advance(meeting) for _ in range(5)]] * 6)
    assert sorted(itertools.chain(*numbers)) == list(range(1, 31))


def test_a_number_is_seen_only_after_all_before_it(meeting):
    """The second writer waits for the first, so 2 is never there without 1."""
    begun, seen = threading.Event(), []

    def first():
        with meeting.db.writing() as c:
            rooms.advance(c, rooms.LOBBY)
            begun.set()
            threading.Event().wait(0.1)
            seen.append("first")

    def second():
        begun.wait()
        with meeting.db.writing() as c:
            rooms.advance(c, rooms.LOBBY)
            seen.append("second")

    at_once(first, second)
    assert seen == ["first", "second"]
