"""Direct rooms: a conversation of two or a few, which is the same whoever of them begins it.

And blocks: whose direct messages do not reach a person, as that person wishes. Nobody is told.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, bindparam, delete, exists, insert, select

from parley.store import db, tables
from parley.store.errors import Forbidden, Wrong
from parley.talk import memberships, people, rooms

MOST = 8  # people
NAME = "Direct messages"  # kept; each person is shown the names of the others

Some = TypeVar("Some", bound=rooms.Room)

_of, _person, _block = tables.rooms.c, tables.people.c, tables.blocks.c
_is_theirs = _block.person_id == bindparam("person"), _block.blocked_id == _person.id
_others = (
    select(_person.id, _person.name, _person.picture, exists().where(*_is_theirs))
    .where(_person.id.in_(bindparam("ids", expanding=True)))
    .order_by(_person.folded)
)


def start(c: Connection, person: people.Person, people_ids: Collection[int]) -> int:
    """The id of the room of the person and these others, made when they have none.

    Raises Wrong for nobody or too many, Forbidden when they may not write to each other.
    """
    ids = sorted({person.id, *people_ids})
    if len(ids) < 2:
        raise Wrong("Choose whom to write to.", "people")
    if len(ids) > MOST:
        raise Wrong("Eight people are the most. Make a closed room for more.", "people")
    memberships.lock(c)  # two who begin at once: the second finds the room of the first
    pair = "-".join(map(str, ids))
    room_id = c.scalar(select(_of.id).where(_of.pair == pair))
    if room_id and memberships.count(c, room_id) == len(ids):
        return room_id
    if len(people.some(c, _person.id.in_(ids), *people.STILL_HERE)) != len(ids):
        raise Wrong("Choose people who are here.", "people")
    rooms.must_reach(c, person, ids)
    if not room_id:
        made = {"made_by": person.id, "made_at": datetime.now(UTC)}
        new = insert(tables.rooms).values(name=NAME, kind=rooms.DIRECT, pair=pair, **made)
        room_id = c.scalar(new.returning(_of.id))
    memberships.bring(c, room_id, ids)
    return room_id


def named(c: Connection, person: people.Person, some: Iterable[Some]) -> list[Some]:
    """The same rooms as this person sees them: direct ones have `others`, and their names.

    One question for all of them.
    """
    some = list(some)
    talks: dict[int, list[int]] = defaultdict(list)  # the direct rooms of each person
    for room in some:
        for one in room.people_ids:
            talks[one].append(room.id)
    talks.pop(person.id, None)
    if not talks:
        return some
    others: dict[int, list[rooms.Other]] = defaultdict(list)
    for row in c.execute(_others, {"person": person.id, "ids": list(talks)}).all():
        other = rooms.Other(*row)
        for room_id in talks[other.id]:
            others[room_id].append(other)
    return [_as_seen(room, others[room.id]) if room.is_direct else room for room in some]


def _as_seen(room: Some, others: list[rooms.Other]) -> Some:
    return replace(room, others=tuple(others), name=", ".join(one.name for one in others))


def block(c: Connection, me: people.Person, person: people.Person) -> None:
    """Hear nothing more of them in direct messages. Raises Forbidden for oneself."""
    if person.id == me.id:
        raise Forbidden("Nobody can block themselves.")
    db.once(c, insert(tables.blocks).values(person_id=me.id, blocked_id=person.id))


def unblock(c: Connection, me: people.Person, person: people.Person) -> None:
    """Hear of them again."""
    ended = _block.person_id == me.id, _block.blocked_id == person.id
    c.execute(delete(tables.blocks).where(*ended))


def blocked_by(c: Connection, me: people.Person) -> list[people.Person]:
    """Whom this person has blocked, by name."""
    theirs = select(_block.blocked_id).where(_block.person_id == me.id)
    return people.some(c, _person.id.in_(theirs))
