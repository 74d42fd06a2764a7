"""Join links: the list of them, making and revoking one, and one large enough to be projected."""

from typing import Any

from flask import Blueprint, Response, request

from parley.store.errors import Wrong
from parley.talk import links, log, roles, rooms
from parley.web import answers, db, gate
from parley.web.addresses import outside
from parley.web.forms import numbers

bp = Blueprint("links", __name__)


@bp.get("/links")
def index() -> Response:
    """Every link that one may see, and the form for one more."""
    return _list()


@bp.post("/links")
def create() -> Response:
    """One more link, besides those that are there."""
    try:
        chosen, typed = numbers("rooms"), request.form
        with db.writing() as c:
            me = gate.member(c)
            given = {name: typed.get(name, "") for name in ("name", "lasts", "most")}
            role = typed.get("role", roles.MEMBER)
            link = links.make(c, me, **given, role=role, leads=chosen)
            log.note(c, me, "made a link", words=link.name)
    except Wrong as wrong:
        return _list(wrong)
    return answers.done(f"/links/{link.id}", json={"id": link.id, "code": link.code}, status=201)


@bp.get("/links/<int:link_id>")
def show(link_id: int) -> Response:
    """One link with its code, to be projected, printed or sent."""
    with gate.reading() as (c, me):
        roles.must(me, "invite")
        link = links.get(c, me, link_id)
    return answers.page("links/show.html", link=link, **outside(f"/join/{link.code}"))


@bp.post("/links/<int:link_id>/revoke")
def revoke(link_id: int) -> Response:
    """It opens no longer."""
    with db.writing() as c:
        me = gate.member(c)
        roles.must(me, "invite")
        links.revoke(c, me, link_id)
    return answers.done("/links", json={})


def _list(wrong: Wrong | None = None) -> Response:
    with gate.reading() as (c, me):
        roles.must(me, "invite")
        shown = links.seen_by(c, me)
        leads, own = links.rooms_of(c, shown), rooms.seen_by(c, me)
    offered = [room for room in own if room.kind == rooms.CLOSED and not room.archived_at]
    told: dict[str, Any] = {"links": shown, "leads": leads, "own": own, "offered": offered}
    if wrong:
        return answers.refused(wrong, "links/index.html", "form", **told)
    return answers.page("links/index.html", "form", wrong=None, **told)
