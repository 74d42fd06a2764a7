"""A room: its page, its list alone, its messages as JSON."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, request

from parley.store.errors import Missing
from parley.talk import clock, direct, feed, memberships, people, replies, rooms, trays, unread
from parley.talk.messages import new_key
from parley.talk.pins import may_pin
from parley.web import answers, gate, lists, messages_json
from parley.web.forms import number

bp = Blueprint("rooms", __name__)


@bp.get("/rooms")
def index() -> Response:
    """All rooms: on phones a page of its own."""
    gate.signed_in()
    return answers.page("rooms/index.html", menus="yes")


@bp.get("/rooms/<int:room_id>")
def show(room_id: int) -> Response:
    """The room at its end, or at ?before, ?around, ?since, ?day."""
    with gate.reading() as (c, me):
        # All rooms that a page lists are rooms that its reader may see.
        listed = g.my_rooms.room(room_id) if "my_rooms" in g else None
        room: rooms.Room = listed or rooms.get(c, me, room_id)
        if "day" in request.args:
            begins = clock.beginning(request.args["day"], g.variant.zone)
            return answers.done(_place_at(room, feed.first_since(c, room, begins)))
        shown = scene(c, room, me)
    if answers.is_partial() and "before" in request.args:
        return answers.part("rooms/_stretch.html", **shown)
    if answers.is_partial() and "since" in request.args:
        return answers.part("rooms/below.html", **_below(shown))
    if shown["at_end"] and "my_rooms" in g:  # a page, and not a part of one
        _is_read(room, me)
    if me.room_id != room.id:
        gate.in_passing(lambda c: people.visits(c, me.id, room.id))
    block = "replying" if "reply_to" in request.args else "editing"
    response = answers.page("rooms/show.html", block, **shown)
    if shown["held"]:
        gate.give_ticket(response, room)
    return response


def _place_at(room: rooms.Room, message_id: int | None) -> str:
    """Where a message stands among its neighbours; without one, the end."""
    place = f"?around={message_id}#message-{message_id}" if message_id else "?end"
    return f"/rooms/{room.id}{place}"


def _below(shown: dict[str, Any]) -> dict[str, Any]:
    """What comes below a past stretch, up to the revision at which the page has the room.

    What is newer the feed brings, once: to a page that has reached the end it goes on from there.
    """
    room, stretch, since = shown["room"], shown["stretch"], number("since", 0) or 0
    known = min(number("seen", room.revision) or 0, room.revision)
    found = [one for one in stretch.messages if since < one.made <= known]
    reaches_end = not stretch.newer or len(found) < len(stretch.messages)
    told = {"found": found, "reaches_end": reaches_end, "room": replace(room, revision=known)}
    return shown | told


def _is_read(room: rooms.Room, me: people.Person) -> None:
    """The person has the end of the room before them: nothing of it is unread any more."""
    mine = g.my_rooms.room(room.id)
    g.my_rooms = g.my_rooms.in_front_of(room.id)
    if mine and mine.seen < room.revision:
        gate.in_passing(lambda c: memberships.has_seen(c, me.id, room.id, room.revision))
        lists.forget(me.id, room.id)


def scene(c, room: rooms.Room, me: people.Person, **more: Any) -> dict[str, Any]:
    """Everything that a page of a room shows; `more` says what differs, e.g. what was typed."""
    answered = number("reply_to")
    before, around, since = number("before"), number("around"), number("since")
    chosen, new = None, number("new")
    if around is not None:
        stretch = feed.around(c, room, around)
        chosen = next((one for one in stretch.messages if one.id == around), None)
        if chosen is None:
            raise Missing()
    elif since is not None:
        stretch = feed.since(c, room, since)
    elif before is not None:
        stretch = feed.before(c, room, before)
    else:
        is_near = new is None or feed.is_near_end(c, room, new)
        if new is None and not answered and "end" not in request.args:
            new, is_near = _first_unread(c, room, me)
        stretch = feed.newest(c, room) if new is None or is_near else feed.around(c, room, new)
    shown = {"stretch": stretch, "at_end": not stretch.newer, "chosen": chosen, "new": new}
    if answered:
        shown["answered"] = quote = replies.answered(c, room.id, answered)
        shown["apart"] = request.args.get("apart", "yes" if quote.apart else "no") == "yes"
    return around_it(c, room, me) | shown | more


def around_it(c, room: rooms.Room, me: people.Person) -> dict[str, Any]:
    """What a page of a room shows besides messages: its head, its box."""
    listed = g.my_rooms.room(room.id) if "my_rooms" in g else None  # with its name for this reader
    nothing = dict.fromkeys(("chosen", "new", "answered", "apart", "thread", "editing", "wrong"))
    return nothing | {
        "room": listed or direct.named(c, me, [room])[0],
        "front": room.id,
        "count": len(room.people_ids) or memberships.count(c, room.id),
        "may_pin": may_pin(me, room),
        "why_not": rooms.why_not(c, me, room),
        "held": request.environ.get("parley.holds", False),
        "greeting": _greeting(me),
        "came": unread.up_to_most(listed.unread) if listed and listed.unread else "",
        "draft": listed.draft if listed else "",
        "tray": trays.of(c, me, room.id) if not listed or listed.has_draft else [],
        "gone": (),
        "typed": "",
        "key": new_key(),
    }


def _first_unread(c, room: rooms.Room, me: people.Person) -> tuple[int | None, bool]:
    mine = g.my_rooms.room(room.id) if "my_rooms" in g else None
    return unread.first(c, me, room.id, mine.seen) if mine and mine.unread else (None, True)


def _greeting(me: people.Person) -> datetime | None:
    """Said once, when somebody comes back from a longer time away: when they were here."""
    return me.seen_at if datetime.now(UTC) - me.seen_at > people.VISIT else None


@bp.get("/rooms/<int:room_id>/list")
def listing(room_id: int) -> Response:
    """The list alone, for pages without scripts: it renews itself, the page around it does not."""
    with gate.reading() as (c, me):
        shown = scene(c, rooms.get(c, me, room_id), me)
    response = answers.page("rooms/list.html", **shown)
    if shown["new"]:  # time to read from the line on; renewed, the list would jump
        response.headers["Refresh"] = f"60; url=/rooms/{room_id}/list"
    elif shown["at_end"]:  # who reads above is left in peace
        response.headers["Refresh"] = "5"
    return response


@bp.get("/rooms/<int:room_id>/messages")
def messages_list(room_id: int) -> Response:
    """The messages as JSON for programs; the room itself for browsers."""
    if not answers.wants_json():
        return answers.done(f"/rooms/{room_id}")
    limit = max(1, min(number("limit", 50) or 50, 200))
    after, before = number("after"), number("before")
    with gate.reading() as (c, me):
        room = rooms.get(c, me, room_id)
        if after is not None:
            found, more = feed.changes(c, room, after, limit)
        else:
            stretch = feed.before(c, room, before, limit)
            found, more = stretch.messages, stretch.older
    return answers.done("", json=messages_json.listed(found, room.revision, more))
