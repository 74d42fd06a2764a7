"""What a page of a room shows, and what has changed since: exact by construction.

A cursor is a revision of the room, never a clock and never the id of a message.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from parley.store import tables
from parley.store.backups import AHEAD
from parley.talk import memory, reading
from parley.talk.clock import Variant
from parley.talk.reading import Message
from parley.talk.revocations import Revocation
from parley.talk.rooms import Room

PAGE = 50  # messages of one view
CATCH_UP = 200  # changes that one answer brings; beyond that the list is shown anew
MANY = 1000  # missed messages that are counted: a million would take a fifth of a second

Some = tuple[list[Message], bool]  # messages, and whether there are more
Seen = tuple[Variant, int]  # what a page shows: how times are read, and up to which revision

_of = tables.messages.c
_end = memory.Stretch(upwards=True)
_above = memory.Stretch(_of.id < bindparam("id"), upwards=True)
_below = memory.Stretch(_of.id >= bindparam("id"))
_in_flow = _of.apart.is_(False)
_last = select(_of.id).where(_of.room_id == bindparam("room"), _in_flow).order_by(_of.id.desc())
edge = _last.offset(PAGE - 1).limit(1)  # the first message in view at the end of a room
_around = memory.Neighbours(_above, _below)
_made_after = memory.Stretch(_of.made > bindparam("revision"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring messages of a room, and whether there are others before and after them.

    `mark` stands for all that these messages show, and for no others.
    """

    messages: list[Message]
    older: bool
    newer: bool
    mark: tuple = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class News:
    """All that happened in a room after a revision, up to `revision`.

    Either `new` and `changed` messages, or, when too much was missed, the newest `stretch`
    with the number of messages `missed`, which is counted up to a thousand (`and_more`).
    `head`: what stands above the messages is another, too.
    """

    revision: int
    new: list[Message]
    changed: list[Message]
    stretch: Stretch | None = None
    missed: int = 0
    and_more: bool = False
    head: bool = False

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.stretch or self.head)


@dataclass(frozen=True, slots=True)
class Shared:
    """News as they are sent to everybody who has seen the same: rendered once.

    No bytes when nothing is new. `compressed` is the same with gzip, empty when that is not
    worth it; `revoked` are the revocations that the same reading has seen. With `head` the list
    of rooms at the side is another as well.
    """

    revision: int
    body: bytes
    compressed: bytes
    revoked: list[Revocation]
    head: bool = False


def newest(c: Connection, room: Room) -> Stretch:
    """The end of the room."""
    return before(c, room, None)


def standing(c: Connection, room: Room) -> list[Message]:
    """The newest messages that nobody has deleted, the newest first."""
    return _some(c, room, PAGE, _of.deleted_at.is_(None), _in_flow, order=_of.id.desc())[0]


def before(c: Connection, room: Room, message_id: int | None, limit: int = PAGE) -> Stretch:
    """What stands just before a message (or at the end)."""
    if message_id is None:
        kept = _end.read(c, room.id, limit)
    else:
        kept = _above.read(c, room.id, limit, id=message_id)
    return Stretch(kept.messages, kept.more, message_id is not None, kept.mark)


def around(c: Connection, room: Room, message_id: int) -> Stretch:
    """A message with its neighbours on both sides."""
    above, below = _around.read(c, room.id, PAGE // 2, id=message_id)
    mark = above.mark, below.mark
    return Stretch(above.messages + below.messages, above.more, below.more, mark)


def is_near_end(c: Connection, room: Room, message_id: int) -> bool:
    """Whether a message is among the newest, which one view shows."""
    return (c.scalar(edge, {"room": room.id}) or 0) <= message_id


def since(c: Connection, room: Room, revision: int) -> Stretch:
    """The first messages made after a revision: where a reader was away. With none, the end."""
    below = _made_after.read(c, room.id, PAGE, revision=revision)
    if not below.messages:
        return newest(c, room)
    older = before(c, room, below.messages[0].id, 1).messages
    return Stretch(below.messages, bool(older), below.more, below.mark)


def first_since(c: Connection, room: Room, moment: datetime) -> int | None:
    """The id of the first message posted at a moment or after it."""
    later = _of.room_id == room.id, _of.posted_at >= moment, _in_flow
    return c.scalar(select(_of.id).where(*later).order_by(_of.posted_at, _of.id).limit(1))


def changes(c: Connection, room: Room, after: int, limit: int) -> Some:
    """For programs: up to `limit` messages changed after a revision, by last change; more left?

    Tombstones are among them. The cursor for the next call is the revision of the last one.
    """
    return _some(c, room, limit, _of.revision > after, order=_of.revision)


def news(c: Connection, room: Room, after: int) -> News:
    """What to tell a page that has seen everything up to `after`.

    A restored backup is a million revisions ahead, less what was lost; a cursor from the future
    comes from a room that was put back by other means. Both count as too far behind.
    """
    if after == room.revision:
        return News(room.revision, [], [])
    found, more = changes(c, room, after, CATCH_UP)
    head = after < room.head
    if more or not 0 < room.revision - after < AHEAD // 2:
        made = _of.room_id == room.id, _of.made > after, _in_flow
        some = select(_of.id).where(*made).limit(MANY + 1)
        count = c.scalar(select(func.count()).select_from(some.subquery())) or 0
        missed = min(count, MANY), count > MANY
        return News(room.revision, [], [], newest(c, room), *missed, head=True)
    found.sort(key=lambda message: message.id)
    new = [message for message in found if message.made > after]
    changed = [message for message in found if message.made <= after]
    return News(room.revision, new, changed, head=head)


def _some(c: Connection, room: Room, limit: int, *which, order=_of.id) -> Some:
    found = reading.read(c, _of.room_id == room.id, *which, order=order, limit=limit + 1)
    return found[:limit], len(found) > limit
