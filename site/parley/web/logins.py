"""Signing in and out, the password, the devices that are signed in, and keys to come in without."""

from datetime import timedelta

from flask import Blueprint, Response, g, make_response, request, session

from parley.store.errors import Refused, Wrong
from parley.store.limits import Limit
from parley.talk import keys, logins, passwords, people, text
from parley.web import answers, browsers, bulletin, db, gate, security, wrong_names, wrong_passwords
from parley.web.addresses import outside

bp = Blueprint("logins", __name__)

LEFT = "left"  # the cookie of a browser that has just signed out
NOT_YOURS = "That is not the password you have now."
MISFIT = "Name and password do not fit together."


@bp.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Name and password. A wrong name takes as long and says the same as a wrong password."""
    with db.reading() as c:
        me = gate.visitor(c)
    if g.space is None:
        return answers.done("/welcome")
    if me:
        return answers.done(_inside(request.values.get("next", "")))
    if asked := answers.form("doors/login.html", "form", shows=Refused):
        return asked
    person_id = _known(request.form.get("name", ""), request.form.get("password", ""))
    with db.writing() as c:
        gate.sign_in(c, person_id)
    return answers.done(_inside(request.form.get("next", "")), json={"person": person_id})


def _known(name: str, password: str) -> int:
    with db.reading() as c:
        person_id, kept = people.by_name(c, name) or (0, None)
        is_known = logins.is_known(c, person_id, browsers.this())
    # Their own browsers are counted apart, so that nobody can lock them out from elsewhere.
    limit, key = wrong_passwords, str(person_id)
    if is_known:
        key += f" at {browsers.this()}"
    elif not person_id:
        limit, key = wrong_names, text.folded(text.clean(name))[:100]
    _try(limit, key, kept, password, Wrong(MISFIT, "password"))
    return person_id


def _try(limit: Limit, key: str, kept: str | None, password: str, wrong: Wrong) -> None:
    """Compare the password, unless that was wrong too often. Raises TooQuick or `wrong`."""
    limit.check(key)
    if not passwords.fits(kept, password):
        limit.miss(key)
        raise wrong


def _inside(address: str) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    # Browsers drop tabs and line ends, so "/\t/evil" would lead to //evil.
    return address if inside and address.isprintable() else "/"


@bp.post("/logout")
def logout() -> Response:
    """Sign this browser out, or all of the person's. Who has no password could not come back,
    so is asked first; the last owner who can come in sets one."""
    gate.signed_in(even_out=True)
    if not g.me.has_password and "anyway" not in request.form:
        return answers.page("doors/leave.html", "form", wrong=None)
    answers.form("doors/leave.html", "form")
    with db.writing() as c:
        if "everywhere" in request.form:
            number = logins.end_all(c, g.login)
            keys.forget(c, g.me.id)
        else:
            number = logins.end(c, g.login)
    bulletin.revoked(number)
    session.clear()
    response = answers.done("/login", json={})
    security.keep(response, LEFT, "1", timedelta(minutes=5), "/login")
    return response


@bp.get("/login/left")
def left() -> Response:
    """An image without a picture: the page after a sign-out asks for it, so that the browser
    clears what it holds of ours, photos too. It heeds that behind https, and on this machine.

    Not said with the sign-out itself: some browsers take seconds over it, and do nothing else.
    """
    response = make_response("", 204, {"Clear-Site-Data": '"cache"', "Cache-Control": "no-store"})
    response.delete_cookie(LEFT, "/login")
    return response


@bp.route("/password", methods=["GET", "POST"])
def password() -> Response:
    """Set or change one's password; other browsers are signed out.

    The one before is asked for, but not of who came by a key because they have lost it.
    """
    with gate.reading() as (c, me):
        kept, is_free = people.password(c, me.id), keys.frees(c, g.login.id)
    asks = me.has_password and not is_free
    if asked := answers.form("doors/password.html", "form", shows=Refused, asks=asks):
        return asked
    if asks:
        wrong = Wrong(NOT_YOURS, "old")
        _try(wrong_passwords, f"login {g.login.id}", kept, request.form.get("old", ""), wrong)
    hashed = passwords.hashed(request.form.get("password", ""))
    with db.writing() as c:
        number = logins.end_others(c, g.login)
        people.set_password(c, me.id, hashed)
        keys.forget(c, me.id)
    bulletin.revoked(number)
    return answers.done("/people/me", json={})


@bp.post("/logins/<int:login_id>/end")
def end(login_id: int) -> Response:
    """Sign one of one's devices out; a key that it has made a moment ago is no way back in."""
    with gate.writing() as (c, me):
        number = logins.end_one(c, me, login_id)
        keys.forget_own(c, me.id)
    bulletin.revoked(number)
    if login_id == g.login.id:
        session.clear()
        return answers.done("/login", json={})
    return answers.done("/people/me#devices", json={})


@bp.post("/people/<int:person_id>/key")
@bp.post("/people/me/key", defaults={"person_id": 0})
def give_key(person_id: int) -> Response:
    """A key for somebody who cannot get in, or (0) for one's own second device."""
    with gate.writing() as (c, me):
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
    if request.method != "POST":
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
    bulletin.revoked(number)
    return answers.done("/password" if sets_password else "/", json={"person": person.id})
