"""People: everyone, one person, oneself."""

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request, session

from parley.store.errors import Refused, Wrong
from parley.talk import direct, leaving, links, logins, people, reports, roles, sanctions
from parley.web import answers, bulletin, db, gate
from parley.web.addresses import outside
from parley.web.media import portrait, send

bp = Blueprint("people", __name__)


@bp.get("/people")
def index() -> Response:
    """Everyone: who is here now, who is away since when."""
    with gate.reading() as (c, me):
        everyone = people.everyone(c)
        invites = roles.may(me, "invite")
        link = links.current(c, me) if invites else None
        reported = reports.open_count(c) if roles.may(me, "read reports") else None
    shown: dict[str, Any] = {
        "people": [person for person in everyone if not person.is_out],
        "out": [person for person in everyone if person.is_out and me.is_moderator],
        "invites": invites,
        "invitation": link and outside(f"/join/{link.code}") | {"uses": link.uses, "id": link.id},
        "reported": reported,
    }
    return answers.page("people/index.html", **shown)


@bp.get("/people/<int:person_id>")
def show(person_id: int) -> Response:
    """One person, and what the reader may do with them."""
    with gate.reading() as (c, me):
        person = people.get(c, person_id)
        shown: dict[str, Any] = {"person": person, "blocked": direct.blocked_by(c, me)}
        shown["kept_out_by"] = sanctions.out_of_reach(c, me, person)
        shown["kept_silent_by"] = sanctions.kept_silent(c, me, person)
    shown["is_there"] = is_there = not person.left_at  # to a former member nothing can be done
    shown["is_over"] = is_there and roles.is_over(me, person)
    writes = roles.may(me, "write directly", least=g.space.writes_direct)
    shown["may_write"] = is_there and not person.is_out and writes
    return answers.page("people/show.html", **shown)


@bp.get("/people/<int:person_id>/picture")
def picture(person_id: int) -> Response:
    """Their picture. The address carries its hash, so a browser may keep it."""
    with gate.reading() as (c, _):
        person = people.get(c, person_id)
    return send(person.picture)


@bp.route("/people/me", methods=["GET", "POST"])
def me() -> Response:
    """One's own name, line and picture, and how one reads times."""
    with gate.reading() as (c, person):
        devices = logins.devices_of(c, person.id)
    shown = {"devices": devices, "here": g.login.id}
    if asked := answers.form("people/me.html", "form", shows=Refused, **shown):
        return asked
    typed, kept = request.form, portrait(person.picture)
    with db.writing() as c:
        people.describe(c, person, typed.get("name", ""), typed.get("about", ""), kept)
        chosen = typed.get("zone", person.zone), typed.get("language", person.language)
        people.read_times(c, person.id, *chosen)
    return answers.done(f"/people/{person.id}", json={"person": person.id})


@bp.route("/people/me/leave", methods=["GET", "POST"])
def leave() -> Response:
    """Leave the space for good; one's messages stay, or go too."""
    gate.signed_in()
    if asked := answers.form("people/leave.html", "form", shows=Refused):
        return asked
    if request.form.get("messages") not in ("stay", "go"):
        raise Wrong("Choose whether your messages stay or go.", "messages")
    with gate.writing() as (c, me):
        number, changed = leaving.leave(c, me, request.form["messages"] == "go")
    bulletin.revoked(number)
    for room_id, revision in changed.items():
        bulletin.changed(room_id, revision)
    session.clear()
    return answers.done("/about", json={})


@bp.get("/me.css")
def mine() -> Response:
    """What messages cannot say, since all get the same ones: which are mine, and whom I blocked.

    RFC 9110, 13.1.2: the ETag lets the browser ask whether its copy still holds.
    """
    with gate.reading() as (c, person):
        blocked = direct.blocked_by(c, person)
    response = make_response(render_template("people/me.css", person=person, blocked=blocked))
    response.mimetype = "text/css"
    response.add_etag()
    response.make_conditional(request)
    return response
