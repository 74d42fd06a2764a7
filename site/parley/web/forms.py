"""How forms and addresses are read: the same text, numbers and limits, whoever sends them."""

import re
from contextlib import suppress
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Flask, Request, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter

from parley.store.errors import Full, Wrong
from parley.store.files import full_disk_told
from parley.web import files, gate

LARGE = 1_000_000  # bytes of a form that are taken from somebody known alone
MANY = 20_000  # people or rooms that one form may name
LARGEST = 2**63 - 1  # what the databases' integers hold


class Id(IntegerConverter):
    """A positive number that fits a column; any other path is not there (404)."""

    regex = r"[0-9]{1,18}"


class Fields(FormDataParser):
    """Invalid UTF-8 becomes U+FFFD, as it does in the parts of a form with files."""

    def parse(self, stream, mimetype, content_length, options=None):
        """The stream, the fields and the files (the base class tells of the arguments)."""
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        most = self.max_form_memory_size or 0
        if (content_length or 0) > most:
            raise RequestEntityTooLarge()
        # Read to the end, a body that breaks off is an error; one in chunks says no length.
        sent = stream.read() if content_length is not None else stream.read(most + 1)
        if len(sent) > most or sent.count(b"&") >= (self.max_form_parts or 0):
            raise RequestEntityTooLarge()
        fields = parse_qsl(sent.decode("utf-8", "replace"), True, errors="replace")
        return stream, self.cls(fields), self.cls()


class FormRequest(Request):
    """A request whose forms are read so; its files go to the disk on which they may be kept."""

    form_data_parser_class = Fields
    _part: IO[bytes] | None = None  # the last one

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        self._part = files.part()
        return self._part

    def _load_form_data(self) -> None:
        size = self.content_length or (LARGE if "HTTP_TRANSFER_ENCODING" in self.environ else 0)
        if size >= LARGE and "form" not in self.__dict__:
            gate.signed_in()  # nothing large is taken apart for strangers, without a bridge either
        try:
            with full_disk_told():
                super()._load_form_data()
        except Full:
            if self._part:
                with suppress(OSError):  # what it still holds does not fit, either
                    self._part.close()
            raise


def as_id(typed: str) -> int | None:
    """What may be an id, as Id takes it."""
    return int(typed) if re.fullmatch(Id.regex, typed) else None


def numbers(field: str) -> list[int]:
    """The ids that a form names, as many as there may be people. Raises Wrong."""
    request.max_form_parts = MANY
    sent = request.form.getlist(field)
    ids = [one for one in map(as_id, sent) if one is not None]
    if len(ids) < len(sent):
        raise Wrong("Choose from the list.", field)
    return ids


def number(name: str, default: int | None = None) -> int | None:
    """A number from the query. Raises Wrong with a sentence when it is none."""
    text = request.args.get(name)
    if text is None:
        return default
    return _number(text, name, "in the address")


def chosen(field: str) -> int | None:
    """The id that a form names, None for none. Raises Wrong."""
    text = request.form.get(field)
    return _number(text, field, "in the form") if text else None


def answered() -> tuple[int | None, bool]:
    """What the form answers, and whether apart. Raises Wrong.

    On the page of a message it is that one, and apart, unless the person has said otherwise.
    """
    reply_to, thread = chosen("reply_to"), chosen("thread")
    if thread and not reply_to:
        return thread, request.form.get("flow") != "yes"
    return reply_to, request.form.get("apart") == "yes"


def _number(text: str, name: str, where: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST or len(text) > 19:
        raise Wrong(f"“{name}” {where} is not a number.", name)
    return int(text)


def register(app: Flask) -> None:
    """Read all forms so, and let `<int:...>` mean an id."""
    app.request_class = FormRequest
    app.url_map.converters["int"] = Id
