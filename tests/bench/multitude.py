"""Ten thousand in one room for longer: what it costs that they wait, a message every two seconds,
and how soon all are back after the server was killed.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.meter import Client, Meter, client, medians, p99
from tests.bench.places import Place, place

SIZE = 10_000
TURNS = 3
HOLD = 25  # seconds: each window of idling has every poll end once
MESSAGES, PAUSE = 30, 2
PATIENCE = 60  # seconds after the last message; what is not had by then never comes
ESTABLISHED = "01"  # in /proc/net/tcp


def figures() -> Iterator[Figure]:
    """All of one server and one crowd."""
    with place() as ours, client("polls", port=ours.server.port, people=ours.people(SIZE)) as crowd:
        yield messages(ours, crowd)
        yield idle(ours, crowd)
        yield kills(ours, crowd)


def messages(ours: Place, crowd: Client) -> Figure:
    """A message every two seconds for a minute."""
    ours.says()
    crowd.ask(seconds=PATIENCE, until=SIZE)
    meter, first = Meter(crowd.process.pid), ours.revision() + 1
    used, began = meter.cpu(), time.monotonic()
    for number in range(MESSAGES):
        time.sleep(max(0.0, began + number * PAUSE - time.monotonic()))
        ours.says()
    told = crowd.ask(seconds=PATIENCE, until=MESSAGES * SIZE)  # all since the last order
    busy = (meter.cpu() - used) / (time.monotonic() - began)
    times = [
        (at - began - number * PAUSE) * 1e3  # since it was due
        for number in range(MESSAGES)
        for at in told["came"].get(f"1:{first + number}", [])
    ]
    what = f"{SIZE:,} in one room, a message every {PAUSE} s for a minute: p99"
    missed = MESSAGES * SIZE - len(times)
    times += [PATIENCE * 1e3] * missed
    note = f"{missed:,} were not had" if missed else f"all {SIZE:,} got all {MESSAGES}"
    return Figure(what, p99(times), "ms", 600, busy=busy, note=note)


def idle(ours: Place, crowd: Client) -> Figure:
    """Nobody says anything; each poll ends once in each window and is armed again."""
    rounds = []
    time.sleep(HOLD / 2)  # all had the last message at once, so all holds end in one moment
    crowd.ask(seconds=0)
    for _ in range(TURNS):
        used, began = ours.meter.cpu(), time.monotonic()
        told = crowd.ask(seconds=HOLD)
        share = (ours.meter.cpu() - used) / (time.monotonic() - began) * 100
        rounds.append((share, told["answers"], told["busy"]))
    share, answers, busy = medians(rounds)
    what = f"idle with {SIZE:,} waiting, re-arms counted"
    note = f"{answers:,.0f} re-arms in {HOLD} s"
    return Figure(what, share, "% of a core", 3.5, busy=busy, note=note)


def kills(ours: Place, crowd: Client) -> Figure:
    """SIGKILL and a new start; people ask again each second, as the page does."""
    rounds = [kill(ours, crowd) for _ in range(TURNS)]
    seconds, starts, busy, _ = medians(rounds)
    what = f"SIGKILL with {SIZE:,} waiting: all held again, from the start of the process"
    reached = min(one[-1] for one in rounds)
    note = f"it answered after {starts:.1f} s; a message then reached {reached:,}"
    return Figure(what, seconds, "s", 3, busy=busy, note=note)


def kill(ours: Place, crowd: Client) -> tuple[float, float, float, int]:
    """Seconds from the new process to all polls held and to its first answer, the client's share
    of a core until it had asked for all of them, and how many a message reached then."""
    crowd.begin(cut=SIZE)
    ours.server.kill()
    began = time.monotonic()
    ours.meter.pid = ours.server.start().process.pid
    answered = time.monotonic() - began
    busy = crowd.end()["busy"]
    while held(ours.server.port) < SIZE:
        time.sleep(0.05)
    passed = time.monotonic() - began
    crowd.ask(seconds=0)
    crowd.begin(seconds=PATIENCE, until=SIZE)
    revision = ours.says()["revision"]
    came = crowd.end()["came"].get(f"1:{revision}", [])
    return passed, answered, busy, len(came)


def held(port: int) -> int:
    """The connections that the server has taken, less those with something it has not yet read."""
    count, own = 0, f":{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, queues, *_, inode = line.split()[:10]
        is_taken = state == ESTABLISHED and inode != "0"
        count += local.endswith(own) and is_taken and queues.endswith(":00000000")
    return count


if __name__ == "__main__":
    for figure in figures():
        print(figure)
