"""The gallery of a room: its photos and films by month, its other files as a list."""

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, g, request

from parley.talk import clock, direct, gallery, rooms
from parley.talk.gallery import Sender, Sent
from parley.web import answers, gate
from parley.web.forms import number

bp = Blueprint("gallery", __name__)

KINDS = {"photos": "photo", "films": "film", "others": "file"}  # what a sender has sent


@bp.get("/rooms/<int:room_id>/photos")
def show(room_id: int) -> Response:
    """What was sent to the room, the newest first; from ?before on, of the person ?from alone.

    For htmx only what comes next, which goes on with the ?month that its page has ended with.
    """
    before, author, files = number("before"), number("from"), request.args.get("show") == "files"
    with gate.reading() as (c, me):
        [room] = direct.named(c, me, [rooms.get(c, me, room_id)])
        query = gallery.Query(room.id, me, author)
        found, more = gallery.page(c, query, files, before)
        senders = [] if answers.is_partial() else gallery.senders(c, query)
    shown: dict[str, Any] = {"room": room, "files": files, "found": found, "more": more}
    shown |= {"months": by_month(found), "author": author}
    if answers.is_partial():
        return answers.part("gallery/_files.html" if files else "gallery/_months.html", **shown)
    chosen = [one for one in senders if one.id == author]
    shown |= {"senders": senders, "chosen": chosen[0] if chosen else None}
    shown["counted"] = counted(chosen or [one for one in senders if not one.is_blocked])
    return answers.page("gallery/show.html", **shown)


def counted(senders: list[Sender]) -> str:
    """One photo, 2 films and 3 files"""
    told = []
    for kind, word in KINDS.items():
        if number := sum(getattr(one, kind) for one in senders):
            told.append(f"one {word}" if number == 1 else f"{number:,} {word}s")
    return " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)


def by_month(found: list[Sent]) -> list[tuple[str, list[Sent]]]:
    """Neighbours of one month in the reader's zone, each month with its name in addresses."""
    there = clock.zone(g.variant.zone)
    months = groupby(found, lambda one: f"{one.posted_at.astimezone(there):%Y-%m}")
    return [(month, list(sent)) for month, sent in months]
