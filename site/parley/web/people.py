"""People: everyone, one person, oneself."""

from flask import Blueprint, Response, g, make_response, render_template, request

from parley.store.errors import Refused
from parley.talk import links, logins, people, roles, uploads
from parley.web import answers, darkroom, db, files, gate
from parley.web.addresses import outside
from parley.web.media import send

bp = Blueprint("people", __name__)


@bp.get("/people")
def index() -> Response:
    """Everyone: who is here now, who is away since when."""
    with gate.reading() as (c, me):
        everyone = people.everyone(c)
        invites = roles.may(me, "invite")
        link = links.current(c, me) if invites else None
    shown = link and outside(f"/join/{link.code}") | {"uses": link.uses, "id": link.id}
    return answers.page("people/index.html", people=everyone, invites=invites, invitation=shown)


@bp.get("/people/<int:person_id>")
def show(person_id: int) -> Response:
    """One person."""
    with gate.reading() as (c, _):
        person = people.get(c, person_id)
    return answers.page("people/show.html", person=person)


@bp.get("/people/<int:person_id>/picture")
def picture(person_id: int) -> Response:
    """Their picture. The address carries its hash, so a browser may keep it."""
    with gate.reading() as (c, _):
        person = people.get(c, person_id)
    return send(person.picture)


@bp.route("/people/me", methods=["GET", "POST"])
def me() -> Response:
    """One's own name, line and picture."""
    with gate.reading() as (c, person):
        devices = logins.devices_of(c, person.id)
    if request.method == "GET":
        return answers.page("people/me.html", "form", wrong=None, devices=devices, here=g.login.id)
    typed = request.form
    try:
        photo = request.files.get("photo")
        kept = person.picture
        if photo and photo.filename:
            kept = uploads.portrait(files, darkroom, photo.filename, photo.stream)
        with db.writing() as c:
            people.describe(c, person, typed.get("name", ""), typed.get("about", ""), kept)
    except Refused as wrong:
        wrong.field = "photo" if wrong.field in ("", "files") else wrong.field
        return answers.refused(wrong, "people/me.html", "form", devices=devices, here=g.login.id)
    return answers.done(f"/people/{person.id}", json={"person": person.id})


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
