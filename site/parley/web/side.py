"""The list of rooms at the side of every page, what is unread in it, and what moves that."""

from flask import Blueprint, Response, g, make_response, render_template, request

from parley.talk import memberships, messages, rooms, unread
from parley.talk.lists import Shown
from parley.talk.tickets import Ticket
from parley.web import answers, db, gate, lists, marks
from parley.web.forms import number

bp = Blueprint("side", __name__)


@bp.get("/side")
def side() -> Response:
    """The list for a page that has one already: 304 while nothing of it has changed.

    ?room is the room in front of the person, ?seen how far their page has it, when they are
    looking at its end; ?at is the path of any other page, ?title what it is called.
    """
    room_id, seen, changes = number("room"), number("seen"), lists.changes
    with gate.reading() as (c, me):
        listed = unread.listed(c, me)
    room = listed.room(room_id)
    seen = min(seen, room.revision) if room and seen is not None else None
    if room and seen is not None:
        listed = listed.in_front_of(room.id)
        if seen > room.seen:
            marks.note(me.id, room.id, seen)
    tag = listed.tag(g.space.beside)
    if db.is_sqlite:  # else another process may change it
        _remember(listed, tag, room_id or 0, seen, changes)
    # Not compared as a whole: compression adds to it on the way out.
    if tag in request.headers.get("If-None-Match", ""):
        response = make_response("", 304)
    else:
        told = {name: request.args.get(name, "")[:200] for name in ("at", "title", "menus")}
        if room:  # it may have another name by now than its page had
            told["title"] = room.name
        html = render_template("rooms/side.html", front=room_id, my_rooms=listed, **told)
        response = make_response(html)
    response.set_etag(tag)
    return answers.vary(response)


def _remember(listed: unread.List, tag: str, room_id: int, seen: int | None, changes: int) -> None:
    ticket = Ticket(room_id, g.login.id, g.me.id, g.space.revocation, g.variant)
    # Beyond 99 it does not matter how many more, nor in the room that is on view.
    revisions = {
        room.id: room.revision
        for room in listed.all
        if room.is_direct
        or (room.unread <= unread.MOST and not (room.id == room_id and seen is not None))
    }
    asked = request.query_string.decode("latin-1").partition("&seen=")[0]
    shown = Shown(tag, ticket, revisions, seen)
    lists.remember(request.cookies.get("parley", ""), asked, shown, changes)


@bp.after_app_request
def _forget(response: Response) -> Response:
    """What somebody changes may change lists; but a message is known by its room's revision."""
    if request.method == "POST" and request.blueprint not in ("messages", "reactions"):
        if request.blueprint in ("side", "drafts", "trays") and g.get("me"):
            lists.forget(g.me.id)
        else:
            lists.forget_all()
    return response


@bp.post("/rooms/<int:room_id>/read")
def read(room_id: int) -> Response:
    """All of it has been read."""
    with gate.changing(room_id) as (c, me, room):
        memberships.has_seen(c, me.id, room.id, room.revision)
    return answers.done("/rooms", json={"room": room.id, "seen": room.revision})


@bp.post("/rooms/read")
def read_all() -> Response:
    """All of every room has been read."""
    with gate.writing() as (c, me):
        unread.read_all(c, me)
    return answers.done("/rooms", json={"unread": 0})


@bp.post("/rooms/<int:room_id>/notify")
def notify(room_id: int) -> Response:
    """How much of this room one wants to be told."""
    level = request.form.get("level", "")
    with gate.changing(room_id) as (c, me, room):
        unread.set_notify(c, me, room.id, level)
    return answers.done("/rooms", json={"room": room.id, "notify": level})


@bp.post("/messages/<int:message_id>/unread")
def again(message_id: int) -> Response:
    """This message and all after it are unread again; so the room is left."""
    with gate.writing() as (c, me):
        message = messages.get(c, message_id)
        rooms.get(c, me, message.room_id)
        marks.forget(me.id, message.room_id)
        unread.again_from(c, me, message)
    return answers.done("/rooms", json={"room": message.room_id, "seen": message.made - 1})
