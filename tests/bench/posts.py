"""What a post costs, acknowledged and durable, beside bare SQLite transactions of the same shape;
and whether posts wait while a backup is made.
"""

import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

from parley.settings import ROOT
from parley.store import finder
from parley.talk import spelling
from tests.bench import plenty
from tests.bench.figures import Figure
from tests.bench.meter import Client, Meter, client, medians, p99
from tests.bench.places import SECRET, WORDS, Place, place

ROUNDS = 9
SECONDS = 1  # of one round
CONNECTIONS = 8
RATE = 20  # posts a second while a backup is made
QUIET = 6  # seconds before and after each
FILES, FILE_SIZE, MESSAGES = 100, 1_000_000, 300_000
INSERT = """
    INSERT INTO messages
        (room_id, author_id, made, revision, key, digest, text, follows, posted_at, previous_at)
    VALUES (1, 1, ?1, ?1, ?2, ?3, ?4, 1, ?5, ?5) RETURNING id"""
FOUND = "INSERT INTO searched (id, room_id, marks, words, named) VALUES (?, 1, ?, ?, 0)"
NAMED = "UPDATE searched SET named = 1 WHERE id > ? AND NOT named"


def figures() -> Iterator[Figure]:
    """Both."""
    yield from beside_sqlite()
    yield from beside_backup()


def beside_sqlite() -> Iterator[Figure]:
    """Posts and bare transactions in turns, both into a database of Parley's on the same disk."""
    with place() as bare, place() as ours, ExitStack() as stack:
        bare.server.stop()
        asked = [ours.post()]
        crowd, one = (
            stack.enter_context(
                client("askers", port=ours.server.port, requests=asked, connections=count)
            )
            for count in (CONNECTIONS, 1)
        )
        connection = stack.enter_context(closing(opened(bare.server.data)))
        rounds = [
            (*posts(crowd, ours.meter), *posts(one, ours.meter), transactions(connection))
            for _ in range(ROUNDS + 1)
        ]
    many, cpu, busy, single, _, _, reference = medians(rounds[1:])
    what, beside = "posts, acknowledged and durable", "bare SQLite transactions, FULL"
    note = f"{CONNECTIONS} connections"
    row = what, many, "a second", None, beside, reference, None, 0.2
    yield Figure(*row, busy=busy, note=note)
    yield Figure(f"{what}, one after the other", single, "a second", None, beside, reference)
    yield Figure("CPU for a post", cpu, "us")


def posts(asker: Client, meter: Meter) -> tuple[float, float, float]:
    """Posts a second, microseconds of CPU for each, the client's share of a core."""
    used = meter.cpu()
    told = asker.ask(seconds=SECONDS)
    count = len(told["times"])
    assert not told["refused"]
    return count / told["seconds"], (meter.cpu() - used) / count * 1e6, told["busy"]


def opened(data: Path) -> sqlite3.Connection:
    """A database set as Parley sets it."""
    connection = sqlite3.connect(data / "parley.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def transactions(c: sqlite3.Connection) -> float:
    """Bare transactions a second, each with what a post writes and the reads that this needs."""
    marks, words = spelling.line(1, 1, datetime.now(UTC), WORDS, ())
    count, began = 0, time.monotonic()
    while time.monotonic() - began < SECONDS:
        key, now = f"{time.time_ns():020}", "2026-05-01 12:00:00.000000"
        c.execute("BEGIN IMMEDIATE")
        raised = "UPDATE rooms SET revision = revision + 1 WHERE id = 1 RETURNING revision"
        revision = c.execute(raised).fetchall()[0][0]
        newest = "SELECT author_id, posted_at FROM messages WHERE room_id = 1 ORDER BY id DESC"
        c.execute(f"{newest} LIMIT 1").fetchone()
        said = c.execute(INSERT, (revision, key, "0" * 64, WORDS, now)).fetchall()[0][0]
        c.execute("DELETE FROM drafts WHERE person_id = 1 AND room_id = 1")
        c.execute(FOUND, (said, marks, words))
        if said % finder.TOGETHER == 0:
            c.execute(NAMED, (said - 8 * finder.TOGETHER,))
        c.execute("COMMIT")
        count += 1
    return count / (time.monotonic() - began)


def beside_backup() -> Iterator[Figure]:
    """Posts at a steady pace: quiet, then for as long as `parley backup` runs, in turns."""
    with place(fill) as ours:
        asked = [ours.post()]
        with client("askers", port=ours.server.port, requests=asked, connections=32) as asker:
            asker.ask(seconds=2, rate=RATE)
            rounds = [(quiet(asker), *during(asker, ours)) for _ in range(3)]
    before, under, seconds, size, busy = medians(rounds)
    what = f"p99 of a post while a backup of {size:.0f} MB is made"
    note = f"{RATE} posts a second; the backup takes {seconds:.1f} s"
    yield Figure(what, under, "ms", None, "quiet", before, 2, busy=busy, note=note)


def fill(data: Path) -> None:
    """Something to keep."""
    plenty.rooms(data, {1: MESSAGES})
    plenty.files(data, FILES, FILE_SIZE)


def quiet(asker: Client) -> float:
    """p99 in milliseconds."""
    return p99(asker.ask(seconds=QUIET, rate=RATE)["times"])


def during(asker: Client, ours: Place) -> tuple[float, float, float, float]:
    """p99 in milliseconds of the posts that a backup met; its seconds and megabytes."""
    file = ours.server.data.parent / "backup.tar"
    own = {"PYTHONPATH": "site", "PARLEY_DATA": str(ours.server.data), "PARLEY_SECRET": SECRET}
    began = time.monotonic()
    backup = subprocess.Popen(
        [sys.executable, "-m", "parley.cli", "backup", str(file)],
        cwd=ROOT,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
    )
    times, busy = [], []
    while backup.poll() is None:
        told = asker.ask(seconds=0.5, rate=RATE)
        times += told["times"]
        busy.append(told["busy"])
    assert backup.returncode == 0
    passed, size = time.monotonic() - began, file.stat().st_size / 1e6
    return p99(times), passed, size, statistics.median(busy)


if __name__ == "__main__":
    for figure in figures():
        print(figure)
