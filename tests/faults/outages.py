"""PostgreSQL goes away in the middle and comes back; ours goes on without a restart."""

import time

from tests.callers import Space
from tests.faults.cluster import Cluster
from tests.faults.crowd import Crowd
from tests.faults.runs import MANY, told
from tests.servers import Server

GOOD = 2.0  # seconds after its return in which all is well again


def outages(server: Server, cluster: Cluster, times: int, people=MANY) -> dict:
    """It is stopped that many times, by turns in order and as if it had crashed."""
    back = []
    with Crowd(Space(server.start()), *people) as crowd:
        for number in range(times):
            time.sleep(0.7)
            cluster.stop("immediate" if number % 2 else "fast")
            time.sleep(0.3)
            cluster.start()
            back.append(_seconds_until_good(crowd))
    found = told(crowd)
    if slow := sum(seconds > GOOD for seconds in back):
        found["faults"]["slow: after its return"] = slow
    return found | {"times away": times, "s until good": round(max(back), 2)}


def _seconds_until_good(crowd: Crowd) -> float:
    """Until somebody's post was acknowledged and each reader was answered."""
    began = time.monotonic()
    posts = len(crowd.story.changes)
    polls = [len(reader.view.polls) for reader in crowd.readers]
    while time.monotonic() < began + 3 * GOOD:
        now = [len(reader.view.polls) for reader in crowd.readers]
        if len(crowd.story.changes) > posts and all(b > a for a, b in zip(polls, now, strict=True)):
            break
        time.sleep(0.01)
    return time.monotonic() - began
