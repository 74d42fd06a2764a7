"""What every answer and every writing request must keep: headers, and the same origin."""

from datetime import timedelta
from functools import cache
from typing import Any

from flask import Flask, Response, request

from parley.store.errors import Forbidden
from parley.web import parts

SAFE = ("GET", "HEAD", "OPTIONS")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; frame-ancestors "
)


def register(app: Flask) -> None:
    """Check each request before a view sees it, and mark each answer."""
    app.before_request(_same_origin)
    app.after_request(_headers)


def _same_origin() -> None:
    """Refuse a form that another site has sent here.

    Fetch Metadata where the browser sends it, else Origin; neither means lynx, curl and the
    like, which no other site can lure.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site:
        ours = site in ("same-origin", "none")
    else:
        ours = origin is None or origin.partition("://")[2] == request.host
    if not ours:
        raise Forbidden("This came from another site, so nothing was done.")


def _headers(response: Response) -> Response:
    own = response.headers
    framed = "'self'" if request.endpoint == "rooms.listing" else "'none'"
    kept = "no-store" if request.endpoint == "feed.news" else "no-cache, private"
    own.setdefault("Content-Security-Policy", POLICY + framed)
    own.setdefault("Cache-Control", kept)
    own.extend(always(parts().settings.secure))
    return response


def keep(response: Response, name: str, value: str, lasts: timedelta, path: str = "/") -> None:
    """Give the browser a cookie that no script and no other site can use."""
    rules: dict[str, Any] = {"secure": parts().settings.secure, "httponly": True}
    response.set_cookie(name, value, lasts, path=path, samesite="Lax", **rules)


@cache
def always(secure: bool) -> dict[str, str]:
    """The headers of every answer; `secure` when browsers come through https."""
    found = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if secure:
        found["Cross-Origin-Opener-Policy"] = "same-origin"
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found
