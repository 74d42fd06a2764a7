"""What a page and a poll cost, beside a Flask that says hello on the same server; and whether a
room with a million messages is slower than one with a thousand.
"""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench import plenty
from tests.bench.figures import Figure
from tests.bench.meter import client, medians
from tests.bench.places import Place, other, place

ROUNDS = 5
SECONDS = 2  # of one round of one client
CONNECTIONS = 16
HELLO = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
SMALL, LARGE = 2, 3  # rooms
SIZES = {1: 50, SMALL: 1000, LARGE: 1_000_000}


def figures() -> Iterator[Figure]:
    """All of them."""
    with place(lambda data: plenty.rooms(data, SIZES)) as ours:
        yield from beside_hello(ours)
        yield from long_rooms(ours)


def beside_hello(ours: Place) -> Iterator[Figure]:
    """The room page by its rate, the poll by its CPU."""
    with ExitStack() as stack:
        server, meter = stack.enter_context(other("hello"))
        polls = [ours.poll(n).replace("AFTER", str(SIZES[1] - 1)) for n in range(CONNECTIONS)]
        asked = {
            "hello": (server.port, meter, [HELLO]),
            "page": (ours.server.port, ours.meter, [ours.get("/rooms/1")]),
            "poll": (ours.server.port, ours.meter, polls),
        }
        clients = {
            name: stack.enter_context(
                client("askers", port=port, requests=requests, connections=CONNECTIONS)
            )
            for name, (port, _, requests) in asked.items()
        }
        rounds = {name: [] for name in asked}
        for _ in range(ROUNDS + 1):
            for name, (_, meter, _) in asked.items():
                rounds[name].append(one_round(clients[name], meter))
    hello, page, poll = (medians(rounds[name][1:]) for name in ("hello", "page", "poll"))
    reference = 'Flask "hello", same server'
    what = "the room page as sent: signed in, 50 messages, gzip"
    yield Figure(what, page[0], "a second", None, reference, hello[0], None, 0.25, busy=hello[2])
    what = "a poll that the waiting room answers: CPU"
    note = f"{CONNECTIONS} connections ask without pause"
    yield Figure(what, poll[1], "us", None, reference, hello[1], 0.6, busy=poll[2], note=note)


def one_round(asker, meter) -> tuple[float, float, float]:
    """Requests a second, microseconds of CPU for each, the client's share of a core."""
    used = meter.cpu()
    told = asker.ask(seconds=SECONDS)
    count = len(told["times"])
    assert not told["refused"]
    return count / told["seconds"], (meter.cpu() - used) / count * 1e6, told["busy"]


def long_rooms(ours: Place) -> Iterator[Figure]:
    """One connection asks for the same in both rooms, in turns."""
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
        requests = {room: [ours.get(path(room))] for room in (LARGE, SMALL)}
        with ExitStack() as stack:
            rounds = {
                room: (
                    stack.enter_context(
                        client("askers", port=ours.server.port, requests=one, connections=1)
                    ),
                    [],
                )
                for room, one in requests.items()
            }
            for _ in range(ROUNDS + 1):
                for asker, times in rounds.values():
                    times.append(statistics.median(asker.ask(seconds=SECONDS / 4)["times"]))
        large, small = (statistics.median(rounds[room][1][1:]) for room in (LARGE, SMALL))
        what = f"{what} of a room of {SIZES[LARGE]:,}"
        yield Figure(what, large, "ms", None, f"a room of {SIZES[SMALL]:,}", small, 1.2)


if __name__ == "__main__":
    for figure in figures():
        print(figure)
