"""What else there is about messages: reactions, what is pinned, what one said before."""

from typing import Any

from flask import Blueprint, Response, request

from parley.store.errors import Wrong
from parley.talk import direct, pins, reactions, rooms, versions
from parley.web import answers, gate
from parley.web.messages import change, seen

bp = Blueprint("reactions", __name__)


@bp.post("/messages/<int:message_id>/reactions")
def react(message_id: int) -> Response:
    """Give it an emoji, or take it back; `set` says which, else whichever it is not yet."""
    typed, wanted = request.form, {"yes": True, "no": False}
    try:
        how = typed.get("emoji", ""), wanted.get(typed.get("set", ""))
        return change(message_id, reactions.react, *how)
    except Wrong as wrong:
        with gate.reading() as (c, me):
            message, _ = seen(c, me, message_id)
        return answers.refused(wrong, "messages/react.html", "emoji_problem", message=message)


@bp.get("/rooms/<int:room_id>/pins")
def pinned(room_id: int) -> Response:
    """What the room keeps at hand, the newest pin first."""
    with gate.reading() as (c, me):
        [room] = direct.named(c, me, [rooms.get(c, me, room_id)])
        found, may_pin = pins.listed(c, room), pins.may_pin(me, room)
    how: dict[str, Any] = {"room": room, "messages": found, "may_pin": may_pin}
    return answers.page("rooms/pins.html", "pinned", **how)


@bp.get("/messages/<int:message_id>/versions")
def earlier(message_id: int) -> Response:
    """What it said before it was edited."""
    with gate.reading() as (c, me):
        message, _ = seen(c, me, message_id)
        found = versions.read(c, message, me)
    return answers.page("messages/versions.html", message=message, versions=found)
