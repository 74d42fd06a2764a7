"""Notices: what is for one person: a mention, a call of everyone, a reply, a reaction.

There is one at most about the words of a message, and one of each person who reacts to it. What
was deleted, or may no longer be read, keeps its notices, but none of them is shown or counted.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, and_, bindparam, case, exists, func, literal, or_, select

from parley.store import tables
from parley.store.columns import UTCDateTime
from parley.talk import direct, memberships, people, rooms
from parley.talk.mentions import EVERYONE
from parley.talk.reading import Files, Message, files_of

PAGE = 50
MOST = 99  # counted; beyond it is "99+"
MENTION, ALL, REPLY, REACTION = "mention", "everyone", "reply", "reaction"

_of, _said, _in = tables.notices.c, tables.messages.c, tables.memberships.c
_by, _block, _given = tables.people.c, tables.blocks.c, tables.reactions.c
_me: sa.BindParameter[int] = bindparam("person")
_told: sa.BindParameter[int] = bindparam("told")


def blocks(who: sa.ColumnElement, by: sa.ColumnElement | int) -> sa.ColumnElement[bool]:
    """Whether somebody wants to hear nothing of another."""
    return exists().where(_block.person_id == who, _block.blocked_id == by)


_stands = _said.deleted_at.is_(None), ~blocks(_of.person_id, _of.by_id)
_about = tables.notices.join(tables.messages, _said.id == _of.message_id)
_readable = _about.join(
    tables.memberships, and_(_in.person_id == _of.person_id, _in.room_id == _of.room_id)
)


def _count(found: sa.Select) -> sa.ScalarSelect[int]:
    """How many there are; nobody counts further than to a hundred."""
    return select(func.count()).select_from(found.limit(MOST + 1).subquery()).scalar_subquery()


def counts(of: sa.ColumnElement, seen: sa.ColumnElement) -> tuple[sa.ScalarSelect[int], ...]:
    """To be counted for each room of a statement: what is for `person` in it and not read there.

    And how much of that is also newer than `told`.
    """
    found = select(_of.id).select_from(_about).where(_of.person_id == _me, *_stands)
    found = found.where(_of.room_id == of, _of.made > seen).correlate(of.table, seen.table)
    return _count(found), _count(found.where(_of.id > _told))


# What is newer than `told` and not read with any room, also to be part of a statement.
others = _count(
    select(_of.id)
    .select_from(_readable)
    .where(_of.person_id == _me, _of.made.is_(None), _of.id > _told, *_stands)
    .where(memberships.is_in(bindparam("now")))
    .correlate(None)
)
_gave = (
    select(_given.emoji)
    .where(_of.kind == REACTION, _given.message_id == _of.message_id)
    .where(_given.person_id == _of.by_id)
    .order_by(_given.id)
    .correlate(tables.notices)
    .subquery()
)
_given_emoji = select(func.aggregate_strings(_gave.c.emoji, " ")).scalar_subquery()
_emoji = func.coalesce(_given_emoji, "").label("emoji")  # of a reaction: all that they gave
_is_new = and_(_of.id > _told, or_(_of.made.is_(None), _of.made > _in.seen)).label("is_new")
_shown = (
    select(_of.id, _of.kind, _of.made_at, _is_new, _of.by_id, _by.name.label("by"), _by.picture)
    .add_columns(_of.message_id, _of.room_id, _said.text, _emoji)
    .select_from(_readable.join(tables.people, _by.id == _of.by_id))
    .where(_of.person_id == _me, *_stands, memberships.is_in(bindparam("now")))
    .order_by(_of.id.desc())
    .limit(PAGE + 1)
)


Notice = sa.Row  # as `_shown`: who did it, when, about which message; `kind` is one of the four


def tell(c: Connection, message: Message) -> None:
    """Tell whom the words of a message are for, as they are now; nobody else any longer."""
    of_words = _of.message_id == message.id, _of.kind != REACTION
    which, kind = _meant(message, _of.person_id)
    c.execute(sa.delete(tables.notices).where(*of_words, ~which))
    c.execute(sa.update(tables.notices).where(*of_words).values(kind=kind))
    which, kind = _meant(message, _in.person_id)
    not_yet = ~exists().where(*of_words, _of.person_id == _in.person_id)
    made = literal(None if message.apart else message.made, sa.BigInteger)
    _add(c, message, message.author_id, and_(which, not_yet), kind=kind, made=made)


def _meant(message: Message, who: sa.ColumnElement) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    """Whether the words are for somebody, and as what."""
    ids = [person_id for person_id, _ in message.mentions]
    answered = select(_said.author_id).where(_said.id == message.reply_to).scalar_subquery()
    is_answered = who == answered if message.reply_to else sa.false()
    kind = case((who.in_(ids), MENTION), (is_answered, REPLY), else_=ALL)
    return sa.true() if EVERYONE in ids else or_(who.in_(ids), is_answered), kind


def reacted(c: Connection, message: Message, person: people.Person) -> None:
    """Tell the author of a message that somebody has reacted to it; a second emoji is no news."""
    already = exists().where(*_reaction(message, person))
    which = and_(_in.person_id == message.author_id, ~already)
    _add(c, message, person.id, which, kind=literal(REACTION))


def unreacted(c: Connection, message: Message, person: people.Person) -> None:
    """Tell it no longer, once the last reaction of that person has been taken back."""
    left = exists().where(_given.message_id == message.id, _given.person_id == person.id)
    c.execute(sa.delete(tables.notices).where(*_reaction(message, person), ~left))


def _reaction(message: Message, person: people.Person) -> tuple[sa.ColumnElement[bool], ...]:
    return _of.message_id == message.id, _of.by_id == person.id, _of.kind == REACTION


def take_back(c: Connection, person_id: int) -> None:
    """The reactions of somebody are gone, so nobody is told of them."""
    c.execute(sa.delete(tables.notices).where(_of.by_id == person_id, _of.kind == REACTION))


def _add(c: Connection, message: Message, by: int, which: sa.ColumnElement, **told) -> None:
    """For those who are in the room; never for oneself, nor from somebody whom one has blocked."""
    now = datetime.now(UTC)
    told |= {"person_id": _in.person_id, "room_id": _in.room_id, "by_id": literal(by)}
    told |= {"message_id": literal(message.id), "made_at": literal(now, UTCDateTime)}
    some = select(*told.values()).where(_in.room_id == message.room_id, memberships.is_in(now))
    some = some.where(_in.person_id != by, ~blocks(_in.person_id, by), which)
    c.execute(sa.insert(tables.notices).from_select(list(told), some))


Page = tuple[Sequence[Notice], dict[int, rooms.Room], Files, bool]


def newest(c: Connection, me: people.Person, before: int | None = None) -> Page:
    """What is for a person, the newest first, or what is older than a notice.

    Then its rooms, and the files of messages without words, by id; and whether there is more.
    """
    some = _shown if before is None else _shown.where(_of.id < before)
    asked = {"person": me.id, "told": me.told, "now": datetime.now(UTC)}
    rows = c.execute(some, asked).all()
    where = rooms.some(c, tables.rooms.c.id.in_({row.room_id for row in rows}))
    named = {room.id: room for room in direct.named(c, me, where)}
    files = files_of(c, {row.message_id for row in rows if not row.text})
    return rows[:PAGE], named, files, len(rows) > PAGE


def read(c: Connection, person_id: int, notice_id: int) -> None:
    """All notices up to this one have been read."""
    theirs = sa.update(tables.people).where(_by.id == person_id, _by.told < notice_id)
    c.execute(theirs.values(told=notice_id))


def concerns(message: Message) -> set[int]:
    """The ids of those to whom something of the message may be told, EVERYONE among them."""
    ids = {message.author_id, *(person_id for person_id, _ in message.mentions)}
    return ids | ({message.quote.author_id} if message.quote else set())
