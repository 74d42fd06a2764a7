"""How forms are read: the same text comes out however a browser sends it."""

from urllib.parse import parse_qsl

from flask import Flask, Request
from werkzeug.formparser import FormDataParser


class Fields(FormDataParser):
    """Invalid UTF-8 becomes U+FFFD, as it does in the parts of a form with files."""

    def parse(self, stream, mimetype, content_length, options=None):
        """The stream, the fields and the files (the base class tells of the arguments)."""
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        sent = stream.read().decode("utf-8", "replace")
        fields = parse_qsl(sent, keep_blank_values=True, errors="replace")
        return stream, self.cls(fields), self.cls()


class FormRequest(Request):
    """A request whose forms are read so."""

    form_data_parser_class = Fields


def register(app: Flask) -> None:
    """Read all forms so."""
    app.request_class = FormRequest
