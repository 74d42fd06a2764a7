"""Every page, hung into the application."""

from flask import Flask

from parley.web import (
    doors,
    errors,
    feed,
    filters,
    forms,
    gate,
    handbook,
    media,
    messages,
    paths,
    people,
    rooms,
    security,
    side,
)


def register(app: Flask) -> None:
    """First what all pages need, then the pages."""
    for part in (paths, forms, security, errors, filters, gate):
        part.register(app)
    for pages in (doors, rooms, side, feed, messages, media, people, handbook):
        app.register_blueprint(pages.bp)
