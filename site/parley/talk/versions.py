"""What a message said before it was edited."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select

from parley.store import tables
from parley.store.errors import Missing
from parley.talk import people, roles
from parley.talk.reading import Message

MOST = 50  # of one message; the oldest go

_of = tables.versions.c


def keep(c: Connection, message: Message, until: datetime) -> None:
    """Remember what it says now, which is about to change."""
    row = {"message_id": message.id, "text": message.text, "until": until}
    c.execute(insert(tables.versions).values(row))
    these = _of.message_id == message.id
    last = select(_of.id).where(these).order_by(_of.id.desc()).offset(MOST).limit(1)
    c.execute(delete(tables.versions).where(these, _of.id <= last.scalar_subquery()))


def read(c: Connection, message: Message, person: people.Person) -> Sequence[Row]:
    """What it said before, each `text` with its `until`, the newest first.

    For who wrote it, owners and moderators, while it stands. Raises Missing for all others.
    """
    if message.deleted_at or not roles.may(person, "see earlier", message.author_id):
        raise Missing()
    these = select(_of.text, _of.until).where(_of.message_id == message.id)
    return c.execute(these.order_by(_of.id.desc())).all()
