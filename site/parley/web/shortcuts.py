"""The keys that do something on a page, and the switch for those of one letter."""

from flask import Blueprint, Response, request

from parley.talk import people
from parley.web import answers, gate

bp = Blueprint("shortcuts", __name__)


@bp.get("/shortcuts")
def show() -> Response:
    """All keys; for htmx as a layer over the page."""
    gate.signed_in()
    return answers.page("shortcuts/show.html", "layer")


@bp.post("/people/me/shortcuts")
def switch() -> Response:
    """Keys of one letter do something, or nothing."""
    on = "shortcuts" in request.form
    with gate.writing() as (c, me):
        people.set_shortcuts(c, me, on)
    return answers.done("/people/me#shortcuts", json={"shortcuts": on})
