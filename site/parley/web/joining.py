"""Joining: a link is opened, and somebody new is here."""

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from parley.store.errors import Missing, Wrong
from parley.talk import links, logins, passwords, people
from parley.web import answers, browsers, db, gate

bp = Blueprint("joining", __name__)


@bp.route("/join/<code>", methods=["GET", "POST"])
def join(code: str) -> Response:
    """Come in by a link: a name, and a password that may stay empty."""
    with db.reading() as c:
        me = gate.visitor(c)
        shown: dict[str, Any] = {"link": _open(c, code), "count": people.count(c)}
    if me:
        return answers.done("/")
    if request.method == "GET":
        return answers.page("doors/join.html", "form", wrong=None, **shown)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        hashed = passwords.hashed(password) if password else None
        with db.writing() as c:
            _open(c, code)
            person = links.join(c, code, name, hashed)
            gate.sign_in(c, person.id)
    except Wrong as wrong:
        return answers.refused(wrong, "doors/join.html", "form", **shown)
    return answers.done("/", json={"person": person.id}, status=201)


def _open(c: Connection, code: str) -> links.Link:
    """The link; there is none for a browser of somebody who is banned. Raises Missing."""
    if logins.is_banned_browser(c, browsers.this()):
        raise Missing()
    return links.find(c, code)
