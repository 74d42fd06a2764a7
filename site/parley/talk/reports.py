"""Reports: messages that somebody wants owners and moderators to look at."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from parley.store import db, tables
from parley.store.errors import Forbidden
from parley.talk import log, people, reading, roles, rooms, text
from parley.talk.reading import File, Message

PAGE = 50
REASON = 500  # characters

_of = tables.reports.c
_by = tables.people.alias()
_all = select(_of.id, _of.message_id, _of.by_id, _by.c.name, _of.reason, _of.made_at, _of.closed_at)
_all = _all.join(_by, _by.c.id == _of.by_id)
_said = tables.messages.c
_files = (
    select(tables.files)
    .join(tables.messages, _said.id == tables.files.c.message_id)
    .join(tables.reports, _of.message_id == _said.id)
    .where(_said.deleted_at.is_(None))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported, by whom and why; `room` only for a reader who is in it."""

    id: int
    message: Message
    room: rooms.Room | None
    by_id: int
    by: str
    reason: str
    made_at: datetime
    closed_at: datetime | None


def add(c: Connection, by: people.Person, message: Message, reason: str) -> None:
    """Tell owners and moderators. One person's second report of a message says nothing new.

    Raises Forbidden when the message was deleted, Wrong when the reason is too long.
    """
    if message.deleted_at:
        raise Forbidden("This message was deleted.")
    reason = text.line(reason, "reason", REASON)
    row = {"message_id": message.id, "by_id": by.id, "reason": reason}
    db.once(c, insert(tables.reports).values(row | {"made_at": datetime.now(UTC)}))


def made_at(c: Connection, by: people.Person, message: Message) -> datetime | None:
    """When this person has reported it."""
    theirs = (_of.by_id == by.id, _of.message_id == message.id)
    return c.scalar(select(_of.made_at).where(*theirs))


def open_count(c: Connection) -> int:
    """How many nobody has looked at."""
    return c.scalar(select(func.count(_of.id)).where(_of.closed_at.is_(None))) or 0


def read(
    c: Connection, reader: people.Person, before: int | None = None
) -> tuple[list[Report], bool]:
    """The newest reports, the open ones first, or those that come after an id; are there more?"""
    is_closed = _of.closed_at.is_not(None)
    newest = _all.order_by(is_closed, _of.id.desc()).limit(PAGE + 1)
    if before is not None:
        was = select(is_closed).where(_of.id == before).correlate(None).scalar_subquery()
        newest = newest.where(or_(is_closed > was, and_(is_closed == was, _of.id < before)))
    rows = c.execute(newest).all()
    found = rows[:PAGE]
    which = tables.messages.c.id.in_([row.message_id for row in found])
    said = {message.id: message for message in reading.read(c, which)}
    seen = {room.id: room for room in rooms.seen_by(c, reader)}
    told = [
        Report(number, said[message_id], seen.get(said[message_id].room_id), *more)
        for number, message_id, *more in found
    ]
    return told, len(rows) > PAGE


def file(c: Connection, reader: people.Person, file_id: int) -> File | None:
    """A file of a message that was reported, for who reads reports, in whatever room it stands."""
    if not roles.may(reader, "read reports"):
        return None
    row = c.execute(_files.where(tables.files.c.id == file_id)).first()
    return File(*row) if row else None


def close(c: Connection, me: people.Person, report_id: int) -> None:
    """It has been looked at. Raises Missing."""
    message_id = c.scalar(select(_of.message_id).where(_of.id == report_id))
    message = reading.get(c, message_id or 0)
    closed = update(tables.reports).where(_of.id == report_id, _of.closed_at.is_(None))
    if c.execute(closed.values(closed_at=datetime.now(UTC), closed_by=me.id)).rowcount:
        act = "closed a report about a message of {person}"
        log.note(c, me, act, person_id=message.author_id, message_id=message.id)
