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

from tests.bench.figures import Figure
from tests.bench.meter import Client, Meter, client, medians, p99
from tests.bench.places import Place, other, place
from tests.callers import Caller

TRIALS = 3  # each with new servers
ROUNDS = 3  # of each trial; one more before them is not counted
SIZES = 1000, 10_000
NAMES = "Parley", "Flask-SocketIO", "bare asyncio"


@dataclass(frozen=True)
class Side:
    """One server with its crowd."""

    meter: Meter
    client: Client
    post: Callable[[], object]
    memory: float  # kilobytes for each who waits

    def round(self, size: int) -> tuple[float, ...]:
        """One message; milliseconds to the middle, the 99th of 100 and the last person,
        microseconds of CPU for each, and the client's share of a core."""
        used, began = self.meter.cpu(), time.monotonic()
        self.client.begin(until=size, seconds=60)
        self.post()
        told = self.client.end()
        time.sleep(0.3 + size / 20_000)  # for the next polls
        cpu = (self.meter.cpu() - used) / size * 1e6
        came = [(at - began) * 1e3 for times in told["came"].values() for at in times]
        assert len(came) == size
        return statistics.median(came), p99(came), max(came), cpu, told["busy"]


def figures() -> Iterator[Figure]:
    """All of both sizes."""
    for size in SIZES:
        yield from one_size(size)


def one_size(size: int) -> Iterator[Figure]:
    """What a crowd of this size gives."""
    trials = [trial(size) for _ in range(TRIALS)]
    ours, rival, bare = (medians([row for one in trials for row in one[name]]) for name in NAMES)
    crowd = f"{size:,} people"
    last = f"one message to {crowd} in one room: the last has it"
    if size == SIZES[0]:
        yield Figure(last, ours[2], "ms", None, NAMES[1], rival[2], 0.9, busy=ours[4])
        yield Figure(last, ours[2], "ms", None, NAMES[2], bare[2], busy=bare[4])
    else:
        yield Figure(last, ours[2], "ms", 400, NAMES[2], bare[2], busy=ours[4])
        yield Figure(last, ours[2], "ms", None, NAMES[1], rival[2], busy=rival[4])
    yield Figure(f"... half of {crowd}", ours[0], "ms", None, NAMES[1], rival[0], busy=rival[4])
    yield Figure(f"... 99 of 100 of {crowd}", ours[1], "ms", None, NAMES[1], rival[1])
    cpu = f"CPU for a delivered message and the next poll, {crowd}"
    yield Figure(cpu, ours[3], "us", 85, NAMES[1], rival[3])
    yield Figure(cpu, ours[3], "us", None, NAMES[2], bare[3])
    memory = f"memory for a waiting person, {crowd}"
    yield Figure(memory, ours[5], "kB", 13, NAMES[1], rival[5], 0.25)


def trial(size: int) -> dict[str, list[tuple[float, ...]]]:
    """The rounds of each server, with its memory at the end of each."""
    with three(size) as sides:
        rounds = [
            {name: side.round(size) for name, side in sides.items()} for _ in range(ROUNDS + 1)
        ]
        return {
            name: [(*one[name], side.memory) for one in rounds[1:]] for name, side in sides.items()
        }


@contextmanager
def three(size: int) -> Iterator[dict[str, Side]]:
    """The three servers, each with its crowd."""
    with ExitStack() as stack, tempfile.NamedTemporaryFile() as file:
        ours = stack.enter_context(place())
        file.write(answer(ours))
        file.flush()
        sides = {
            "Parley": waiting(stack, ours.meter, ours.server, ours.says, "polls", ours.people(size))
        }
        for name, module, kind in zip(
            NAMES[1:], ("room", "bare"), ("sockets", "polls"), strict=True
        ):
            server, meter = stack.enter_context(other(module, ANSWER=file.name))
            post = lambda server=server: Caller(server).ask("POST", "/")  # noqa: E731
            people = size if kind == "sockets" else [(1, 0, ours.poll(n)) for n in range(size)]
            sides[name] = waiting(stack, meter, server, post, kind, people)
        yield sides


def waiting(stack: ExitStack, meter: Meter, server, post, kind: str, people) -> Side:
    """A server with its crowd; what went through it before is none of the crowd's memory."""
    size = people if kind == "sockets" else len(people)
    before = meter.memory()
    crowd = stack.enter_context(client(kind, port=server.port, people=people))
    memory = (meter.memory() - before) / size
    return Side(meter, crowd, post, memory)


def answer(ours: Place) -> bytes:
    """What a poll brings when somebody has said something."""
    before = ours.revision()
    ours.says()
    path = f"/rooms/1/feed?after={before}"
    return ours.owner.ask("GET", path, HX_Request="true", HX_Request_Type="partial").body


if __name__ == "__main__":
    for figure in figures():
        print(figure)
