"""The fault runs: a crowd talks, something goes wrong, and the history must still be exact."""

import random
import time
from collections import Counter

from tests.callers import Space
from tests.faults.crowd import Crowd
from tests.faults.history import faults
from tests.servers import Server


def quiet(server: Server, seconds: float, writers: int = 20, pollers: int = 50) -> dict:
    """Nothing goes wrong."""
    with Crowd(Space(server.start()), writers, pollers) as crowd:
        time.sleep(seconds)
    return told(crowd)


def cuts(server: Server, seconds: float, writers: int = 20, pollers: int = 50) -> dict:
    """Every third post is cut at a random byte and sent again with the same key."""
    with Crowd(Space(server.start()), writers, pollers, cuts=0.33) as crowd:
        time.sleep(seconds)
    return told(crowd)


def kills(
    server: Server, times: int, writers: int = 20, pollers: int = 50, apart: float = 0.6
) -> dict:
    """The server is killed in the middle of posts, about every `apart` seconds, and started."""
    back, in_flight = [], []
    with Crowd(Space(server.start()), writers, pollers) as crowd:
        for _ in range(times):
            time.sleep(random.uniform(apart / 2, apart * 1.5))
            in_flight.append(len(crowd.in_flight))
            server.kill()
            began = time.monotonic()
            server.start()
            back.append(time.monotonic() - began)
    busy = sum(count > 0 for count in in_flight)
    return told(crowd) | {"slowest start": round(max(back), 2), "kills with posts in flight": busy}


def told(crowd: Crowd) -> dict:
    """What happened, and what was wrong with it."""
    found = faults(crowd.posts, crowd.views)
    return {
        "posts": len(crowd.posts) - 1,
        "polls": sum(len(view.polls) for view in crowd.views),
        "faults": dict(Counter(fault.partition(":")[0] for fault in found)),
        "first": found[:3],
    }
