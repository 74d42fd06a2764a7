"""Every page, hung into the application."""

from flask import Flask

from parley.web import (
    browsers,
    doors,
    errors,
    feed,
    filters,
    first_run,
    forms,
    gate,
    handbook,
    joining,
    keys,
    links,
    logins,
    media,
    messages,
    paths,
    people,
    rooms,
    security,
)


def register(app: Flask) -> None:
    """First what all pages need, then the pages."""
    for part in (paths, forms, security, errors, filters, gate, browsers):
        part.register(app)
    for pages in (first_run, joining, logins, keys, links, doors):
        app.register_blueprint(pages.bp)
    for pages in (rooms, feed, messages, media, people, handbook):
        app.register_blueprint(pages.bp)
