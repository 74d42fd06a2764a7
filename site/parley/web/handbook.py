"""The addresses of the handbook's exercise, in the Lobby, for clients that were written for it."""

from flask import Blueprint, Response, g, jsonify, make_response, request

from parley.store.errors import Refused
from parley.talk import feed, messages, people, rooms, uploads
from parley.talk.clock import ago
from parley.web import answers, bulletin, darkroom, db, files, gate

bp = Blueprint("handbook", __name__)


@bp.post("/message")
def message() -> Response:
    """Field `message`: say it in the Lobby."""
    try:
        _post(messages.draft(request.form.get("message", ""), ""))
    except Refused as wrong:
        return _plain(wrong.sentence, wrong.status)
    return _plain("message received")


@bp.route("/messages", methods=["GET", "POST"])
def listing() -> Response:
    """The newest 50, newest first, each [unix seconds, display name, text]."""
    with db.reading() as c:
        room = rooms.get(c, gate.member(c), rooms.LOBBY)
        newest = feed.standing(c, room)
    said = [[int(one.posted_at.timestamp()), one.author, one.text] for one in newest]
    return answers.vary(make_response(jsonify(said)))


@bp.post("/photo")
def photo() -> Response:
    """Field `file`: one file as a message."""
    gate.signed_in()
    sent = request.files.get("file")
    try:
        if not sent or not sent.filename:
            return _plain("No file was sent.", 422)
        upload = uploads.receive(files, darkroom, sent.filename, sent.stream)
        _post(messages.draft("", "", [upload]))
    except Refused as wrong:
        return _plain(wrong.sentence, wrong.status)
    return _plain("file uploaded successfully")


@bp.get("/lasthere")
def last_here() -> Response:
    """When the visit before this one ended."""
    last = people.last_here(gate.signed_in())
    return _plain(f"You were last here {ago(last, g.space.zone)}")


def _post(draft: messages.Draft) -> None:
    with db.writing() as c:
        me = gate.member(c)
        said = messages.post(c, rooms.get(c, me, rooms.LOBBY), me, draft)
    bulletin.changed(said.room_id, said.revision)


def _plain(words: str, status: int = 200) -> Response:
    return make_response(words, status, {"Content-Type": "text/plain; charset=utf-8"})
