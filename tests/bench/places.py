"""Real servers to measure, and people for their rooms.

The tickets of a crowd are signed here with the server's secret: ten thousand real sign-ins would
take longer than the measurement. Everything else is as in use.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from parley.talk.clock import Variant
from parley.talk.tickets import Ticket, Tickets
from tests.bench.meter import Meter
from tests.callers import PASSWORD, Caller
from tests.servers import Server

SECRET = "for this measurement only"
POLL = (
    "GET /rooms/{}/feed?after=AFTER HTTP/1.1\r\nHost: 127.0.0.1\r\nHX-Request: true\r\n"
    "HX-Request-Type: partial\r\nCookie: {}\r\n\r\n"
)
WORDS = "Hello to all of you"


class Place:
    """A server of Parley, its owner, and what it has used."""

    def __init__(self, server: Server):
        self.server, self.owner = server, Caller(server)
        self.owner.signs_in("/welcome", space="Class 7b", name="Ann", password=PASSWORD)
        self.meter = Meter(server.process.pid)

    def ticket(self, number: int, room: int = 1) -> str:
        """The cookie with which a poll of somebody is held."""
        ticket = Ticket(room, 1000 + number, 1000 + number, 0, Variant())
        return f"ticket={Tickets(SECRET).write(ticket)}"

    def poll(self, number: int, room: int = 1) -> str:
        """The poll of somebody, with AFTER for what they have seen."""
        return POLL.format(room, self.ticket(number, room))

    def people(self, size: int, room: int = 1) -> list[tuple[int, int, str]]:
        """So many people of a room, who have seen all of it, as clients/polls.py takes them."""
        revision = self.revision(room)
        return [(room, revision, self.poll(room * 100_000 + n, room)) for n in range(size)]

    def revision(self, room: int = 1) -> int:
        """How far a room is."""
        path = f"/rooms/{room}/messages?limit=1"
        return json.loads(self.owner.get(path, Accept="application/json"))["revision"]

    def says(self, room: int = 1) -> dict[str, Any]:
        """The owner posts; returns the message."""
        return self.owner.post(f"/rooms/{room}/messages", text=WORDS)

    def post(self, room: int = 1) -> str:
        """A post of the owner's, with KEY for its key."""
        body = urlencode({"text": WORDS, "key": ""}) + "KEY"
        length = len(body) - len("KEY") + 20
        return (
            f"POST /rooms/{room}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Accept: application/json\r\nCookie: parley={self.owner.token}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {length}\r\n\r\n{body}"
        )

    def get(self, path: str) -> str:
        """A page for the owner, as a browser asks for it."""
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: parley={self.owner.token}\r\n"
            "Accept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
        )


@contextmanager
def place(fill: Callable[[Path], None] | None = None, **settings: str) -> Iterator[Place]:
    """A server for as long as the block lasts; `fill` puts rows into its database before."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "instance", PARLEY_SECRET=SECRET, **settings)
        try:
            own = Place(server.start())
            if fill:
                server.stop()
                fill(server.data)
                own.meter = Meter(server.start().process.pid)
            yield own
        finally:
            server.kill()


@contextmanager
def other(name: str, **environment: str) -> Iterator[tuple[Server, Meter]]:
    """A server of rivals/ for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / name, [f"tests.bench.rivals.{name}", "PORT"], **environment)
        try:
            yield server.start(), Meter(server.process.pid)
        finally:
            server.kill()
