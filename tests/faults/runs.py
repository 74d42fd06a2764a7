"""The fault runs: a crowd talks, something goes wrong, and the history must still be exact."""

import random
import time
from collections import Counter
from datetime import datetime, timedelta

from tests.callers import Space
from tests.faults.crowd import Crowd
from tests.faults.sabotage import set_clock
from tests.servers import Server, until

MANY = (20, 50, 5)  # people who write, read, send photos


def quiet(server: Server, seconds: float, people=MANY) -> dict:
    """Nothing goes wrong."""
    with Crowd(Space(server.start()), *people) as crowd:
        time.sleep(seconds)
    return told(crowd)


def cuts(server: Server, seconds: float, people=MANY) -> dict:
    """Every third post is cut at a random byte and sent again with the same key."""
    with Crowd(Space(server.start()), *people, cuts=0.33) as crowd:
        time.sleep(seconds)
    return told(crowd)


def kills(server: Server, times: int, people=MANY, apart: float = 0.6) -> dict:
    """The server is killed in the middle of posts, about every `apart` seconds, and started."""
    back, in_flight = [], []
    with Crowd(Space(server.start()), *people) as crowd:
        for _ in range(times):
            time.sleep(random.uniform(apart / 2, apart * 1.5))
            in_flight.append(len(crowd.story.in_flight))
            server.kill()
            began = time.monotonic()
            server.start()
            back.append(time.monotonic() - began)
    busy = sum(count > 0 for count in in_flight)
    found = told(crowd)
    if busy < times / 2:
        found["faults"]["idle: at too many of the kills"] = times - busy
    return found | {"slowest start": round(max(back), 2), "kills with posts in flight": busy}


def restarts(server: Server, times: int, people=MANY, apart: float = 0.6) -> dict:
    """The server is stopped as a service manager stops it, and started again, under load."""
    took = []
    with Crowd(Space(server.start()), *people) as crowd:
        for _ in range(times):
            time.sleep(random.uniform(apart / 2, apart * 1.5))
            took.append(server.stop())
            server.start()
    found = told(crowd)
    if slow := sum(seconds > 5 for seconds in took):
        found["faults"]["slow: to stop"] = slow
    return found | {"slowest stop": round(max(took), 2)}


def overload(server: Server, seconds: float, people=MANY, least: int = 0) -> dict:
    """More wait than may be held, which the server's environment says: it slows, never stops.

    It goes on until `least` polls were not held.
    """
    with Crowd(Space(server.start()), *people) as crowd:
        for author in crowd.authors:
            author.pause = 0.5
        time.sleep(seconds)
        until(lambda: _unheld(crowd) >= least, 60)
    return told(crowd) | {"polls not held": _unheld(crowd)}


def _unheld(crowd: Crowd) -> int:
    return sum(reader.unheld for reader in crowd.readers)


def clock(server: Server, seconds: float, people=MANY) -> dict:
    """The machine's clock steps back two hours, then forward a day, then is set right again.

    The server was started with `clock_at`.
    """
    with Crowd(Space(server.start()), *people) as crowd:
        for step in ("-2h", "+1d", "+0"):
            time.sleep(seconds / 4)
            set_clock(server.data.parent, step)
        time.sleep(seconds / 4)
    times = [datetime.fromisoformat(one["time"]) for one in crowd.space.owner.reads()]
    return told(crowd) | {"hours between posts": (max(times) - min(times)) // timedelta(hours=1)}


def told(crowd: Crowd) -> dict:
    """What happened, and what was wrong with it."""
    found, changes = crowd.faults(), crowd.story.changes
    posts = [change for change in changes if change.message == change.words and not change.refused]
    return {
        "posts": len(posts) - 1,
        "with photos": sum(change.photos > 0 for change in posts),
        "changes": sum(change.message != change.words for change in changes),
        "sent again": crowd.story.retries,
        "reactions and pins": len(crowd.marks),
        "answers": sum(len(reader.view.polls) for reader in crowd.readers),
        "faults": Counter(fault.partition(":")[0] for fault in found),
        "first": found[:3],
    }
