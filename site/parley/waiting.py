"""The waiting room: polls wait here, on the event loop, until their room has news.

A poll with a good ticket is answered here, with bytes that were rendered once for all who have
seen the same revision. One without goes to Flask, which asks who it is and gives out a ticket.
Correctness never depends on this: under any WSGI server the same page polls once a second.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Protocol

from parley.seats import Poll, Seats
from parley.store.errors import Refused
from parley.talk.feed import Shared
from parley.talk.revocations import Revocation, Scope
from parley.talk.tickets import Ticket, Tickets

FEED = re.compile(r"/rooms/([0-9]{1,18})/feed")
AFTER = re.compile(rb"(?:^|&)after=([0-9]{1,18})(?:&|$)")
TICKET = re.compile(rb"(?:^|;\s*|,)ticket=([\w.-]+)")
log = logging.getLogger("parley")


class Feed(Protocol):
    """What the waiting room asks, from a thread."""

    tickets: Tickets
    headers: list[tuple[bytes, bytes]]

    def read(self, room_id: int, after: int, revocation: int) -> Shared | None:
        """What is new after a revision, and the revocations after a number."""

    def poller(self, room_id: int, after: int) -> bytes:
        """The poller alone, for the end of a hold."""


class WaitingRoom:
    """An ASGI application in front of another one."""

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        feed: Feed,
        lane: Executor,
        hold: float,
        per_login: int,
        most: int,
    ):
        self.app, self.feed, self.lane = app, feed, lane
        self.hold, self.most, self.seats = hold, most, Seats(per_login)
        self.revisions: dict[int, int] = {}  # of each room, as last heard
        self._revoked: dict[Scope, int] = {}  # the newest revocation of each scope
        self.revocation = 0  # the newest of all
        self._telling: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._reading: dict[tuple[int, int], asyncio.Task[Shared | None]] = {}

    async def __call__(self, scope, receive, send) -> None:
        """Hold polls, pass everything else on."""
        match = FEED.fullmatch(scope["path"]) if scope["type"] == "http" else None
        holds = self.hold > 0 and len(self.seats.polls) < self.most
        # A page's first poller says, too, whether it will be held, and its ticket comes with it.
        scope["parley.holds"] = holds
        if match is None or scope["method"] != "GET" or not holds:
            await self.app(scope, receive, send)
            return
        for event in await self._answer(int(match[1]), scope):
            await send(event)

    async def _answer(self, room_id: int, scope) -> list[dict]:
        gzip = b"gzip" in _header(scope, b"accept-encoding")
        ticket, cookies = self._ticket(room_id, scope["headers"]), []
        while True:
            if ticket is None:
                events = await self._ask(scope)
                cookies = [pair for pair in events[0]["headers"] if pair[0] == b"set-cookie"]
                ticket = self._ticket(room_id, cookies)
                if events[0]["status"] != 204 or ticket is None:
                    return events
            poll = Poll(ticket, _after(scope), asyncio.get_running_loop().time() + self.hold)
            self.seats.take(poll)
            try:
                body = await self._body(poll, gzip)
            except Refused as wrong:
                log.error("The feed could not be read: %s", wrong)
                return await self._ask(scope)
            except Exception:
                log.exception("The feed could not be read.")
                return await self._ask(scope)
            finally:
                self.seats.leave(poll)
            if body is not None:
                return self._events(*body, cookies)
            ticket = None  # something was taken away: Flask decides whether that concerns this one

    def _ticket(self, room_id: int, headers: list[tuple[bytes, bytes]]) -> Ticket | None:
        for name, value in headers:
            if name in (b"cookie", b"set-cookie") and (found := TICKET.search(value)):
                ticket = self.feed.tickets.read(found[1].decode())
                if ticket and ticket.room_id == room_id and not self.is_void(ticket):
                    return ticket
        return None

    async def _body(self, poll: Poll, gzip: bool) -> tuple[bytes, bool] | None:
        """Wait until there is something to say; the bytes, and whether they are compressed.

        b"" for one that gives way to a newer poll, None for one whose ticket is void.
        """
        room_id, shared = poll.ticket.room_id, None
        while not poll.gives_way:
            # No pause between these questions and the wait, so no bell is missed.
            if self.revisions.get(room_id) != poll.after:
                shared = await self._read(room_id, poll.after)
                if shared is None:
                    return None
            elif self.hold:
                shared = await poll.rung()
            if self.is_void(poll.ticket):
                return None
            if shared and shared.body:
                compressed = gzip and bool(shared.compressed)
                return (shared.compressed if compressed else shared.body), compressed
            if not self.hold or asyncio.get_running_loop().time() >= poll.end:
                return self.feed.poller(room_id, poll.after), False
        return b"", False

    async def _read(self, room_id: int, after: int) -> Shared | None:
        """One reading for all polls that ask before it begins: none gets an older moment."""
        key = room_id, after
        if key not in self._reading:  # begins when all whose bell rang now have joined in
            self._reading[key] = asyncio.create_task(self._read_now(*key))
        return await asyncio.shield(self._reading[key])  # who leaves takes it from nobody

    async def _read_now(self, room_id: int, after: int) -> Shared | None:
        del self._reading[room_id, after]
        known, loop = self.revisions.get(room_id), asyncio.get_running_loop()
        read = self.feed.read
        shared = await loop.run_in_executor(self.lane, read, room_id, after, self.revocation)
        if shared:
            self.revoked(shared.revoked)
            if known != shared.revision and self.revisions.get(room_id) == known:
                self._is_at(room_id, shared.revision)  # it was quicker than the notice
        return shared

    async def _ask(self, scope) -> list[dict]:
        """Flask's answer to the poll, as the events that would send it."""
        events: list[dict] = []

        async def send(event):
            events.append(event)

        await self.app(scope, _nothing, send)
        return events

    def _events(self, body: bytes, compressed: bool, cookies: list) -> list[dict]:
        start = {"type": "http.response.start", "status": 200 if body else 204}
        headers = [*self.feed.headers, *cookies]
        if body:
            headers.append((b"content-length", b"%d" % len(body)))
        if compressed:
            headers.append((b"content-encoding", b"gzip"))
        return [start | {"headers": headers}, {"type": "http.response.body", "body": body}]

    def is_void(self, ticket: Ticket) -> bool:
        """Whether something was taken away that the ticket does not know of."""
        if ticket.seen >= self.revocation:
            return False
        return any(self._revoked.get(scope, 0) > ticket.seen for scope in ticket.scopes)

    def called(self, room_id: int, revision: int) -> None:
        """A room is at a revision: wake the polls that have not seen it. On the event loop only.

        Notices may overtake each other: an older one says nothing.
        """
        if revision > self.revisions.get(room_id, -1):
            self._is_at(room_id, revision)

    def looked(self, known: dict[int, int], found: list[tuple[int, int]]) -> None:
        """The database was looked at, when `known` was what had been heard of it.

        A room of which more was heard meanwhile is left alone. A lower revision counts here: the
        database is another one.
        """
        for room_id, revision in found:
            heard = self.revisions.get(room_id)
            if heard == known.get(room_id) and heard != revision:
                self._is_at(room_id, revision)

    def _is_at(self, room_id: int, revision: int) -> None:
        self.revisions[room_id] = revision
        for after in {poll.after for poll in self.seats.of_room.get(room_id, ())} - {revision}:
            if (room_id, after) not in self._telling:  # else they are about to be answered
                self._telling[room_id, after] = asyncio.create_task(self._tell(room_id, after))

    async def _tell(self, room_id: int, after: int) -> None:
        """Answer all who have seen the same revision: read once, and each wakes up once."""
        shared = None
        try:
            shared = await self._read(room_id, after)
        except Refused as wrong:  # each asks by itself, and is told by Flask
            log.error("The feed could not be read: %s", wrong)
        except Exception:
            log.exception("The feed could not be read.")
        finally:
            del self._telling[room_id, after]
        for poll in self.seats.of_room.get(room_id, ()):
            if poll.after == after:
                poll.ring(shared)

    def revoked(self, revocations: list[Revocation]) -> None:
        """These tickets are void: wake the polls that hold them. On the event loop only."""
        for one in revocations:
            self._revoked[one.scope] = max(one.number, self._revoked.get(one.scope, 0))
            self.revocation = max(self.revocation, one.number)
        if revocations:
            for poll in self.seats.polls:
                if self.is_void(poll.ticket):
                    poll.ring()

    def people(self) -> set[int]:
        """The ids of all who wait."""
        return {poll.ticket.person_id for poll in self.seats.polls}

    def close(self) -> None:
        """Answer all polls now and hold no more: the server is about to stop."""
        self.hold = 0
        for poll in self.seats.polls:
            poll.ring()


def _header(scope, wanted: bytes) -> bytes:
    return next((value for name, value in scope["headers"] if name == wanted), b"")


def _after(scope) -> int:
    found = AFTER.search(scope["query_string"])
    return int(found[1]) if found else 0


async def _nothing() -> dict:
    return {"type": "http.request", "body": b"", "more_body": False}
