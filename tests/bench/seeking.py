"""Search among a million messages, beside reading the newest fifty of a room: in one process, each
with its own look at the database, for who reads all rooms and for who reads a small old one only.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

from parley.store import migrate
from parley.store.db import Database
from parley.talk import feed, people, rooms, search
from parley.talk.search import Query
from tests.bench import library
from tests.bench.figures import Figure

ROUNDS = 40
MOST = 10  # milliseconds
ASKED = {
    "the most common word, in a third": (Query(library.COMMON), MOST),
    "a rare word, in ten": (Query(library.RARE), MOST),
    "a word that nobody has said": (Query("qqqqq"), MOST),
    "two Chinese signs, in every fiftieth": (Query("喝茶"), MOST),
    "a part of a word": (Query(library.RARE[1:]), None),
    "the best of the most common word": (Query(library.COMMON, best=True), None),
}


def figures() -> Iterator[Figure]:
    """For both readers; a part of a word and the best are without a target."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Database(f"sqlite:///{folder}/parley.db")) as database,
    ):
        migrate.upgrade(database)
        owner, reader = library.fill(database)
        yield from measured(database, owner, reader)


def measured(database: Database, owner: people.Person, reader: people.Person) -> Iterator[Figure]:
    """Of a database that is filled."""
    for who, where in ((owner, "all rooms"), (reader, "a small old room only")):
        for what, (query, most) in ASKED.items():
            asks = partial(found, database, who, query), partial(newest, database, owner)
            seeks, reads = in_turns(*asks)
            what = f"search of {library.COUNT:,} messages, reading {where}: {what}"
            yield Figure(what, seeks, "ms", most, "the newest 50 of a room", reads)


def found(database: Database, who: people.Person, query: Query) -> None:
    """The first page."""
    with database.reading() as c:
        search.search(c, search.readable(c, who), query, "UTC")


def newest(database: Database, who: people.Person) -> None:
    """What a page of a room shows."""
    with database.reading() as c:
        feed.standing(c, rooms.get(c, who, 2))


def in_turns(*acts: Callable[[], None]) -> list[float]:
    """The median milliseconds of each."""
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS + 3):
        for act, kept in zip(acts, times, strict=True):
            began = time.perf_counter()
            act()
            kept.append((time.perf_counter() - began) * 1000)
    return [statistics.median(kept[3:]) for kept in times]


if __name__ == "__main__":
    for figure in figures():
        print(figure)
