"""The space: made once, by its owner, with a Lobby to talk in."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.errors import Missing
from parley.store.prepared import Prepared
from parley.talk import links, people, rooms, text


@dataclass(frozen=True, slots=True)
class Space:
    """The one place of this installation."""

    id: int
    name: str
    zone: str
    language: str
    revocation: int
    owner: str


_of, _person = tables.space.c, tables.people.c
_space = Prepared(
    select(_of.id, _of.name, _of.zone, _of.language, _of.revocation, _person.name.label("owner"))
    .join_from(tables.space, tables.people, _person.role == "owner")
    .order_by(_person.id)
)


def find(c: Connection) -> Space | None:
    """The space, or None on a new installation."""
    row = _space.first(c)
    return Space(*row) if row else None


def found(c: Connection, name: str, zone: str, owner: str, password: str) -> people.Person:
    """Make the space, its owner, the Lobby and a first join link; `password` is hashed.

    Raises Missing when there is a space already, Wrong when a name cannot be taken.
    """
    # The id is given: there is one space, also when two found it at the same moment.
    row = {"id": 1, "name": text.name(name, "space", most=60), "zone": zone, "language": "en"}
    try:
        c.execute(insert(tables.space).values(**row, made_at=datetime.now(UTC)))
    except IntegrityError:
        raise Missing() from None
    person = people.join(c, owner, password, role="owner")
    rooms.make(c, person, "Lobby", "Everything that has no room of its own")
    links.make(c, person)
    return person
