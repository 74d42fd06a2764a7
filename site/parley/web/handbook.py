"""The addresses of the handbook's exercise, in the Lobby, for clients that were written for it."""

from flask import Blueprint, Response, g, jsonify, make_response, request

from parley.store.errors import Refused, Wrong
from parley.talk import feed, messages, people, rooms, uploads
from parley.talk.clock import ago
from parley.web import answers, gate
from parley.web.messages import say
from parley.web.trays import received

bp = Blueprint("handbook", __name__)


@bp.errorhandler(Refused)
def refused(wrong: Refused) -> Response:
    """Here every answer is plain text."""
    return _plain(wrong.sentence, wrong.status)


@bp.post("/message")
def message() -> Response:
    """Field `message`: say it in the Lobby."""
    say(rooms.LOBBY, messages.draft(request.form.get("message", ""), ""))
    return _plain("message received")


@bp.route("/messages", methods=["GET", "POST"])
def listing() -> Response:
    """The newest 50, newest first, each [unix seconds, display name, text]."""
    with gate.reading() as (c, me):
        newest = feed.standing(c, rooms.get(c, me, rooms.LOBBY))
    said = [[int(one.posted_at.timestamp()), one.author, one.text] for one in newest]
    return answers.vary(make_response(jsonify(said)))


@bp.post("/photo")
def photo() -> Response:
    """Field `file`: one file as a message."""
    gate.signed_in()
    sent = received("file", rooms.LOBBY, only=uploads.HANDBOOK)
    if not sent:
        raise Wrong("No file was sent.", "file")
    say(rooms.LOBBY, messages.draft("", "", sent))
    return _plain("file uploaded successfully")


@bp.get("/lasthere")
def last_here() -> Response:
    """When the visit before this one ended."""
    last = people.last_here(gate.signed_in())
    return _plain(f"You were last here {ago(last, g.variant.in_english)}")


def _plain(words: str, status: int = 200) -> Response:
    return make_response(words, status, {"Content-Type": "text/plain; charset=utf-8"})
