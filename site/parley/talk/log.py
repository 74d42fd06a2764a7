"""The log: what owners and moderators did, each row a sentence for owners to read.

It says who, the act in words, and whom and which room it was about: where `{person}` and `{room}`
stand in the act, else after it.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, insert, select

from parley.store import tables
from parley.talk import memberships, people

PAGE = 50
WORDS = 200  # characters that are kept of what was said or typed

_of, _room, _in = tables.log.c, tables.rooms.c, tables.memberships.c
_by, _person = tables.people.alias(), tables.people.alias()


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done; `in_room` says whether the reader of the log is in that room.

    `words` of a message are there for those only who are in its room.
    """

    id: int
    by_id: int
    by: str
    act: str
    person_id: int | None
    person: str | None
    room_id: int | None
    room: str | None
    in_room: int | None
    message_id: int | None
    words: str
    made_at: datetime

    @property
    def parts(self) -> list[str]:
        """The act in pieces: words, and {person} and {room} where their names go."""
        act = self.act
        if self.person_id and "{person}" not in act:
            act += " {person}"
        if self.room_id and "{room}" not in act:
            act += " in {room}"
        return [part for part in re.split(r"(\{person\}|\{room\})", act) if part]


def note(
    c: Connection,
    by: people.Person,
    act: str,
    *,
    person_id: int | None = None,
    room_id: int | None = None,
    message_id: int | None = None,
    words: str = "",
) -> None:
    """Write down what somebody did, in the transaction that does it."""
    about = {"person_id": person_id, "room_id": room_id, "message_id": message_id}
    row = {"by_id": by.id, "act": act, "words": words[:WORDS], "made_at": datetime.now(UTC)}
    c.execute(insert(tables.log).values(row | about))


def read(c: Connection, reader: people.Person, before: int | None) -> tuple[list[Entry], bool]:
    """The newest entries, or those before an id, the newest first; are there more?"""
    theirs = and_(_in.room_id == _of.room_id, _in.person_id == reader.id)
    named = (_by.c.name.label("by"), _person.c.name.label("person"), _room.name.label("room"))
    query = (
        select(*_of, *named, _in.id.label("in_room"))
        .join(_by, _by.c.id == _of.by_id)
        .outerjoin(_person, _person.c.id == _of.person_id)
        .outerjoin(tables.rooms, _room.id == _of.room_id)
        .outerjoin(tables.memberships, and_(theirs, memberships.is_in(datetime.now(UTC))))
        .order_by(_of.id.desc())
    )
    if before is not None:
        query = query.where(_of.id < before)
    found = [_as_seen(Entry(**row._mapping)) for row in c.execute(query.limit(PAGE + 1))]
    return found[:PAGE], len(found) > PAGE


def _as_seen(entry: Entry) -> Entry:
    return replace(entry, words="") if entry.message_id and not entry.in_room else entry
