"""The database and its two doors: `reading()` and `writing()`.

A connection is held only inside a door, never while a poll sleeps. Not for rules of the
chat: those are in talk/.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, PendingRollbackError

from parley.store.errors import Busy, Full

QUEUE = 64  # writers that may wait for their turn; one more is told to come back
PATIENCE, LITTLE = 8.0, 0.1  # seconds a writer waits; little: for what another time will do too
AWAY = "The database cannot be reached. Try again in a few seconds."
POOL = {"pool_size": 12, "max_overflow": 4}  # connections


class Database:
    """One database, SQLite or PostgreSQL, by its URL."""

    def __init__(self, url: str):
        self.url = make_url(url)
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = create_engine(self.url, **POOL, pool_pre_ping=not self.is_sqlite)
        if self.is_sqlite:
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            event.listen(self.engine, "connect", _prepare_sqlite)
        # One moment for all statements, which SQLite gives by itself.
        reads = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self.engine.execution_options(**reads)
        self._places = threading.Semaphore(QUEUE + 1)  # of the waiting and the one that writes
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database."""
        with _told_plainly(), self._reader.begin() as connection:
            if self.is_sqlite:
                begin_sqlite(connection, "BEGIN")
            yield connection

    @contextmanager
    def writing(self, patience: float = 0) -> Iterator[Connection]:
        """One transaction: kept if the block ends, undone if it raises.

        Raises Busy when too many wait or the database stays locked for longer than `patience`
        in seconds (usually PATIENCE), Full when the disk is.
        """
        turn = self._one_at_a_time(patience or PATIENCE) if self.is_sqlite else nullcontext()
        waits = f"{(patience or PATIENCE) * 1000:.0f}"  # milliseconds
        with _told_plainly(), turn, self.engine.connect() as connection:
            if self.is_sqlite:  # before BEGIN, so not by the connection, which would begin
                driver: Any = connection.connection.driver_connection
                driver.execute(f"PRAGMA busy_timeout = {waits}")
            try:
                with connection.begin():
                    if self.is_sqlite:
                        begin_sqlite(connection)
                    else:
                        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {waits}")
                    yield connection
            finally:
                if self.is_sqlite and patience:  # who reads by this connection has more
                    driver.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")

    @contextmanager
    def _one_at_a_time(self, patience: float) -> Iterator[None]:
        # One writer in the process: SQLite takes one anyhow, and two connections that
        # checkpoint the write-ahead log at once have met a rare bug before SQLite 3.51.3.
        if not self._places.acquire(blocking=False):
            raise Busy()
        try:
            if not self._turn.acquire(timeout=patience):
                raise Busy()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def once(c: Connection, insertion: Executable) -> bool:
    """Insert a row unless there is one like it already; whether it is new."""
    try:
        with c.begin_nested():  # on PostgreSQL a failure would end the whole transaction
            c.execute(insertion)
    except IntegrityError:
        return False
    return True


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        words = str(error.orig).lower()
        if any(said in words for said in ("locked", "busy", "lock timeout", "deadlock")):
            raise Busy() from error
        if "full" in words or "no space" in words:
            raise Full() from error
        if error.connection_invalidated or "connection" in words or "database system" in words:
            raise Busy(AWAY) from error  # PostgreSQL goes, is gone, or is about to come back
        raise
    except (DBAPIError, PendingRollbackError) as error:
        if getattr(error, "connection_invalidated", True):  # it went between two statements
            raise Busy(AWAY) from error
        raise


def _prepare_sqlite(connection, _record) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute("PRAGMA journal_mode = WAL")
    # With NORMAL a power cut loses posts that were acknowledged.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 8000")


def begin_sqlite(connection: Connection, begin: str = "BEGIN IMMEDIATE") -> None:
    """Say it to the driver itself; SQLAlchemy's own `begin` says nothing to SQLite.

    IMMEDIATE for writers: a deferred BEGIN that reads first dies "database is locked". Not by a
    listener to SQLAlchemy's events: where there is one, every statement takes a quarter longer.
    """
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(begin)
    except sqlite3.OperationalError as error:
        raise OperationalError(begin, None, error) from error
