"""How each refusal is answered: its status, and a page, fragment or JSON with its sentence."""

import logging
from urllib.parse import quote

from flask import Flask, Response, g, make_response, request
from werkzeug.exceptions import HTTPException

from parley.store import errors
from parley.web import answers

TITLES = {
    403: "That is not yours to do",
    404: "There is nothing here",
    405: "That cannot be done here",
    413: "That is too large",
    429: "That was a lot at once",
    500: "Something went wrong here",
    503: "The server is busy",
    507: "The server is full",
}
SENTENCES = {
    404: errors.Missing.sentence,
    400: "The request could not be read. Go back and try again.",
    405: "This address does not take what was sent to it.",
    413: "That was more than is taken at once: 10,000 characters and ten files.",
    500: "It has been noted. What you typed is still there when you go back.",
}


def register(app: Flask) -> None:
    """No traceback ever reaches a page."""
    app.register_error_handler(errors.Stranger, _stranger)
    app.register_error_handler(errors.Out, _out)
    app.register_error_handler(errors.Refused, _refused)
    app.register_error_handler(HTTPException, _of_flask)
    app.register_error_handler(Exception, _unforeseen)


def _stranger(wrong: errors.Stranger) -> Response:
    if answers.wants_json():
        return answers.refused(wrong, "")
    if answers.is_partial():
        return answers.vary(make_response("", 401, {"HX-Redirect": "/login"}))
    asked = f"?next={quote(request.full_path.rstrip('?'))}" if request.method == "GET" else ""
    return answers.done(f"/login{asked}")


def _out(wrong: errors.Out) -> Response:
    """Who was removed is told so wherever they go; only files and pictures cannot say it."""
    if request.blueprint == "media" or request.endpoint == "people.picture":
        return _say_no(errors.Missing())
    if answers.is_partial():
        return answers.vary(make_response("", wrong.status, {"HX-Redirect": "/removed"}))
    return answers.refused(wrong, "people/removed.html")


def _refused(wrong: errors.Refused) -> Response:
    """The form that was sent says it, with all that was typed; else a page of its own."""
    shows, where, context = g.get("form", ((), (), {}))
    return answers.refused(wrong, *where, **context) if isinstance(wrong, shows) else _say_no(wrong)


def _of_flask(error: HTTPException) -> Response:
    if not error.code or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _say_no(errors.Refused(SENTENCES.get(error.code, SENTENCES[400])), error.code)
    told = {name: it for name, it in error.get_headers() if name in ("Allow", "Content-Range")}
    response.headers.update(told)
    return response


def _unforeseen(error: Exception) -> Response:
    logging.getLogger("parley").exception("%s %s", request.method, request.path)
    return _say_no(errors.Refused(SENTENCES[500]), 500)


def _say_no(wrong: errors.Refused, status: int = 0) -> Response:
    """A page, or for htmx the sentence beside what the person was doing."""
    wrong.status = status or wrong.status
    title = TITLES.get(wrong.status, "That did not work")
    # Without the space's name: byte for byte the same, however far the request had come.
    return answers.refused(wrong, "doors/no.html", "problem", title=title, space=None)
