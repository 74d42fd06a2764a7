"""Join links: opening one, and the list of them, making and revoking one, showing one large."""

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from parley.store.errors import Missing
from parley.talk import links, log, logins, passwords, people, roles, rooms
from parley.web import answers, browsers, db, gate
from parley.web.addresses import outside
from parley.web.forms import numbers

bp = Blueprint("links", __name__)


@bp.route("/links", methods=["GET", "POST"])
def index() -> Response:
    """Every link that one may see, and the form for one more besides them."""
    with gate.reading() as (c, me):
        roles.must(me, "invite")
        shown = links.seen_by(c, me)
        leads, own = links.rooms_of(c, shown), rooms.seen_by(c, me)
    offered = [room for room in own if room.kind == rooms.CLOSED and not room.archived_at]
    told: dict[str, Any] = {"links": shown, "leads": leads, "own": own, "offered": offered}
    if asked := answers.form("links/index.html", "form", **told):
        return asked
    chosen, typed = numbers("rooms"), request.form
    with gate.writing() as (c, me):
        given = {name: typed.get(name, "") for name in ("name", "lasts", "most")}
        role = typed.get("role", roles.MEMBER)
        link = links.make(c, me, **given, role=role, leads=chosen)
        log.note(c, me, "made a link", words=link.name)
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
    with gate.writing() as (c, me):
        roles.must(me, "invite")
        links.revoke(c, me, link_id)
    return answers.done("/links", json={})


@bp.route("/join/<code>", methods=["GET", "POST"])
def join(code: str) -> Response:
    """Come in by a link: a name, and a password that may stay empty."""
    with db.reading() as c:
        me = gate.visitor(c)
        shown: dict[str, Any] = {"link": _open(c, code), "count": people.count(c)}
    if me:
        return answers.done("/")
    if asked := answers.form("doors/join.html", "form", **shown):
        return asked
    name, password = request.form.get("name", ""), request.form.get("password", "")
    hashed = passwords.hashed(password) if password else None
    with db.writing() as c:
        _open(c, code)
        person = links.join(c, code, name, hashed)
        gate.sign_in(c, person.id)
    return answers.done("/", json={"person": person.id}, status=201)


def _open(c: Connection, code: str) -> links.Link:
    """The link; there is none for a browser of somebody who is banned. Raises Missing."""
    if logins.is_banned_browser(c, browsers.this()):
        raise Missing()
    return links.find(c, code)
