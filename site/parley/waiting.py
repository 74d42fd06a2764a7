"""The waiting room: polls wait here, on the event loop, until their room has news.

Flask answers every poll; the waiting room only decides when to ask it. It asks at once, waits
if there is nothing new, and asks again when the bulletin speaks of the room, or when the hold
ends. Correctness never depends on it: without it the same page polls once a second.
"""

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import parse_qs

FEED = re.compile(r"/rooms/([0-9]{1,18})/feed")


class Poll:
    """One request that waits: for which room, what it has seen, whose it is."""

    def __init__(self, room_id: int, scope):
        after = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[0]
        self.room_id = room_id
        self.after = int(after[:18]) if after.isascii() and after.isdigit() else 0
        self.login = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
        self.called = asyncio.Event()
        self.gives_way = False


class WaitingRoom:
    """An ASGI application in front of another one."""

    def __init__(self, app: Callable[..., Awaitable[None]], hold: float, per_login: int, most: int):
        self.app, self.hold, self.per_login, self.most = app, hold, per_login, most
        # Who waits, by room and by login: each a dict without values, the oldest poll first.
        self._polls: dict[int | bytes, dict[Poll, None]] = defaultdict(dict)
        self._count = 0

    async def __call__(self, scope, receive, send) -> None:
        """Hold polls, pass everything else on."""
        match = FEED.fullmatch(scope["path"]) if scope["type"] == "http" else None
        holds = self.hold > 0 and self._count < self.most
        if match is None or scope["method"] != "GET" or not holds:
            # A page's first poller says, too, whether it will be held.
            await self.app(scope | {"parley": {"holds": holds}}, receive, send)
            return
        poll = Poll(int(match[1]), scope)
        with self._seat(poll):
            for event in await self._answer(poll, scope):
                await send(event)

    @contextlib.contextmanager
    def _seat(self, poll: Poll) -> Iterator[None]:
        """A place for as long as the block lasts; the oldest of too many of a login gives way."""
        mine = self._polls[poll.login]
        mine[poll] = self._polls[poll.room_id][poll] = None
        self._count += 1
        if len(mine) > self.per_login:
            oldest = next(iter(mine))
            del mine[oldest]
            oldest.gives_way = True
            oldest.called.set()
        try:
            yield
        finally:
            self._count -= 1
            for key in (poll.login, poll.room_id):
                self._polls[key].pop(poll, None)
                if not self._polls[key]:
                    del self._polls[key]

    async def _answer(self, poll: Poll, scope) -> list[dict]:
        """Wait for whatever is not "nothing new": news, a sign-in, an error."""
        answer = await self._ask(scope, "first")
        loop = asyncio.get_running_loop()
        end = loop.time() + self.hold
        while answer[0]["status"] == 204 and not poll.gives_way:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(poll.called.wait(), end - loop.time())
            poll.called.clear()
            over = not self.hold or loop.time() >= end
            if not poll.gives_way:
                answer = await self._ask(scope, "last" if over else "first")
        return answer

    async def _ask(self, scope, which: str) -> list[dict]:
        """Flask's answer to the poll, as the events that would send it."""
        events: list[dict] = []

        async def send(event):
            events.append(event)

        await self.app(scope | {"parley": {"poll": which}}, _nothing, send)
        return events

    def called(self, room_id: int, revision: int) -> None:
        """A room is at a revision: wake the polls that have not seen it. On the event loop only."""
        for poll in self._polls.get(room_id, ()):
            if poll.after < revision:
                poll.called.set()

    @property
    def is_empty(self) -> bool:
        """Whether nobody waits."""
        return not self._count

    def close(self) -> None:
        """Answer all polls now and hold no more: the server is about to stop."""
        self.hold = 0
        for polls in self._polls.values():
            for poll in polls:
                poll.called.set()


async def _nothing() -> dict:
    return {"type": "http.request", "body": b"", "more_body": False}
