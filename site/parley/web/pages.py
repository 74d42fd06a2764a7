"""Every page, hung into the application."""

from flask import Flask

from parley.web import (
    browsers,
    company,
    doors,
    drafts,
    errors,
    feed,
    filters,
    first_run,
    for_you,
    forms,
    gate,
    handbook,
    links,
    logins,
    media,
    messages,
    moderation,
    people,
    reactions,
    rooms,
    search,
    security,
    shortcuts,
    side,
    space,
    thread,
    times,
    upkeep,
)


def register(app: Flask) -> None:
    """First what all pages need, then the pages."""
    for part in (forms, security, errors, times, filters, gate, browsers):
        part.register(app)
    for pages in (first_run, logins, links, doors, space, people, thread, moderation, for_you):
        app.register_blueprint(pages.bp)
    for pages in (rooms, side, upkeep, company, feed, drafts):
        app.register_blueprint(pages.bp)
    for pages in (shortcuts, media, handbook, search):
        app.register_blueprint(pages.bp)
    for pages in (messages, reactions):
        app.register_blueprint(pages.bp)
