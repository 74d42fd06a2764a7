"""Which browser this is: a cookie of its own, which outlives sign-outs.

It gives no right. It tells a browser that somebody has used before from one that guesses, and
keeps the browser of somebody who is banned out.
"""

import secrets

from flask import Flask, Response, g, request

from parley.store import sessions
from parley.talk import logins
from parley.web import security

NAME = "browser"


def register(app: Flask) -> None:
    """Let those who sign in have one."""
    app.after_request(_hand_out)


def this() -> str:
    """The hash of this browser's cookie; empty for one that was never signed in."""
    return logins.hashed(request.cookies.get(NAME, ""))


def kept() -> str:
    """The same, and it has one from now on, for 400 days more."""
    g.browser = request.cookies.get(NAME) or secrets.token_urlsafe(32)
    return logins.hashed(g.browser)


def _hand_out(response: Response) -> Response:
    if "browser" in g:
        security.keep(response, NAME, g.browser, sessions.LIFETIME)
    return response
