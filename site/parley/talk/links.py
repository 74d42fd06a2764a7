"""Join links: whoever opens one may come in."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update

from parley.store import tables
from parley.store.errors import Missing
from parley.talk import people, text

_of = tables.links.c
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like another letter


@dataclass(frozen=True, slots=True)
class Link:
    """A way in."""

    code: str
    uses: int
    host: str  # who invites


def make(c: Connection, person: people.Person) -> str:
    """A new link; return its code: 79 bits, which cannot be guessed."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(16))
    c.execute(insert(tables.links).values(code=code, made_by=person.id, made_at=datetime.now(UTC)))
    return code


def replace(c: Connection, person: people.Person) -> str:
    """A new link in place of all others; return its code."""
    c.execute(delete(tables.links))
    return make(c, person)


def find(c: Connection, code: str) -> Link:
    """The link of that code. Raises Missing."""
    return _read(c, _of.code == text.clean(code).lower())


def current(c: Connection) -> Link:
    """The newest link."""
    return _read(c)


def use(c: Connection, code: str) -> None:
    """Count one who came in by it. Raises Missing."""
    link = find(c, code)
    c.execute(update(tables.links).where(_of.code == link.code).values(uses=_of.uses + 1))


def _read(c: Connection, *which) -> Link:
    query = select(_of.code, _of.uses, tables.people.c.name.label("host"))
    query = query.join(tables.people, tables.people.c.id == _of.made_by).where(*which)
    if row := c.execute(query.order_by(_of.id.desc())).first():
        return Link(**row._mapping)
    raise Missing()
