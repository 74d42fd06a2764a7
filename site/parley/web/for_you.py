"""For you: mentions, replies and reactions, all in one list."""

from typing import Any

from flask import Blueprint, Response, g

from parley.talk import notices
from parley.web import answers, gate, lists, times
from parley.web.forms import number

bp = Blueprint("for_you", __name__)


@bp.get("/for-you")
def show() -> Response:
    """The newest, or what is older than ?before. To look at the page reads all of them."""
    before = number("before")
    with gate.reading() as (c, me):
        found, more = notices.newest(c, me, before)
    json = {"notices": [_of(one) for one in found], "more": more}
    if answers.wants_json():
        return answers.done("", json=json)
    if "my_rooms" in g and before is None:  # a page, and not a part of one
        g.my_rooms = g.my_rooms.told()
    response = answers.page("for_you/show.html", "notices", notices=found, more=more)
    if "my_rooms" in g and before is None and any(one.is_new for one in found):
        gate.in_passing(lambda c: notices.read(c, me.id, found[0].id))
        lists.forget(me.id)
    return response


def _of(notice: notices.Notice) -> dict[str, Any]:
    """As docs/addresses.md says."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "new": notice.is_new,
        "time": times.iso(notice.made_at),
        "by": {"id": notice.by_id, "name": notice.by},
        "message": notice.message_id,
        "text": notice.text,
        "emoji": notice.emoji,
        "room": {"id": notice.room.id, "name": notice.room.name},
    }
