"""Replies: what a message answers, who quotes it, and the page of a message with its replies.

A quote is not kept but read, so it always says what the quoted message says now. For pages that are
open, other words of a message are a change of those that quote it, too.
"""

from sqlalchemy import CompoundSelect, Connection, bindparam, func, or_, select, union, update

from parley.store import tables
from parley.store.errors import Missing, Wrong
from parley.talk import reading, rooms
from parley.talk.reading import Message, Quote

MOST = 200  # replies on one page
EXCERPT = 140  # characters of a quoted message

_of = tables.messages.c
_replies = tables.messages.alias()
_reply = _replies.c
_quotes_it = _of.reply_to == bindparam("message")
_quoters = select(func.count()).where(_quotes_it)
_place = func.row_number().over(order_by=_of.id)
_numbered = select(_of.id, _place.label("place")).where(_quotes_it).subquery()
_stamp = (
    update(tables.messages)
    .where(_of.id == _numbered.c.id)
    .values(revision=bindparam("before") + _numbered.c.place)
)
_count = (
    update(tables.messages)
    .where(_of.id == bindparam("message"))
    .values(revision=bindparam("now"), replies=_of.replies + bindparam("by"))
)


def answered(c: Connection, room_id: int, message_id: int) -> Quote:
    """What is to be answered by a message in this room. Raises Wrong."""
    one = {message_id}
    found = reading.quotes(c, one, reading.files_of(c, one), _of.room_id == room_id).get(message_id)
    if found is None:
        raise Wrong("What this answers is not in this room.", "reply_to")
    if found.is_gone:
        raise Wrong("What this answers was deleted. Your text is still here.", "reply_to")
    return found


def count(c: Connection, room_id: int, message_id: int | None, by: int) -> None:
    """A message has so many more replies that stand apart: a change of it."""
    values = {"message": message_id, "by": by, "now": rooms.advance(c, room_id)}
    c.execute(_count, values)


def stamp(c: Connection, message: Message) -> int:
    """It is about to change, and all who quote it with it; returns the revision it will have.

    All, however many: a quote that was left out would go on saying what was taken back.
    """
    quoters = c.scalar(_quoters, {"message": message.id}) or 0
    revision = rooms.advance(c, message.room_id, by=quoters + 1)
    if quoters:
        c.execute(_stamp, {"message": message.id, "before": revision - quoters - 1})
    return revision


def shown_by(*which) -> CompoundSelect:
    """The ids of the messages of which all this is true, of who quotes them and who counts them."""
    own, counts = select(_of.id).where(*which), _of.apart & _of.deleted_at.is_(None)
    quoters = select(_of.id).where(_of.reply_to.in_(own))
    return union(own, quoters, select(_of.reply_to).where(*which, counts))


def recount(c: Connection, *which) -> None:
    """Count anew what stands apart of the messages that those answer of which all this is true."""
    theirs = select(_of.reply_to).where(*which, _of.apart)
    counts = _reply.apart, _reply.deleted_at.is_(None), _reply.reply_to == _of.id
    number = select(func.count()).select_from(_replies).where(*counts).scalar_subquery()
    c.execute(update(tables.messages).where(_of.id.in_(theirs)).values(replies=number))


def read(
    c: Connection, message_id: int, until: int | None = None
) -> tuple[Message, list[Message], bool]:
    """A message, the last replies to it, or the last up to an id; are there others before them?

    All with one question. Raises Missing.
    """
    some = select(_of.id).where(_of.reply_to == message_id).order_by(_of.id.desc()).limit(MOST + 1)
    if until is not None:
        some = some.where(_of.id <= until)
    found = reading.read(c, or_(_of.id == message_id, _of.id.in_(some)))
    if not found or found[0].id != message_id:
        raise Missing()
    return found[0], found[1:][-MOST:], len(found) > MOST + 1
