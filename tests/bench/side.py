"""The list at the side beside the feed: what both cost while a thousand people have a page open.

Twenty rooms that everybody is in; one of them is busy. Each page keeps its poll, and asks for its
list every ten seconds. Every person has a session, a login and read marks of their own, and all
is answered as in use. What was said in the busy room before is more than 99, which the lists of
those who look elsewhere say; the last figure is how it is until then, when each post changes them.
"""

import hashlib
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cachelib.file import FileSystemCache

from tests.bench import plenty
from tests.bench.figures import Figure
from tests.bench.meter import Client, client, medians
from tests.bench.places import Place, place

PEOPLE, ROOMS, BUSY = 1000, 20, 2  # BUSY: the room's id
EVERY = 10  # seconds between two questions of a page
RATE, SECONDS, TURNS = 2, 10, 3  # posts a second
NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
PERSON = f"""
    INSERT INTO people (id, name, folded, role, joined_at, seen_at)
    VALUES (:id, 'Person ' || :id, 'person ' || :id, 'member', {NOW}, {NOW})"""
LOGIN = f"""
    INSERT INTO logins (person_id, token_hash, device, made_at, seen_at, expires_at)
    VALUES (:id, :hash, '', {NOW}, {NOW}, '2100-01-01 00:00:00.000000')"""
ALL_IN_ALL = f"""
    INSERT INTO memberships (room_id, person_id, seen, joined_at)
    SELECT rooms.id, people.id, 0, {NOW} FROM rooms CROSS JOIN people
    WHERE true ON CONFLICT DO NOTHING"""
IDS = range(1000, 1000 + PEOPLE)


def figures() -> Iterator[Figure]:
    """When people look at all the rooms, and when all look at the busy one."""
    spread = {who: BUSY + who % ROOMS for who in IDS}
    for where, looks, said, most in (
        ("fifty look at each", spread, 200, 1),
        ("all look at the busy one", dict.fromkeys(IDS, BUSY), 200, 1),
        ("fifty look at each, and each post changes all lists", spread, 0, None),
    ):
        with place(partial(fill, said=said)) as ours:
            side, feed, busy = compared(ours, looks, TURNS if said else 0)
        what = f"CPU a second of the lists at the side, {PEOPLE:,} people in {ROOMS} rooms, {where}"
        beside = f"the feed with {RATE} posts a second"
        yield Figure(what, side, "ms", None, beside, feed, most, busy=busy)


def fill(data: Path, said: int) -> None:
    """People who are signed in, and what was said in the busy room and read by nobody."""
    plenty.rooms(data, dict.fromkeys(range(BUSY, BUSY + ROOMS), 0) | {BUSY: said})
    sessions = FileSystemCache(str(data / "sessions"), threshold=0, mode=0o600)
    with plenty.opened(data) as c:
        c.execute("BEGIN")
        for who in IDS:
            c.execute(PERSON, {"id": who})
            c.execute(LOGIN, {"id": who, "hash": hashlib.sha256(f"t{who}".encode()).hexdigest()})
            sessions.set(f"session:s{who}", {"login": f"t{who}", "_permanent": True})
        c.execute(ALL_IN_ALL)
        c.execute("COMMIT")


def compared(ours: Place, looks: dict[int, int], turns: int) -> list[float]:
    """Milliseconds of CPU a second for the lists and for the feed, and the client's share.

    The first turn does not count; without more of them it is the one that does.
    """
    revisions = {room: ours.revision(room) for room in set(looks.values())}
    pages = [(room, revisions[room], ours.poll(who, room)) for who, room in looks.items()]
    lists = [{"room": room, "cookie": f"parley=s{who}"} for who, room in looks.items()]
    port = ours.server.port
    with (
        client("polls", port=port, people=pages),
        client("lists", port=port, people=lists) as sides,
    ):
        rounds = [one_round(ours, sides) for _ in range(turns + 1)]
    return medians(rounds[1:] or rounds)


def one_round(ours: Place, sides: Client) -> tuple[float, float, float]:
    """The same posts to the same pages, with the lists and without."""
    both, busy = used(ours, sides)
    feed, _ = used(ours)
    return both - feed, feed, busy


def used(ours: Place, *sides: Client) -> tuple[float, float]:
    """Milliseconds of CPU for each second that was to pass, and the share of the lists' client."""
    asked = [ours.post(BUSY)]
    with client("askers", port=ours.server.port, requests=asked, connections=1) as posters:
        before = ours.meter.cpu()
        for one in sides:
            one.begin(rate=PEOPLE / EVERY, seconds=SECONDS)
        posted = posters.ask(seconds=SECONDS, rate=RATE)
        told = [one.end() for one in sides]
        time.sleep(1)  # for the next polls
        cpu = (ours.meter.cpu() - before) / SECONDS * 1e3
    assert not posted["refused"] and not any(one["refused"] for one in told)
    return cpu, max((one["busy"] for one in told), default=0)


if __name__ == "__main__":
    for figure in figures():
        print(figure)
