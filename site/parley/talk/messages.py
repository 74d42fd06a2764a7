"""Messages: posting, editing, deleting, and reading a stretch of a room.

Every change takes the room's next revision, so the feed can hand it on exactly once.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.errors import Conflict, Forbidden, Missing, Wrong
from parley.talk import people, rooms, text
from parley.talk.uploads import Upload

GROUP = timedelta(minutes=5)  # within it, messages of one person stand together
UNDO = timedelta(minutes=10)
KEY = 64  # characters of an idempotency key

OTHER = "This was changed after it had been sent. Send it as a new message."
NO_UNDO = "This can no longer be brought back: ten minutes have passed."


@dataclass(frozen=True, slots=True)
class File:
    """A photo or other file of a message."""

    id: int
    message_id: int
    name: str
    type: str
    size: int
    width: int | None
    height: int | None
    hash: str
    large: str | None
    thumb: str | None

    @property
    def is_photo(self) -> bool:
        """Whether it is shown as a picture."""
        return self.thumb is not None


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said, as it is now. `made` and `revision` count the room's changes."""

    id: int
    room_id: int
    author_id: int
    author: str
    picture: str | None
    made: int
    revision: int
    key: str | None
    digest: str
    text: str
    follows: bool
    posted_at: datetime
    previous_at: datetime | None
    edited_at: datetime | None
    deleted_at: datetime | None
    files: tuple[File, ...] = ()

    @property
    def may_be_restored(self) -> bool:
        """Whether a deletion can still be undone."""
        return bool(self.deleted_at) and datetime.now(UTC) - self.deleted_at < UNDO  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way in; the files are stored already."""

    text: str
    key: str | None = None
    uploads: tuple[Upload, ...] = ()

    def digest(self, room_id: int) -> str:
        """What the key stands for: the same room, words and files as first sent."""
        files = [(upload.name, upload.sent) for upload in self.uploads]
        return hashlib.sha256(json.dumps([room_id, self.text, files]).encode()).hexdigest()


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

    Raises Conflict when the key was used for something else.
    """
    rooms.lock(c, room.id)
    digest = new.digest(room.id)
    earlier = _by_key(c, author, new.key)
    if earlier:
        if earlier.digest == digest:
            return earlier
        raise Conflict(OTHER, "key")
    revision, now = rooms.advance(c, room.id), datetime.now(UTC)
    last = _last(c, room.id)
    row = {
        "room_id": room.id,
        "author_id": author.id,
        "made": revision,
        "revision": revision,
        "key": new.key,
        "digest": digest,
        "text": new.text,
        "follows": _follows(last, author, now),
        "posted_at": now,
        "previous_at": last and last.posted_at,
    }
    try:
        message_id = c.scalar(insert(tables.messages).values(row).returning(tables.messages.c.id))
    except IntegrityError:  # in the same moment the key was used in another room
        raise Conflict(OTHER, "key") from None
    for upload in new.uploads:
        c.execute(insert(tables.files).values(message_id=message_id, **upload.row()))
    return get(c, message_id)


def edit(c: Connection, message: Message, person: people.Person, words: str) -> Message:
    """Put other words in its place; "edited" says so. Raises Forbidden or Wrong."""
    _must_be_own(message, person)
    if message.deleted_at:
        raise Forbidden("This message was deleted.")
    words = text.message(words, empty_is_fine=bool(message.files))
    if words == message.text:
        return message
    return _change(c, message, text=words, edited_at=datetime.now(UTC))


def remove(c: Connection, message: Message, person: people.Person) -> Message:
    """Leave a tombstone in its place. Raises Forbidden."""
    _must_be_own(message, person)
    if message.deleted_at:
        return message
    return _change(c, message, deleted_at=datetime.now(UTC))


def restore(c: Connection, message: Message, person: people.Person) -> Message:
    """Undo a deletion, within ten minutes. Raises Forbidden."""
    _must_be_own(message, person)
    if not message.deleted_at:
        return message
    if not message.may_be_restored:
        raise Forbidden(NO_UNDO)
    return _change(c, message, deleted_at=None)


def get(c: Connection, message_id: int) -> Message:
    """One message. Raises Missing."""
    found = read(c, tables.messages.c.id == message_id)
    if not found:
        raise Missing()
    return found[0]


def read(c: Connection, *which, order=tables.messages.c.id, limit: int | None = None):
    """Messages with their authors and files, by default in the order of the room."""
    query = (
        select(
            *(column for column in tables.messages.c),
            tables.people.c.name.label("author"),
            tables.people.c.picture,
        )
        .join(tables.people, tables.people.c.id == tables.messages.c.author_id)
        .where(*which)
        .order_by(order)
        .limit(limit)
    )
    found = [Message(**row._mapping) for row in c.execute(query)]
    return _with_files(c, found)


def _with_files(c: Connection, found: list[Message]) -> list[Message]:
    ids = [message.id for message in found]
    query = select(tables.files).where(tables.files.c.message_id.in_(ids)).order_by("id")
    files: dict[int, list[File]] = {}
    for row in c.execute(query) if ids else ():
        files.setdefault(row.message_id, []).append(File(**row._mapping))
    return [replace(m, files=tuple(files[m.id])) if m.id in files else m for m in found]


def _by_key(c: Connection, author: people.Person, key: str | None) -> Message | None:
    columns = tables.messages.c
    found = key and read(c, columns.author_id == author.id, columns.key == key)
    return found[0] if found else None


def _last(c: Connection, room_id: int):
    columns = tables.messages.c
    query = select(columns.author_id, columns.posted_at, columns.deleted_at)
    return c.execute(
        query.where(columns.room_id == room_id).order_by(columns.id.desc()).limit(1)
    ).first()


def _follows(last, author: people.Person, now: datetime) -> bool:
    # The clock may have stepped back: then the difference says nothing.
    return bool(
        last and last.author_id == author.id and timedelta(0) <= now - last.posted_at < GROUP
    )


def _change(c: Connection, message: Message, **values) -> Message:
    revision = rooms.advance(c, message.room_id)
    c.execute(
        update(tables.messages)
        .where(tables.messages.c.id == message.id)
        .values(revision=revision, **values)
    )
    return get(c, message.id)


def _must_be_own(message: Message, person: people.Person) -> None:
    if message.author_id != person.id:
        raise Forbidden("Only who wrote a message can change it.")
