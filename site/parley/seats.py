"""Who waits in the waiting room: by room, by login, and since when."""

import asyncio
from collections import defaultdict
from itertools import takewhile

from parley.talk.feed import Shared
from parley.talk.tickets import Ticket

TICK = 0.1  # seconds between two looks whose hold has ended


class Poll:
    """One request that waits: for which room, what it has seen, whose it is, how long."""

    __slots__ = ("after", "bell", "end", "gives_way", "ticket")  # there are thousands

    def __init__(self, ticket: Ticket, after: int, end: float):
        self.ticket, self.after, self.end = ticket, after, end
        self.bell: asyncio.Future | None = None
        self.gives_way = False

    def ring(self, news: Shared | None = None) -> None:
        """Here is what to say; without news: look again whether there is something."""
        if self.bell and not self.bell.done():
            self.bell.set_result(news)

    def rung(self) -> asyncio.Future:
        """To be waited for: the news with which the bell rings, or None."""
        self.bell = asyncio.get_running_loop().create_future()
        return self.bell


class Seats:
    """The polls that wait, in dicts without values: the oldest first."""

    def __init__(self, per_login: int):
        self.per_login = per_login
        self.polls: dict[Poll, None] = {}
        self.of_room: dict[int, dict[Poll, None]] = defaultdict(dict)
        self._of_login: dict[int, dict[Poll, None]] = defaultdict(dict)
        self._timer: asyncio.TimerHandle | None = None

    def take(self, poll: Poll) -> None:
        """Let it wait; the oldest of too many of a login gives way."""
        loop, ticket = asyncio.get_running_loop(), poll.ticket
        self._timer = self._timer or loop.call_later(TICK, self._end_holds, loop)
        mine = self._of_login[ticket.login_id]
        self.polls[poll] = mine[poll] = self.of_room[ticket.room_id][poll] = None
        if len(mine) > self.per_login:
            oldest = next(iter(mine))
            del mine[oldest]
            oldest.gives_way = True
            oldest.ring()

    def leave(self, poll: Poll) -> None:
        """It is answered."""
        del self.polls[poll]
        places = (self.of_room, poll.ticket.room_id), (self._of_login, poll.ticket.login_id)
        for polls, number in places:
            polls[number].pop(poll, None)
            if not polls[number]:
                del polls[number]

    def _end_holds(self, loop: asyncio.AbstractEventLoop) -> None:
        """A timer for each poll would cost more: all holds are equally long."""
        for poll in takewhile(lambda poll: poll.end <= loop.time(), self.polls):
            poll.ring()
        self._timer = loop.call_later(TICK, self._end_holds, loop) if self.polls else None
