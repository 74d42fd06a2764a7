"""Messages: posting, editing, deleting, bringing back.

Every change takes the room's next revision, so the feed can hand it on exactly once.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from parley.store import finder, tables
from parley.store.errors import Conflict, Forbidden, TooLarge, Wrong
from parley.store.prepared import Prepared
from parley.talk import drafts, log, mentions, notices, replies, roles, rooms, text, trays, versions
from parley.talk.people import Person
from parley.talk.reading import Message, get
from parley.talk.spelling import line as spelled
from parley.talk.uploads import MOST, Upload

GROUP = timedelta(minutes=5)  # within it, messages of one person stand together
KEY = 64  # characters of an idempotency key
UNPINNED = {"pinned_at": None, "pinned_by": None}
NEAR = 500  # messages among which one's last one is looked for

_of = tables.messages.c
_in_room = select(_of.author_id, _of.posted_at).where(_of.room_id == bindparam("room"))
_last = Prepared(_in_room.where(_of.apart.is_(False)).order_by(_of.id.desc()).limit(1))
_insert = Prepared(
    insert(tables.messages).returning(_of.id),
    *("room_id", "author_id", "text", "made", "revision", "key", "digest", "reply_to", "apart"),
    *("mentions", "posted_at", "previous_at", "follows"),
)
_keyed = select(_of.id).where(_of.author_id == bindparam("author"), _of.key == bindparam("key"))
_earlier = _keyed.where(_of.digest == bindparam("digest"))
_sends_files = select(tables.space.c.sends_files)
_room_of = select(_of.room_id).where(_of.id == bindparam("message"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way in, as `draft` has checked it; the files are stored already.

    `tray` names those that wait in the author's tray, by id or by the key they came up with; `alts`
    says, by id, what can be seen on them. They come before the `uploads`, which were sent with it.
    """

    text: str
    key: str | None = None
    uploads: Sequence[Upload] = ()
    reply_to: int | None = None
    apart: bool = False
    tray: Sequence[int | str] = ()
    alts: Mapping[int, str] = field(default_factory=dict)


def new_key() -> str:
    """A key for one submission, made by the server for pages without scripts."""
    return secrets.token_urlsafe(12)


def draft(words: str, key: str, *more: Any, **named: Any) -> Draft:
    """What was typed, and `more` fields of a Draft, if it can be sent.

    Raises Wrong, and TooLarge for more files than a message has.
    """
    new = Draft(words, text.clean(key) or None, *more, **named)
    if len(key) > KEY:
        raise Wrong(f"A key has at most {KEY} characters.", "key")
    if new.apart and not new.reply_to:
        raise Wrong("Only a reply can stand apart.", "apart")
    if len(new.tray) + len(new.uploads) > MOST:
        raise TooLarge(f"{MOST} files are the most in one message.", "files")
    return replace(new, text=text.message(words, bool(new.uploads or new.tray)))


def post(c: Connection, room: rooms.Room, author: Person, new: Draft) -> Message:
    """Say it. The same key with the same content again gives the message as it is now.

    Raises Forbidden when the author may not write there or send files, Wrong when what it answers
    or a file is gone, Conflict when the key was used for something else.
    """
    rooms.lock(c, room.id)
    tray = trays.named(c, author, room.id, new.tray)
    digest = _digest(room, new, tray)
    again = {"author": author.id, "key": new.key, "digest": digest}
    if new.key and (earlier := c.scalar(_earlier, again)):
        return get(c, earlier)
    rooms.must_write(c, author, room)
    if tray or new.uploads:  # as it is by now: another may have been chosen since they went up
        roles.must(author, "send files", least=c.scalar(_sends_files) or roles.OWNER)
    quote = replies.answered(c, room.id, new.reply_to) if new.reply_to else None
    if new.apart:
        replies.count(c, room.id, new.reply_to, 1)
    revision, now = rooms.advance(c, room.id), datetime.now(UTC)
    row: dict[str, Any] = {"room_id": room.id, "author_id": author.id, "text": new.text}
    row |= {"made": revision, "revision": revision, "key": new.key, "digest": digest}
    row |= {"reply_to": new.reply_to, "apart": new.apart, **_after_the_last(c, room, author, now)}
    row["follows"] &= not new.apart
    row |= {"mentions": mentions.find(c, author, room, new.text)}
    try:
        [[message_id]] = _insert.all(c, **row)
    except IntegrityError:  # an author's key is unique: it stands for something else already
        sentence = "This was changed after it had been sent. Send it as a new message."
        raise Conflict(sentence, "key") from None
    if not new.apart:
        drafts.drop(c, author.id, room.id)
    said = Message(message_id, **row, author=author.name, picture=author.picture, quote=quote)
    if said.mentions or said.reply_to:
        notices.tell(c, said)
    files = trays.attach(c, said, tray, new.alts)
    about = {"message_id": message_id, "made_at": now}
    for place, upload in enumerate(new.uploads, len(files)):
        files += (trays.keep(c, author.id, room.id, upload, place=place, **about),)
    return _found(c, replace(said, files=files) if files else said, new=True)


def _after_the_last(
    c: Connection, room: rooms.Room, author: Person, now: datetime
) -> dict[str, Any]:
    """When it is said, when what stands before it was, and whether that is of the same group."""
    who, last = _last.first(c, room=room.id) or (None, None)
    # The clock may have stepped back: then the difference is negative and says nothing.
    passed = now - last if last and who == author.id else GROUP
    follows = timedelta(0) <= passed < GROUP
    return {"posted_at": now, "previous_at": last, "follows": follows}


def _digest(room: rooms.Room, new: Draft, tray: tuple[int, ...]) -> str:
    """What the key stands for: the room, words, files as first sent, and what is answered."""
    content: list[Any] = [room.id, new.text, [(one.name, one.sent) for one in new.uploads]]
    if new.reply_to:
        content += [new.reply_to, new.apart]
    if tray:
        content.append({"tray": tray})
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def edit(c: Connection, message: Message, person: Person, words: str) -> Message:
    """Put other words in its place; "edited" says so. Raises Forbidden or Wrong."""
    if message.author_id != person.id:
        raise Forbidden("Only who wrote a message can change it.")
    must_stand(message)
    room = rooms.get(c, person, message.room_id)
    rooms.must_write(c, person, room)
    words = text.message(words, empty_is_fine=bool(message.files))
    if words == message.text:
        return message
    now = datetime.now(UTC)
    versions.keep(c, message, now)
    named = mentions.find(c, person, room, words)
    edited = change(c, message, text=words, edited_at=now, mentions=named)
    if edited.mentions != message.mentions:
        notices.tell(c, edited)
    return edited


def remove(c: Connection, message: Message, person: Person) -> Message:
    """Leave a tombstone in its place. Raises Forbidden."""
    roles.must(person, "delete a message", message.author_id)
    message = at_last(c, message)
    if message.deleted_at:
        return message
    _note(c, person, "deleted a message of {person}", message)
    if message.apart:
        replies.count(c, message.room_id, message.reply_to, -1)
    gone = change(c, message, deleted_at=datetime.now(UTC), deleted_by=person.id, **UNPINNED)
    if message.pinned_at:
        rooms.set_head(c, gone.room_id, gone.revision)
    return gone


def restore(c: Connection, message: Message, person: Person) -> Message:
    """Undo one's deletion, within ten minutes. Raises Forbidden."""
    message = at_last(c, message)
    if person.id != (message.deleted_by or message.author_id):
        raise Forbidden("Only who deleted a message can bring it back.")
    roles.must(person, "delete a message", message.author_id)
    if not message.deleted_at:
        return message
    if not message.may_be_restored:
        raise Forbidden("This can no longer be brought back: ten minutes have passed.")
    _note(c, person, "brought back a message of {person}", message)
    if message.apart:
        replies.count(c, message.room_id, message.reply_to, 1)
    return change(c, message, deleted_at=None, deleted_by=None)


def last_of(c: Connection, person: Person, room: rooms.Room) -> int | None:
    """The id of the last message of somebody in a room, among the newest that a page may show."""
    newest = select(tables.messages).where(_of.room_id == room.id).order_by(_of.id.desc())
    near = newest.limit(NEAR).subquery().c
    theirs = select(near.id).where(near.author_id == person.id, near.deleted_at.is_(None))
    return c.scalar(theirs.where(near.apart.is_(False)).order_by(near.id.desc()).limit(1))


def lock(c: Connection, message_id: int) -> None:
    """One transaction at a time changes the message, or anything else in its room."""
    rooms.lock(c, c.scalar(_room_of, {"message": message_id}) or 0)


def change(c: Connection, message: Message, **values) -> Message:
    """Give it these values, at the room's next revision: it is shown otherwise from there on."""
    quoted = bool({"text", "deleted_at"} & set(values))  # and found
    room_id = message.room_id
    values["revision"] = replies.stamp(c, message) if quoted else rooms.advance(c, room_id)
    c.execute(update(tables.messages).where(_of.id == message.id).values(values))
    changed = get(c, message.id)
    if quoted:
        finder.forget(c, tables.searched.c.id == message.id)
        if not changed.deleted_at:
            _found(c, changed, new=False)
    return changed


def _found(c: Connection, message: Message, new: bool) -> Message:
    """The same, which search knows from this commit on."""
    where, photos = message.room_id, [file.is_photo for file in message.files]
    beside = [words for file in message.files for words in file.said]
    line = spelled(where, message.author_id, message.posted_at, message.text, photos, beside)
    finder.keep(c, message.id, where, line, new)
    return message


def at_last(c: Connection, message: Message) -> Message:
    """As it is until the commit: of two who delete it at once, the second finds it deleted."""
    rooms.lock(c, message.room_id)
    return get(c, message.id)


def _note(c: Connection, person: Person, act: str, message: Message) -> None:
    """What is done to another's message is for the log."""
    if person.id != message.author_id:
        about = {"person_id": message.author_id, "room_id": message.room_id}
        words = message.text or ", ".join(file.name for file in message.files)
        log.note(c, person, act, **about, message_id=message.id, words=words)


def must_stand(message: Message) -> None:
    """Raise Forbidden if it was deleted."""
    if message.deleted_at:
        raise Forbidden("This message was deleted.")
