"""Who waits for news of a room hears here that there is some.

A notice is speed only: the database is the truth, and whoever missed a notice finds the
change there within a second. Within this process it is a call; on PostgreSQL the other
processes hear it too, by LISTEN and NOTIFY.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from parley.store.db import Database

Hearer = Callable[[int, int], object]
ALL = 0  # in place of a room: whose tickets are void
log = logging.getLogger("parley")
AGAIN = 0.3  # seconds until a lost connection is tried again

# A database may hold several installations, each in a schema of its own.
CHANNEL = text("SELECT 'parley_' || current_schema()")
NOTIFY = text("SELECT pg_notify('parley_' || current_schema(), :notice)")


class Bulletin:
    """Notices of changes, to all who listen."""

    def __init__(self, database: Database):
        self._database = database
        self._hearers: list[Hearer] = []
        self._own = secrets.token_hex(8)  # what comes back from PostgreSQL was heard already
        self._closed = threading.Event()

    def listen(self, hear: Hearer) -> None:
        """Call `hear(room_id, revision)` for every change, from the thread that made it.

        A revocation is heard as `hear(ALL, number)`, and `hear(ALL, 0)` says that notices of
        other processes may have been missed.
        """
        if not self._hearers and not self._database.is_sqlite:
            threading.Thread(target=self._hear_others, name="bulletin", daemon=True).start()
        self._hearers.append(hear)

    def changed(self, room_id: int, revision: int) -> None:
        """Say that a room is at a revision: after the commit, never before."""
        self._tell(room_id, revision)
        if not self._database.is_sqlite:
            notice = {"notice": f"{self._own} {room_id} {revision}"}
            with suppress(SQLAlchemyError), self._autocommit() as c:
                c.execute(NOTIFY, notice)

    def revoked(self, number: int | None) -> None:
        """Say that tickets are void, if any are: after the commit, never before."""
        if number:
            self.changed(ALL, number)

    def close(self) -> None:
        """Hear nothing more from others."""
        self._closed.set()

    def _tell(self, room_id: int, revision: int) -> None:
        for hear in self._hearers:
            hear(room_id, revision)

    def _autocommit(self):
        engine = self._database.engine
        return engine.execution_options(isolation_level="AUTOCOMMIT").connect()

    def _hear_others(self) -> None:
        lost, missed = self._database.engine.dialect.loaded_dbapi.Error, False
        while not self._closed.is_set():
            try:
                self._hear_until_it_ends(missed)
            except (SQLAlchemyError, lost) as error:
                log.warning("PostgreSQL's notices are not heard: %s", error)
            except Exception:
                log.exception("PostgreSQL's notices are not heard.")
            missed = True
            self._closed.wait(AGAIN)

    def _hear_until_it_ends(self, missed: bool) -> None:
        with self._autocommit() as c:
            connection = c.connection.driver_connection
            c.detach()  # from the pool: it would go on listening there
            c.exec_driver_sql(f'LISTEN "{c.scalar(CHANNEL)}"')
            if missed:
                self._tell(ALL, 0)
            while not self._closed.is_set():
                for notice in connection.notifies(timeout=AGAIN):
                    process, room_id, revision = notice.payload.split()
                    if process != self._own:
                        self._tell(int(room_id), int(revision))
