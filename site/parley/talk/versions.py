"""What a message said before it was edited."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from parley.store import tables
from parley.store.errors import Missing
from parley.talk import people, roles
from parley.talk.reading import Message

MOST = 50  # of one message; the oldest go

_of = tables.versions.c


@dataclass(frozen=True, slots=True)
class Version:
    """Words that a message had, and until when."""

    text: str
    until: datetime


def keep(c: Connection, message: Message, until: datetime) -> None:
    """Remember what it says now, which is about to change."""
    row = {"message_id": message.id, "text": message.text, "until": until}
    c.execute(insert(tables.versions).values(row))
    these = _of.message_id == message.id
    last = select(_of.id).where(these).order_by(_of.id.desc()).offset(MOST).limit(1)
    c.execute(delete(tables.versions).where(these, _of.id <= last.scalar_subquery()))


def may_read(person: people.Person, message: Message) -> bool:
    """Whether the person may see them: who wrote it, owners and moderators, while it stands."""
    return not message.deleted_at and roles.may(person, "see earlier", message.author_id)


def read(c: Connection, message: Message, person: people.Person) -> list[Version]:
    """What it said before, the newest first. Raises Missing for who may not see it."""
    if not may_read(person, message):
        raise Missing()
    these = select(_of.text, _of.until).where(_of.message_id == message.id)
    return [Version(*row) for row in c.execute(these.order_by(_of.id.desc()))]
