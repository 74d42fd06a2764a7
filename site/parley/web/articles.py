"""Messages as HTML: the same for everybody, so rendered once and joined.

What is kept is known by all that it shows: the message at its last change, the version of people's
names and pictures, the variant of its times, the year in which days need none, and the language
that people write in. So nothing has to be thrown away when something changes; what is no longer
asked for makes room.
"""

from datetime import datetime
from threading import Lock

from cachetools import LRUCache, cached
from flask import g, render_template
from markupsafe import Markup

from parley.talk import clock
from parley.talk.clock import Variant
from parley.talk.feed import Stretch
from parley.talk.reading import Message
from parley.web.joined import Part

ROOM = 32_000_000  # characters: messages one by one, and as many in stretches


def articles(messages: list[Message], variant: Variant) -> Markup:
    """These messages, each with the line of its day where one begins."""
    way = _way(variant)
    found = (_article(message, way) for message in messages)
    return Markup("".join(found))  # noqa: S704  (a template has made each of them)


def stretch(shown: Stretch, variant: Variant) -> Markup:
    """The same for neighbours in a room; where the answer joins its parts, only their place."""
    part = _part(shown, variant)
    return g.joined.put(part) if "joined" in g else part.html


def _way(variant: Variant) -> tuple:
    return variant, datetime.now(clock.zone(variant.zone)).year, g.space.language


def _shows(message: Message, way: tuple) -> tuple:
    which = message.id, message.revision, message.digest, message.posted_at
    return which, g.space.people_version, way


@cached(LRUCache(ROOM, len), _shows, Lock())
def _article(message: Message, way: tuple) -> str:
    return render_template("messages/_with_day.html", message=message)


def _stands(shown: Stretch, variant: Variant) -> tuple:
    return shown.mark, _way(variant)


@cached(LRUCache(ROOM, lambda part: 2 * len(part.octets)), _stands, Lock())
def _part(shown: Stretch, variant: Variant) -> Part:
    return Part(articles(shown.messages, variant))
