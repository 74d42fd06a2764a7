"""Looking after a room: its name and kind, archive, lock, and its end."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from parley.store import tables
from parley.store.errors import Forbidden, Wrong
from parley.talk import company, log, memberships, people, revocations, roles, rooms, text
from parley.talk.company import must_change

_of = tables.rooms.c
BESIDE = tables.reactions, tables.notices, tables.versions  # what belongs to a message
Said = tuple[str, str, str]  # name, topic, kind
MARKS = {  # the act: what it sets, or takes away, and as what it is noted
    "archive": ("archived_at", True, "archived {room}"),
    "unarchive": ("archived_at", False, "brought back {room}"),
    "lock": ("locked_at", True, "locked {room}"),
    "unlock": ("locked_at", False, "unlocked {room}"),
}


def describe(
    c: Connection, me: people.Person, room: rooms.Room, said: Said, staying: Collection[int] = ()
) -> int:
    """Give the room another name, topic and kind; return a revocation's number, or 0.

    Who is in a room that becomes closed is `staying`, and whoever closes it; the others are out
    at once. In one that becomes open is everybody who was not removed. Raises Forbidden or Wrong.
    """
    memberships.lock(c)
    room = rooms.get(c, me, room.id)  # as it is from now until the commit
    must_change(me, room)
    row = rooms.described(*said)
    _set(c, room, row)
    words = f"{room.name} ({room.kind}) is now {row['name']} ({row['kind']})"
    log.note(c, me, "changed {room}", room_id=room.id, words=words)
    was_for_all, is_for_all = (one in memberships.FOR_ALL for one in (room.kind, row["kind"]))
    if is_for_all and not was_for_all:
        memberships.bring_everybody(c, room.id)
    if was_for_all and not is_for_all:
        return _close(c, me, room, staying)
    return 0


def _close(c: Connection, me: people.Person, room: rooms.Room, staying: Collection[int]) -> int:
    _must_not_be_lobby(room)
    if not set(staying) - {me.id}:
        raise Wrong("Choose who stays. All others are out at once.", "people")
    memberships.keep_only(c, room.id, {me.id, *staying})
    return revocations.add(c, room_id=room.id)


def mark(c: Connection, me: people.Person, room: rooms.Room, act: str) -> None:
    """Archive the room, which can then only be read, or lock it: one of MARKS. Raises Forbidden."""
    column, on, noted = MARKS[act]
    if column == "locked_at":
        roles.must(me, "lock a room")
    else:
        _must_not_be_lobby(room)
    must_change(me, room)
    _set(c, room, {column: datetime.now(UTC) if on else None})
    log.note(c, me, noted, room_id=room.id, words=room.name)


def find(c: Connection, me: people.Person, room_id: int) -> rooms.Room:
    """A room that one is in, or that nobody is in and one may delete. Raises Missing."""
    deserted = (room for room in company.deserted(c, me) if room.id == room_id)
    return next(deserted, None) or rooms.get(c, me, room_id)


def _set(c: Connection, room: rooms.Room, row: dict[str, Any]) -> None:
    c.execute(update(tables.rooms).where(_of.id == room.id).values(row))
    rooms.set_head(c, room.id, rooms.advance(c, room.id))


def must_delete(me: people.Person, room: rooms.Room) -> None:
    """Raise Forbidden unless the person may delete the room."""
    roles.must(me, "delete a room")
    must_change(me, room)
    _must_not_be_lobby(room)


def delete_all(c: Connection, me: people.Person, room: rooms.Room, name: str) -> int:
    """End the room and all that was said in it; return the revocation's number.

    `name` is typed to be sure. Raises Forbidden or Wrong. Files go when the attic is swept.
    """
    must_delete(me, room)
    if text.folded(text.clean(name)) != text.folded(room.name):
        raise Wrong(f"That is not its name. Type: {room.name}", "name")
    memberships.lock(c)
    rooms.lock(c, room.id)  # posts under way end first, or find no room
    said = select(tables.messages.c.id).where(tables.messages.c.room_id == room.id)
    for table in (tables.reports, *BESIDE):
        c.execute(delete(table).where(table.c.message_id.in_(said)))
    by_room = tables.searched, tables.messages, tables.memberships, tables.link_rooms
    for table in (tables.files, tables.drafts, *by_room):
        c.execute(delete(table).where(table.c.room_id == room.id))
    c.execute(delete(tables.rooms).where(_of.id == room.id))
    log.note(c, me, "deleted {room}", room_id=room.id, words=room.name)
    return revocations.add(c, room_id=room.id)


def _must_not_be_lobby(room: rooms.Room) -> None:
    if room.id == rooms.LOBBY:
        raise Forbidden("The Lobby is where everybody arrives, so it stays, and stays open.")
