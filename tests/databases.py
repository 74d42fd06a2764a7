"""Databases for tests, brought up to date: a new one, or an old one emptied, which is quicker."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event, text

from parley.store import migrate
from parley.store.db import Database
from parley.store.tables import metadata

POSTGRES = os.environ.get("PARLEY_TEST_POSTGRES", "")


@contextmanager
def sqlite_in(folder: Path) -> Iterator[Database]:
    """A new one in that folder."""
    (folder / "parley.db").write_bytes(_new_sqlite())
    with _closed(Database(f"sqlite:///{folder / 'parley.db'}")) as database:
        yield database


@cache
def _new_sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "parley.db"
        with _closed(Database(f"sqlite:///{path}")) as database:
            migrate.upgrade(database)
        return path.read_bytes()


@contextmanager
def postgres_schema() -> Iterator[str]:
    """The URL of a schema of its own on the server that PARLEY_TEST_POSTGRES names."""
    assert POSTGRES, "CI needs PARLEY_TEST_POSTGRES"
    schema = f"test_{secrets.token_hex(6)}"
    with _closed(Database(POSTGRES)) as server:
        with server.writing() as c:
            c.execute(text(f"CREATE SCHEMA {schema}"))
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
        with server.writing() as c:
            c.execute(text(f"DROP SCHEMA {schema} CASCADE"))


@contextmanager
def postgres_at(url: str) -> Iterator[Database]:
    """The one at that URL."""
    with _closed(Database(url)) as database:
        migrate.upgrade(database)
        yield database


def emptied(database: Database) -> Database:
    """The same: whatever the tests before have left in it is gone. PostgreSQL alone."""
    tables = [str(table) for table in reversed(metadata.sorted_tables)]
    rows = [f"DELETE FROM {table}" for table in tables]
    numbers = [f"SELECT setval('{table}_id_seq', 1, false)" for table in tables]
    with database.writing() as c:
        c.exec_driver_sql("; ".join(rows + numbers))  # at once: each way there and back takes time
    return database


@contextmanager
def _closed(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.close()


@contextmanager
def questions(database: Database) -> Iterator[list[str]]:
    """What SQLite is asked meanwhile, also by statements that go straight to the driver."""
    asked: list[str] = []
    words = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")

    def watch(connection, *_) -> None:
        connection.set_trace_callback(lambda said: said.startswith(words) and asked.append(said))

    event.listen(database.engine, "checkout", watch)
    try:
        yield asked
    finally:
        event.remove(database.engine, "checkout", watch)
        words = ()  # connections that are still watched say nothing more
