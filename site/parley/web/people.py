"""People: everyone, one person, oneself; and the link that brings others in."""

from typing import Any
from urllib.parse import urlsplit

import segno
from flask import Blueprint, Response, g, make_response, render_template, request, session
from markupsafe import Markup
from sqlalchemy import Connection

from parley import network
from parley.store.errors import Forbidden, Refused, Stranger, Wrong
from parley.talk import blocks, leaving, links, people, reports, roles, sanctions
from parley.web import answers, bulletin, db, gate, settings
from parley.web.media import portrait, send

bp = Blueprint("people", __name__)


@bp.get("/people")
def index() -> Response:
    """Everyone: who is here now, who is away since when."""
    with gate.reading() as (c, me):
        everyone = people.everyone(c)
        invitation = _invitation(c) if me.is_owner else None
        reported = reports.open_count(c) if roles.may(me, "read reports") else None
    shown: dict[str, Any] = {
        "people": [person for person in everyone if not person.is_out],
        "out": [person for person in everyone if person.is_out and me.is_moderator],
        "invitation": invitation,
        "reported": reported,
        "forever": sanctions.FOREVER,
    }
    return answers.page("people/index.html", **shown)


@bp.get("/people/<int:person_id>")
def show(person_id: int) -> Response:
    """One person, and what the reader may do with them."""
    with gate.reading() as (c, me):
        person = people.get(c, person_id)
        blocked = blocks.of(c, me)
    writes = roles.may(me, "write directly", least=g.space.writes_direct)
    shown: dict[str, Any] = {
        "person": person,
        "blocked": blocked,
        "may_write": writes or person.is_moderator,
        "is_over": roles.is_over(me, person),
        "gives_roles": roles.may(me, "give roles"),
        "forever": sanctions.FOREVER,
    }
    return answers.page("people/show.html", **shown)


@bp.get("/people/<int:person_id>/picture")
def picture(person_id: int) -> Response:
    """Their picture. The address carries its hash, so a browser may keep it."""
    with gate.reading() as (c, _):
        person = people.get(c, person_id)
    return send(person.picture)


@bp.route("/people/me", methods=["GET", "POST"])
def me() -> Response:
    """One's own name, line and picture."""
    person = gate.signed_in()
    if request.method == "GET":
        return answers.page("people/me.html", "form", wrong=None)
    typed = request.form
    try:
        kept = portrait(person.picture)
        with db.writing() as c:
            people.describe(c, person, typed.get("name", ""), typed.get("about", ""), kept)
    except Refused as wrong:
        return answers.refused(wrong, "people/me.html", "form")
    return answers.done(f"/people/{person.id}", json={"person": person.id})


@bp.route("/people/me/leave", methods=["GET", "POST"])
def leave() -> Response:
    """Leave the space for good; one's messages stay, or go too."""
    gate.signed_in()
    if request.method == "GET":
        return answers.page("people/leave.html", "form", wrong=None)
    try:
        if request.form.get("messages") not in ("stay", "go"):
            raise Wrong("Choose whether your messages stay or go.", "messages")
        with db.writing() as c:
            take_away = request.form["messages"] == "go"
            number, changed = leaving.leave(c, gate.member(c), take_away)
    except Stranger:
        raise
    except Refused as wrong:
        return answers.refused(wrong, "people/leave.html", "form")
    bulletin.revoked(number)
    for room_id, revision in changed.items():
        bulletin.changed(room_id, revision)
    session.clear()
    return answers.done("/about", json={})


@bp.post("/links")
def new_link() -> Response:
    """A new join link; the ones before it no longer open."""
    with db.writing() as c:
        me = gate.member(c)
        if not me.is_owner:
            raise Forbidden("Only the owner can make a link.")
        code = links.replace(c, me)
    return answers.done("/people#invite", json={"code": code}, status=201)


@bp.get("/me.css")
def mine() -> Response:
    """What messages cannot say, since all get the same ones: which are mine, and what I may do.

    RFC 9110, 13.1.2: the ETag lets the browser ask whether its copy still holds.
    """
    person = gate.signed_in()
    response = make_response(render_template("people/me.css", person=person))
    response.mimetype = "text/css"
    response.add_etag()
    response.make_conditional(request)
    return response


def _invitation(c: Connection) -> dict[str, Any]:
    """The link with its QR code, and who can open it."""
    link = links.current(c)
    base, reach = _base()
    address = f"{base}/join/{link.code}"
    made = segno.make(address, error="m")
    code = made.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    # Made of modules only; the words of the address are not in it.
    return {"address": address, "reach": reach, "uses": link.uses, "qr": Markup(code)}  # noqa: S704


def _base() -> tuple[str, str]:
    """Where this place is reached, and how far that goes (the template has the words)."""
    if settings.url:
        return settings.url, "public"
    host = urlsplit(request.host_url).hostname
    if not network.is_loopback(host):
        return request.host_url.rstrip("/"), "named"
    lan = network.lan_address()
    reach = "alone" if network.is_loopback(settings.host) else "network"
    port = urlsplit(request.host_url).port or 80
    return f"http://{lan or host}:{port}", reach if lan else "offline"
