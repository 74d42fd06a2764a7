"""People who wait as a page of Socket.IO does: each keeps a websocket open (RFC 6455).

The task: port, `people` (their number). It speaks just enough to be cheap: no compression, no
fragments, messages of less than 64 kB.
"""

import asyncio
import re

from tests.bench.clients import orders

AFTER = re.compile(rb"after=(\d+)")
OPEN = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
JOIN, PONG = (b"\x81%c\0\0\0\0%b" % (0x80 | len(text), text) for text in (b"40", b"3"))


class Socket(asyncio.Protocol):
    """One person: opens, comes in, takes what is sent."""

    def __init__(self, arrivals: orders.Arrivals, joined: list):
        self.arrivals, self.joined = arrivals, joined
        self.after, self.received, self.is_open = 0, b"", False

    def connection_made(self, transport):
        """Ask for a websocket."""
        self.transport = transport
        transport.write(OPEN)

    def data_received(self, data):
        """The end of the handshake, then frames."""
        self.received += data
        if not self.is_open:
            head, end, rest = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head
            self.is_open, self.received = True, rest
        while (size := len(self.received)) >= 4:
            length, begin = self.received[1], 2
            if length == 126:
                length, begin = int.from_bytes(self.received[2:4]), 4
            if size < begin + length:
                return
            self.heard(self.received[begin : begin + length])
            self.received = self.received[begin + length :]

    def heard(self, packet: bytes):
        """One packet of Engine.IO: an opening, a ping, or one of Socket.IO."""
        if packet.startswith(b"42"):
            revision = int(AFTER.search(packet)[1])
            self.arrivals.note(1, self.after, revision)
            self.after = revision
        elif packet.startswith(b"40"):
            self.joined.append(self)
        elif packet.startswith((b"0", b"2")):
            self.transport.write(JOIN if packet.startswith(b"0") else PONG)


async def start(task: dict) -> orders.Started:
    """Connect all, and wait until all are in the room."""
    loop, arrivals, joined = asyncio.get_running_loop(), orders.Arrivals(), []
    for number in range(task["people"]):
        await loop.create_connection(lambda: Socket(arrivals, joined), "127.0.0.1", task["port"])
        while number - len(joined) > 200:  # no more handshakes at once than it takes
            await asyncio.sleep(0.01)
    while len(joined) < task["people"]:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    return arrivals.told


if __name__ == "__main__":
    orders.run(start)
