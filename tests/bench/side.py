"""The list at the side beside the feed: what both cost while a thousand people have a page open.

Twenty rooms that everybody is in; one of them is busy. Each page keeps its poll, and asks for its
list every ten seconds. Every person has a login and read marks of their own: the list goes all the
way through Flask and the database, and the polls are answered as in use.
"""

import hashlib
import time
from collections.abc import Iterator
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
    SELECT rooms.id, people.id, rooms.revision, {NOW} FROM rooms CROSS JOIN people
    WHERE true ON CONFLICT DO NOTHING"""
IDS = range(1000, 1000 + PEOPLE)


def figures() -> Iterator[Figure]:
    """When people look at all the rooms, and when all look at the busy one."""
    for where, look_at in (
        ("fifty in each", lambda number: BUSY + number % ROOMS),
        ("all of them in the busy one", lambda number: BUSY),
    ):
        with place(fill) as ours:
            side, feed, busy = compared(ours, {who: look_at(who) for who in IDS})
        what = f"CPU a second of the lists at the side, {PEOPLE:,} people in {ROOMS} rooms, {where}"
        beside = f"the feed with {RATE} posts a second"
        yield Figure(what, side, "ms", None, beside, feed, 1, busy=busy)


def fill(data: Path) -> None:
    """People who are signed in, in rooms with something said in them."""
    plenty.rooms(data, dict.fromkeys(range(BUSY, BUSY + ROOMS), 50))
    sessions = FileSystemCache(str(data / "sessions"), threshold=0, mode=0o600)
    with plenty.opened(data) as c:
        c.execute("BEGIN")
        for who in IDS:
            c.execute(PERSON, {"id": who})
            c.execute(LOGIN, {"id": who, "hash": hashlib.sha256(f"t{who}".encode()).hexdigest()})
            sessions.set(f"session:s{who}", {"login": f"t{who}", "_permanent": True})
        c.execute(ALL_IN_ALL)
        c.execute("COMMIT")


def compared(ours: Place, looks: dict[int, int]) -> list[float]:
    """Milliseconds of CPU a second for the lists and for the feed, and the client's share."""
    revisions = {room: ours.revision(room) for room in set(looks.values())}
    pages = [(room, revisions[room], ours.poll(who, room)) for who, room in looks.items()]
    lists = [{"room": room, "cookie": f"parley=s{who}"} for who, room in looks.items()]
    port = ours.server.port
    with (
        client("polls", port=port, people=pages),
        client("lists", port=port, people=lists) as sides,
    ):
        rounds = [one_round(ours, sides) for _ in range(TURNS + 1)]
    return medians(rounds[1:])


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
