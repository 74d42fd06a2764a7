"""Pages that ask for their list at the side, in turns, each with the tag that it was last given.

The task: port, `people` (for each the room that they look at, and their cookie). An order:
`seconds` and `rate`. They say that they have all of their room: the server knows how much that is.
"""

import asyncio
import re
import time

from tests.bench.clients import orders

TAG = re.compile(rb'\r\netag: (?:W/)?"(\w+)', re.IGNORECASE)
ASK = (
    "GET /side?room={room}&title=Room&seen=999999999 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "HX-Request: true\r\nHX-Request-Type: partial\r\nAccept: text/html\r\n"
    'Accept-Encoding: gzip\r\nCookie: {cookie}\r\nIf-None-Match: "TAG"\r\n\r\n'
)
CONNECTIONS = 8


class Lists:
    """All of them."""

    def __init__(self, task: dict):
        self.port = task["port"]
        self.requests = [ASK.format(**one).encode() for one in task["people"]]
        self.tags = [b"none"] * len(self.requests)
        self.next = 0

    async def act(self, order: dict) -> dict:
        """Ask at a steady pace; how many answers were the list, a 304, something else."""
        told = {"lists": 0, "same": 0, "refused": 0}
        due: asyncio.Queue = asyncio.Queue()
        workers = [asyncio.create_task(self.work(due, told)) for _ in range(CONNECTIONS)]
        began = time.monotonic()
        for number in range(int(order["rate"] * order["seconds"])):
            await asyncio.sleep(max(0, began + number / order["rate"] - time.monotonic()))
            due.put_nowait(self.next)
            self.next = (self.next + 1) % len(self.requests)
        await due.join()
        for worker in workers:
            worker.cancel()
        return told

    async def work(self, due: asyncio.Queue, told: dict) -> None:
        """One connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while True:
            which = await due.get()
            writer.write(self.requests[which].replace(b"TAG", self.tags[which]))
            head = await reader.readuntil(b"\r\n\r\n")
            if size := re.search(rb"content-length: (\d+)", head, re.IGNORECASE):
                await reader.readexactly(int(size[1]))
            status = head[9:12]
            told[{b"200": "lists", b"304": "same"}.get(status, "refused")] += 1
            if tag := TAG.search(head):
                self.tags[which] = tag[1]
            due.task_done()


async def start(task: dict) -> orders.Started:
    """Nothing is asked yet."""
    return Lists(task).act


if __name__ == "__main__":
    orders.run(start)
