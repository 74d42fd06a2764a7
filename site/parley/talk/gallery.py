"""The photos and films of a room in the order of its messages, and its other files.

A page of them is one question with an index of its own, wherever it begins. Not for who may read a
single file (talk/media.py).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from parley.store import tables
from parley.talk import notices
from parley.talk.people import Person
from parley.talk.reading import File, Message

PAGE = 60  # files
LARGEST = 2**63 - 1  # above every id

_of, _said, _person = tables.files.c, tables.messages.c, tables.people.c
_is_photo = and_(_of.type.startswith("image/"), _of.thumb.is_not(None))
_is_film = and_(_of.type.startswith("video/"), _of.seconds.is_not(None))
_is_seen = or_(_is_photo, _is_film)  # as File.is_seen says; the rest is listed
_sent_by = tables.files.join(tables.messages, _said.id == _of.message_id).join(
    tables.people, _person.id == _of.person_id
)
_sent = select(tables.files, _person.name.label("author"), _said.posted_at).select_from(_sent_by)
_sent = _sent.where(_said.deleted_at.is_(None))


@dataclass(frozen=True, slots=True)
class Sent:
    """A file with who sent it, and when."""

    file: File
    author: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who sent something: how many photos, films and other files.

    `is_blocked`: by who is shown it, who sees nothing of them until they ask for it.
    """

    id: int
    name: str
    is_blocked: bool
    photos: int
    films: int
    others: int


@dataclass(frozen=True, slots=True)
class Query:
    """Of which room, for whom; of one person alone, or of all whom the reader has not blocked."""

    room_id: int
    reader: Person
    author: int | None = None

    @property
    def which(self) -> tuple[ColumnElement[bool], ...]:
        """For a statement."""
        here = _of.room_id == self.room_id
        if self.author:
            return here, _of.person_id == self.author
        return here, ~notices.blocks(literal(self.reader.id), _of.person_id)


def page(
    c: Connection, query: Query, others: bool = False, before: int | None = None
) -> tuple[list[Sent], int | None]:
    """The newest message first, the files of each in their own order: photos and films, or others.

    Only those of messages before that id; returns also the id for the next page, if there is one.
    """
    found = _sent.where(*query.which, ~_is_seen if others else _is_seen)
    if before is not None:
        found = found.where(_of.message_id < before)
    rows = c.execute(found.order_by(_of.message_id.desc(), _of.place, _of.id).limit(PAGE + 1)).all()
    more = None
    if len(rows) > PAGE:  # a page ends with a whole message, so an id is where the next begins
        rows = [row for row in rows if row.message_id != rows[-1].message_id]
        more = rows[-1].message_id
    return [Sent(File(*row[:-2]), *row[-2:]) for row in rows], more


def senders(c: Connection, query: Query) -> list[Sender]:
    """Who sent something to the room, by name."""
    blocked = notices.blocks(literal(query.reader.id), _person.id)
    counts = (func.count().filter(which) for which in (_is_photo, _is_film, ~_is_seen))
    found = select(_person.id, _person.name, blocked, *counts).select_from(_sent_by)
    found = found.where(_of.room_id == query.room_id, _said.deleted_at.is_(None))
    found = found.group_by(_person.id, _person.name, _person.folded).order_by(_person.folded)
    return [Sender(*row) for row in c.execute(found)]


def beside(
    c: Connection, query: Query, message: Message, file: File, back: bool = False
) -> tuple[File | None, File | None]:
    """The photos or films before and after this one: in its message, then in those around it.

    In the order of the room or, with `back`, of the gallery, where the newest message is first.
    """
    here = [one for one in message.files if one.is_seen]
    place = here.index(file)
    before, after = here[:place], here[place + 1 :]
    return (
        before[-1] if before else _end(c, query, message.id, newer=back, first=False),
        after[0] if after else _end(c, query, message.id, newer=not back, first=True),
    )


def ends(c: Connection, query: Query, back: bool = False) -> tuple[File | None, File | None]:
    """The first and the last one of all, in the same order."""
    oldest, newest = (0, True), (LARGEST, False)
    begin, end = (newest, oldest) if back else (oldest, newest)
    return _end(c, query, *begin, first=True), _end(c, query, *end, first=False)


def _end(c: Connection, query: Query, message_id: int, newer: bool, first: bool) -> File | None:
    """The first or last one of the next message that has some, newer or older than this."""
    found = select(tables.files).join(tables.messages, _said.id == _of.message_id)
    found = found.where(*query.which, _is_seen, _said.deleted_at.is_(None)).limit(1)
    if newer:
        found = found.where(_of.message_id > message_id).order_by(_of.message_id)
    else:
        found = found.where(_of.message_id < message_id).order_by(_of.message_id.desc())
    ends = (_of.place, _of.id) if first else (_of.place.desc(), _of.id.desc())
    row = c.execute(found.order_by(*ends)).first()
    return File(*row) if row else None
