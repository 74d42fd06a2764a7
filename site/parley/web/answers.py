"""Page, fragment, redirect or JSON: decided here and nowhere else."""

from functools import lru_cache
from typing import Any

from flask import Response, g, jsonify, make_response, redirect, render_template, request
from flask_htmx import HTMX
from jinja2_fragments.flask import render_blocks
from werkzeug.datastructures import Accept, MIMEAccept
from werkzeug.http import parse_accept_header

from parley.store.errors import Refused, Wrong
from parley.web.joined import Joined

htmx = HTMX()
JSON = "application/json"


def is_partial() -> bool:
    """Whether htmx asks for a part of the page (htmx 4 says so itself)."""
    asked = request.environ.get("HTTP_HX_REQUEST_TYPE") if request else None
    return asked == "partial" and bool(htmx)


def wants_json() -> bool:
    """Whether the caller names JSON; `*/*` alone means HTML."""
    return _names_json(request.environ.get("HTTP_ACCEPT", ""))


def page(template: str, *blocks: str, status: int = 200, **context: Any) -> Response:
    """The template whole for a browser, or only these blocks of it for htmx.

    A list of messages in it is joined in as it was compressed for all who are shown it.
    """
    if is_partial() and blocks:
        return vary(make_response(render_blocks(template, list(blocks), **context), status))
    g.joined = joined = Joined()
    html = render_template(template, **context)
    octets, zipped = joined.octets(html, _takes_gzip(request.environ.get("HTTP_ACCEPT_ENCODING")))
    response = make_response(octets, status)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return vary(response)


def part(template: str, **context: Any) -> Response:
    """A template that is part of a page, for htmx."""
    return vary(make_response(render_template(template, **context)))


def done(
    to: str, html: str = "", trigger: str = "", json: Any = None, status: int = 200
) -> Response:
    """Something was changed: JSON for a program, `html` for htmx, a redirect to `to` for a form.

    Without `html` or `trigger` htmx is sent to `to` as well.
    """
    if wants_json() and json is not None:
        return vary(make_response(jsonify(json), status))
    if not is_partial():
        return vary(redirect(to, 303))
    response = make_response(html)
    if trigger:
        response.headers["HX-Trigger"] = trigger
    elif not html:
        response.headers["HX-Redirect"] = to
    return vary(response)


def form(
    template: str, *blocks: str, shows: type[Refused] = Wrong, **context: Any
) -> Response | None:
    """The page of a form, for who asks for it.

    Nothing for who sends it; but should that be refused (as `shows`), the same page says so.
    """
    if request.method != "POST":
        return page(template, *blocks, wrong=None, **context)
    g.form = shows, (template, *blocks), context
    return None


def refused(wrong: Refused, template: str, /, *blocks: str, **context: Any) -> Response:
    """What was asked cannot be done: the same page, its sentence, and all that was typed."""
    if wants_json():
        response = make_response(jsonify(error=wrong.sentence, field=wrong.field), wrong.status)
    else:
        response = page(template, *blocks, status=wrong.status, **context | {"wrong": wrong})
    if wrong.seconds:
        response.headers["Retry-After"] = str(wrong.seconds)
    if wrong.leads_to and is_partial():
        response.headers["HX-Redirect"] = wrong.leads_to
    return vary(response)


def vary(response: Any) -> Response:
    """One address serves page, fragment and JSON, for one person: caches keep them apart."""
    response.headers["Vary"] = "HX-Request-Type, Accept, Cookie, Accept-Encoding"
    return response


@lru_cache(maxsize=1000)  # browsers know few
def _names_json(accept: str) -> bool:
    return JSON in (kind for kind, _ in parse_accept_header(accept, MIMEAccept))


@lru_cache(maxsize=1000)
def _takes_gzip(encodings: str | None) -> bool:
    return parse_accept_header(encodings, Accept)["gzip"] > 0
