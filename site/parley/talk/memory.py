"""Messages that were read before, so that most pages need only ask whether they still are so.

A message never changes without a new revision. Its time and digest are compared as well, as a
restored backup may give its numbers to something else, and its author's name and picture.
"""

from threading import Lock

from cachetools import LRUCache
from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from parley.store import tables
from parley.talk import messages
from parley.talk.messages import Message

ROOM = 16_000_000  # characters of text, and as many for the rest
_of, _author = tables.messages.c, tables.people.c
_as_stored = type_coerce(_of.posted_at, NullType())  # quicker than a moment, and as good
_heads = select(
    _of.id, _of.revision, _of.digest, _as_stored, _author.name, _author.picture
).join_from(tables.messages, tables.people)
_kept: LRUCache[tuple, Message] = LRUCache(ROOM, lambda message: 1000 + len(message.text))
_turn = Lock()


def read(c: Connection, *which, order=_of.id, limit: int) -> list[Message]:
    """The same as messages.read."""
    heads = [tuple(row) for row in c.execute(_heads.where(*which).order_by(order).limit(limit))]
    with _turn:
        found = {head[0]: kept for head in heads if (kept := _kept.get(head))}
    if missing := [head for head in heads if head[0] not in found]:
        news = messages.read(c, _of.id.in_([head[0] for head in missing]))
        found |= {message.id: message for message in news}
        with _turn:
            _kept.update((head, found[head[0]]) for head in missing)
    return [found[head[0]] for head in heads]
