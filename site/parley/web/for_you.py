"""For you: mentions, replies and reactions, all in one list."""

from typing import Any

from flask import Blueprint, Response, g

from parley.talk import notices
from parley.talk.rooms import Room
from parley.web import answers, gate, lists, times
from parley.web.forms import number

bp = Blueprint("for_you", __name__)


@bp.get("/for-you")
def show() -> Response:
    """The newest, or what is older than ?before. To look at the page reads all of them."""
    before = number("before")
    with gate.reading() as (c, me):
        found, rooms, files, more = notices.newest(c, me, before)
    if answers.wants_json():
        listed = [_of(one, rooms[one.room_id]) for one in found]
        return answers.done("", json={"notices": listed, "more": more})
    if "my_rooms" in g and before is None:  # a page, and not a part of one
        g.my_rooms = g.my_rooms.told()
    shown: dict[str, Any] = {"notices": found, "rooms": rooms, "files": files, "more": more}
    response = answers.page("for_you/show.html", "notices", **shown)
    if "my_rooms" in g and before is None and any(one.is_new for one in found):
        gate.in_passing(lambda c: notices.read(c, me.id, found[0].id))
        lists.forget(me.id)
    return response


def _of(one: notices.Notice, room: Room) -> dict[str, Any]:
    """As docs/addresses.md says."""
    told = {"id": one.id, "kind": one.kind, "new": one.is_new, "time": times.iso(one.made_at)}
    told |= {"message": one.message_id, "text": one.text, "emoji": one.emoji}
    by, where = {"id": one.by_id, "name": one.by}, {"id": room.id, "name": room.name}
    return told | {"by": by, "room": where}
