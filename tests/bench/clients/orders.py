"""What all load clients share. Each is a process of its own, so that it is none of the server's.

It reads its task as one line of JSON, says "ready" when all is connected, and then answers each
further line, an order, with one: what came, and how busy the client itself was meanwhile. Times
are those of the clock that all processes of a machine share.
"""

import asyncio
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable

import uvloop

Started = Callable[[dict], Awaitable[dict]]  # takes an order, gives what is to be told


class Arrivals:
    """When the people of each room had each of its messages."""

    def __init__(self) -> None:
        self.count = 0
        self.times: dict[str, list[float]] = defaultdict(list)  # by "room:revision"

    def note(self, room: int, after: int, revision: int) -> None:
        """Somebody who had seen `after` has the messages up to `revision` now."""
        now = time.monotonic()
        for number in range(after + 1, revision + 1):
            self.times[f"{room}:{number}"].append(now)
            self.count += 1

    async def told(self, order: dict) -> dict:
        """What came in `seconds`; sooner, when as many as `until` have come."""
        end = time.monotonic() + order["seconds"]
        while self.count < order.get("until", sys.maxsize) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        came = dict(self.times)
        self.count, self.times = 0, defaultdict(list)
        return {"came": came}


def run(start: Callable[[dict], Awaitable[Started]]) -> None:
    """Be a load client: `start` takes the task, connects, and gives what answers the orders."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    uvloop.run(_obey(start))


async def _obey(start) -> None:
    line = asyncio.get_running_loop().run_in_executor
    act = await start(json.loads(await line(None, sys.stdin.readline)))
    print("ready", flush=True)
    while order := await line(None, sys.stdin.readline):
        began, used = time.monotonic(), time.process_time()
        told = await act(json.loads(order))
        busy = (time.process_time() - used) / (time.monotonic() - began)
        print(json.dumps(told | {"busy": busy}), flush=True)
