"""What a page of a room shows, and what has changed since: exact by construction.

A cursor is a revision of the room, never a clock and never the id of a message.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from parley.store import tables
from parley.talk import messages
from parley.talk.rooms import Room

PAGE = 50  # messages of one view
CATCH_UP = 200  # changes that one answer brings; beyond that the list is shown anew

_of = tables.messages.c


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring messages of a room, and whether there are others before and after them."""

    messages: list[messages.Message]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True)
class News:
    """All that happened in a room after a revision, up to `revision`.

    Either `new` and `changed` messages, or, when too much was missed, the newest `stretch`
    with the number of messages `missed`.
    """

    revision: int
    new: list[messages.Message]
    changed: list[messages.Message]
    stretch: Stretch | None = None
    missed: int = 0

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.stretch)


def newest(c: Connection, room: Room, limit: int = PAGE) -> Stretch:
    """The end of the room."""
    return before(c, room, None, limit)


def standing(c: Connection, room: Room) -> list[messages.Message]:
    """The newest messages that nobody has deleted, the newest first."""
    here = (_of.room_id == room.id, _of.deleted_at.is_(None))
    return messages.read(c, *here, order=_of.id.desc(), limit=PAGE)


def before(c: Connection, room: Room, message_id: int | None, limit: int = PAGE) -> Stretch:
    """What stands just before a message (or at the end)."""
    which = () if message_id is None else (_of.id < message_id,)
    found = messages.read(c, _of.room_id == room.id, *which, order=_of.id.desc(), limit=limit + 1)
    return Stretch(found[:limit][::-1], len(found) > limit, message_id is not None)


def around(c: Connection, room: Room, message_id: int) -> Stretch:
    """A message with its neighbours on both sides."""
    above = before(c, room, message_id, PAGE // 2)
    below = messages.read(c, _of.room_id == room.id, _of.id >= message_id, limit=PAGE // 2 + 1)
    return Stretch(above.messages + below[: PAGE // 2], above.older, len(below) > PAGE // 2)


def since(c: Connection, room: Room, revision: int) -> Stretch:
    """The first messages made after a revision: where a reader was away. With none, the end."""
    below = messages.read(c, _of.room_id == room.id, _of.made > revision, limit=PAGE + 1)
    if not below:
        return newest(c, room)
    older = bool(before(c, room, below[0].id, 1).messages)
    return Stretch(below[:PAGE], older, len(below) > PAGE)


def changes(
    c: Connection, room: Room, after: int, limit: int
) -> tuple[list[messages.Message], bool]:
    """For programs: up to `limit` messages changed after a revision, by last change; more left?

    Tombstones are among them. The cursor for the next call is the revision of the last one.
    """
    found = messages.read(
        c, _of.room_id == room.id, _of.revision > after, order=_of.revision, limit=limit + 1
    )
    return found[:limit], len(found) > limit


def news(c: Connection, room: Room, after: int) -> News:
    """What to tell a page that has seen everything up to `after`.

    A cursor from the future (a restored backup) counts as too far behind.
    """
    if after == room.revision:
        return News(room.revision, [], [])
    here = _of.room_id == room.id
    changes = messages.read(c, here, _of.revision > after, limit=CATCH_UP + 1)
    if after > room.revision or len(changes) > CATCH_UP:
        count = select(func.count()).where(here, _of.made > after)
        return News(room.revision, [], [], newest(c, room), c.scalar(count) or 0)
    return News(
        room.revision,
        [message for message in changes if message.made > after],
        [message for message in changes if message.made <= after],
    )
