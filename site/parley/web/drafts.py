"""What is being typed, kept for every device of who types it."""

from flask import Blueprint, Response, make_response, request

from parley.talk import drafts
from parley.web import answers, db, gate

bp = Blueprint("drafts", __name__)


@bp.post("/rooms/<int:room_id>/draft")
def save(room_id: int) -> Response:
    """Keep it instead of what was there; the page that typed it needs no answer."""
    typed = request.form
    with db.writing() as c:
        me = gate.member(c)
        words, key = typed.get("text", ""), typed.get("key", "")
        drafts.save(c, me, room_id, words, key)
    if answers.is_partial():
        return answers.vary(make_response("", 204))
    return answers.done(f"/rooms/{room_id}", json={"room": room_id})
