"""Stretches of messages that were read before, so that most pages need only ask whether they are
still the same.

A message never changes without a new revision. Its time and digest are compared as well, as a
restored backup may give its numbers to something else; and the version of all people's names and
pictures, some of which it shows.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Any

from cachetools import LRUCache
from sqlalchemy import Connection, Text, bindparam, cast, func, literal_column, select

from parley.store import tables
from parley.store.prepared import Prepared
from parley.talk import reading
from parley.talk.reading import Message

ROOM = 16_000_000  # characters: messages one by one, and as many in stretches
TAB: Any = literal_column("'\t'")
END: Any = literal_column("'\n'")
_of = tables.messages.c
_version = select(tables.space.c.people_version).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Kept:
    """Messages in the order of the room; are there more that fit? `mark` stands for all that
    these messages show, and for no others."""

    messages: list[Message]
    more: bool
    mark: tuple


class Stretch:
    """A question for the first messages of a room that fit, or for the last ones (`upwards`).

    It is answered with a line for each of them, all in one row: a row for each would cost more
    than to find them.
    """

    def __init__(self, *which, upwards: bool = False):
        line: Any = cast(_of.id, Text)
        for column in (_of.revision, _of.posted_at, _of.digest):
            line = line + TAB + cast(column, Text)
        found = select(line.label("line")).where(_of.room_id == bindparam("room"))
        found = found.where(_of.apart.is_(False), *which)
        found = found.order_by(_of.id.desc() if upwards else _of.id).limit(bindparam("limit"))
        self.question = select(func.aggregate_strings(found.subquery().c.line, END))
        self._lines = Prepared(self.question.add_columns(_version))
        self._upwards = upwards

    def read(self, c: Connection, room_id: int, limit: int, **values) -> Kept:
        """What there is now; `values` are those of the bindparams in `which`."""
        [[lines, version]] = self._lines.all(c, room=room_id, limit=limit + 1, **values)
        return self.kept(c, limit, lines, version)

    def kept(self, c: Connection, limit: int, lines: str | None, version: int) -> Kept:
        """What the lines of an answer stand for, with people as they are called in a version."""
        mark = self._upwards, limit, lines, version
        with _turn:
            kept = _stretches.get(mark)
        if kept is None:
            found = _messages(c, _each(lines), version)
            few = found[-limit:] if self._upwards else found[:limit]
            kept = Kept(few, len(found) > limit, mark)
            with _turn:
                _stretches[mark] = kept
        return kept


class Neighbours:
    """Two stretches beside each other: one question for both, and one for what is new of them."""

    def __init__(self, above: Stretch, below: Stretch):
        self._both = above, below
        asked = [one.question.scalar_subquery() for one in self._both]
        self._lines = Prepared(select(*asked, _version))

    def read(self, c: Connection, room_id: int, limit: int, **values) -> list[Kept]:
        """What there is of each now, as Stretch.read gives it."""
        [[*told, version]] = self._lines.all(c, room=room_id, limit=limit + 1, **values)
        _messages(c, [line for lines in told for line in _each(lines)], version)
        both = zip(self._both, told, strict=True)
        return [one.kept(c, limit, lines, version) for one, lines in both]


def _each(lines: str | None) -> list[str]:
    return lines.split("\n") if lines else []


def _messages(c: Connection, lines: list[str], version: int) -> list[Message]:
    with _turn:
        found = {line: kept for line in lines if (kept := _kept.get((line, version)))}
    if missing := {int(line.partition("\t")[0]): line for line in lines if line not in found}:
        news = reading.read(c, _of.id.in_(missing))
        found |= {missing[message.id]: message for message in news}
        with _turn:
            _kept.update(((missing[message.id], version), message) for message in news)
    return sorted(found.values(), key=lambda message: message.id)


def _size(message: Message) -> int:
    return 1000 + len(message.text) + 100 * sum(len(one.people) for one in message.reactions)


_kept: LRUCache[tuple[str, int], Message] = LRUCache(ROOM, _size)
_stretches: LRUCache[tuple, Kept] = LRUCache(
    ROOM, lambda kept: 9000 + sum(map(_size, kept.messages))
)
_turn = Lock()
