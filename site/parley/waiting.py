"""The waiting room: polls wait here, on the event loop, until their room has news.

Flask answers every poll; the waiting room only decides when to ask it. It asks at once, waits
if there is nothing new, and asks again when the bulletin speaks of the room, or when the hold
ends. Correctness never depends on it: without it the same page polls once a second.
"""

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

FEED = re.compile(r"/rooms/([0-9]{1,18})/feed")

App = Callable[..., Awaitable[None]]


class WaitingRoom:
    """An ASGI application in front of another one."""

    def __init__(self, app: App, hold: float, per_login: int, most: int):
        self.app, self.hold, self.per_login, self.most = app, hold, per_login, most
        self._waiting: dict[int, set[Poll]] = defaultdict(set)
        self._of_login: dict[bytes, deque[Poll]] = defaultdict(deque)
        self._count = 0
        self._closed = False

    async def __call__(self, scope, receive, send) -> None:
        """Hold polls, pass everything else on."""
        match = FEED.fullmatch(scope["path"]) if scope["type"] == "http" else None
        full = self._closed or not self.hold or self._count >= self.most
        if match is None or scope["method"] != "GET" or full:
            # A page's first poller says, too, whether it will be held.
            said = scope if full else scope | {"parley": {"holds": True}}
            await self.app(said, receive, send)
            return
        poll = Poll(int(match[1]), scope)
        with Seat(self, poll):
            await self._answer(poll, scope, send)

    async def _answer(self, poll: "Poll", scope, send) -> None:
        answer = await self._ask(scope, "first")
        loop = asyncio.get_running_loop()
        end = loop.time() + self.hold
        # Whatever is not "nothing new" goes out as it is: news, a sign-in, an error.
        while answer[0]["status"] == 204 and not poll.gives_way:
            try:
                await asyncio.wait_for(poll.called.wait(), end - loop.time())
                poll.called.clear()
            except TimeoutError:
                pass
            over = self._closed or loop.time() >= end
            if not poll.gives_way:
                answer = await self._ask(scope, "last" if over else "first")
        for event in answer:
            await send(event)

    async def _ask(self, scope, which: str) -> list[dict]:
        """Flask's answer to the poll, as the events that would send it."""
        events: list[dict] = []

        async def send(event):
            events.append(event)

        await self.app(scope | {"parley": {"poll": which}}, _nothing, send)
        return events

    def called(self, room_id: int, revision: int) -> None:
        """A room is at a revision: wake the polls that have not seen it. On the event loop only."""
        for poll in self._waiting.get(room_id, ()):
            if poll.after < revision:
                poll.called.set()

    @property
    def is_empty(self) -> bool:
        """Whether nobody waits."""
        return not self._waiting

    def close(self) -> None:
        """Answer all polls now and hold no more: the server is about to stop."""
        self._closed = True
        for polls in self._waiting.values():
            for poll in polls:
                poll.called.set()

    def enter(self, poll: "Poll") -> None:
        """Take a seat; the oldest poll of the same login gives way when it has too many."""
        self._count += 1
        self._waiting[poll.room_id].add(poll)
        mine = self._of_login[poll.login]
        mine.append(poll)
        if poll.login and len(mine) > self.per_login:
            oldest = mine.popleft()
            oldest.gives_way = True
            oldest.called.set()

    def leave(self, poll: "Poll") -> None:
        """Give the seat up."""
        self._count -= 1
        for seats, key in ((self._waiting, poll.room_id), (self._of_login, poll.login)):
            group = seats[key]  # type: ignore[index]
            if poll in group:
                group.remove(poll)
            if not group:
                del seats[key]  # type: ignore[arg-type]


class Poll:
    """One request that waits: for which room, what it has seen, whose it is."""

    def __init__(self, room_id: int, scope):
        after = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[0]
        self.room_id = room_id
        self.after = int(after[:18]) if after.isascii() and after.isdigit() else 0
        self.login = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
        self.called = asyncio.Event()
        self.gives_way = False


class Seat:
    """A poll's place in the waiting room, for as long as the block lasts."""

    def __init__(self, room: WaitingRoom, poll: Poll):
        self.room, self.poll = room, poll

    def __enter__(self) -> None:
        self.room.enter(self.poll)

    def __exit__(self, *_) -> None:
        self.room.leave(self.poll)


async def _nothing() -> dict:
    return {"type": "http.request", "body": b"", "more_body": False}
