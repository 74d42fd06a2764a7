"""People who wait as Parley's page does: each polls, and polls again after what it has seen.

It speaks just enough HTTP/1.1 to be cheap. The task: port, `people` (for each the room, what they
have seen, and the request, with AFTER for that). Who is cut off asks again each second, as the
page does.
"""

import asyncio
import random
import re
import time

from tests.bench.clients import orders

AFTER = re.compile(rb"after=(\d+)")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Crowd:
    """All of them, and what they have to tell."""

    def __init__(self, port: int):
        self.port = port
        self.arrivals = orders.Arrivals()
        self.answers = self.asked = 0

    async def connect(self, one: "Waiting") -> None:
        """Try until the server takes it."""
        loop = asyncio.get_running_loop()
        phase = loop.time() + random.random()
        while True:
            try:
                await loop.create_connection(lambda: one, "127.0.0.1", self.port)
                return
            except OSError:
                await asyncio.sleep(1 - (loop.time() - phase) % 1)

    async def told(self, order: dict) -> dict:
        """What came; with "cut" wait until all have been cut off and ask again."""
        if "cut" in order:
            self.asked = 0
            while self.asked < order["cut"]:
                await asyncio.sleep(0.01)
            return {"asked": time.monotonic()}
        before = self.answers
        return await self.arrivals.told(order) | {"answers": self.answers - before}


class Waiting(asyncio.Protocol):
    """One person: asks, waits, asks again after the revision that the answer names."""

    def __init__(self, crowd: Crowd, room: int, after: int, request: str):
        self.crowd, self.room, self.after = crowd, room, after
        self.before, _, self.behind = request.encode().partition(b"AFTER")
        self.received = b""

    def connection_made(self, transport):
        """Ask the first time."""
        self.transport = transport
        self.crowd.asked += 1
        self.ask()

    def ask(self):
        """Ask for what is newer."""
        self.transport.write(b"%b%d%b" % (self.before, self.after, self.behind))

    def data_received(self, data):
        """An answer, perhaps in pieces."""
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end or ((size := LENGTH.search(head)) and len(body) < int(size[1])):
            return
        self.crowd.answers += 1
        if (found := AFTER.search(body)) and (revision := int(found[1])) != self.after:
            self.crowd.arrivals.note(self.room, self.after, revision)
            self.after = revision
        self.received = b""
        self.ask()

    def connection_lost(self, exc):
        """Cut off."""
        self.received = b""
        task = asyncio.ensure_future(self.crowd.connect(self))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


tasks: set[asyncio.Future] = set()


async def start(task: dict) -> orders.Started:
    """Connect all."""
    crowd = Crowd(task["port"])
    for one in task["people"]:
        await crowd.connect(Waiting(crowd, *one))
    await asyncio.sleep(1 + len(task["people"]) / 3000)
    return crowd.told


if __name__ == "__main__":
    orders.run(start)
