"""People sign out in the middle of a stream of messages: their open polls end and bring no more."""

import http.client
import time
from contextlib import closing

from tests.callers import PASSWORD, Caller, Space
from tests.faults.crowd import END, Crowd
from tests.faults.readers import Reader
from tests.faults.runs import MANY, told
from tests.servers import Server

SOON = 1.0  # seconds after the answer to a sign-out in which every poll has ended
SLACK = 0.5  # for a busy machine


def leaving(server: Server, people=MANY, leavers: int = 20, apart: float = 0.5) -> dict:
    """One after the other signs out, every second one of all browsers at once."""
    space = Space(server.start())
    browsers = [_browsers(space, number) for number in range(leavers)]
    took, still_let_in = [], 0
    crowd = Crowd(space, *people)
    for author in crowd.authors:
        author.pause = 0.3  # so that some posts are the first news after a sign-out
    with crowd:
        for some in browsers:
            readers = [Reader(one, f"leaver {one.token[:4]}", END) for one in some for _ in "ab"]
            crowd.join(readers)
            time.sleep(apart)
            everywhere = {"everywhere": "yes"} if len(some) > 1 else {}
            assert some[0].form("/logout", anyway="yes", **everywhere).status == 303
            signed_out = time.monotonic()
            for reader in readers:
                reader.view.signed_out = signed_out
                took.append(_seconds_until_left(reader, signed_out))
                still_let_in += _comes_back(reader)
    found = told(crowd)
    if slow := sum(seconds > SOON + SLACK for seconds in took):
        found["faults"]["slow: a poll outlived a sign-out"] = slow
    if still_let_in:
        found["faults"]["let in: after a sign-out"] = still_let_in
    return found | {"polls ended": len(took), "slowest s": round(max(took), 2)}


def _browsers(space: Space, number: int) -> list[Caller]:
    """Somebody with one browser, or with two."""
    first = space.caller(f"Leaver {number}")
    if number % 2 == 0:
        return [first]
    first.form("/password", password=PASSWORD)
    second = Caller(space.server)
    return [first, second.signs_in("/login", name=f"Leaver {number}", password=PASSWORD)]


def _seconds_until_left(reader: Reader, signed_out: float) -> float:
    while reader.left is None and time.monotonic() < signed_out + 4:
        time.sleep(0.005)
    return (reader.left or time.monotonic()) - signed_out


def _comes_back(reader: Reader) -> bool:
    """Whether the old ticket still opens anything."""
    line = http.client.HTTPConnection("127.0.0.1", reader.caller.server.port, timeout=40)
    with closing(line):
        return reader.poll(line) != 401
