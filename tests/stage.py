"""The waiting room alone, for tests: an application and a feed that each test plays."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from parley.entrance import Entrance
from parley.talk.clock import Variant
from parley.talk.feed import Shared
from parley.talk.tickets import Ticket, Tickets
from parley.waiting import WaitingRoom

TICKETS = Tickets("a secret")
HERE = Variant("Europe/Berlin", "de")


class Feed:
    """A room's history as bytes; counts how often it is read."""

    tickets = TICKETS
    headers = ((b"content-type", b"text/html"),)
    headers_of_head = (*headers, (b"hx-trigger", b"side"))

    def __init__(self):
        self.revision, self.reads, self.revoked, self.head = 0, 0, [], 0
        self.rendered = []  # for whom, of all readings

    def read(self, room_id, seen, revocation):
        self.reads += 1
        self.rendered += seen
        newer = [one for one in self.revoked if one.number > revocation]
        head = self.head > min((after for _, after in seen), default=self.revision)
        return {one: Shared(self.revision, self._says(*one), b"", newer, head) for one in seen}

    def _says(self, variant, after):
        other = "" if variant == HERE else f" {variant.zone} {variant.language}"
        return f"{after}-{self.revision}{other}".encode() if after != self.revision else b""

    def poller(self, room_id, after):
        return f"poller {after}".encode()


class Stage:
    """The waiting room between people and an application that always says `flask`."""

    def __init__(self, hold=5.0, per_login=4, most=100):
        self.feed, self.lane = Feed(), ThreadPoolExecutor(1)
        self.room = WaitingRoom(self.feed, self.lane, hold, per_login, most)
        self.entrance = Entrance(self.flask, self.room)
        self.asked, self.answer = [], (200, b"flask", ())

    async def flask(self, scope, receive, send):
        self.asked.append(scope["parley.holds"])
        status, body, headers = self.answer
        start = {"type": "http.response.start", "status": status, "headers": list(headers)}
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def polls(self, after=0, ticket: Ticket | None = None, room=1, cookie=b"") -> asyncio.Task:
        """Ask for news."""
        if ticket:
            cookie = b"parley=x; ticket=" + TICKETS.write(ticket).encode()
        scope = {"type": "http", "method": "GET", "path": f"/rooms/{room}/feed"}
        scope |= {"query_string": b"after=%d" % after, "headers": [(b"cookie", cookie)]}
        return asyncio.create_task(self._polls(scope))

    async def _polls(self, scope):
        events = []

        async def send(event):
            events.append(event)

        await self.entrance(scope, None, send)
        self.headers = events[0].get("headers", [])
        return events[0]["status"], events[1]["body"]

    def happens(self, revision: int) -> None:
        """A change is committed, and then told."""
        self.feed.revision = revision
        self.room.called(1, revision)


def played(scene):
    """Run a scene on a loop of its own."""

    def run():
        async def main():
            stage = Stage()
            try:
                await asyncio.wait_for(scene(stage), 10)
            finally:
                stage.room.close()
                await asyncio.sleep(0.05)
                stage.lane.shutdown()

        asyncio.run(main())

    run.__name__ = scene.__name__
    return run


def ticket(login=1, person=1, room=1, seen=0, variant=HERE) -> Ticket:
    """Good for the Lobby."""
    return Ticket(room, login, person, seen, variant)


async def settled() -> None:
    """Let everything happen that can."""
    await asyncio.sleep(0.05)
