"""The two doors of the database."""

import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError, PendingRollbackError

from parley.store import db
from parley.store.db import Database
from parley.store.errors import Busy, Full
from tests.meeting import at_once

HOLDER = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def database(own_database) -> Database:
    """One of its own: its tables are changed here."""
    return own_database


@pytest.fixture
def counter(database: Database) -> Database:
    """A table with one number."""
    with database.writing() as c:
        c.execute(text("CREATE TABLE counter (n INTEGER)"))
        c.execute(text("INSERT INTO counter VALUES (0)"))
    return database


def count(database: Database) -> int:
    with database.reading() as c:
        return c.scalar(text("SELECT n FROM counter"))


def add_one(database: Database) -> None:
    with database.writing() as c:
        locked = "" if database.is_sqlite else " FOR UPDATE"
        n = c.scalar(text(f"SELECT n FROM counter{locked}"))
        c.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})


def test_a_block_that_ends_is_kept(counter):
    add_one(counter)
    assert count(counter) == 1


def test_what_is_there_already_is_no_error_and_the_block_goes_on(counter):
    with counter.writing() as c:
        c.execute(text("CREATE UNIQUE INDEX one ON counter (n)"))
        assert [db.once(c, text(f"INSERT INTO counter VALUES ({n})")) for n in (0, 5, 5)] == [
            *(False, True, False)
        ]
        c.execute(text("DELETE FROM counter WHERE n = 0"))
    assert count(counter) == 5


def test_a_block_that_raises_is_undone(counter):
    with pytest.raises(KeyError), counter.writing() as c:
        c.execute(text("UPDATE counter SET n = 7"))
        raise KeyError
    assert count(counter) == 0
    add_one(counter)
    assert count(counter) == 1


def test_what_is_read_before_writing_still_holds_when_written(counter):
    assert at_once(*[lambda: add_one(counter)] * 12) == [None] * 12
    assert count(counter) == 12


def test_reading_sees_one_moment(counter):
    with counter.reading() as c:
        before = c.scalar(text("SELECT n FROM counter"))
        add_one(counter)
        assert c.scalar(text("SELECT n FROM counter")) == before
    assert count(counter) == before + 1


def test_reading_does_not_wait_for_a_writer(counter):
    with counter.writing() as c:
        c.execute(text("UPDATE counter SET n = 7"))
        assert count(counter) == 0
    assert count(counter) == 7


def test_a_door_gives_its_connection_back(counter):
    for _ in range(40):
        count(counter)
        add_one(counter)
    assert counter.engine.pool.checkedout() == 0


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("foreign_keys", 1),
        ("busy_timeout", 8000),
    ],
)
def test_every_connection_of_sqlite_is_prepared(sqlite, pragma, value):
    with sqlite.reading() as first, sqlite.reading() as second, sqlite.writing() as third:
        for c in (first, second, third):
            assert c.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_sqlite_writers_begin_immediately_and_readers_do_not(sqlite):
    said: list[str] = []
    with sqlite.reading() as c:  # the one connection that the pool has
        c.connection.driver_connection.set_trace_callback(said.append)
    with sqlite.writing():
        pass
    with sqlite.reading():
        pass
    assert [words for words in said if words.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_one_writer_at_a_time_holds_the_turn_of_sqlite(sqlite):
    inside, most = [], []

    def write():
        with sqlite.writing():
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.005)
            inside.pop()

    assert at_once(*[write] * 8) == [None] * 8
    assert max(most) == 1


def test_more_than_the_queue_holds_are_told_to_come_back(sqlite, monkeypatch):
    monkeypatch.setattr(db, "QUEUE", 3)
    small, told = Database(sqlite.url.render_as_string()), []

    def try_it():
        try:
            told.append(write_nothing(small))
        except Busy:
            told.append("busy")

    threads = [threading.Thread(target=try_it) for _ in range(5)]
    with small.writing():
        for thread in threads:
            thread.start()
        while len(told) < 2:
            threading.Event().wait(0.01)
        assert told == ["busy", "busy"]  # at once, while the other three wait
    for thread in threads:
        thread.join(10)
    assert told == ["busy", "busy", None, None, None]
    write_nothing(small)
    small.close()


def test_a_writer_waits_only_so_long(sqlite, monkeypatch):
    monkeypatch.setattr(db, "PATIENCE", 0.05)
    with sqlite.writing():
        [result] = at_once(lambda: write_nothing(sqlite))
    assert isinstance(result, Busy)
    write_nothing(sqlite)


def test_a_database_locked_by_another_program_is_busy_until_it_lets_go(sqlite, monkeypatch):
    monkeypatch.setattr(db, "PATIENCE", 0.05)
    holder = [sys.executable, "-c", HOLDER, str(sqlite.url.database)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Busy):
            write_nothing(sqlite)
        with sqlite.reading() as c:
            assert c.scalar(text("SELECT 1")) == 1
        other.communicate()
    write_nothing(sqlite)


def test_what_can_wait_for_another_time_gives_up_soon(counter):
    raised = text("UPDATE counter SET n = n + 1")
    url = counter.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with closing(Database(url)) as other:
        with counter.writing() as c:
            c.execute(raised)
            began = time.monotonic()
            with pytest.raises(Busy), other.writing(db.LITTLE) as their:
                their.execute(raised)
            assert time.monotonic() - began < db.PATIENCE / 2
        with other.writing() as their:
            their.execute(raised)
    assert count(counter) == 2


def test_a_full_disk_is_told_and_nothing_is_kept_in_part(sqlite):
    with sqlite.writing() as c:
        c.execute(text("CREATE TABLE counter AS SELECT 0 AS n"))
        pages = c.exec_driver_sql("PRAGMA page_count").scalar()
        c.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Full), sqlite.writing() as c:
        c.execute(text("UPDATE counter SET n = 7"))
        c.execute(text("CREATE TABLE large AS SELECT randomblob(100000)"))
    assert count(sqlite) == 0


def test_other_trouble_keeps_its_own_name(database):
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError), database.reading() as c:
        c.execute(text("SELECT nothing FROM nowhere"))


def test_the_folder_of_a_new_database_is_for_its_owner_alone(tmp_path):
    Database(f"sqlite:///{tmp_path / 'new' / 'parley.db'}").close()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def write_nothing(database: Database) -> None:
    with database.writing():
        pass


def test_a_database_that_is_away_is_said_plainly():
    with closing(Database("postgresql://nobody@127.0.0.1:1/none")) as database:
        for door in (database.reading, database.writing):
            with pytest.raises(Busy, match="cannot be reached") as refused, door():
                pass
            assert refused.value.status == 503 and refused.value.seconds


def test_a_database_that_goes_between_two_statements_is_away_too(database):
    gone = (
        InterfaceError("SELECT", None, Exception("closed"), connection_invalidated=True),
        OperationalError("SELECT", None, Exception("the database system is shutting down")),
        PendingRollbackError("Can't reconnect until invalid transaction is rolled back."),
    )
    for error in gone:
        with pytest.raises(Busy, match="cannot be reached"), database.reading():
            raise error
    with pytest.raises(InterfaceError), database.reading():  # a fault of ours is not hidden
        raise InterfaceError("SELECT", None, Exception("bad parameter"))


def test_two_that_wait_for_each_other_are_told_to_come_back(database):
    deadlock = OperationalError("UPDATE", None, Exception("deadlock detected"))
    with pytest.raises(Busy), database.writing():
        raise deadlock
