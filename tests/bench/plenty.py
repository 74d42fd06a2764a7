"""Rooms that are full already: rows straight into the database, in seconds, before the start."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

MESSAGES = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
    INSERT INTO messages
        (room_id, author_id, made, revision, digest, text, follows, posted_at, previous_at)
    SELECT :room, 1, n, n, '', 'Message ' || n || ' of many, about as long as people write them.',
        n % 4 <> 0,
        strftime('%Y-%m-%d %H:%M:%f000', '2026-05-01', (n * 30) || ' seconds'),
        strftime('%Y-%m-%d %H:%M:%f000', '2026-05-01', (n * 30 - 30) || ' seconds')
    FROM numbers"""
ROOM = """
    INSERT INTO rooms (id, name, topic, kind, made_by, made_at, revision)
    VALUES (?, ?, '', 'open', 1, '2026-05-01 00:00:00.000000', 0)"""
IN_IT = """
    INSERT INTO memberships (room_id, person_id, seen, joined_at)
    SELECT :room, id, :count, joined_at FROM people WHERE true
    ON CONFLICT (person_id, room_id) DO UPDATE SET seen = :count"""
FILE = """
    INSERT INTO files (message_id, person_id, room_id, made_at, name, type, size, hash)
    SELECT id, author_id, room_id, posted_at, 'a file.zip', 'application/zip', ?, ?
    FROM messages WHERE id = ?"""


def opened(data: Path) -> closing[sqlite3.Connection]:
    """The database in a data folder."""
    return closing(sqlite3.connect(data / "parley.db", isolation_level=None))


def rooms(data: Path, sizes: dict[int, int]) -> None:
    """Rooms by their ids, and how many messages each is to have; all are in them, all is read."""
    with opened(data) as c:
        c.execute("BEGIN")
        for room, count in sizes.items():
            if not c.execute("SELECT 1 FROM rooms WHERE id = ?", (room,)).fetchone():
                c.execute(ROOM, (room, f"Room {room}"))
            if count:
                c.execute(MESSAGES, {"room": room, "count": count})
            c.execute("UPDATE rooms SET revision = ? WHERE id = ?", (count, room))
            c.execute(IN_IT, {"room": room, "count": count})
        c.execute("COMMIT")


def files(data: Path, count: int, size: int) -> None:
    """Files of so many random bytes, named by the first messages."""
    with opened(data) as c:
        c.execute("BEGIN")
        for number in range(count):
            octets = os.urandom(size)
            digest = hashlib.sha256(octets).hexdigest()
            path = data / "files" / digest[:2] / digest
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(octets)
            c.execute(FILE, (size, digest, number + 1))
        c.execute("COMMIT")
