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
    log,
    media,
    messages,
    moderation,
    paths,
    people,
    reports,
    rooms,
    security,
)


def register(app: Flask) -> None:
    """First what all pages need, then the pages."""
    for part in (paths, forms, security, errors, filters, gate):
        part.register(app)
    for pages in (doors, rooms, feed, messages, media, people, handbook):
        app.register_blueprint(pages.bp)
    for pages in (moderation, reports, log):
        app.register_blueprint(pages.bp)
