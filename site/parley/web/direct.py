"""Direct rooms: choosing whom to write to."""

from flask import Blueprint, Response, g

from parley.store.errors import Wrong
from parley.talk import company, direct, roles
from parley.web import answers, gate
from parley.web.forms import numbers

bp = Blueprint("direct", __name__)


@bp.get("/direct/new")
def new() -> Response:
    """Choose one, or a few."""
    with gate.reading() as (c, me):
        roles.must(me, "write directly", least=g.space.writes_direct)
        everyone = company.known(c, me)
    return answers.page("rooms/direct.html", "form", wrong=None, everyone=everyone)


@bp.post("/direct")
def create() -> Response:
    """The room with these people: the same as before, if there is one."""
    try:
        chosen = numbers("people")
        with gate.writing() as (c, me):
            room_id = direct.start(c, me, chosen)
    except Wrong as wrong:
        with gate.reading() as (c, me):
            everyone = company.known(c, me)
        return answers.refused(wrong, "rooms/direct.html", "form", everyone=everyone)
    return answers.done(f"/rooms/{room_id}", json={"room": room_id}, status=201)
