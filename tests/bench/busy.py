"""What others do to delivery: many rooms with much to say, and pages loaded without pause."""

import time
from collections.abc import Iterator

from tests.bench import plenty
from tests.bench.crowd import Side
from tests.bench.figures import Figure
from tests.bench.meter import client, medians, p99
from tests.bench.places import place

ROOMS, PEOPLE = 20, 50  # of each room
RATE = 50  # posts a second
TURNS, SECONDS = 3, 10
ROUNDS = 7
SIZE, LOADERS = 1000, 16


def figures() -> Iterator[Figure]:
    """Both."""
    yield many_rooms()
    yield loaded()


def many_rooms() -> Figure:
    """Posts to twenty rooms in turns; everyone in them waits."""
    rooms = range(2, 2 + ROOMS)
    with place(lambda data: plenty.rooms(data, dict.fromkeys(rooms, 0))) as ours:
        people = [one for room in rooms for one in ours.people(PEOPLE, room)]
        port, asked = ours.server.port, [ours.post(room) for room in rooms]
        with (
            client("polls", port=port, people=people) as crowd,
            client("askers", port=port, requests=asked, connections=32) as posters,
        ):
            rounds = [posts(crowd, posters) for _ in range(TURNS + 1)]
    median, late, busy = medians(rounds[1:])
    what = f"rooms of {PEOPLE}, {RATE} posts a second, {ROOMS * PEOPLE:,} people: p99"
    return Figure(what, late, "ms", 15, busy=busy, note=f"median {median:.1f} ms")


def posts(crowd, posters) -> tuple[float, float, float]:
    """Median and p99 in milliseconds from when a post was due to each one's having it."""
    expected = RATE * SECONDS * PEOPLE
    crowd.begin(seconds=SECONDS + 10, until=expected)
    posted = posters.ask(seconds=SECONDS, rate=RATE, tell=True)
    told = crowd.end()
    assert not posted["refused"]
    times = [
        (at - due) * 1e3
        for due, room, made in posted["told"]
        for at in told["came"][f"{room}:{made}"]
    ]
    assert len(times) == expected
    return sorted(times)[expected // 2], p99(times), told["busy"]


def loaded() -> Figure:
    """A message to a thousand, in turns while nobody and while sixteen load room pages."""
    with place(lambda data: plenty.rooms(data, {1: 50})) as ours:
        port, asked = ours.server.port, [ours.get("/rooms/1")]
        with (
            client("polls", port=port, people=ours.people(SIZE)) as crowd,
            client("askers", port=port, requests=asked, connections=LOADERS) as loaders,
        ):
            side = Side(ours.meter, crowd, ours.says)
            rounds = [(side.round(SIZE).last, *under(side, loaders)) for _ in range(ROUNDS + 1)]
    quiet, last, busy, pages = medians(rounds[1:])
    what = f"one message to {SIZE:,} while {LOADERS} connections load room pages: the last has it"
    note = f"{pages:.0f} pages a second meanwhile"
    return Figure(what, last, "ms", 100, "quiet", quiet, 4, busy=busy, note=note)


def under(side: Side, loaders) -> tuple[float, float, float]:
    """Milliseconds to the last one, the client's share of a core, pages a second."""
    loaders.begin(seconds=2)
    time.sleep(0.5)
    found = side.round(SIZE)
    pages = loaders.end()
    return found.last, found.busy, len(pages["times"]) / pages["seconds"]


if __name__ == "__main__":
    for figure in figures():
        print(figure)
