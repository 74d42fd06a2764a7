"""What a page and a poll cost, beside a Flask that says hello on the same server; and whether a
room with a million messages is slower than one with a thousand.
"""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from tests.bench import plenty
from tests.bench.crowd import Round, Side
from tests.bench.figures import Figure
from tests.bench.meter import client, medians
from tests.bench.places import Place, other, place

ROUNDS = 9
SECONDS = 1  # of one round of one client
LONG = 6  # seconds for both rooms
CONNECTIONS = 16
HELLO = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CROWD = 1000
SMALL, LARGE, HELD = 2, 3, 4  # rooms
SIZES = {1: 50, SMALL: 1000, LARGE: 1_000_000, HELD: 0}


def figures() -> Iterator[Figure]:
    """All of them."""
    with place(lambda data: plenty.rooms(data, SIZES)) as ours:
        yield from beside_hello(ours)
        yield from long_rooms(ours)


def beside_hello(ours: Place) -> Iterator[Figure]:
    """The room page by its rate, the polls by their CPU."""
    with ExitStack() as stack:
        server, hello = stack.enter_context(other("hello"))
        polls = [ours.poll(n).replace("AFTER", str(SIZES[1] - 1)) for n in range(CONNECTIONS)]
        asked = {
            "hello": (server.port, hello, [HELLO]),
            "page": (ours.server.port, ours.meter, [ours.get("/rooms/1")]),
            "poll": (ours.server.port, ours.meter, polls),
        }
        rounds = {}
        for name, (port, meter, requests) in asked.items():
            asker = client("askers", port=port, requests=requests, connections=CONNECTIONS)
            rounds[name] = partial(one_round, stack.enter_context(asker), meter)
        people = ours.people(CROWD, HELD)
        crowd = stack.enter_context(client("polls", port=ours.server.port, people=people))
        rounds["held"] = partial(Side(ours.meter, crowd, lambda: ours.says(HELD)).round, CROWD)
        found = [[one() for one in rounds.values()] for _ in range(ROUNDS + 1)][1:]
    hello, page, poll, held = (medians(column) for column in zip(*found, strict=True))
    yield from compared(hello, page, poll, Round(*held))


def compared(hello, page, poll, held: Round) -> Iterator[Figure]:
    """The figures of the medians."""
    beside = 'Flask "hello", same server'
    what = "the room page as sent: signed in, 50 messages, gzip"
    rates = page[0], "a second", None, beside, hello[0], None
    yield Figure(what, *rates, 0.25, busy=hello[2], note=f"{CONNECTIONS} connections")
    what, row = "CPU of a poll that the waiting room answers", ("us", None, beside, hello[1], 0.6)
    note = f"it has waited with {CROWD:,} others; the post is in it"
    yield Figure(what, held.cpu, *row, busy=held.busy, note=note)
    note = f"it comes late: {CONNECTIONS} connections ask for old news without pause"
    yield Figure(what, poll[1], *row, busy=poll[2], note=note)


def one_round(asker, meter) -> tuple[float, float, float]:
    """Requests a second, microseconds of CPU for each, the client's share of a core."""
    used = meter.cpu()
    told = asker.ask(seconds=SECONDS)
    count = len(told["times"])
    assert not told["refused"]
    return count / told["seconds"], (meter.cpu() - used) / count * 1e6, told["busy"]


def long_rooms(ours: Place) -> Iterator[Figure]:
    """One connection asks for the same in both rooms, one request here, the next one there."""
    count = {SMALL: SIZES[SMALL], LARGE: SIZES[LARGE]}
    with plenty.opened(ours.server.data) as c:
        found = c.execute("SELECT room_id, min(id) FROM messages GROUP BY room_id").fetchall()
        first = dict(found)
    for what, path in {
        "page at the end": lambda room: f"/rooms/{room}",
        "page at the beginning": lambda room: f"/rooms/{room}?around={first[room] + 30}",
        "poll at the end": lambda room: f"/rooms/{room}/feed?after={count[room] - 1}",
        "poll at the beginning": lambda room: f"/rooms/{room}/feed?after=30",
    }.items():
        requests = [ours.get(path(room)) for room in (LARGE, SMALL)]
        with client("askers", port=ours.server.port, requests=requests, connections=1) as asker:
            asker.ask(seconds=1)
            told = asker.ask(seconds=LONG)
        assert not told["refused"]
        times = told["times"]
        large, small = statistics.median(times[::2]), statistics.median(times[1::2])
        what = f"{what} of a room of {SIZES[LARGE]:,}"
        yield Figure(what, large, "ms", None, f"a room of {SIZES[SMALL]:,}", small, 1.2)


if __name__ == "__main__":
    for figure in figures():
        print(figure)
