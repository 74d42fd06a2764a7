"""The first run: who makes the space, and who may."""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from parley import network
from parley.store.errors import Missing
from parley.talk import clock, languages, passwords, spaces
from parley.web import answers, db, gate, settings, times

bp = Blueprint("first_run", __name__)


@bp.route("/welcome", methods=["GET", "POST"])
def welcome() -> Response:
    """The first run makes the space and its owner; ever after there is nothing here."""
    code = request.values.get("code", "")
    with db.reading() as c:
        if spaces.find(c):
            raise Missing()
    if not _is_at_the_machine() and not _fits_code(code):
        return answers.page("doors/guarded.html", status=403, code=code)
    if asked := answers.form("doors/welcome.html", "form", code=code):
        return asked
    typed = request.form
    hashed = passwords.hashed(typed.get("password", ""))
    zone, language = times.of_browser()
    names = typed.get("space", ""), zone or clock.machine_zone(), typed.get("name", "")
    with db.writing() as c:
        owner = spaces.found(c, *names, hashed, language or languages.ENGLISH)
        gate.sign_in(c, owner.id)
    return answers.done("/people#invite", json={"person": owner.id}, status=201)


def first_run_code(secret: str) -> str:
    """The one-time code that the start prints while there is no space yet."""
    return hmac.digest(secret.encode(), b"first run", sha256).hex()[:12]


def _fits_code(code: str) -> bool:
    right = first_run_code(settings.signing_secret())
    return hmac.compare_digest(code.strip().encode("utf-8", "replace"), right.encode())


def _is_at_the_machine() -> bool:
    """Whether the request comes straight from loopback, by a loopback name, through no proxy."""
    forwarded = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
    through_proxy = settings.url or any(name in request.headers for name in forwarded)
    # The name too: another site's may be made to lead here (DNS rebinding).
    name = urlsplit(f"//{request.host}").hostname
    here = network.is_loopback(name) and network.is_loopback(request.remote_addr)
    return here and not through_proxy
