"""Bring the database to the shape that this code expects, at each start."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from parley.store.db import Database, begin_sqlite

HISTORY = Path(__file__).resolve().parents[3] / "db"
LOCK = 7_2027  # any number: PostgreSQL's lock that lets one process migrate at a time


class TooNew(RuntimeError):
    """The database was made by a later Parley; the message says what to do."""


def versions() -> list[str]:
    """All versions in order, from the names of the files in db/versions: 0001, 0002 ..."""
    return sorted(path.stem[:4] for path in (HISTORY / "versions").glob("[0-9]*.py"))


def check(database: Database) -> bool:
    """Whether the database is there and behind this code. Raises TooNew as `upgrade` does."""
    with database.reading() as connection:
        return version(connection) not in (None, versions()[-1])


def upgrade(database: Database, to: str = "head") -> None:
    """Run what is missing up to a version, in one transaction.

    Raises TooNew when the database knows versions that this code does not.
    """
    with database.reading() as connection:
        if version(connection) == versions()[-1]:
            return  # the usual start does not even import Alembic
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # Off before BEGIN: rebuilding a parent table would otherwise delete its children.
            # Detached from the pool, it is closed afterwards, and nobody else meets it so.
            connection.detach()
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if database.is_sqlite:
                begin_sqlite(connection)
            else:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            _run(connection, to)
            if database.is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken:
                    raise RuntimeError(f"a migration broke a reference: {broken}")


def version(connection: Connection) -> str | None:
    """Which one the database has, None for an empty one. Raises TooNew as `upgrade` does."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is not None and found not in versions():
        raise TooNew(
            f"This database has version {found}, this Parley knows up to {versions()[-1]}: "
            "start the newer Parley, or restore a backup made before the update."
        )
    return found


def _run(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(HISTORY))
    command.upgrade(config, to)
