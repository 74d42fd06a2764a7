"""The entrance: tells polls from other requests, and lets those with a good ticket wait.

One without goes to Flask, which asks who it is and gives out a ticket. Everything else is passed
on. Not for what a poll waits for: that is the waiting room's.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial

from parley.seats import Answer, Header, Poll
from parley.talk.tickets import Ticket
from parley.waiting import WaitingRoom

FEED = re.compile(r"/rooms/([0-9]{1,18})/feed")
AFTER = re.compile(rb"(?:^|&)after=([0-9]{1,18})(?:&|$)")
TICKET = re.compile(rb"(?:^|;\s*|,)ticket=([\w.:/+-]+)")


class Entrance:
    """An ASGI application in front of another one, with a waiting room."""

    def __init__(self, app: Callable[..., Awaitable[None]], waiting: WaitingRoom):
        self.app, self.waiting = app, waiting

    async def __call__(self, scope, receive, send) -> None:
        """Hold polls, pass everything else on."""
        room_id = self._room(scope)
        # A page's first poller says, too, whether it will be held, and its ticket comes with it.
        scope["parley.holds"] = self.waiting.holds
        if room_id is None or not self.waiting.holds:
            await self.app(scope, receive, send)
            return
        for event in await self._answer(room_id, scope):
            await send(event)

    def take(self, scope, answer: Callable[[Answer | None], None]) -> Poll | None:
        """Let a poll with a good ticket wait for its answer, which `answer` is called with.

        It is called with None when the ticket is void meanwhile and Flask is to decide. Gives
        None for any other request.
        """
        room_id = self._room(scope)
        if room_id is None or not self.waiting.holds:
            return None
        ticket = self._ticket(room_id, scope["headers"])
        return self._seat(ticket, scope, answer) if ticket else None

    def _room(self, scope) -> int | None:
        """The room whose feed is asked for."""
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        match = FEED.fullmatch(scope["path"]) if is_get else None
        return int(match[1]) if match else None

    def _ticket(self, room_id: int, headers: list[Header]) -> Ticket | None:
        for name, value in headers:
            if name in (b"cookie", b"set-cookie") and (found := TICKET.search(value)):
                ticket = self.waiting.feed.tickets.read(found[1].decode())
                if ticket and ticket.room_id == room_id and not self.waiting.is_void(ticket):
                    return ticket
        return None

    async def _answer(self, room_id: int, scope) -> list[dict]:
        """The answer to a poll, as events; without a good ticket Flask gives it, or a ticket."""
        ticket, cookies = self._ticket(room_id, scope["headers"]), []
        while True:
            if ticket is None:
                events = await self._ask(scope)
                cookies = [pair for pair in events[0]["headers"] if pair[0] == b"set-cookie"]
                ticket = self._ticket(room_id, cookies)
                if events[0]["status"] != 204 or ticket is None:
                    return events
            answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
            poll = self._seat(ticket, scope, partial(_settle, answered))
            try:
                answer = await answered
            finally:
                self.waiting.seats.leave(poll)
            if answer:
                return answer.events(cookies)
            ticket = None

    async def _ask(self, scope) -> list[dict]:
        """Flask's answer to the poll, as the events that would send it."""
        events: list[dict] = []

        async def send(event):
            events.append(event)

        await self.app(scope, _nothing, send)
        return events

    def _seat(self, ticket: Ticket, scope, answer: Callable[[Answer | None], None]) -> Poll:
        takes = (value for name, value in scope["headers"] if name == b"accept-encoding")
        seen = AFTER.search(scope["query_string"])
        end = asyncio.get_running_loop().time() + self.waiting.hold
        poll = Poll(ticket, int(seen[1]) if seen else 0, b"gzip" in next(takes, b""), end, answer)
        self.waiting.wait(poll)
        return poll


def _settle(future: asyncio.Future, answer: Answer | None) -> None:
    if not future.done():  # else nobody waits for it any more
        future.set_result(answer)


async def _nothing() -> dict:
    return {"type": "http.request", "body": b"", "more_body": False}
