"""Messages: posting, editing, deleting, bringing back.

Every change takes the room's next revision, so the feed can hand it on exactly once.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.errors import Conflict, Forbidden, Wrong
from parley.talk import drafts, log, people, roles, rooms, text
from parley.talk.reading import File, Message, get
from parley.talk.uploads import Upload

GROUP = timedelta(minutes=5)  # within it, messages of one person stand together
KEY = 64  # characters of an idempotency key
NEAR = 500  # messages among which one's last one is looked for

_of = tables.messages.c
_in_room = select(_of.author_id, _of.posted_at).where(_of.room_id == bindparam("room"))
_last = _in_room.order_by(_of.id.desc()).limit(1)
_insert = insert(tables.messages).returning(_of.id)
_earlier = select(_of.id).where(
    _of.author_id == bindparam("author"),
    _of.key == bindparam("key"),
    _of.digest == bindparam("digest"),
)
_room_of = select(_of.room_id).where(_of.id == bindparam("message"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way in; the files are stored already."""

    text: str
    key: str | None = None
    uploads: tuple[Upload, ...] = ()


def new_key() -> str:
    """A key for one submission, made by the server for pages without scripts."""
    return secrets.token_urlsafe(12)


def draft(words: str, key: str, uploads: Sequence[Upload] = ()) -> Draft:
    """Check what was typed. Raises Wrong."""
    if len(key) > KEY:
        raise Wrong(f"A key has at most {KEY} characters.", "key")
    return Draft(text.message(words, bool(uploads)), text.clean(key) or None, tuple(uploads))


def post(c: Connection, room: rooms.Room, author: people.Person, new: Draft) -> Message:
    """Say it. The same key with the same content again gives the message as it is now.

    Raises Forbidden when the author may not write there, Conflict when the key was used for
    something else.
    """
    rooms.lock(c, room.id)
    # What the key stands for: the room, words and files as first sent.
    content = [room.id, new.text, [(upload.name, upload.sent) for upload in new.uploads]]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    again = {"author": author.id, "key": new.key, "digest": digest}
    if new.key and (earlier := c.scalar(_earlier, again)):
        return get(c, earlier)
    rooms.must_write(c, author, room)
    revision, now = rooms.advance(c, room.id), datetime.now(UTC)
    last = c.execute(_last, {"room": room.id}).first()
    # The clock may have stepped back: then the difference is negative and says nothing.
    passed = now - last.posted_at if last and last.author_id == author.id else GROUP
    row: dict[str, Any] = {
        "room_id": room.id,
        "author_id": author.id,
        "text": new.text,
        "posted_at": now,
    }
    row |= {"made": revision, "revision": revision, "key": new.key, "digest": digest}
    row |= {"follows": timedelta(0) <= passed < GROUP, "previous_at": last and last.posted_at}
    try:
        message_id = c.scalar(_insert, row)
    except IntegrityError:  # an author's key is unique: it stands for something else already
        sentence = "This was changed after it had been sent. Send it as a new message."
        raise Conflict(sentence, "key") from None
    drafts.drop(c, author.id, room.id)
    said = Message(message_id, **row, author=author.name, picture=author.picture)
    files = tuple(_keep(c, said, upload) for upload in new.uploads)
    return replace(said, files=files) if files else said


def _keep(c: Connection, message: Message, upload: Upload) -> File:
    row: dict[str, Any] = {"message_id": message.id} | upload.row()
    file_id = c.scalar(insert(tables.files).values(row).returning(tables.files.c.id))
    return File(file_id, **row)


def edit(c: Connection, message: Message, person: people.Person, words: str) -> Message:
    """Put other words in its place; "edited" says so. Raises Forbidden or Wrong."""
    _must_be_own(message, person)
    if message.deleted_at:
        raise Forbidden("This message was deleted.")
    rooms.must_write(c, person, rooms.get(c, person, message.room_id))
    words = text.message(words, empty_is_fine=bool(message.files))
    if words == message.text:
        return message
    return _change(c, message, text=words, edited_at=datetime.now(UTC))


def remove(c: Connection, message: Message, person: people.Person) -> Message:
    """Leave a tombstone in its place. Raises Forbidden."""
    roles.must(person, "delete a message", message.author_id)
    message = _at_last(c, message)
    if message.deleted_at:
        return message
    _note(c, person, "deleted a message of {person}", message)
    return _change(c, message, deleted_at=datetime.now(UTC), deleted_by=person.id)


def restore(c: Connection, message: Message, person: people.Person) -> Message:
    """Undo one's deletion, within ten minutes. Raises Forbidden."""
    message = _at_last(c, message)
    if person.id != (message.deleted_by or message.author_id):
        raise Forbidden("Only who deleted a message can bring it back.")
    roles.must(person, "delete a message", message.author_id)
    if not message.deleted_at:
        return message
    if not message.may_be_restored:
        raise Forbidden("This can no longer be brought back: ten minutes have passed.")
    _note(c, person, "brought back a message of {person}", message)
    return _change(c, message, deleted_at=None, deleted_by=None)


def last_of(c: Connection, person: people.Person, room: rooms.Room) -> int | None:
    """The id of the last message of somebody in a room, among the newest that a page may show."""
    newest = select(tables.messages).where(_of.room_id == room.id).order_by(_of.id.desc())
    near = newest.limit(NEAR).subquery().c
    theirs = select(near.id).where(near.author_id == person.id, near.deleted_at.is_(None))
    return c.scalar(theirs.where(near.apart.is_(False)).order_by(near.id.desc()).limit(1))


def lock(c: Connection, message_id: int) -> None:
    """One transaction at a time changes the message, or anything else in its room."""
    rooms.lock(c, c.scalar(_room_of, {"message": message_id}) or 0)


def _change(c: Connection, message: Message, **values) -> Message:
    values["revision"] = rooms.advance(c, message.room_id)
    c.execute(update(tables.messages).where(_of.id == message.id).values(values))
    return get(c, message.id)


def _at_last(c: Connection, message: Message) -> Message:
    """As it is until the commit: of two who delete it at once, the second finds it deleted."""
    rooms.lock(c, message.room_id)
    return get(c, message.id)


def _note(c: Connection, person: people.Person, act: str, message: Message) -> None:
    """What is done to another's message is for the log."""
    if person.id != message.author_id:
        about = {"person_id": message.author_id, "room_id": message.room_id}
        log.note(c, person, act, **about, message_id=message.id, words=message.text)


def _must_be_own(message: Message, person: people.Person) -> None:
    if message.author_id != person.id:
        raise Forbidden("Only who wrote a message can change it.")
