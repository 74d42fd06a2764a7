"""Every page, hung into the application."""

from flask import Flask
from werkzeug.utils import find_modules, import_string

from parley.web import browsers, errors, filters, forms, gate, security, times


def register(app: Flask) -> None:
    """First what all pages need, then the pages: each module beside this one that has some."""
    for part in (forms, security, errors, times, filters, gate, browsers):
        part.register(app)
    for name in find_modules("parley.web"):
        if pages := getattr(import_string(name), "bp", None):
            app.register_blueprint(pages)
