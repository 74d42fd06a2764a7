"""Finding messages by their words: where SQLite and PostgreSQL differ, and nothing of it elsewhere.

The words are made by talk/spelling.py, the same for both, and what is found is decided by comparing
them as text. The indexes only say where to look: FTS5 on the one, GIN on the other, of whole words
and of each three letters. The newest messages are looked through without any: what is said often
is found there at once, where an index would first have to name all that have the word.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from parley.store import tables
from parley.store.prepared import Prepared

NEWEST = 2000  # messages that are looked through before an index is asked
TOGETHER = 128  # new messages that SQLite's indexes name at once; far fewer than NEWEST
FEW = 8  # rooms that an index is asked for; of more, too many names would have to be put together
MOST = 60  # words that an index is asked for; all of them are compared
SHORT = 3  # letters: with less begin too many words to look for all of them
OWN = ("searched_words", "searched_parts")  # SQLite's tables that are indexes

_of, _said = tables.searched.c, tables.messages.c
_new = Prepared(insert(tables.searched), *_of.keys())
_name = update(tables.searched).where(_of.id > sa.bindparam("first"), ~_of.named).values(named=True)
_all = select(_of.id, _of.words).join(tables.messages, _said.id == _of.id).order_by(_of.id.desc())
_gin_words: Any = sa.literal_column(
    "array_to_tsvector(array_remove(string_to_array(searched.marks || searched.words, ' '), ''))"
)
_gin_parts: Any = sa.literal_column("searched_parts(searched.words)")

Any_of = Sequence[str]  # one of these, or of what begins so where it ends with *


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is true of a message that is found: it is in one of the `rooms`, and the other things.

    `pieces` stand in its words, `marks` among its marks. `words` is where an index is to look:
    of each group the message has one; a word that ends with * may go on. With `in_parts` a piece
    may begin and end within a word, and `words` say nothing.
    """

    rooms: Collection[int]
    pieces: Sequence[str] = ()
    marks: Sequence[str] = ()
    words: Sequence[Any_of] = ()
    since: datetime | None = None
    until: datetime | None = None
    in_parts: bool = False


def is_own(name: str) -> bool:
    """Whether this is an index of SQLite's or one of the tables in which it keeps it."""
    return name.startswith(OWN)


def keep(c: Connection, message_id: int, room_id: int, line: tuple[str, str], new: bool) -> None:
    """Let a message be found, from the commit on; `line`: its marks and words; is it `new`?

    SQLite's indexes name many new ones together: one by one costs a post five times as much. Until
    then they are found among the newest, which are looked through.
    """
    waits = new and c.dialect.name == "sqlite"
    row = {"id": message_id, "room_id": room_id, "marks": line[0], "words": line[1]}
    _new.all(c, **row, named=not waits)
    if waits and message_id % TOGETHER == 0:
        c.execute(_name, {"first": message_id - 8 * TOGETHER})


def forget(c: Connection, which: ColumnElement[bool]) -> None:
    """Let messages be found no longer; `which` is a condition on the table `searched`."""
    c.execute(delete(tables.searched).where(which))


def find(c: Connection, wanted: Wanted, before: int, limit: int) -> list[Row]:
    """Id and words of up to `limit` messages older than `before` (an id), the newest first."""
    reach = select(_of.id).where(_of.id < before).order_by(_of.id.desc())
    if len(wanted.rooms) == 1:
        reach = reach.where(_of.room_id.in_(wanted.rooms))
    edge = func.coalesce(reach.offset(NEWEST).limit(1).scalar_subquery(), 0)
    true = _all.where(*_true_of(c, wanted))
    found = list(c.execute(true.where(_of.id < before, _of.id > edge).limit(limit)))
    if len(found) < limit:
        older = _named(c, wanted, true.where(_of.id <= edge))
        found += c.execute(older.limit(limit - len(found)))
    return found


def _true_of(c: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    place = func.instr if c.dialect.name == "sqlite" else func.strpos
    true: list[ColumnElement[bool]] = [_of.room_id.in_(wanted.rooms), _said.deleted_at.is_(None)]
    true += [place(_of.words, piece) > 0 for piece in wanted.pieces]
    true += [place(_of.marks, f" {mark} ") > 0 for mark in wanted.marks]
    true += [_said.posted_at >= wanted.since] if wanted.since else []
    true += [_said.posted_at < wanted.until] if wanted.until else []
    return true


def _named(c: Connection, wanted: Wanted, true: sa.Select) -> sa.Select:
    """The same question, of those messages alone that an index names."""
    groups = _threes(wanted) if wanted.in_parts else _words(wanted)
    if not groups:
        return true
    if c.dialect.name != "sqlite":
        return true.where(_in_gin(groups[:MOST], wanted.in_parts))
    name = OWN[wanted.in_parts]
    asked = " AND ".join(f"({' OR '.join(map(_fts5, group))})" for group in groups[:MOST])
    index = sa.table(name, sa.column("rowid"), sa.column(name))
    # With a plus, lest it go through the messages and ask the index of each.
    here = sa.literal_column(f"+{name}.rowid") == _of.id
    named = true.join(index, here).where(index.c[name].op("MATCH")(asked))
    return named.order_by(None).order_by(index.c.rowid.desc())


def _words(wanted: Wanted) -> list[Any_of]:
    few = len(wanted.rooms) <= FEW
    groups = [*wanted.words, *([f"_r{room}" for room in wanted.rooms] for _ in range(few))]
    long = [group for group in groups if not (group[0].endswith("*") and len(group[0]) <= SHORT)]
    return long or groups


def _threes(wanted: Wanted) -> list[Any_of]:
    found = {piece[at : at + 3] for piece in wanted.pieces for at in range(len(piece) - 2)}
    return [[three] for three in sorted(found)]


def _fts5(word: str) -> str:
    return f'"{word.rstrip("*")}"{" *" if word.endswith("*") else ""}'


def _in_gin(groups: Sequence[Any_of], in_parts: bool) -> ColumnElement[bool]:
    if in_parts:
        threes = sa.cast([group[0] for group in groups], postgresql.ARRAY(sa.Text))
        return _gin_parts.op("@>")(threes)
    either = (" | ".join(map(_lexeme, group)) for group in groups)
    asked = " & ".join(f"({one})" for one in either)
    return _gin_words.op("@@")(sa.cast(asked, postgresql.TSQUERY))


def _lexeme(word: str) -> str:
    return f"'{word.rstrip('*')}'{':*' if word.endswith('*') else ''}"
