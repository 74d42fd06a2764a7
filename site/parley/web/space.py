"""The space as its owners see it: name, words and picture, colour, and what members may do."""

from flask import Blueprint, Response, g, request

from parley.store.errors import Missing, Refused
from parley.talk import roles, spaces
from parley.web import answers, db, gate
from parley.web.media import portrait, send

bp = Blueprint("space", __name__)


@bp.route("/space", methods=["GET", "POST"])
def settings() -> Response:
    """All of its settings."""
    me = gate.signed_in()
    roles.must(me, "change the space")
    if asked := answers.form("space/settings.html", "form", shows=Refused):
        return asked
    typed = request.form
    names = ("name", "welcome", "zone", "language", *spaces.CHOICES)
    wanted: dict[str, str | None] = {name: typed[name] for name in names if name in typed}
    wanted["picture"] = portrait(g.space.picture)
    with gate.writing() as (c, me):
        spaces.change(c, me, wanted)
    return answers.done("/space", json={"space": wanted.get("name", g.space.name)})


@bp.get("/space/picture")
def picture() -> Response:
    """Its picture, for anyone: who is invited sees it before joining."""
    with db.reading() as c:
        space = spaces.find(c)
    if space is None:
        raise Missing()
    return send(space.picture)
