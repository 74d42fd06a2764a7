"""Rooms, and the counter that makes the feed exact."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from parley.store import tables
from parley.store.errors import Missing
from parley.talk import people, text

LOBBY = 1


@dataclass(frozen=True, slots=True)
class Room:
    """A place to talk in."""

    id: int
    name: str
    topic: str
    revision: int


_columns = (
    tables.rooms.c.id,
    tables.rooms.c.name,
    tables.rooms.c.topic,
    tables.rooms.c.revision,
)


def make(c: Connection, person: people.Person, name: str, topic: str = "") -> int:
    """A new room; return its id."""
    return c.scalar(
        insert(tables.rooms)
        .values(
            name=text.name(name, most=60),
            topic=text.line(topic, "topic", 250),
            kind="open",
            made_by=person.id,
            made_at=datetime.now(UTC),
        )
        .returning(tables.rooms.c.id)
    )


def get(c: Connection, person: people.Person, room_id: int) -> Room:
    """A room that this person may see. Raises Missing."""
    row = c.execute(select(*_columns).where(tables.rooms.c.id == room_id)).first()
    if row is None:
        raise Missing()
    return Room(**row._mapping)


def seen_by(c: Connection, person: people.Person) -> list[Room]:
    """All rooms that this person may see, the oldest first."""
    return [
        Room(**row._mapping) for row in c.execute(select(*_columns).order_by(tables.rooms.c.id))
    ]


def revisions(c: Connection) -> list[tuple[int, int]]:
    """Id and revision of every room."""
    rows = c.execute(select(tables.rooms.c.id, tables.rooms.c.revision))
    return [(row.id, row.revision) for row in rows]


def lock(c: Connection, room_id: int) -> None:
    """One transaction at a time changes a room: PostgreSQL locks the row, SQLite everything."""
    c.execute(select(tables.rooms.c.id).where(tables.rooms.c.id == room_id).with_for_update())


def advance(c: Connection, room_id: int) -> int:
    """Raise the room's revision and return it.

    The row stays locked until the commit, so commits happen in the order of revisions and a
    reader can never see revision 8 before 7 is there.
    """
    revision = c.scalar(
        update(tables.rooms)
        .where(tables.rooms.c.id == room_id)
        .values(revision=tables.rooms.c.revision + 1)
        .returning(tables.rooms.c.revision)
    )
    if revision is None:
        raise Missing()
    return revision
