"""Messages as HTML: the same for everybody, so rendered once and joined.

What is kept is known by all that it shows: the message at its last change, the version of people's
names and pictures, the zone of its times and the year in which days need none. So nothing has to be
thrown away when something changes; what is no longer asked for makes room.
"""

from datetime import datetime
from threading import Lock

from cachetools import LRUCache, cached
from flask import g, render_template
from markupsafe import Markup

from parley.talk import clock
from parley.talk.feed import Stretch
from parley.talk.reading import Message
from parley.web.joined import Part

ROOM = 32_000_000  # characters: messages one by one, and as many in stretches


def articles(messages: list[Message], zone: str) -> Markup:
    """These messages, each with the line of its day where one begins."""
    variant = _variant(zone)
    found = (_article(message, variant) for message in messages)
    return Markup("".join(found))  # noqa: S704  (a template has made each of them)


def stretch(shown: Stretch, zone: str) -> Markup:
    """The same for neighbours in a room; where the answer joins its parts, only their place."""
    part = _part(shown, zone)
    return g.joined.put(part) if "joined" in g else part.html


def _variant(zone: str) -> tuple[str, int]:
    return zone, datetime.now(clock.zone(zone)).year


def _shows(message: Message, variant: tuple) -> tuple:
    which = message.id, message.revision, message.digest, message.posted_at
    return which, g.space.people_version, variant


@cached(LRUCache(ROOM, len), _shows, Lock())
def _article(message: Message, variant: tuple) -> str:
    return render_template("messages/_with_day.html", message=message)


def _stands(shown: Stretch, zone: str) -> tuple:
    return shown.mark, _variant(zone)


@cached(LRUCache(ROOM, lambda part: 2 * len(part.octets)), _stands, Lock())
def _part(shown: Stretch, zone: str) -> Part:
    return Part(articles(shown.messages, zone))
