"""Where the fault runs take place: a server that is not started yet, on each kind of database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.databases import postgres_schema
from tests.servers import Server

SQLITE, POSTGRESQL, TWO = KINDS = "SQLite", "PostgreSQL", "PostgreSQL, two processes"


class Place(Server):
    """A server that a power cut ends with all its processes."""

    def kill(self) -> None:
        """All at once."""
        if self.process:
            self.kill_all()


@contextmanager
def server_on(kind: str, folder: Path, **more: str) -> Iterator[Place]:
    """A server with its data in that folder; `more` is its environment. Any traceback fails."""
    with ExitStack() as stack:
        if kind != SQLITE and "PARLEY_DATABASE" not in more:
            more["PARLEY_DATABASE"] = stack.enter_context(postgres_schema())
        if kind == TWO:
            more["PARLEY_WORKERS"] = "2"
        server = Place(folder / "instance", **more)
        stack.callback(server.kill)
        yield server
        complaints = server.complaints()
        assert not complaints, complaints[0]
