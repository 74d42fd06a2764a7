"""Blocks: whose direct messages do not reach a person, as that person wishes. Nobody is told."""

from sqlalchemy import Connection, delete, insert

from parley.store import db, tables
from parley.store.errors import Forbidden
from parley.talk import people

_of = tables.blocks.c


def add(c: Connection, me: people.Person, person: people.Person) -> None:
    """Hear nothing more of them in direct messages. Raises Forbidden for oneself."""
    if person.id == me.id:
        raise Forbidden("Nobody can block themselves.")
    db.once(c, insert(tables.blocks).values(person_id=me.id, blocked_id=person.id))


def lift(c: Connection, me: people.Person, person: people.Person) -> None:
    """Hear of them again."""
    c.execute(delete(tables.blocks).where(_of.person_id == me.id, _of.blocked_id == person.id))


def of(c: Connection, me: people.Person) -> list[people.Person]:
    """Whom this person has blocked, by name."""
    blocked = people.query.join(tables.blocks, _of.blocked_id == tables.people.c.id)
    blocked = blocked.where(_of.person_id == me.id).order_by(tables.people.c.folded)
    return [people.Person(*row) for row in c.execute(blocked)]
