"""Somebody is away while much happens, and comes back by their cursor: is there a hole?"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from parley.store.db import Database
from parley.talk import messages, people, rooms
from tests.callers import Caller, Space
from tests.faults.history import Shown
from tests.faults.page import ARTICLE, Page, read
from tests.servers import Server

HTMX = {"HX_Request": "true", "HX_Request_Type": "partial"}
HAD = 12  # messages that stand on the page before its owner leaves
AT_ONCE = 200  # messages that one answer tells
COUNTED = 1000  # messages: beyond that it says "more than"
FUTURE = (1, 2_000_000)  # so much is a cursor ahead of its room


def away(server: Server, *counts: int) -> dict:
    """What the page of somebody shows who missed changes of that many messages, time by time."""
    space = Space(server.start())
    changes, found = 0, []
    for count in counts:
        left, end, faults = _once(space, count)
        changes += end - left
        found += [f"{fault} (of {count})" for fault in faults]
    kinds = Counter(fault.partition(":")[0] for fault in found)
    return {"changes": changes, "faults": dict(kinds), "first": found[:3]}


def _once(space: Space, count: int) -> tuple[int, int, list[str]]:
    """The revisions at which somebody left and came back, and what was wrong then."""
    bob, page = space.caller("Bob"), Page()
    first = space.owner.says("the first that they had")["id"]
    for number in range(1, HAD):
        space.owner.says(f"had {number}")
    page.take(read(bob.get("/rooms/1?end")))
    left, end = page.cursor, _happens(space.server, first, count)
    news = read(bob.get(f"/rooms/1/feed?after={left}", **HTMX))
    page.take(news)
    truth = {one["id"]: Shown(one["id"], one["text"]) for one in bob.reads()}
    found = _holes(page, truth)
    if (news.whole, page.cursor) != (count > AT_ONCE, end):
        found.append(f"rule: up to {page.cursor} of {end}, the list anew: {news.whole}")
    if news.whole:
        found += _missed(bob, news.missed, [number for number in truth if number >= first + HAD])
    for ahead in FUTURE:
        page.take(read(bob.get(f"/rooms/1/feed?after={end + ahead}", **HTMX)))
        found += [f"{hole}, after a cursor from the future" for hole in _holes(page, truth)]
        found += ["future: the cursor stays there"] if page.cursor != end else []
    return left, end, found


def _happens(server: Server, first: int, count: int) -> int:
    """By another process: changes of `count` messages, which the page had or has never seen.

    Returns the revision of the room in the end.
    """
    address = server.database
    with closing(Database(address)) as db:
        acts = _acts(first, count)
        while some := list(islice(acts, 200)):
            with db.writing() as c:
                me, room = people.get(c, 1), rooms.find(c, rooms.LOBBY)
                for place, (act, number) in enumerate(some):
                    if act is messages.post:
                        act(c, room, me, messages.draft(f"message {number}", ""))
                    else:
                        words = [f"message {number}, {place}"] if act is messages.edit else []
                        act(c, messages.get(c, number), me, *words)
        with db.reading() as c:
            return rooms.find(c, rooms.LOBBY).revision


def _acts(first: int, count: int) -> Iterator[tuple]:
    """Each message is left alone, edited, deleted, or deleted and brought back; old ones first."""
    post, edit, remove, restore = messages.post, messages.edit, messages.remove, messages.restore
    lives: list[tuple] = [(edit,), (remove,), (remove, restore), (edit, remove, restore, edit)]
    for number in range(first, first + HAD):
        yield from ((act, number) for act in lives[number % 4])
    lives.append(())
    for number in range(first + HAD, first + count):
        yield post, number
        yield from ((act, number) for act in lives[number % 5])


def _holes(page: Page, truth: dict[int, Shown]) -> list[str]:
    """The page holds the end of the room, all of it and as it is."""
    held = {number: shown for number, shown in truth.items() if number >= min(page.list)}
    found = [f"hole: {number} is not there" for number in held.keys() - page.list.keys()]
    wrong = (shown for number, shown in page.list.items() if held.get(number) != shown)
    found += [f"stale: {shown}" for shown in wrong]
    if list(page.list) != sorted(page.list):
        found.append("order: of the page")
    return found


def _missed(bob: Caller, missed: tuple[int, str], new: list[int]) -> list[str]:
    """Whoever starts where they were away finds every message, page by page."""
    count, address = missed
    known = min(len(new), COUNTED)
    found = [] if count == known else [f"count: {count} missed, it was {len(new)}"]
    shown: list[int] = []
    while address:
        said = bob.get(address)
        shown += [int(number) for number, _, _ in ARTICLE.findall(said)]
        onward = re.search(r'href="(/rooms/1\?since=\d+)#past"[^>]*>Newer messages', said)
        address = onward[1] if onward else ""
    if shown != new:
        found.append(f"hole: {len(set(new) - set(shown))} messages on the way")
    return found
