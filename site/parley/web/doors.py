"""The doors: first run, joining, signing in and out, and what this place is."""

import hmac
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request, session

from parley import network
from parley.settings import Settings
from parley.store.errors import Missing, Refused, TooQuick, Wrong
from parley.talk import clock, links, logins, passwords, people, spaces, text
from parley.web import answers, bulletin, db, gate, settings, wrong_passwords

bp = Blueprint("doors", __name__)

NOT_YOURS = "That is not the password you have now."
MISFIT = "Name and password do not fit together."


@bp.get("/")
def home() -> Response:
    """The room; the first run on a new installation; the door for strangers."""
    with db.reading() as c:
        me = gate.visitor(c)
    if g.space is None:
        return answers.done("/welcome")
    return answers.done("/rooms/1" if me or g.out else "/login")


@bp.get("/health")
def health() -> tuple[str, dict[str, str]]:
    """Whether the database answers."""
    with db.reading() as c:
        spaces.find(c)
    return "ok\n", {"Content-Type": "text/plain", "Cache-Control": "no-store"}


@bp.route("/welcome", methods=["GET", "POST"])
def welcome() -> Response:
    """The first run makes the space and its owner; ever after there is nothing here."""
    code = request.values.get("code", "")
    with db.reading() as c:
        if spaces.find(c):
            raise Missing()
    if not _is_at_the_machine() and not _fits_code(code):
        return answers.page("doors/guarded.html", status=403, code=code)
    if request.method == "GET":
        return answers.page("doors/welcome.html", "form", wrong=None, code=code)
    typed = request.form
    try:
        hashed = passwords.hashed(typed.get("password", ""))
        names = typed.get("space", ""), clock.machine_zone(), typed.get("name", "")
        with db.writing() as c:
            owner = spaces.found(c, *names, hashed)
            gate.sign_in(c, owner.id)
    except Wrong as wrong:
        return answers.refused(wrong, "doors/welcome.html", "form", code=code)
    return answers.done("/people#invite", json={"person": owner.id}, status=201)


def first_run_code(secret: str) -> str:
    """The one-time code that the start prints while there is no space yet."""
    return hmac.digest(secret.encode(), b"first run", sha256).hex()[:12]


def _fits_code(code: str) -> bool:
    right = first_run_code(Settings.signing_secret(settings))
    return hmac.compare_digest(code.strip().encode("utf-8", "replace"), right.encode())


def _is_at_the_machine() -> bool:
    """Whether the request comes straight from loopback, by a loopback name, through no proxy."""
    forwarded = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
    through_proxy = settings.url or any(name in request.headers for name in forwarded)
    # The name too: another site's may be made to lead here (DNS rebinding).
    name = urlsplit(f"//{request.host}").hostname
    here = network.is_loopback(name) and network.is_loopback(request.remote_addr)
    return here and not through_proxy


@bp.route("/join/<code>", methods=["GET", "POST"])
def join(code: str) -> Response:
    """Come in by a link: a name, and a password that may stay empty."""
    with db.reading() as c:
        me = gate.visitor(c)
        link, count = links.find(c, code), people.count(c)
    if me:
        return answers.done("/")
    shown: dict[str, Any] = {"link": link, "count": count}
    if request.method == "GET":
        return answers.page("doors/join.html", "form", wrong=None, **shown)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        hashed = passwords.hashed(password) if password else None
        with db.writing() as c:
            person = people.join(c, name, hashed)
            links.use(c, code)
            gate.sign_in(c, person.id)
    except Wrong as wrong:
        return answers.refused(wrong, "doors/join.html", "form", **shown)
    return answers.done("/", json={"person": person.id}, status=201)


@bp.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Name and password. A wrong name takes as long and says the same as a wrong password."""
    with db.reading() as c:
        me = gate.visitor(c)
    if g.space is None:
        return answers.done("/welcome")
    if me:
        return answers.done(_inside(request.values.get("next", "")))
    if request.method == "GET":
        return answers.page("doors/login.html", "form", wrong=None)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        person_id = _known(name, password)
    except Refused as wrong:
        return answers.refused(wrong, "doors/login.html", "form")
    with db.writing() as c:
        gate.sign_in(c, person_id)
    return answers.done(_inside(request.form.get("next", "")), json={"person": person_id})


def _known(name: str, password: str, misfit: str = MISFIT, field: str = "password") -> int:
    key = text.folded(text.clean(name))[:100]
    wrong_passwords.check(key)
    with db.reading() as c:
        person_id, kept = people.by_name(c, name) or (0, None)
    if not passwords.fits(kept, password):
        wrong_passwords.miss(key)
        raise Wrong(misfit, field)
    return person_id


def _inside(address: str) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    # Browsers drop tabs and line ends, so "/\t/evil" would lead to //evil.
    return address if inside and address.isprintable() else "/"


@bp.post("/logout")
def logout() -> Response:
    """Sign this browser out, or all of the person's. Who has no password could not come back,
    so is asked first."""
    gate.signed_in(even_out=True)
    if not g.me.has_password and "anyway" not in request.form:
        return answers.page("doors/leave.html", "form", wrong=None)
    end = logins.end_all if "everywhere" in request.form else logins.end
    with db.writing() as c:
        number = end(c, g.login)
    bulletin.revoked(number)
    session.clear()
    return answers.done("/login", json={})


@bp.post("/password")
def password() -> Response:
    """Set or change one's password; other browsers are signed out."""
    me = gate.signed_in()
    try:
        if me.has_password:
            _known(me.name, request.form.get("old", ""), NOT_YOURS, "old")
        hashed = passwords.hashed(request.form.get("password", ""))
    except (Wrong, TooQuick) as wrong:
        template = "people/me.html" if me.has_password else "doors/leave.html"
        return answers.refused(wrong, template, "form")
    with db.writing() as c:
        people.set_password(c, me.id, hashed)
        number = logins.end_others(c, g.login)
    bulletin.revoked(number)
    return answers.done("/people/me", json={})


@bp.get("/about")
def about() -> Response:
    """What this is and who runs it, for anyone."""
    with db.reading() as c:
        gate.visitor(c)
        count = people.count(c)
    return answers.page("doors/about.html", count=count)
