"""A space in which very much was said, about as people write: `just plenty FOLDER` makes one.

A few words are in most messages and most words in a few (Zipf's law). The most common one is in a
third. Twenty rooms are busy; a small one is old, and one person may read nothing else.
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from sqlalchemy import delete, insert, update

from parley.store import migrate, tables
from parley.store.db import Database
from parley.talk import memberships, people, rooms, spaces, spelling

COUNT, BATCH = 1_000_000, 10_000
ROOMS, WORDS = 20, 50_000
SMALL = 1000  # messages of the old room, among the first
COMMON, RARE = "the", "zyzzyva"  # in every third message; in every hundred-thousandth
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
SYLLABLES = "ba be bi bo bu da de di do du fa fe ga go ha he ka ke ki la le li lo ma me mi mo na ne"
SYLLABLES += " ni no pa pe ra re ri ro sa se si so ta te ti to tri stra schul gar ten wald haus"


def fill(database: Database, count: int = COUNT) -> tuple[people.Person, people.Person]:
    """All of it into an empty database; returns who reads all, and who reads the old room only."""
    chance = random.Random(7)
    with database.writing() as c:
        owner = spaces.found(c, "Plenty", "UTC", "Miriam", None)
        reader = people.join(c, "Nina", None)
        authors = [owner.id, reader.id, *(people.join(c, f"P{n}", None).id for n in range(30))]
        ids = [rooms.make(c, owner, f"Room {n}") for n in range(ROOMS)]
        old = rooms.make(c, owner, "Old", kind=rooms.CLOSED, chosen=[reader.id])
        mine = tables.memberships.c
        c.execute(
            delete(tables.memberships).where(mine.person_id == reader.id, mine.room_id != old)
        )
        made = dict.fromkeys([*ids, old], 0)
        lines = sentences(chance)
        for start in range(1, count + 1, BATCH):
            said, found = [], []
            for number in range(start, min(start + BATCH, count + 1)):
                is_old = number % 5 == 0 and number <= 5 * min(SMALL, count // 10)
                room = old if is_old else chance.choice(ids)
                made[room] += 1
                row = {"id": number, "room_id": room, "author_id": chance.choice(authors)}
                row |= {"made": made[room], "revision": made[room], "digest": "", "follows": False}
                row |= {"posted_at": BEGIN + number * timedelta(minutes=3), "text": next(lines)}
                said.append(row)
                told = room, row["author_id"], row["posted_at"], row["text"]
                marks, words = spelling.line(*told, [])
                found.append(
                    {"id": number, "room_id": room, "marks": marks, "words": words, "named": True}
                )
            c.execute(insert(tables.messages), said)
            c.execute(insert(tables.searched), found)
        for room, revision in made.items():
            c.execute(
                update(tables.rooms).where(tables.rooms.c.id == room).values(revision=revision)
            )
            seen = update(tables.memberships).where(mine.room_id == room)
            c.execute(seen.values(seen=revision))
        assert memberships.count(c, old) == 2
    return owner, reader


def sentences(chance: random.Random) -> Iterator[str]:
    """Texts without end, always the same ones for the same chance."""
    parts = SYLLABLES.split()
    vocabulary = ["".join(chance.choices(parts, k=chance.randint(1, 5))) for _ in range(WORDS)]
    weights = list(accumulate(1 / (n + 10) for n in range(WORDS)))
    number = 0
    while True:
        number += 1
        words = chance.choices(vocabulary, cum_weights=weights, k=chance.randint(3, 18))
        if chance.random() < 1 / 3:
            words.insert(chance.randrange(len(words)), COMMON)
        if number % 100_000 == 5:
            words.append(RARE)
        if number % 50 == 0:
            words.append("我们在学校喝茶")
        yield " ".join(words).capitalize() + "."


def main(folder: str) -> None:
    """A new installation in that folder; PARLEY_DATA=FOLDER serves it."""
    path = Path(folder, "parley.db")
    if path.exists():
        sys.exit(f"{path} is there already.")
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    fill(database)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1])
