"""Trays: what somebody has sent up in a room and not posted yet, one tray for each person and room.

A file in it belongs to no message. Posting gives it one (talk/messages.py asks `attach`). Not for
taking files in (talk/uploads.py), nor for sweeping what has waited too long.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.errors import Conflict, Wrong
from parley.talk import people, roles, rooms, text
from parley.talk.reading import File, Message
from parley.talk.uploads import MOST, Upload

KEY, ALT = 64, 1000  # characters of an upload's key, of what can be seen
ELSEWHERE = "This was sent to another room already."
TOO_MANY = f"{MOST} files are the most in one message. Send those first."

_of = tables.files.c
_own = _of.person_id == bindparam("person"), _of.room_id == bindparam("room")
_waiting = *_own, _of.message_id.is_(None)
_tray = select(*_of).where(*_waiting).order_by(_of.place, _of.id)
_one = *_waiting, _of.id == bindparam("file")
_drop = delete(tables.files).where(*_one)


def of(c: Connection, me: people.Person, room_id: int) -> list[File]:
    """What waits there, in the order in which it will be sent."""
    return [File(*row) for row in c.execute(_tray, {"person": me.id, "room": room_id})]


def sent_before(c: Connection, me: people.Person, room_id: int, key: str) -> File | None:
    """What came up with this key already, posted or not.

    Raises Wrong for what can be no key, Conflict for one that came with a file of another room.
    """
    key = checked(key)
    found = c.execute(select(*_of).where(_of.person_id == me.id, _of.key == key)).first()
    if not key or not found:
        return None
    if found.room_id != room_id:
        raise Conflict(ELSEWHERE, "key")
    return File(*found)


def waiting(c: Connection, me: people.Person, file_id: int) -> File | None:
    """A file that waits in a tray of this person, in a room they are still in."""
    theirs = _of.id == file_id, _of.person_id == me.id, _of.message_id.is_(None)
    if found := c.execute(select(*_of).where(*theirs)).first():
        rooms.get(c, me, found.room_id)
        return File(*found)
    return None


def checked(key: str) -> str:
    """The key of one upload. Raises Wrong."""
    if len(key) > KEY:
        raise Wrong(f"A key has at most {KEY} characters.", "key")
    if key.isdigit():  # a post that names it would mean an id
        raise Wrong("A key is not made of digits alone.", "key")
    return text.clean(key)


def key_for(form: str, place: int, upload: Upload) -> str:
    """The key of a file that came with others in a form: the same form again brings it once."""
    return "form-" + hashlib.sha256(f"{form} {place} {upload.sent}".encode()).hexdigest()[:32]


def must_take(c: Connection, me: people.Person, room: rooms.Room, least: str) -> None:
    """Raise Forbidden unless the person sends files there, Wrong if no more fit into the tray.

    `least` is the role that the space asks for.
    """
    roles.must(me, "send files", least=least)
    rooms.must_write(c, me, room)
    if len(of(c, me, room.id)) >= MOST:
        raise Wrong(TOO_MANY, "file")


def add(c: Connection, me: people.Person, room: rooms.Room, upload: Upload, key: str = "") -> File:
    """Put it behind what waits there. The same key again gives the same file: a lost answer.

    Raises Wrong when the tray is full, Missing for who has left the room while it went up, and
    what `sent_before` does.
    """
    rooms.lock(c, room.id)
    rooms.get(c, me, room.id)
    if known := sent_before(c, me, room.id, key):
        return known
    waiting = of(c, me, room.id)
    if len(waiting) >= MOST:
        raise Wrong(TOO_MANY, "file")
    place = waiting[-1].place + 1 if waiting else 0
    try:
        return keep(c, me.id, room.id, upload, place=place, key=checked(key) or None)
    except IntegrityError:  # at the same moment, to another room
        raise Conflict(ELSEWHERE, "key") from None


def keep(c: Connection, person_id: int, room_id: int, upload: Upload, **values: Any) -> File:
    """Write a file down that has been taken in; `values` are those of other columns."""
    row: dict[str, Any] = {"person_id": person_id, "room_id": room_id} | upload.row()
    row |= {"made_at": datetime.now(UTC)} | values
    [kept] = c.execute(insert(tables.files).values(row).returning(*_of))
    return File(*kept)


def move(
    c: Connection, me: people.Person, room_id: int, file_id: int, by: int, among: Sequence[int]
) -> File | None:
    """Let it change places with the one before it (`by` -1) or after it (1); returns that one.

    Of `among` only, unless that is empty: what a page shows beside each other, in its order. An
    upload that is tried again keeps its place there, and comes last here. None where there was
    none.
    """
    rooms.lock(c, room_id)
    here = {one.id: one for one in of(c, me, room_id)}
    ids = [one for one in dict.fromkeys(among) if one in here] or list(here)
    at = ids.index(file_id) if file_id in ids else -1
    if at < 0 or not 0 <= at + by < len(ids):
        return None
    places = sorted(here[one].place for one in ids)
    ids[at], ids[at + by] = ids[at + by], ids[at]
    for one, place in zip(ids, places, strict=True):
        c.execute(update(tables.files).where(_of.id == one).values(place=place))
    return here[ids[at]]


def describe(c: Connection, me: people.Person, room_id: int, file_id: int, alt: str) -> None:
    """Say what can be seen. Too late for what is posted: the post brought the words along."""
    rooms.lock(c, room_id)
    values = {"person": me.id, "room": room_id, "file": file_id}
    c.execute(update(tables.files).where(*_one).values(alt=seen(file_id, alt)), values)


def seen(file_id: int, alt: str) -> str:
    """What can be seen on a picture, on one line. Raises Wrong about its field."""
    return text.line(alt, f"alt-{file_id}", ALT)


def remove(c: Connection, me: people.Person, room_id: int, file_id: int) -> None:
    """Take it out, if it is still there."""
    rooms.lock(c, room_id)
    c.execute(_drop, {"person": me.id, "room": room_id, "file": file_id})


def named(
    c: Connection, me: people.Person, room_id: int, tray: Iterable[int | str]
) -> tuple[int, ...]:
    """The ids of files that a post names, by id or by the key they came up with.

    Raises Wrong for a key with which nothing came up: that upload was cut, or refused.
    """
    files = [sent_before(c, me, room_id, one) if isinstance(one, str) else one for one in tray]
    if None in files:
        raise Wrong("A file has not gone up. Try it again or take it out, then send.", "tray")
    return tuple(dict.fromkeys(one.id if isinstance(one, File) else one for one in files if one))


def attach(
    c: Connection, message: Message, ids: Iterable[int], alts: Mapping[int, str]
) -> tuple[File, ...]:
    """Let these files leave the tray of the message's author for the message, in this order.

    Raises Wrong when one of them is no longer in it.
    """
    files: list[File] = []
    for place, one in enumerate(ids):
        values: dict[str, Any] = {"message_id": message.id, "place": place}
        values |= {"alt": seen(one, alts[one])} if one in alts else {}
        theirs = {"person": message.author_id, "room": message.room_id, "file": one}
        posted = update(tables.files).where(*_one).values(values).returning(*_of)
        if not (found := c.execute(posted, theirs).first()):
            raise Wrong("A file is no longer here to be sent. Your text is still here.", "tray")
        files.append(File(*found))
    return tuple(files)
