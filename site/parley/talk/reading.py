"""Messages as they are read: what each is now, with its author, files, reactions and quote.

Not for which of them a page shows (talk/feed.py), nor for changing them (talk/messages.py).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from parley.store import tables
from parley.store.errors import Missing

UNDO = timedelta(minutes=10)

_of, _person = tables.messages.c, tables.people.c
_reaction = tables.reactions.c
_all = select(*_of, _person.name.label("author"), _person.picture).join(
    tables.people, _person.id == _of.author_id
)
_files = select(tables.files).order_by(tables.files.c.place, tables.files.c.id)
_reactions = (
    select(_reaction.message_id, _reaction.emoji, _reaction.person_id, _person.name)
    .join(tables.people, _person.id == _reaction.person_id)
    .order_by(_reaction.id)
)
_quotes = select(
    _of.id, _of.author_id, _person.name, _of.text, _of.deleted_at.is_not(None), _of.apart
).join(tables.people, _person.id == _of.author_id)


@dataclass(frozen=True, slots=True)
class File:
    """A photo or other file of a message, or in the tray of who has not sent it yet.

    `width` and `height` are in pixels, `size` in bytes, `seconds` how long it plays; `hash` names
    the download, `huge`, `large` and `thumb` its previews (of a film: `thumb` a picture of it).
    """

    id: int
    message_id: int | None
    person_id: int
    room_id: int
    made_at: datetime
    key: str | None
    place: int
    name: str
    type: str
    size: int
    alt: str
    width: int | None
    height: int | None
    seconds: float | None
    colour: str | None
    hash: str
    huge: str | None
    large: str | None
    thumb: str | None

    @property
    def is_photo(self) -> bool:
        """Whether it is shown as a picture."""
        return self.type.startswith("image/") and self.thumb is not None

    @property
    def plays(self) -> str:
        """As what a page plays it: "video", "audio", or "" if it does not."""
        return self.type.partition("/")[0] if self.seconds else ""

    @property
    def is_seen(self) -> bool:
        """Whether the large view and the gallery show it; other files have a name alone."""
        return self.is_photo or self.plays == "video"

    @property
    def said(self) -> list[str]:
        """Its name, except of a photo, which nobody has named; and what can be seen, in words."""
        return ([] if self.is_photo else [self.name]) + ([self.alt] if self.alt else [])


Files = dict[int, tuple[File, ...]]  # of messages, by id


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that people gave a message, each with id and name, the first first."""

    emoji: str
    people: tuple[tuple[int, str], ...]

    @property
    def ids(self) -> list[int]:
        """Of these people."""
        return [person_id for person_id, _ in self.people]


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that another one answers, as it is now."""

    id: int
    author_id: int
    author: str
    text: str
    is_gone: bool
    apart: bool
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said, as it is now. `made` and `revision` count the room's changes.

    `apart`: a reply that stands on the page of the message it answers, not in the room's flow;
    `replies` of those a message has. `mentions` are ids of people, each with the name as typed;
    the id 0 is everyone.
    """

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
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    deleted_by: int | None = None
    reply_to: int | None = None
    apart: bool = False
    replies: int = 0
    mentions: Sequence[tuple[int, str]] = ()
    pinned_at: datetime | None = None
    pinned_by: int | None = None
    files: tuple[File, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    quote: Quote | None = None

    @property
    def may_be_restored(self) -> bool:
        """Whether a deletion can still be undone."""
        return self.deleted_at is not None and datetime.now(UTC) - self.deleted_at < UNDO


def get(c: Connection, message_id: int) -> Message:
    """One message. Raises Missing."""
    if found := read(c, _of.id == message_id):
        return found[0]
    raise Missing()


def read(c: Connection, *which, order=_of.id, limit: int | None = None) -> list[Message]:
    """Messages with all that they show, by default in the order of the room."""
    found = c.execute(_all.where(*which).order_by(order).limit(limit))
    names, rows = found.keys(), found.all()
    if not rows:
        return []
    ids, answered = [row.id for row in rows], {row.reply_to for row in rows if row.reply_to}
    files, reactions = files_of(c, answered.union(ids)), _reactions_to(c, ids)
    quoted = quotes(c, answered, files)
    return [
        Message(
            **dict(zip(names, row, strict=True)),
            files=files[row.id],
            reactions=reactions.get(row.id, ()),
            quote=quoted.get(row.reply_to),
        )
        for row in rows
    ]


def files_of(c: Connection, ids: Collection[int]) -> Files:
    """What each of these messages holds."""
    files: Files = defaultdict(tuple)
    for file in c.execute(_files.where(tables.files.c.message_id.in_(ids))) if ids else ():
        files[file.message_id] += (File(**file._mapping),)
    return files


def _reactions_to(c: Connection, ids: list[int]) -> dict[int, tuple[Reaction, ...]]:
    given: dict[int, dict[str, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    for message_id, emoji, person_id, name in c.execute(
        _reactions.where(_reaction.message_id.in_(ids))
    ):
        given[message_id][emoji].append((person_id, name))
    return {
        message_id: tuple(Reaction(emoji, tuple(people)) for emoji, people in found.items())
        for message_id, found in given.items()
    }


def quotes(c: Connection, ids: Collection[int], files: Files, *which) -> dict[int, Quote]:
    """These messages, as far as all of this is true, as others quote them, with their files."""
    if not ids:
        return {}
    found = [Quote(*row) for row in c.execute(_quotes.where(_of.id.in_(ids), *which))]
    return {one.id: replace(one, files=() if one.is_gone else files[one.id]) for one in found}
