"""Who is in a room, and how far they have read."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing
from parley.talk import company, memberships, messages, people, rooms, sanctions
from tests.meeting import Meeting, at_once

OF = tables.memberships.c


def make(meeting: Meeting, kind: str) -> int:
    with meeting.db.writing() as c:
        return rooms.make(c, meeting.ann, "Garden", kind=kind)


def removed(meeting: Meeting, room_id: int, until: datetime) -> None:
    with meeting.db.writing() as c:
        theirs = (OF.room_id == room_id, OF.person_id == meeting.bob.id)
        c.execute(update(tables.memberships).where(*theirs).values(out_until=until))


def sees(meeting: Meeting, who: people.Person, room_id: int) -> bool:
    with meeting.db.reading() as c:
        listed = room_id in [room.id for room in rooms.seen_by(c, who)]
        try:
            found = bool(rooms.get(c, who, room_id))
        except Missing:
            found = False
    assert listed == found
    return found


@pytest.mark.parametrize("kind", memberships.FOR_ALL)
def test_an_open_room_has_everybody_also_who_comes_later(meeting, kind):
    room_id = make(meeting, kind)
    with meeting.db.writing() as c:
        carla = people.join(c, "Carla", None)
        assert memberships.count(c, room_id) == 4
    assert sees(meeting, meeting.bob, room_id) and sees(meeting, carla, room_id)


def test_a_closed_room_has_its_maker_and_whom_one_brings(meeting):
    room_id = make(meeting, "closed")
    assert sees(meeting, meeting.ann, room_id)
    assert not sees(meeting, meeting.bob, room_id) and not sees(meeting, meeting.miriam, room_id)
    with meeting.db.writing() as c:
        memberships.bring(c, room_id, [meeting.bob.id, meeting.ann.id])
        memberships.bring(c, room_id, [meeting.bob.id])  # once more is not twice
        assert memberships.count(c, room_id) == 2
        people.join(c, "Carla", None)
        assert memberships.count(c, room_id) == 2
    assert sees(meeting, meeting.bob, room_id)


def test_who_comes_and_a_room_that_is_made_at_the_same_moment_find_each_other(meeting):
    def comes(number: int):
        def come() -> None:
            with meeting.db.writing() as c:
                people.join(c, f"Newcomer {number}", None)

        return come

    acts = [act for number in range(4) for act in (comes(number), lambda: make(meeting, "open"))]
    assert [one for one in at_once(*acts) if isinstance(one, Exception)] == []
    with meeting.db.reading() as c:
        everybody = people.count(c)
        assert everybody == 7
        for room_id, _ in rooms.revisions(c):
            assert memberships.count(c, room_id) == everybody


def test_who_was_removed_does_not_see_it_until_the_end(meeting):
    removed(meeting, rooms.LOBBY, datetime.now(UTC) + timedelta(minutes=1))
    assert not sees(meeting, meeting.bob, rooms.LOBBY)
    with meeting.db.reading() as c:
        assert memberships.count(c, rooms.LOBBY) == 2
    removed(meeting, rooms.LOBBY, datetime.now(UTC) - timedelta(minutes=1))
    assert sees(meeting, meeting.bob, rooms.LOBBY)


def test_who_is_out_of_the_space_cannot_read_it_and_is_not_counted(meeting):
    for act in (sanctions.ban, lambda *who: sanctions.remove(*who, "day")):
        with meeting.db.writing() as c:
            act(c, meeting.miriam, meeting.bob)
            assert memberships.count(c, rooms.LOBBY) == 2
            present = company.present(c, rooms.get(c, meeting.ann, rooms.LOBBY))
            assert [one.name for one in present] == ["Ann", "Miriam"]
            sanctions.readmit(c, meeting.miriam, meeting.bob)
            assert memberships.count(c, rooms.LOBBY) == 3


def test_what_was_said_before_one_came_counts_as_read_and_reading_only_goes_on(meeting):
    meeting.says(meeting.ann, "before")
    with meeting.db.writing() as c:
        carla = people.join(c, "Carla", None)
        mark = select(OF.seen).where(OF.person_id == carla.id)
        assert c.scalar(mark) == 1
        assert memberships.has_seen(c, carla.id, rooms.LOBBY, 5)
        assert not memberships.has_seen(c, carla.id, rooms.LOBBY, 5)
        assert not memberships.has_seen(c, carla.id, rooms.LOBBY, 3)
        assert c.scalar(mark) == 5


def refused(meeting: Meeting, who: people.Person, room_id: int) -> str:
    with meeting.db.writing() as c:
        who, room = people.get(c, who.id), rooms.get(c, who, room_id)
        try:
            messages.post(c, room, who, messages.draft("hello", ""))
        except Forbidden as wrong:
            return wrong.sentence
    return ""


def put(meeting: Meeting, table, row: int, **values) -> None:
    with meeting.db.writing() as c:
        c.execute(update(table).where(table.c.id == row).values(values))


def test_in_an_announcement_its_maker_and_moderators_write(meeting):
    room_id = make(meeting, "announcement")
    assert "write here" in refused(meeting, meeting.bob, room_id)
    assert not refused(meeting, meeting.ann, room_id)
    assert not refused(meeting, meeting.miriam, room_id)


def test_in_a_locked_room_only_moderators_write_and_in_an_archived_one_nobody(meeting):
    put(meeting, tables.rooms, rooms.LOBBY, locked_at=datetime.now(UTC))
    assert "write here" in refused(meeting, meeting.bob, rooms.LOBBY)
    assert not refused(meeting, meeting.miriam, rooms.LOBBY)
    put(meeting, tables.rooms, rooms.LOBBY, archived_at=datetime.now(UTC))
    assert "archived" in refused(meeting, meeting.miriam, rooms.LOBBY)


def test_who_is_muted_does_not_write_until_the_end(meeting):
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    put(meeting, tables.people, meeting.bob.id, muted_until=now + minute)
    assert "muted" in refused(meeting, meeting.bob, rooms.LOBBY)
    put(meeting, tables.people, meeting.bob.id, muted_until=now - minute)
    assert not refused(meeting, meeting.bob, rooms.LOBBY)
