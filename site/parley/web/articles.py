"""Messages as HTML: the same for everybody, so rendered once and joined.

What is kept is known by all that it shows: the message at its last change, its author's name and
picture, the zone of its times and the year in which days need none. So nothing has to be thrown
away when something changes; what is no longer asked for makes room.
"""

from datetime import datetime
from threading import Lock

from cachetools import LRUCache
from flask import render_template
from markupsafe import Markup

from parley.talk import clock
from parley.talk.messages import Message

ROOM = 32_000_000  # characters
_kept: LRUCache[tuple, str] = LRUCache(ROOM, len)
_turn = Lock()


def articles(messages: list[Message], zone: str) -> Markup:
    """These messages, each with the line of its day where one begins."""
    year = datetime.now(clock.zone(zone)).year
    found = (_article(message, (zone, year)) for message in messages)
    return Markup("".join(found))  # noqa: S704  (a template has made each of them)


def _article(message: Message, variant: tuple) -> str:
    which = message.id, message.revision, message.digest, message.posted_at
    key = which, message.author, message.picture, variant
    with _turn:
        html = _kept.get(key)
    if html is None:
        html = render_template("messages/_with_day.html", message=message)
        with _turn:
            _kept[key] = html
    return html
