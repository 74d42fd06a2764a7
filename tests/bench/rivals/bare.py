"""The reference for the crowd: an asyncio server that knows nothing and sends the same bytes.

PORT comes as an argument, ANSWER in the environment names a file with the answer of a poll: POST,
and everybody gets it.
"""

import asyncio
import os
import re
import resource
import sys
from pathlib import Path

import uvloop

waiting: list[asyncio.Transport] = []
answer = Path(os.environ["ANSWER"]).read_bytes()
posted = 0


class Bare(asyncio.Protocol):
    """Hold a GET; answer all of them at a POST."""

    def connection_made(self, transport):
        """Remember where to answer."""
        self.transport = transport

    def data_received(self, data):
        """A request: all of ours come in one piece."""
        global posted
        if data.startswith(b"POST"):
            posted += 1
            body = re.sub(rb"after=\d+", b"after=%d" % posted, answer)
            head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body)
            held, waiting[:] = waiting[:], []
            for one in held:
                one.write(head + body)
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        elif data.startswith(b"GET /health"):
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n")
        else:
            waiting.append(self.transport)


async def main() -> None:
    """Serve for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Bare, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    uvloop.run(main())
