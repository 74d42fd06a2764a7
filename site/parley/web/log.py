"""The log, for owners."""

from flask import Blueprint, Response

from parley.talk import log, roles
from parley.web import answers, gate
from parley.web.paths import number

bp = Blueprint("log", __name__)


@bp.get("/log")
def show() -> Response:
    """What owners and moderators did, the newest first, or before an entry."""
    with gate.reading() as (c, me):
        roles.must(me, "read the log")
        entries, more = log.read(c, me, number("before"))
    return answers.page("log/show.html", entries=entries, more=more)
