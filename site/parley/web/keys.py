"""Keys: letting somebody back in, or oneself on a second device, without a password."""

from flask import Blueprint, Response, g, request

from parley.talk import keys, logins, people
from parley.web import answers, bulletin, db, gate
from parley.web.addresses import outside

bp = Blueprint("keys", __name__)


@bp.post("/people/<int:person_id>/key")
def give(person_id: int) -> Response:
    """A key for somebody who cannot get in."""
    return _make(person_id)


@bp.post("/people/me/key")
def mine() -> Response:
    """A key for one's own second device."""
    return _make()


def _make(person_id: int = 0) -> Response:
    with db.writing() as c:
        me = gate.member(c)
        person = people.get(c, person_id) if person_id else me
        token = keys.make(c, me, person)
    shown = outside(f"/enter/{token}")
    if answers.wants_json():
        return answers.done("", json={"address": shown["address"]}, status=201)
    response = answers.page("doors/key.html", person=person, **shown)
    response.headers["Cache-Control"] = "no-store"  # it is shown this once
    return response


@bp.route("/enter/<token>", methods=["GET", "POST"])
def enter(token: str) -> Response:
    """Say who comes in by this key. Only the button does it, so that no preview uses it up."""
    if request.method == "GET":
        with db.reading() as c:
            gate.visitor(c)
            person = keys.find(c, token)
        return answers.page("doors/enter.html", person=person, token=token)
    with db.writing() as c:
        gate.visitor(c)
        number = logins.end(c, g.login) if g.login else 0
        person = keys.use(c, token)
        gate.sign_in(c, person.id)
        keys.opened(c, token, g.login.id)
        sets_password = not person.has_password or keys.frees(c, g.login.id)
    if number:
        bulletin.revoked(number)
    return answers.done("/password" if sets_password else "/", json={"person": person.id})
