"""Pinned messages: what a room keeps at hand."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from parley.store import tables
from parley.store.errors import Wrong
from parley.talk import messages, people, reading, roles, rooms
from parley.talk.reading import Message

MOST = 50  # of one room

_of = tables.messages.c


def may_pin(person: people.Person, room: rooms.Room) -> bool:
    """Whether the person pins here: moderators, who made the room, in a conversation everybody."""
    return room.is_direct or roles.may(person, "pin a message", room.made_by)


def pin(c: Connection, message: Message, person: people.Person) -> Message:
    """Keep it at hand. Raises Forbidden, and Wrong when the room has enough of them."""
    message, room = _at_last(c, message, person)
    if message.pinned_at:
        return message
    if room.pins >= MOST:
        raise Wrong(f"{MOST} messages are pinned here, the most. Unpin one first.")
    return _change(c, message, pinned_at=datetime.now(UTC), pinned_by=person.id)


def unpin(c: Connection, message: Message, person: people.Person) -> Message:
    """Keep it at hand no more. Raises Forbidden."""
    message, _ = _at_last(c, message, person)
    return _change(c, message, **messages.UNPINNED) if message.pinned_at else message


def listed(c: Connection, room: rooms.Room) -> list[Message]:
    """All pinned messages of a room, the one pinned last first."""
    pinned = _of.room_id == room.id, _of.pinned_at.is_not(None)
    return reading.read(c, *pinned, order=_of.pinned_at.desc())


def _at_last(c: Connection, message: Message, me: people.Person) -> tuple[Message, rooms.Room]:
    message = messages.at_last(c, message)
    messages.must_stand(message)
    room = rooms.get(c, me, message.room_id)
    if not room.is_direct:
        roles.must(me, "pin a message", room.made_by)
    rooms.must_react(c, me, room)
    return message, room


def _change(c: Connection, message: Message, **values) -> Message:
    message = messages.change(c, message, **values)
    rooms.set_head(c, message.room_id, message.revision)
    return message
