"""Who waits in the waiting room: by room and by what they have seen, by login, and since when."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property
from http import HTTPStatus
from itertools import takewhile
from typing import Any

from parley.talk.feed import Seen
from parley.talk.tickets import Ticket

TICK = 0.1  # seconds between two looks whose hold has ended

Header = tuple[bytes, bytes]


class Answer:
    """What polls are answered: one for all who get the same bytes."""

    def __init__(self, status: int, headers: list[Header], body: bytes = b""):
        self.status, self.body = status, body
        self.headers = [*headers, (b"content-length", b"%d" % len(body))] if body else headers

    def events(self, cookies: list[Header]) -> list[dict]:
        """As ASGI sends it, with some cookies."""
        start = {"type": "http.response.start", "status": self.status}
        body = {"type": "http.response.body", "body": self.body}
        return [start | {"headers": [*self.headers, *cookies]}, body]

    @cached_property
    def octets(self) -> bytes:
        """As HTTP/1.1 sends it, today."""
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()
        date = b"date", formatdate(usegmt=True).encode()
        lines = [first, *map(b": ".join, [date, *self.headers]), b"", self.body]
        return b"\r\n".join(lines)


@dataclass(eq=False, slots=True)  # there are thousands
class Poll:
    """One request that waits: for which room, what it has seen, whose it is, how long.

    `answer` is called once: with None when its ticket is void and Flask is to decide.
    """

    ticket: Ticket
    after: int
    gzip: bool
    end: float
    answer: Callable[[Answer | None], None]

    @property
    def seen(self) -> Seen:
        """Who has seen the same gets the same."""
        return self.ticket.variant, self.after


class Seats:
    """The polls that wait, in dicts without values: the oldest first.

    `over` is called with those whose hold has ended.
    """

    def __init__(self, per_login: int, over: Callable[[list[Poll]], None]):
        self.per_login, self.over = per_login, over
        self.polls: dict[Poll, None] = {}
        self._of_room: dict[int, dict[Seen, dict[Poll, None]]] = defaultdict(dict)
        self._of_login: dict[int, dict[Poll, None]] = defaultdict(dict)
        self._timer: asyncio.TimerHandle | None = None

    def take(self, poll: Poll) -> Poll | None:
        """Let it wait; gives the oldest of too many of a login, which does not wait any more."""
        loop, ticket = asyncio.get_running_loop(), poll.ticket
        self._timer = self._timer or loop.call_later(TICK, self._end_holds, loop)
        mine = self._of_login[ticket.login_id]
        alike = self._of_room[ticket.room_id].setdefault(poll.seen, {})
        self.polls[poll] = mine[poll] = alike[poll] = None
        if len(mine) <= self.per_login:
            return None
        oldest = next(iter(mine))
        self.leave(oldest)
        return oldest

    def leave(self, poll: Poll) -> None:
        """It does not wait any more, if it did."""
        if poll in self.polls:
            del self.polls[poll]
            _remove(poll, self._of_login, poll.ticket.login_id)
            of_room = self._of_room[poll.ticket.room_id]
            _remove(poll, of_room, poll.seen)
            if not of_room:
                del self._of_room[poll.ticket.room_id]

    def seen(self, room_id: int) -> list[Seen]:
        """What those have seen who wait for news of a room."""
        return list(self._of_room.get(room_id, ()))

    def rise(self, room_id: int, seen: Seen) -> list[Poll]:
        """All of a room who have seen the same; they do not wait any more."""
        polls = list(self._of_room.get(room_id, {}).get(seen, ()))
        for poll in polls:
            self.leave(poll)
        return polls

    def _end_holds(self, loop: asyncio.AbstractEventLoop) -> None:
        """A timer for each poll would cost more: all holds are equally long."""
        now = loop.time()
        ended = list(takewhile(lambda poll: poll.end <= now, self.polls))
        for poll in ended:
            self.leave(poll)
        self.over(ended)
        self._timer = loop.call_later(TICK, self._end_holds, loop) if self.polls else None


def _remove(poll: Poll, places: dict[Any, dict[Poll, None]], key: Hashable) -> None:
    del places[key][poll]
    if not places[key]:
        del places[key]
