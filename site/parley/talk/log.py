"""The log: what owners and moderators did, each row a sentence for owners to read.

It says who, the act in words, and whom and which room it was about: where `{person}` and `{room}`
stand in the act, else after it. A moment stands in it as `{2026-05-21T06:02:30+00:00}`.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, and_, case, insert, select

from parley.store import tables
from parley.talk import memberships, people

PAGE = 50
WORDS = 200  # characters that are kept of what was said or typed

_of, _room, _in = tables.log.c, tables.rooms.c, tables.memberships.c
_by, _person = tables.people.alias(), tables.people.alias()


def note(c: Connection, by: people.Person, act: str, words: str = "", **about: int) -> None:
    """Write down what somebody did, in the transaction that does it.

    `about`: any of `person_id`, `room_id`, `message_id`.
    """
    row = {"by_id": by.id, "act": act, "words": words[:WORDS], "made_at": datetime.now(UTC)}
    c.execute(insert(tables.log).values(row | about))


def parts(entry: Row) -> list[str | datetime]:
    """The act in pieces: words, moments, and {person} and {room} where their names go."""
    act = entry.act
    if entry.person_id and "{person}" not in act:
        act += " {person}"
    if entry.room_id and "{room}" not in act:
        act += " in {room}"
    pieces = re.split(r"(\{[^}]+\})", act)
    return [_moment(piece) or piece for piece in pieces if piece]


def _moment(piece: str) -> datetime | None:
    try:
        return datetime.fromisoformat(piece.strip("{}"))
    except ValueError:
        return None


def read(c: Connection, reader: people.Person, before: int | None) -> tuple[Sequence[Row], bool]:
    """The newest entries, or those before an id, the newest first; are there more?

    Each is a row of the table with the names `by`, `person` and `room`; `in_room` says whether
    the reader is in that room. The words of a message are there for those only who are.
    """
    theirs = and_(_in.room_id == _of.room_id, _in.person_id == reader.id)
    named = (_by.c.name.label("by"), _person.c.name.label("person"), _room.name.label("room"))
    others = [column for column in _of if column is not _of.words]
    is_secret = and_(_of.message_id.is_not(None), _in.id.is_(None))
    query = (
        select(*others, *named, _in.id.label("in_room"))
        .add_columns(case((is_secret, ""), else_=_of.words).label("words"))
        .join(_by, _by.c.id == _of.by_id)
        .outerjoin(_person, _person.c.id == _of.person_id)
        .outerjoin(tables.rooms, _room.id == _of.room_id)
        .outerjoin(tables.memberships, and_(theirs, memberships.is_in(datetime.now(UTC))))
        .order_by(_of.id.desc())
    )
    if before is not None:
        query = query.where(_of.id < before)
    found = c.execute(query.limit(PAGE + 1)).all()
    return found[:PAGE], len(found) > PAGE
