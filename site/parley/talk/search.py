"""Search: all the words of a question, in what one may read, the newest or the best first.

The last word may go on, and each that ends with *; what stands between quotation marks stands so
beside each other. Where no message has such words, they are looked for as parts of others.
Anything that can be typed is a question; nothing in it is a command.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from parley.store import finder, tables
from parley.store.finder import Wanted
from parley.talk import clock, direct, people, reading, rooms, spelling
from parley.talk.phrases import Excerpt, Piece, excerpt, read
from parley.talk.reading import Message
from parley.talk.spelling import FILE, LINK, PHOTO

PAGE = 30  # hits
RANKED = 10_000  # hits among which the best come first
PIECES = 40  # words and phrases that are looked for; what a question has more is left out
YEARS = 5  # a longer time is not looked up month by month
PART = 3  # letters of a part of a word
END = 2**62  # no message has this id
HOLDS = (PHOTO, LINK, FILE)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: words, and what else is to be true. Ids and days may be any.

    `has` is one of HOLDS, or empty. `before` is the id of a message, `skip` the number of hits
    that other pages have shown.
    """

    words: str = ""
    room: int | None = None
    author: int | None = None
    has: str = ""
    first: date | None = None
    last: date | None = None
    best: bool = False
    before: int = END
    skip: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked: a room alone is only a place to look in."""
        return not (self.words.strip() or self.author or self.has or self.first or self.last)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, its room as the reader sees it, and an excerpt.

    `beside`: what is said of its files, as far as that fits into an excerpt.
    """

    message: Message
    room: rooms.Room
    excerpt: Excerpt
    beside: Excerpt


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one page; `next` asks for the following one, if there is any.

    `in_parts`: no message has the words, these have them within others. `is_cut`: more than are
    ranked, so the best are those of the newest. `is_long`: not all that was typed is looked for.
    """

    hits: list[Hit]
    next: Query | None = None
    in_parts: bool = False
    is_cut: bool = False
    is_long: bool = False


Page = tuple[list[int], Query | None, bool]  # ids; the question for the next page; is it cut?


def readable(c: Connection, person: people.Person) -> list[rooms.Room]:
    """The rooms that somebody finds messages in: all that they are in, also those of the archive.

    But no conversation of two with somebody whom they have blocked, as everywhere.
    """
    named = direct.named(c, person, rooms.seen_by(c, person))
    return [room for room in named if not room.is_shut]


def search(c: Connection, theirs: Sequence[rooms.Room], query: Query, zone: str) -> Found:
    """What somebody finds; `theirs` are the rooms as `readable` gives them in this transaction.

    `zone` is where days begin.
    """
    pieces = read(query.words)
    here = {room.id: room for room in theirs if query.room in (None, room.id)}
    if query.is_empty or not here or (query.words.strip() and not pieces):
        return Found([])
    wanted, in_parts = _wanted(query, pieces[:PIECES], here, zone), False
    turn = _best if query.best else _newest
    ids, after, is_cut = turn(c, wanted, query)
    if not ids and any(len(word) >= PART for piece in pieces for word in piece.words):
        within = [piece.stands.strip() for piece in pieces[:PIECES]]
        ids, after, is_cut = turn(c, replace(wanted, pieces=within, in_parts=True), query)
        in_parts = bool(ids)
    said = reading.read(c, tables.messages.c.id.in_(ids)) if ids else []
    by_id = {message.id: message for message in said}

    def hit(one: Message) -> Hit:
        beside = ", ".join(words for file in one.files for words in file.said)
        found = (excerpt(words, pieces, in_parts) for words in (one.text, beside))
        return Hit(one, here[one.room_id], *found)

    hits = [hit(by_id[message_id]) for message_id in ids]
    return Found(hits, after, in_parts, is_cut, len(pieces) > PIECES)


def _wanted(query: Query, pieces: list[Piece], here: Iterable[int], zone: str) -> Wanted:
    marks = [spelling.AUTHOR.format(query.author)] if query.author else []
    marks += [spelling.HAS.format(query.has)] if query.has else []
    words = [[mark] for mark in marks]
    for piece in pieces:
        words += [[word] for word in piece.words[:-1]]
        words.append([piece.words[-1] + ("*" if piece.goes_on else "")])
    since, until = _moments(query, zone)
    if since and (months := _months(since, until or datetime.now(UTC) + timedelta(days=31))):
        words.append(months)
    stands = [piece.stands for piece in pieces]
    return Wanted(list(here), stands, marks, words, since, until)


def _moments(query: Query, zone: str) -> tuple[datetime | None, datetime | None]:
    """When the first day begins, and when the last has ended."""

    def begins(day: date, later: int) -> datetime:
        day = min(max(day, date(1970, 1, 2)), date(9000, 1, 1)) + timedelta(days=later)
        return datetime.combine(day, time(), clock.zone(zone)).astimezone(UTC)

    first = begins(query.first, 0) if query.first else None
    return first, begins(query.last, 1) if query.last else None


def _months(since: datetime, until: datetime) -> list[str]:
    """The marks of the months that this touches; none when they are too many."""
    first, last = (moment.year * 12 + moment.month - 1 for moment in (since, until))
    if last - first > 12 * YEARS:
        return []
    months = (date(at // 12, at % 12 + 1, 1) for at in range(first, last + 1))
    return [spelling.MONTH.format(month) for month in months]


def _newest(c: Connection, wanted: Wanted, query: Query) -> Page:
    ids = [row.id for row in finder.find(c, wanted, query.before, PAGE + 1)]
    more = replace(query, before=ids[PAGE - 1]) if len(ids) > PAGE else None
    return ids[:PAGE], more, False


def _best(c: Connection, wanted: Wanted, query: Query) -> Page:
    """From the second page on among the same ones, whatever is said meanwhile."""
    found = finder.find(c, wanted, query.before, RANKED + 1)
    ranked, is_cut = found[:RANKED], len(found) > RANKED
    mean = sum(len(row.words) for row in ranked) / max(1, len(ranked))
    scored = sorted(ranked, key=lambda row: (-_score(row.words, wanted.pieces, mean), -row.id))
    end, more = query.skip + PAGE, None
    if end < len(ranked):
        more = replace(query, before=ranked[0].id + 1, skip=end)
    elif is_cut:
        more = replace(query, before=ranked[-1].id, skip=0, best=False)
    return [row.id for row in scored[query.skip : end]], more, is_cut


def _score(words: str, pieces: Sequence[str], mean: float) -> float:
    """As Okapi BM25 (k = 1, b = 0.75), but no word weighs more than another: every hit has all.

    A word that ends where the piece does counts twice.
    """
    weight = 0.25 + 0.75 * len(words) / mean
    counts = (words.count(piece) + words.count(f"{piece.rstrip()} ") for piece in pieces)
    return sum(count / (count + weight) for count in counts)
