"""Who comes into a room, leaves it, and is put out of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Row, event, select

from parley.store import tables
from parley.store.errors import Forbidden, Missing, Wrong
from parley.talk import company, memberships, people, revocations, rooms
from parley.talk.clock import FOREVER
from tests.meeting import Meeting, at_once


def made(meeting: Meeting, kind: str = "open", *with_people: people.Person) -> rooms.Room:
    """Ann makes the garden."""
    with meeting.db.writing() as c:
        chosen = [one.id for one in with_people]
        room_id = rooms.make(c, meeting.ann, "Garden", kind=kind, chosen=chosen)
        return rooms.get(c, meeting.ann, room_id)


def does(meeting: Meeting, act, *arguments):
    with meeting.db.writing() as c:
        return act(c, *arguments)


def present(meeting: Meeting, room: rooms.Room) -> list[str]:
    with meeting.db.reading() as c:
        found = [one.name for one in company.present(c, room)]
        assert memberships.count(c, room.id) == len(found)
        return found


def log(meeting: Meeting) -> list[tuple]:
    of = tables.log.c
    with meeting.db.reading() as c:
        rows = c.execute(select(of.by_id, of.act, of.person_id, of.room_id).order_by(of.id))
        return [tuple(row) for row in rows]


def voided(meeting: Meeting) -> list[tuple]:
    with meeting.db.reading() as c:
        return [one.scope for one in revocations.since(c, 0)]


def removal(meeting: Meeting, room: rooms.Room, who: people.Person) -> Row | None:
    with meeting.db.reading() as c:
        return memberships.removal(c, room.id, who.id)


def test_a_closed_room_has_whom_its_maker_chooses(meeting):
    room = made(meeting, "closed", meeting.bob)
    assert present(meeting, room) == ["Ann", "Bob"]
    with meeting.db.reading() as c:
        assert [one.name for one in company.absent(c, room)] == ["Miriam"]
    does(meeting, company.add, meeting.ann, room, [meeting.miriam.id, meeting.bob.id, 4711])
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"]
    assert log(meeting) == [(meeting.ann.id, "brought people into {room}", None, room.id)]
    with pytest.raises(Wrong):
        does(meeting, company.add, meeting.ann, room, [meeting.bob.id])


def test_who_did_not_make_it_brings_nobody_and_removes_nobody(meeting):
    room = made(meeting, "closed", meeting.bob)
    with pytest.raises(Forbidden):
        does(meeting, company.add, meeting.bob, room, [meeting.miriam.id])
    with pytest.raises(Forbidden):
        does(meeting, company.remove, meeting.bob, room, meeting.ann.id, FOREVER)
    assert present(meeting, room) == ["Ann", "Bob"] and log(meeting) == []


def test_who_is_removed_is_out_at_once_and_can_be_told(meeting):
    room = made(meeting)
    number = does(meeting, company.remove, meeting.ann, room, meeting.bob.id, FOREVER)
    assert present(meeting, room) == ["Ann", "Miriam"]
    assert (number, voided(meeting)) == (1, [(None, meeting.bob.id, room.id)])
    told = removal(meeting, room, meeting.bob)
    assert (told.room, told.by, told.until) == ("Garden", "Ann", FOREVER)
    assert datetime.now(UTC) - told.at < timedelta(minutes=1)
    assert removal(meeting, room, meeting.ann) is None
    act = "removed {person} from {room}"
    assert log(meeting) == [(meeting.ann.id, act, meeting.bob.id, room.id)]


def test_a_removal_ends_by_itself(meeting):
    room = made(meeting)
    soon = datetime.now(UTC) + timedelta(hours=1)
    does(meeting, company.remove, meeting.ann, room, meeting.bob.id, soon)
    assert removal(meeting, room, meeting.bob).until == soon
    passed = datetime.now(UTC) - timedelta(seconds=1)
    does(meeting, memberships.bring, room.id, [meeting.bob.id])
    does(meeting, company.remove, meeting.ann, room, meeting.bob.id, passed)
    assert removal(meeting, room, meeting.bob) is None
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"]


def test_who_was_removed_from_an_open_room_does_not_come_back_by_themselves(meeting):
    room = made(meeting)
    does(meeting, company.remove, meeting.ann, room, meeting.bob.id, FOREVER)
    with pytest.raises(Missing):
        does(meeting, company.enter, meeting.bob, room.id)
    with meeting.db.reading() as c:
        assert company.elsewhere(c, meeting.bob) == []
    does(meeting, company.add, meeting.ann, room, [meeting.bob.id])
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"]


def test_whom_a_moderator_removed_the_maker_does_not_bring_back(meeting):
    room = made(meeting, "closed", meeting.bob, meeting.miriam)
    does(meeting, company.remove, meeting.miriam, room, meeting.bob.id, FOREVER)
    with pytest.raises(Forbidden, match="Miriam removed Bob"):
        does(meeting, company.add, meeting.ann, room, [meeting.bob.id])
    does(meeting, company.add, meeting.miriam, room, [meeting.bob.id])
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"]
    does(meeting, company.remove, meeting.ann, room, meeting.bob.id, FOREVER)
    does(meeting, company.add, meeting.ann, room, [meeting.bob.id])
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"], "whom she removed herself"


def test_to_bring_many_takes_few_questions(meeting):
    room, asked = made(meeting, "closed"), []
    with meeting.db.writing() as c:
        many = [people.join(c, f"Guest {number}", None).id for number in range(40)]
        event.listen(c, "before_cursor_execute", lambda *what: asked.append(what[2]))
        company.add(c, meeting.ann, room, many)
    assert len(present(meeting, room)) == 41 and len(asked) <= 6


def test_nobody_removes_themselves_or_who_has_a_higher_role_or_is_not_there(meeting):
    room = made(meeting, "closed", meeting.miriam)
    for who in (meeting.ann, meeting.miriam):
        with pytest.raises(Forbidden):
            does(meeting, company.remove, meeting.ann, room, who.id, FOREVER)
    for who in (meeting.bob.id, 4711):
        with pytest.raises(Missing):
            does(meeting, company.remove, meeting.ann, room, who, FOREVER)
    does(meeting, company.remove, meeting.miriam, room, meeting.ann.id, FOREVER)
    assert present(meeting, room) == ["Miriam"] and voided(meeting) == [
        (None, meeting.ann.id, room.id)
    ]


def test_one_leaves_an_open_room_and_comes_back(meeting):
    room = made(meeting)
    does(meeting, company.leave, meeting.bob, room)
    assert present(meeting, room) == ["Ann", "Miriam"]
    assert voided(meeting) == [(None, meeting.bob.id, room.id)]
    assert removal(meeting, room, meeting.bob) is None
    with meeting.db.reading() as c:
        assert [one.id for one in company.elsewhere(c, meeting.bob)] == [room.id]
        assert company.elsewhere(c, meeting.ann) == []
    does(meeting, company.enter, meeting.bob, room.id)
    does(meeting, company.enter, meeting.bob, room.id)  # once more is not twice
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"]


def test_one_who_comes_back_by_two_clicks_is_in_it_once(meeting):
    room = made(meeting)
    does(meeting, company.leave, meeting.bob, room)
    came = at_once(*[lambda: does(meeting, company.enter, meeting.bob, room.id)] * 6)
    assert came == [None] * 6
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"]


def test_who_leaves_a_closed_room_does_not_find_it_again(meeting):
    room = made(meeting, "closed", meeting.bob)
    does(meeting, company.leave, meeting.bob, room)
    with meeting.db.reading() as c:
        assert company.elsewhere(c, meeting.bob) == []
    for room_id in (room.id, 4711):
        with pytest.raises(Missing):
            does(meeting, company.enter, meeting.bob, room_id)


def test_nobody_leaves_the_lobby(meeting):
    with pytest.raises(Forbidden):
        does(meeting, company.leave, meeting.bob, meeting.room)
