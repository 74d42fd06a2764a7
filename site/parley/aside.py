"""Lists at the side that have not changed: said so on the event loop, without Flask."""

import re
from collections.abc import Awaitable, Callable

from parley.talk.lists import Lists
from parley.waiting import WaitingRoom

COOKIE = re.compile(rb"(?:^|;\s*)parley=([\w.-]+)")
TAG = re.compile(rb'"(\w{1,40})')
SEEN = re.compile(rb"[0-9]{1,18}")
HEADERS = [(b"cache-control", b"no-cache, private"), (b"vary", b"HX-Request-Type, Accept, Cookie")]


class Aside:
    """An ASGI application in front of the entrance; the waiting room knows all revisions."""

    def __init__(self, app: Callable[..., Awaitable[None]], waiting: WaitingRoom, lists: Lists):
        self.app, self.waiting, self.lists = app, waiting, lists

    async def __call__(self, scope, receive, send) -> None:
        """Answer what is as the page has it, pass everything else on."""
        is_asked = scope["type"] == "http" and scope["path"] == "/side"
        if is_asked and (tag := self._same(scope)):
            headers = [(b"etag", b'"%b"' % tag), *HEADERS]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self.app(scope, receive, send)

    def _same(self, scope) -> bytes:
        """The tag that the page has, if it is still right; else nothing."""
        headers = dict(scope["headers"])
        cookie = COOKIE.search(headers.get(b"cookie", b""))
        tag = TAG.search(headers.get(b"if-none-match", b""))
        asked, _, seen = scope["query_string"].partition(b"&seen=")
        if not cookie or not tag or scope["method"] != "GET" or (seen and not SEEN.fullmatch(seen)):
            return b""
        page, now = (cookie[1].decode(), asked.decode("latin-1")), self.waiting.revisions
        shown = self.lists.find(*page, tag[1].decode(), now)
        if shown is None or self.waiting.is_void(shown.ticket):
            return b""
        if (shown.seen is None) == bool(seen):  # was the room on view, and is it no longer?
            return b""
        if seen:
            self.lists.read(*page, shown, min(int(seen), now.get(shown.ticket.room_id, 0)))
        return tag[1]
