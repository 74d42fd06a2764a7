"""How each refusal is answered: its status, and a page, fragment or JSON with its sentence."""

import logging

from flask import Flask, Response, make_response, request
from werkzeug.exceptions import HTTPException

from parley.store import errors
from parley.web import answers

STATUS: dict[type[errors.Refused], int] = {
    errors.Stranger: 401,
    errors.Forbidden: 403,
    errors.Missing: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.NotTaken: 415,
    errors.Wrong: 422,
    errors.TooQuick: 429,
    errors.Busy: 503,
    errors.Full: 507,
}
TITLES = {
    401: "Sign in first",
    403: "That is not yours to do",
    404: "There is nothing here",
    405: "That cannot be done here",
    413: "That is too large",
    415: "That kind of file is not taken",
    429: "That was a lot at once",
    500: "Something went wrong here",
    503: "The server is busy",
    507: "The server is full",
}
SENTENCES = {
    400: "The request could not be read. Go back and try again.",
    405: "This address does not take what was sent to it.",
    413: "That was more than is taken at once: 10,000 characters and ten files of 16 MB each.",
    500: "It has been noted. What you typed is still there when you go back.",
}


def status(wrong: errors.Refused) -> int:
    """The HTTP status of a refusal (RFC 9110)."""
    return next((STATUS[kind] for kind in type(wrong).__mro__ if kind in STATUS), 422)


def register(app: Flask) -> None:
    """No traceback ever reaches a page."""
    app.register_error_handler(errors.Stranger, _stranger)
    app.register_error_handler(errors.Refused, lambda wrong: _say_no(wrong, status(wrong)))
    app.register_error_handler(HTTPException, _of_flask)
    app.register_error_handler(Exception, _unforeseen)


def _stranger(wrong: errors.Stranger) -> Response:
    if request.path in ("/message", "/messages", "/photo", "/lasthere"):
        return make_response("not signed in\n", 401, {"Content-Type": "text/plain"})
    if answers.wants_json():
        return answers.refused(wrong, 401, "")
    if answers.is_partial():
        return answers.vary(make_response("", 401, {"HX-Redirect": "/login"}))
    return answers.done("/login")


def _of_flask(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return error.get_response()  # type: ignore[return-value]
    sentence = errors.Missing.sentence if code == 404 else SENTENCES.get(code, SENTENCES[400])
    response = _say_no(errors.Refused(sentence), code)
    if allow := dict(error.get_headers()).get("Allow"):
        response.headers["Allow"] = allow
    return response


def _unforeseen(error: Exception) -> Response:
    logging.getLogger("parley").exception("%s %s", request.method, request.path)
    return _say_no(errors.Refused(SENTENCES[500]), 500)


def _say_no(wrong: errors.Refused, code: int) -> Response:
    """A page, or for htmx the sentence beside what the person was doing."""
    title = TITLES.get(code, "That did not work")
    # Without the space's name: byte for byte the same, however far the request had come.
    shown = {"code": code, "title": title, "space": None}
    return answers.refused(wrong, code, "doors/no.html", "problem", **shown)
