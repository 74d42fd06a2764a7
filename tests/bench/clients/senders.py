"""Phones that send photos: each one after the other on its own connection, as a browser does.

The task: port, `phones` (for each the room, its cookie, and the paths of the photos it has to send,
which come round again). An order: `seconds`, to go on for so long without a break; or `each`, so
many photos of each phone at once. Told of each photo: when its upload began, when its last byte
was handed over, when the message stood; and how many were refused.
"""

import asyncio
import itertools
import re
import time
from pathlib import Path

from tests.bench.clients import orders

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
HEAD = (
    "POST /rooms/{}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    "Cookie: parley={}\r\nContent-Type: multipart/form-data; boundary=photo\r\n"
    "Content-Length: {}\r\n\r\n"
)
PART = '--photo\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n\r\n'
END = b"\r\n--photo--\r\n"


class Phone:
    """One connection, and what it sends."""

    def __init__(self, port: int, room: int, cookie: str, paths: list[str]):
        self.port, self.room, self.cookie = port, room, cookie
        self.paths = itertools.cycle(map(Path, paths))

    async def connect(self) -> None:
        """For one order: the server lets go of who has nothing to ask for some seconds."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.transport.set_write_buffer_limits(0)  # so that drain() waits for the last byte

    async def send(self) -> tuple[float, float, float, bool]:
        """The next photo; also whether it was taken."""
        path = next(self.paths)
        body = PART.format(path.name).encode() + path.read_bytes() + END
        began = time.monotonic()
        self.writer.write(HEAD.format(self.room, self.cookie, len(body)).encode())
        self.writer.write(body)
        await self.writer.drain()
        sent = time.monotonic()
        head = await self.reader.readuntil(b"\r\n\r\n")
        await self.reader.readexactly(int(LENGTH.search(head)[1]))
        return began, sent, time.monotonic(), head.startswith(b"HTTP/1.1 201")

    async def go_on(self, order: dict) -> list[tuple]:
        """Send for some time, or so many."""
        await self.connect()
        end, found = time.monotonic() + order.get("seconds", 3600), []
        while time.monotonic() < end and len(found) < order.get("each", 1_000_000):
            found.append(await self.send())
        self.writer.close()
        return found


async def start(task: dict) -> orders.Started:
    """Nobody sends yet."""
    phones = [Phone(task["port"], *one) for one in task["phones"]]

    async def act(order: dict) -> dict:
        told = await asyncio.gather(*(phone.go_on(order) for phone in phones))
        photos = [one for some in told for one in some]
        return {"photos": photos, "refused": sum(not good for *_, good in photos)}

    return act


if __name__ == "__main__":
    orders.run(start)
