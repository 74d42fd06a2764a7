"""Lists at the side that have not changed: said so on the event loop, without Flask.

Pages ask for them more often than for anything else, each time in the same words but for what
they have seen. So these are taken as they come through the connection and read once: all else
that a server does with a request would cost more than the answer.
"""

import re
import time
from email.utils import formatdate
from functools import lru_cache

from parley.talk.lists import MOST, Lists
from parley.waiting import WaitingRoom

LONGEST = 2000  # bytes of a request that is remembered
FIRST = b"GET /side?"
# What follows, to the end. With a body, or with a wish, it is no such question.
LINE = rb"(?!content-|transfer-|expect|upgrade:|connection: (?!keep-alive\r)|[ \t])[^\r\n]+\r\n"
LINES = re.compile(rb"(?:%b)+\r\n" % LINE, re.I)
COOKIE = re.compile(rb"^cookie: *(?:[^\r\n]*;\s*)?parley=([\w.-]+)", re.I | re.M)
TAG = re.compile(rb'^if-none-match: *(?:W/)?"(\w{1,40})', re.I | re.M)
SAME = (
    b'HTTP/1.1 304 Not Modified\r\ndate: %b\r\netag: "%b"\r\n'
    b"cache-control: no-cache, private\r\nvary: HX-Request-Type, Accept, Cookie\r\n\r\n"
)


class Aside:
    """Knows which lists pages have, and from the waiting room the revisions of all rooms."""

    def __init__(self, waiting: WaitingRoom, lists: Lists):
        self.waiting, self.lists = waiting, lists
        self._known = lru_cache(maxsize=MOST)(_named)

    def same(self, request: bytes) -> bytes:
        """The answer to a request that begins with FIRST from a page whose list is still right;
        to anything else nothing."""
        asked, version, lines = request.partition(b" HTTP/1.1\r\n")
        asked, counts, seen = asked.partition(b"&seen=")
        known = len(request) < LONGEST and version and self._known(asked, lines)
        if not known or (counts and not seen.isdigit()):
            return b""
        cookie, page, tag = known
        shown = self.lists.find(cookie, page, tag, self.waiting.revisions)
        if shown is None or self.waiting.is_void(shown.ticket):
            return b""
        if (shown.seen is None) == bool(seen):  # was the room on view, and is it no longer?
            return b""
        if seen:
            now = self.waiting.revisions.get(shown.ticket.room_id, 0)
            self.lists.read(cookie, page, shown, min(int(seen), now))
        return SAME % (_date(int(time.time())), tag.encode())


def _named(asked: bytes, lines: bytes) -> tuple[str, str, str] | None:
    """The cookie and what is asked for, which say which page it is, and the tag of its list."""
    cookie, tag = COOKIE.search(lines), TAG.search(lines)
    if not LINES.fullmatch(lines) or not cookie or not tag:
        return None
    return cookie[1].decode(), asked[len(FIRST) :].decode("latin-1"), tag[1].decode()


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
