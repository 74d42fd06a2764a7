"""Mentions: whom a text names after "@". Not for telling them: that is talk/notices.py.

Names have spaces, so the longest that fits is meant. Only who is in the room can be named there.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Connection, bindparam, case, exists, or_, select

from parley.store import tables
from parley.talk import markdown, memberships, people, roles, rooms, text

EVERYONE, ALL = 0, "everyone"  # in place of a person's id and name: all who are in the room
MOST = 50  # that one message names
OFFERED = 8  # names at once

# Scripts that put no space between words: there a name touches what stands beside it.
_RUN_ON = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_AT = re.compile(rf"(?<![^\W{_RUN_ON}])@(?=(\S[^\n]{{0,{2 * text.NAME}}}))")
_END = re.compile(rf"(?<=\S)(?:(?!\w)|(?<!\w)|(?=[{_RUN_ON}]))")

_person, _in = tables.people.c, tables.memberships.c
_is_in = exists().where(_in.person_id == _person.id, _in.room_id == bindparam("room"))
_here = select(_person.id, _person.name, _person.picture, _person.folded).where(
    people.may_enter(bindparam("now")), _is_in.where(memberships.is_in(bindparam("now")))
)
_named = _here.where(_person.folded.in_(bindparam("names", expanding=True)))


def find(
    c: Connection, author: people.Person, room: rooms.Room, words: str
) -> tuple[tuple[int, str], ...]:
    """The ids of those whom the author names to the room, each with the name as typed.

    EVERYONE is among them where the author may call everyone.
    """
    spoken = markdown.spoken(words) if "@" in words else []
    tails = (at[1] for stretch in spoken for at in _AT.finditer(stretch))
    typed = [list(_beginnings(tail)) for tail in islice(tails, MOST)]
    if not typed:
        return ()
    asked = {"names": [folded for some in typed for folded, _ in some]}
    found = {row.folded: row.id for row in c.execute(_named, asked | _in_room(room))}
    if roles.may(author, "call everyone"):
        found[ALL] = EVERYONE
    meant = (next((one for one in some if one[0] in found), None) for some in typed)
    return tuple(dict.fromkeys((found[one[0]], one[1]) for one in meant if one))


def offer(c: Connection, me: people.Person, room: rooms.Room, typed: str) -> list[rooms.Other]:
    """Some whom the person may mean by what is typed so far: a name, or a word in it, begins so.

    A space at its end is part of it: that word is finished.
    """
    begun = text.folded(text.clean(typed[: text.NAME]))
    begun += " " if begun and typed[-1] == " " else ""
    first = _person.folded.startswith(begun, autoescape=True)
    fits = or_(first, _person.folded.contains(" " + begun, autoescape=True))
    some = _here.where(_person.id != me.id, fits)
    some = some.order_by(case((first, 0), else_=1), _person.folded).limit(OFFERED)
    found = [rooms.Other(*row[:3]) for row in c.execute(some, _in_room(room))]
    if ALL.startswith(begun) and roles.may(me, "call everyone"):
        found = [rooms.Other(EVERYONE, ALL, None), *found]
    return found[:OFFERED]


def _in_room(room: rooms.Room) -> dict[str, object]:
    return {"room": room.id, "now": datetime.now(UTC)}


def _beginnings(tail: str) -> Iterator[tuple[str, str]]:
    """What may be a name at the beginning of this, folded and as typed; the longest first."""
    for end in reversed([end.start() for end in _END.finditer(tail)]):
        yield text.folded(tail[:end]), tail[:end]
