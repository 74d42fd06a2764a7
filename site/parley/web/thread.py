"""The page of a message with its replies, also those that stand apart from the room's flow."""

from flask import Blueprint, Response

from parley.talk import replies, rooms
from parley.web import answers, gate, messages_json
from parley.web.forms import number
from parley.web.messages import place
from parley.web.rooms import around_it

bp = Blueprint("thread", __name__)


@bp.get("/messages/<int:message_id>/thread")
def show(message_id: int) -> Response:
    """The message and its last replies, or those up to ?before, or to ?around if it is older.

    For htmx the list alone with the poller of the same reading, which goes on from there.
    """
    before, around = number("before"), number("around")
    until = None if before is None else before - 1
    with gate.reading() as (c, me):
        message, found, more = replies.read(c, message_id, until)
        room = rooms.get(c, me, message.room_id)
        if around is not None and more and around < found[0].id:
            until, (message, found, more) = around, replies.read(c, message_id, around)
        if answers.wants_json():
            return answers.done("", json=messages_json.listed(found, room.revision, more))
        shown = around_it(c, room, me)
    chosen = next((one for one in found if one.id == around), None)
    shown |= {"thread": message, "place": place(message), "replies": found, "more": more}
    shown |= {"at_end": until is None, "chosen": chosen}
    response = answers.page("messages/thread.html", "thread", **shown)
    if shown["held"]:
        gate.give_ticket(response, room)
    return response
