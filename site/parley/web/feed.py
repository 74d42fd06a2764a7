"""The feed: what is new in a room, for one who asks and for all who wait.

`news` answers one poll as any page does, after asking who it is. `Feed` renders the same
fragments for everybody who holds a good ticket: one reading, one rendering for each variant, the
same bytes.
"""

import gzip
from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache

from flask import Blueprint, Flask, Response, g, make_response, render_template, request

from parley.store.db import LITTLE
from parley.store.errors import Missing
from parley.talk import feed, people, revocations, rooms, spaces
from parley.talk.clock import Variant
from parley.talk.feed import News, Seen, Shared
from parley.talk.revocations import Revocation
from parley.web import gate, parts
from parley.web.forms import number
from parley.web.security import POLICY, always

bp = Blueprint("feed", __name__)

SIDE = '{"side":{"target":"body"}}'  # the list of rooms renews itself; the poller is gone by then
COMPRESSED = 500  # bytes: a smaller answer is not worth it


@bp.get("/rooms/<int:room_id>/feed")
def news(room_id: int) -> Response:
    """The poll: what happened after a revision, as fragments, with the next poller; else 204.

    Where polls are held, the answer also brings the ticket for the next one.
    """
    after = number("after", 0) or 0
    held = request.environ.get("parley.holds", False)
    try:
        with gate.reading() as (c, me):
            room = rooms.get(c, me, room_id)
            happened = feed.news(c, room, after)
    except Missing as wrong:  # an open page leaves the room, to where it is told what happened
        wrong.leads_to = f"/rooms/{room_id}/removed"
        raise
    response = make_response(_fragments(room, happened, after, held) if happened else ("", 204))
    if happened.head:
        response.headers["HX-Trigger"] = SIDE
    if held:
        gate.give_ticket(response, room)
    return response


def _fragments(room: rooms.Room, news: News, after: int, held: bool) -> str:
    shown = {"room": room, "news": news, "after": after, "held": held, "oob": True}
    return render_template("rooms/feed.html", **shown)


def _shared(
    room: rooms.Room, happened: News, after: int, variant: Variant, revoked: list[Revocation]
) -> Shared:
    g.variant = variant
    body = _fragments(room, happened, after, True).encode() if happened else b""
    compressed = gzip.compress(body, 5, mtime=0) if len(body) >= COMPRESSED else b""
    return Shared(room.revision, body, compressed, revoked, happened.head)


class Feed:
    """The feed without a request: for the waiting room, from a thread."""

    def __init__(self, flask: Flask):
        self._flask, self._parts = flask, parts(flask)
        self.tickets = self._parts.tickets
        own = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": f"{POLICY}'none'",
            "Cache-Control": "no-store",
            "Vary": "Accept-Encoding",
        }
        fixed = own | always(self._parts.settings.secure)
        self.headers = [(k.lower().encode(), v.encode()) for k, v in fixed.items()]
        self.headers_of_head = [*self.headers, (b"hx-trigger", SIDE.encode())]
        self.poller = lru_cache(maxsize=4096)(self._poller)

    def read(self, room_id: int, seen: list[Seen], revocation: int) -> dict[Seen, Shared]:
        """What is new for who has seen each of these of the room, and after a revocation.

        All of one moment; nothing without a room.
        """
        with self._flask.app_context(), self._parts.db.reading() as c:
            g.space = spaces.find(c)
            room = rooms.find(c, room_id)
            if room is None:
                return {}
            revoked = revocations.since(c, revocation)
            told = {after: feed.news(c, room, after) for after in {after for _, after in seen}}
            return {
                (variant, after): _shared(room, told[after], after, variant, revoked)
                for variant, after in seen
            }

    def _poller(self, room_id: int, after: int) -> bytes:
        """The poller alone, for the end of a hold."""
        room = rooms.Room(room_id, "", "", after)
        with self._flask.app_context():
            g.space = None
            return _fragments(room, News(after, [], []), after, True).encode()

    def standing(self, revocation: int) -> tuple[list[tuple[int, int]], list[Revocation]]:
        """Id and revision of every room, and the revocations newer than a number."""
        with self._parts.db.reading() as c:
            return rooms.revisions(c), revocations.since(c, revocation)

    def here(self, people_ids: Collection[int]) -> None:
        """Note that they are here, though no poll of theirs has reached Flask."""
        if not people_ids:
            return
        with self._parts.db.writing(LITTLE) as c:
            people.seen(c, list(people_ids), datetime.now(UTC))
