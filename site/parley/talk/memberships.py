"""Memberships: who is in a room, and so may see it; how far they have read.

Being in a room is a row here. Open rooms and announcements have one for everybody who has not
left; whoever was removed keeps theirs with the moment until which it gives nothing.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from parley.store import tables
from parley.store.tables import UTCDateTime

_of, _room, _person = tables.memberships.c, tables.rooms.c, tables.people.c
FOR_ALL = ("open", "announcement")  # kinds of rooms that everybody is in


def is_in(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a membership gives anything: nobody has taken it away, or that has ended."""
    return or_(_of.out_until.is_(None), _of.out_until <= now)


_is_in = or_(_of.out_until.is_(None), _of.out_until <= bindparam("now", type_=UTCDateTime))
_count = select(func.count()).where(_of.room_id == bindparam("room"), _is_in)
_seen = (
    update(tables.memberships)
    .where(_of.person_id == bindparam("person"), _of.room_id == bindparam("room"))
    .where(_of.seen < bindparam("revision"))
    .values(seen=bindparam("revision"))
)


def enter_open_rooms(c: Connection, person_id: int) -> None:
    """Be in every room that is for all; what was said there before counts as read."""
    _enter(c, _room.kind.in_(FOR_ALL), _person.id == person_id)


def bring_everybody(c: Connection, room_id: int) -> None:
    """All who have not left the space are in the room."""
    _enter(c, _room.id == room_id, _person.left_at.is_(None))


def bring(c: Connection, room_id: int, people_ids: Collection[int]) -> None:
    """These are in the room too."""
    _enter(c, _room.id == room_id, _person.id.in_(people_ids), _person.left_at.is_(None))


def _enter(c: Connection, *which: ColumnElement[bool]) -> None:
    there = exists().where(_of.room_id == _room.id, _of.person_id == _person.id)
    now = literal(datetime.now(UTC), UTCDateTime)
    pairs = select(_room.id, _person.id, _room.revision, now)
    pairs = pairs.join_from(tables.rooms, tables.people, literal(True))
    names = ["room_id", "person_id", "seen", "joined_at"]
    c.execute(insert(tables.memberships).from_select(names, pairs.where(*which, ~there)))


def count(c: Connection, room_id: int) -> int:
    """How many people are in a room."""
    return c.scalar(_count, {"room": room_id, "now": datetime.now(UTC)}) or 0


def has_seen(c: Connection, person_id: int, room_id: int, revision: int) -> bool:
    """All of the room up to this revision has been read; whether that was news."""
    read = {"person": person_id, "room": room_id, "revision": revision}
    return c.execute(_seen, read).rowcount > 0


def have_seen(c: Connection, marks: dict[tuple[int, int], int]) -> None:
    """The same for many: the revisions by person and room."""
    # In one order, so that two processes that write at once do not wait for each other.
    told = sorted(marks.items())
    c.execute(_seen, [{"person": p, "room": r, "revision": seen} for (p, r), seen in told])
