"""The load client, a process of its own: N connections that poll, and when each had the news.

It speaks just enough HTTP/1.1 to be cheap. Reads from stdin one JSON line {port, requests, rounds},
and writes one line for each round: the wall-clock times at which the connections had the answer.
"""

import asyncio
import json
import re
import resource
import sys
import time

AFTER = re.compile(rb"after=(\d+)")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Waiting(asyncio.Protocol):
    """One person: asks, waits, asks again after the revision that the answer names."""

    def __init__(self, request: str, came):
        self.request, self.came, self.after = request, came, b"0"
        self.received = b""

    def connection_made(self, transport):
        """Ask the first time."""
        self.transport = transport
        self.ask()

    def ask(self):
        """Ask for what is newer."""
        self.transport.write(self.request.replace("AFTER", self.after.decode()).encode())

    def data_received(self, data):
        """An answer, perhaps in pieces."""
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if end and len(body) >= int(LENGTH.search(head)[1]):
            if found := AFTER.search(body):
                if found[1] != self.after:
                    self.came.append(time.time())
                self.after = found[1]
            self.received = b""
            self.ask()


async def main() -> None:
    """Connect all, say so, and tell of each round when all have its news."""
    task = json.loads(sys.stdin.readline())
    loop, came = asyncio.get_running_loop(), []
    for request in task["requests"]:
        await loop.create_connection(
            lambda request=request: Waiting(request, came), "127.0.0.1", task["port"]
        )
    await asyncio.sleep(1 + len(task["requests"]) / 3000)
    print("ready", flush=True)
    for _ in range(task["rounds"]):
        began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        while len(came) < len(task["requests"]):
            await asyncio.sleep(0.01)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime - began
        print(json.dumps({"came": sorted(came), "client": used}), flush=True)
        came.clear()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    try:
        import uvloop

        uvloop.run(main())
    except ImportError:
        asyncio.run(main())
