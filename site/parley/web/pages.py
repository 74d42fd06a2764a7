"""Every page, hung into the application."""

from flask import Flask

from parley.web import (
    browsers,
    company,
    direct,
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
    log,
    logins,
    media,
    messages,
    moderation,
    paths,
    people,
    reports,
    rooms,
    security,
    side,
    space,
    upkeep,
)


def register(app: Flask) -> None:
    """First what all pages need, then the pages."""
    for part in (paths, forms, security, errors, filters, gate, browsers):
        part.register(app)
    for pages in (first_run, joining, logins, keys, links, doors, space, people):
        app.register_blueprint(pages.bp)
    for pages in (rooms, side, upkeep, company, direct, feed, messages, media, handbook):
        app.register_blueprint(pages.bp)
    for pages in (moderation, reports, log):
        app.register_blueprint(pages.bp)
