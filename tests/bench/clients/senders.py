"""Phones that send photos, one after the other: up into the tray, then the post that names it.

The task: port, `phones` (for each the room, its cookie, and the paths of the photos it has to send,
which come round again). An order: `seconds`, to go on for so long without a break; or `each`, so
many photos of each phone at once. Told of each photo: when its upload began, when its last byte
was handed over, when the message stood; and how many were refused.
"""

import asyncio
import itertools
import json
import re
import time
from pathlib import Path

from tests.bench.clients import orders

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
HEAD = (
    "POST /rooms/{}/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    "Cookie: parley={}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"
)
FILE = "multipart/form-data; boundary=photo"
PART = '--photo\r\nContent-Disposition: form-data; name="file"; filename="{}"\r\n\r\n'
END = b"\r\n--photo--\r\n"
NAMES = "application/x-www-form-urlencoded"


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
        await self.hand_over("tray", FILE, body)
        sent = time.monotonic()
        went_up, told = await self.answer()
        if went_up:
            await self.hand_over("messages", NAMES, b"tray=%d" % told["id"])
        posted = went_up and (await self.answer())[0]
        return began, sent, time.monotonic(), posted

    async def hand_over(self, what: str, kind: str, body: bytes) -> None:
        """Send a form, to its last byte."""
        head = HEAD.format(self.room, what, self.cookie, kind, len(body))
        self.writer.write(head.encode())
        self.writer.write(body)
        await self.writer.drain()

    async def answer(self) -> tuple[bool, dict]:
        """Whether something was made, and what."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        told = await self.reader.readexactly(int(LENGTH.search(head)[1]))
        is_made = head.startswith(b"HTTP/1.1 201")
        return is_made, json.loads(told) if is_made else {}

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
