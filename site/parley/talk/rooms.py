"""Rooms, and the counter that makes the feed exact."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from parley.store import tables
from parley.store.errors import Missing
from parley.store.prepared import Prepared
from parley.talk import people, text

_of = tables.rooms.c

LOBBY = 1


@dataclass(frozen=True, slots=True)
class Room:
    """A place to talk in."""

    id: int
    name: str
    topic: str
    revision: int


_rooms = select(_of.id, _of.name, _of.topic, _of.revision).order_by(_of.id)
_this = _of.id == bindparam("room")
_room, _all = Prepared(_rooms.where(_this)), Prepared(_rooms)
_lock = select(_of.id).where(_this).with_for_update()
_raise = update(tables.rooms).where(_this).values(revision=_of.revision + 1).returning(_of.revision)
_revisions = select(_of.id, _of.revision)


def make(c: Connection, person: people.Person, name: str, topic: str = "") -> int:
    """A new room; return its id."""
    row = {"name": text.name(name, most=60), "topic": text.line(topic, "topic", 250)}
    made = {"kind": "open", "made_by": person.id, "made_at": datetime.now(UTC)}
    return c.scalar(insert(tables.rooms).values(row | made).returning(_of.id))


def get(c: Connection, person: people.Person, room_id: int) -> Room:
    """A room that this person may see. Raises Missing."""
    if room := find(c, room_id):
        return room
    raise Missing()


def find(c: Connection, room_id: int) -> Room | None:
    """A room, whoever asks: for bytes that go to those only who may see it."""
    row = _room.first(c, room=room_id)
    return Room(*row) if row else None


def seen_by(c: Connection, person: people.Person) -> list[Room]:
    """All rooms that this person may see, the oldest first."""
    return [Room(*row) for row in _all.all(c)]


def revisions(c: Connection) -> list[tuple[int, int]]:
    """Id and revision of every room."""
    return list(c.execute(_revisions))


def lock(c: Connection, room_id: int) -> None:
    """One transaction at a time changes a room: PostgreSQL locks the row, SQLite everything."""
    c.execute(_lock, {"room": room_id})


def advance(c: Connection, room_id: int) -> int:
    """Raise the room's revision and return it.

    The row stays locked until the commit, so commits happen in the order of revisions and a
    reader can never see revision 8 before 7 is there.
    """
    if revision := c.scalar(_raise, {"room": room_id}):
        return revision
    raise Missing()
