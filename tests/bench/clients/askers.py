"""Programs that ask without pause, or at a steady pace, on connections that stay open.

The task: port, `requests` (KEY in one becomes another number each time), `connections`. An order:
`seconds`, and `rate` for a pace; then the time of a request counts from when it was due, so that a
server that stands still is not asked less. With `tell`, each JSON answer's room and revision too.
"""

import asyncio
import itertools
import json
import re
import time
from collections import deque

from tests.bench.clients import orders

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Asker(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, done):
        self.done, self.received = done, b""

    def connection_made(self, transport):
        """Nothing is asked yet."""
        self.transport = transport

    def ask(self, request: bytes, due: float):
        """Send it."""
        self.due = due
        self.transport.write(request)

    def data_received(self, data):
        """An answer, perhaps in pieces."""
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if end and ((size := LENGTH.search(head)) is None or len(body) >= int(size[1])):
            self.received = b""
            self.done(self, head.startswith(b"HTTP/1.1 2"), body)


class Askers:
    """All connections of one client."""

    def __init__(self, task: dict):
        self.task = task
        self.keys = itertools.count(time.time_ns())
        self.free: deque[Asker] = deque()
        self.due: deque[float] = deque()
        self.begin({"seconds": 0})

    def begin(self, order: dict) -> None:
        """Forget what was, and note what is wanted; the first request is the first again."""
        self.requests = itertools.cycle(one.encode() for one in self.task["requests"])
        self.times: list[float] = []
        self.told: list[tuple[float, int, int]] = []
        self.refused = 0
        self.order, self.end = order, time.monotonic() + order["seconds"]

    async def connect(self) -> None:
        """Open all connections."""
        loop = asyncio.get_running_loop()
        for _ in range(self.task["connections"]):
            address = "127.0.0.1", self.task["port"]
            _, asker = await loop.create_connection(lambda: Asker(self.done), *address)
            self.free.append(asker)

    def go(self, asker: Asker, due: float) -> None:
        """Ask the next thing."""
        key = b"%020d" % next(self.keys)
        asker.ask(next(self.requests).replace(b"KEY", key), due)

    def done(self, asker: Asker, good: bool, body: bytes) -> None:
        """One answer is there."""
        now = time.monotonic()
        self.times.append((now - asker.due) * 1000)
        self.refused += not good
        if good and self.order.get("tell"):
            message = json.loads(body)
            self.told.append((asker.due, message["room"], message["made"]))
        if "rate" in self.order:
            if self.due:
                self.go(asker, self.due.popleft())
                return
        elif now < self.end:
            self.go(asker, now)
            return
        self.free.append(asker)

    async def act(self, order: dict) -> dict:
        """Ask for so many seconds, and until the last answer is there."""
        self.begin(order)
        began = time.monotonic()
        if "rate" in order:
            await self.paced(began)
        else:
            while self.free:
                self.go(self.free.popleft(), time.monotonic())
            await asyncio.sleep(order["seconds"])
        while len(self.free) < self.task["connections"]:
            await asyncio.sleep(0.001)
        passed = time.monotonic() - began
        return {"seconds": passed, "times": self.times, "told": self.told, "refused": self.refused}

    async def paced(self, began: float) -> None:
        """Each request when it is due, or as soon after as a connection is free."""
        for number in range(int(self.order["rate"] * self.order["seconds"])):
            due = began + number / self.order["rate"]
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if self.free:
                self.go(self.free.popleft(), due)
            else:
                self.due.append(due)
        while self.due:
            await asyncio.sleep(0.001)


async def start(task: dict) -> orders.Started:
    """Connect all."""
    askers = Askers(task)
    await askers.connect()
    return askers.act


if __name__ == "__main__":
    orders.run(start)
