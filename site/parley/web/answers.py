"""Page, fragment, redirect or JSON: decided here and nowhere else."""

from typing import Any

from flask import Response, jsonify, make_response, redirect, render_template, request
from flask_htmx import HTMX
from jinja2_fragments.flask import render_blocks

from parley.store.errors import Refused

htmx = HTMX()


def is_partial() -> bool:
    """Whether htmx asks for a part of the page (htmx 4 says so itself)."""
    return bool(request and htmx) and request.headers.get("HX-Request-Type") == "partial"


def wants_json() -> bool:
    """Whether the caller names JSON; `*/*` alone means HTML."""
    return "application/json" in (kind for kind, _ in request.accept_mimetypes)


def page(template: str, *blocks: str, status: int = 200, **context: Any) -> Response:
    """The template whole for a browser, or only these blocks of it for htmx."""
    if is_partial() and blocks:
        html = render_blocks(template, list(blocks), **context)
    else:
        html = render_template(template, **context)
    return vary(make_response(html, status))


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
    response.vary.update(("HX-Request-Type", "Accept", "Cookie"))
    return response
