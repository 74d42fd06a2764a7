"""Every page, hung into the application."""

from flask import Flask

from parley.web import (
    company,
    direct,
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
    space,
    upkeep,
)


def register(app: Flask) -> None:
    """First what all pages need, then the pages."""
    for part in (paths, forms, security, errors, filters, gate):
        part.register(app)
    for pages in (
        *(doors, rooms, upkeep, company, direct, feed, messages, media),
        *(people, space, handbook),
    ):
        app.register_blueprint(pages.bp)
    for pages in (moderation, reports, log):
        app.register_blueprint(pages.bp)
