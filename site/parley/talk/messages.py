"""Messages: posting, editing, deleting, and reading a stretch of a room.

Every change takes the room's next revision, so the feed can hand it on exactly once.
"""

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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
_of = tables.messages.c

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
    for earlier in read(c, _of.author_id == author.id, _of.key == new.key) if new.key else ():
        if earlier.digest == digest:
            return earlier
        raise Conflict(OTHER, "key")
    revision, now = rooms.advance(c, room.id), datetime.now(UTC)
    newest = select(_of.author_id, _of.posted_at).order_by(_of.id.desc()).limit(1)
    last = c.execute(newest.where(_of.room_id == room.id)).first()
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
        message_id = c.scalar(insert(tables.messages).values(row).returning(_of.id))
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
    found = read(c, _of.id == message_id)
    if not found:
        raise Missing()
    return found[0]


def read(c: Connection, *which, order=_of.id, limit: int | None = None) -> list[Message]:
    """Messages with their authors and files, by default in the order of the room."""
    author = tables.people.c
    query = select(*_of, author.name.label("author"), author.picture)
    query = query.join(tables.people, author.id == _of.author_id)
    rows = c.execute(query.where(*which).order_by(order).limit(limit)).all()
    files = _files(c, [row.id for row in rows])
    return [Message(**row._mapping, files=tuple(files[row.id])) for row in rows]


def _files(c: Connection, ids: list[int]) -> dict[int, list[File]]:
    query = select(tables.files).where(tables.files.c.message_id.in_(ids)).order_by("id")
    found: dict[int, list[File]] = defaultdict(list)
    for row in c.execute(query) if ids else ():
        found[row.message_id].append(File(**row._mapping))
    return found


def _follows(last, author: people.Person, now: datetime) -> bool:
    if not last or last.author_id != author.id:
        return False
    # The clock may have stepped back: then the difference says nothing.
    return timedelta(0) <= now - last.posted_at < GROUP


def _change(c: Connection, message: Message, **values) -> Message:
    values["revision"] = rooms.advance(c, message.room_id)
    c.execute(update(tables.messages).where(_of.id == message.id).values(values))
    return get(c, message.id)


def _must_be_own(message: Message, person: people.Person) -> None:
    if message.author_id != person.id:
        raise Forbidden("Only who wrote a message can change it.")
