"""One message to a crowd in one room: when the last one has it, and what it costs the server.

Three servers hold the same crowd at the same time and are told in turns: Parley (a durable post,
rendered, the next polls included), a room of Flask-SocketIO (no database), and a bare asyncio
server. All send the same bytes.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tests.bench.figures import Figure
from tests.bench.meter import Client, Meter, client, medians, p99
from tests.bench.places import Place, other, place
from tests.callers import Caller
from tests.servers import Server

TRIALS = 3  # each with new servers
ROUNDS = 3  # of each trial; one more before them is not counted
SIZES = 1000, 10_000
NAMES = "Parley", "Flask-SocketIO", "bare asyncio"


class Round(NamedTuple):
    """One message, or the medians of many: milliseconds to the middle, the 99th of 100 and the
    last person, microseconds of CPU for each, the client's share of a core, and the kilobytes
    that each who waits has added."""

    middle: float
    late: float
    last: float
    cpu: float
    busy: float
    memory: float


@dataclass(frozen=True)
class Side:
    """One server with its crowd."""

    meter: Meter
    client: Client
    post: Callable[[], object]
    memory: float = 0

    def round(self, size: int) -> Round:
        """One message to all of them."""
        used, began = self.meter.cpu(), time.monotonic()
        self.client.begin(until=size, seconds=60)
        self.post()
        told = self.client.end()
        time.sleep(0.3 + size / 20_000)  # for the next polls
        cpu = (self.meter.cpu() - used) / size * 1e6
        came = [(at - began) * 1e3 for times in told["came"].values() for at in times]
        assert len(came) == size
        middle = statistics.median(came)
        return Round(middle, p99(came), max(came), cpu, told["busy"], self.memory)


def figures() -> Iterator[Figure]:
    """All of both sizes."""
    for size in SIZES:
        yield from one_size(size)


def one_size(size: int) -> Iterator[Figure]:
    """What a crowd of this size gives."""
    trials = [trial(size) for _ in range(TRIALS)]
    ours, rival, bare = (Round(*medians([r for one in trials for r in one[n]])) for n in NAMES)
    small, crowd = size == SIZES[0], f"{size:,} people"
    last = f"one message to {crowd} in one room: the last has it"
    busy = {rival: max(ours.busy, rival.busy), bare: max(ours.busy, bare.busy)}
    row = last, ours.last, "ms", None, NAMES[1], rival.last, 0.9 if small else None
    yield Figure(*row, busy=busy[rival])
    row = last, ours.last, "ms", None if small else 400, NAMES[2], bare.last
    yield Figure(*row, busy=busy[bare])
    for what, own, others in (
        (f"... half of {crowd} have it", ours.middle, rival.middle),
        (f"... 99 of 100 of {crowd} have it", ours.late, rival.late),
    ):
        yield Figure(what, own, "ms", None, NAMES[1], others, busy=busy[rival])
    what = f"CPU for a delivered message and the next poll, {crowd}"
    yield Figure(what, ours.cpu, "us", 85, NAMES[1], rival.cpu)
    yield Figure(what, ours.cpu, "us", None, NAMES[2], bare.cpu)
    what = f"memory for a waiting person, {crowd}"
    yield Figure(what, ours.memory, "kB", 13, NAMES[1], rival.memory, 0.25)


def trial(size: int) -> dict[str, list[Round]]:
    """The rounds of each server."""
    with three(size) as sides:
        rounds = [
            {name: side.round(size) for name, side in sides.items()} for _ in range(ROUNDS + 1)
        ]
    return {name: [one[name] for one in rounds[1:]] for name in NAMES}


@contextmanager
def three(size: int) -> Iterator[dict[str, Side]]:
    """The three servers, each with its crowd."""
    with ExitStack() as stack, tempfile.NamedTemporaryFile() as file:
        ours = stack.enter_context(place())
        file.write(answer(ours))
        file.flush()
        waits = partial(waiting, stack, size)
        sides = [waits(ours.server, ours.says, "polls", ours.people(size))]
        strangers = [(1, 0, ours.poll(number)) for number in range(size)]
        for module, kind, people in (("room", "sockets", size), ("bare", "polls", strangers)):
            server, _ = stack.enter_context(other(module, ANSWER=file.name))
            post = partial(Caller(server).ask, "POST", "/")
            sides.append(waits(server, post, kind, people))
        yield dict(zip(NAMES, sides, strict=True))


def waiting(stack: ExitStack, size: int, server: Server, post, kind: str, people) -> Side:
    """A server with its crowd, and the memory that the crowd has added."""
    meter = Meter(server.process.pid)
    before = meter.memory()
    crowd = stack.enter_context(client(kind, port=server.port, people=people))
    return Side(meter, crowd, post, (meter.memory() - before) / size)


def answer(ours: Place) -> bytes:
    """What a poll brings when somebody has said something."""
    before = ours.revision()
    ours.says()
    path = f"/rooms/1/feed?after={before}"
    return ours.owner.ask("GET", path, HX_Request="true", HX_Request_Type="partial").body


if __name__ == "__main__":
    for figure in figures():
        print(figure)
