"""People: who they are, when they were last here."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.errors import Missing, Wrong
from parley.store.prepared import Prepared
from parley.talk import clock, lookalikes, memberships, roles, text

VISIT = timedelta(minutes=30)  # away longer than this, and it is a new visit
FRESH = timedelta(seconds=60)  # how exactly "last here" is kept
ANOTHER = "Add an initial or a nickname, so that people can tell you apart."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in this space."""

    id: int
    name: str
    role: str
    about: str
    picture: str | None
    has_password: bool
    joined_at: datetime
    seen_at: datetime
    before_at: datetime | None
    muted_until: datetime | None = None
    out_until: datetime | None = None
    banned_at: datetime | None = None
    left_at: datetime | None = None
    room_id: int | None = None  # visited last
    zone: str | None = None  # empty: the space's; none: that, too, until one is chosen
    language: str | None = None
    told: int = 0  # notices up to this id have been read
    shortcuts: bool = True  # keys of one letter

    @property
    def is_owner(self) -> bool:
        """Whether this space is theirs."""
        return self.role == roles.OWNER

    @property
    def is_moderator(self) -> bool:
        """Whether they look after it, as an owner or a moderator."""
        return roles.RANK[self.role] >= roles.RANK[roles.MODERATOR]

    @property
    def is_muted(self) -> bool:
        """Whether they may read, but not write, just now."""
        return roles.lasts(self.muted_until)

    @property
    def is_out(self) -> bool:
        """Whether they were removed from the space, for now or for good."""
        return roles.lasts(self.out_until)

    @property
    def is_here(self) -> bool:
        """Whether a page of theirs has asked for news just now."""
        return datetime.now(UTC) - self.seen_at < timedelta(minutes=2)


_of = tables.people.c
_has_password = _of.password.is_not(None).label("has_password")
query = select(*(_of.get(field.name, _has_password) for field in fields(Person)))  # in this order
STILL_HERE = _of.left_at.is_(None), _of.banned_at.is_(None)


def may_enter(now: datetime | sa.BindParameter) -> sa.ColumnElement[bool]:
    """Whether somebody belongs here: neither removed from the space nor gone by themselves."""
    return sa.and_(*STILL_HERE, sa.or_(_of.out_until.is_(None), _of.out_until <= now))


_count = Prepared(select(func.count()).where(may_enter(bindparam("now"))))


def join(c: Connection, name: str, password: str | None, role: str = roles.MEMBER) -> Person:
    """Take somebody in, into all rooms that are for everybody; `password` is hashed, or None.

    Raises Wrong if the name, or one that looks like it, is taken.
    """
    name, now = text.name(name), datetime.now(UTC)
    memberships.lock(c)  # the space before any name
    row = _called(name) | {"password": password, "role": role}
    joined = insert(tables.people).values(row | {"joined_at": now, "seen_at": now})
    person = get(c, _unless_taken(c, name, joined.returning(_of.id)).scalar())
    memberships.enter_open_rooms(c, person.id)
    return person


def get(c: Connection, person_id: int | None) -> Person:
    """One person. Raises Missing."""
    if row := c.execute(query.where(_of.id == person_id)).first():
        return Person(*row)
    raise Missing()


def everyone(c: Connection) -> list[Person]:
    """All who have not left, by name; also those who were removed."""
    return some(c, _of.left_at.is_(None))


def some(c: Connection, *which) -> list[Person]:
    """The people of whom all this is true, by name."""
    return [Person(*row) for row in c.execute(query.where(*which).order_by(_of.folded))]


def count(c: Connection) -> int:
    """How many there are who can come in."""
    [[found]] = _count.all(c, now=datetime.now(UTC))
    return found


def by_name(c: Connection, name: str) -> tuple[int, str | None] | None:
    """Id and kept password of whoever is called so, in whatever case or width."""
    kept = select(_of.id, _of.password).where(_of.folded == text.folded(text.clean(name)))
    return c.execute(kept).first()


def password(c: Connection, person_id: int) -> str | None:
    """Their password as it is kept, if they have one."""
    return c.scalar(select(_of.password).where(_of.id == person_id))


def describe(c: Connection, person: Person, name: str, about: str, picture: str | None) -> None:
    """Give them another name, line or picture. Raises Wrong if the name is taken."""
    name, row = text.name(name), {"about": text.line(about, "about", 250), "picture": picture}
    if name != person.name:
        row |= _called(name)
    if (name, picture) != (person.name, person.picture):
        look_anew(c)  # first: the space is locked before any name
    _unless_taken(c, name, update(tables.people).where(_of.id == person.id).values(row))


def set_shortcuts(c: Connection, person: Person, on: bool) -> None:
    """Let keys of one letter do something, or nothing (WCAG 2.1.4)."""
    c.execute(update(tables.people).where(_of.id == person.id).values(shortcuts=on))


def read_times(c: Connection, person_id: int, zone: str | None, language: str | None) -> None:
    """They read times so from now on; empty: as the space does, None: until something is chosen.

    Raises Wrong for unknown ones.
    """
    clock.check(zone or None, language or None)
    row = {"zone": zone, "language": language}
    c.execute(update(tables.people).where(_of.id == person_id).values(row))


def look_anew(c: Connection) -> None:
    """Somebody has another name or picture: messages that show it are others now."""
    version = tables.space.c.people_version
    c.execute(update(tables.space).values(people_version=version + 1))


def set_password(c: Connection, person_id: int, hashed: str) -> None:
    """Keep a new password."""
    c.execute(update(tables.people).where(_of.id == person_id).values(password=hashed))


def last_here(person: Person, now: datetime | None = None) -> datetime:
    """When the visit before this one ended, also when this one begins only now."""
    if (now or datetime.now(UTC)) - person.seen_at > VISIT:
        return person.seen_at
    return person.before_at or person.joined_at


def visits(c: Connection, person_id: int, room_id: int) -> None:
    """They have opened this room; the front door leads there next time."""
    c.execute(update(tables.people).where(_of.id == person_id).values(room_id=room_id))


def seen(c: Connection, ids: list[int], now: datetime) -> None:
    """They are here; after half an hour away it is a new visit, and the one before it is noted."""
    before = case((_of.seen_at < now - VISIT, _of.seen_at), else_=_of.before_at)
    here = update(tables.people).values(seen_at=now, before_at=before)
    for start in range(0, len(ids), 500):
        c.execute(here.where(_of.id.in_(ids[start : start + 500])))


def _called(name: str) -> dict[str, str | None]:
    """The columns of a name: what is shown, and the forms that nobody else may have."""
    looks, small = lookalikes.forms(name)
    return {"name": name, "folded": text.folded(name), "looks": looks, "looks_small": small}


def _unless_taken(c: Connection, name: str, statement: sa.Executable) -> sa.CursorResult:
    try:
        return c.execute(statement)
    except IntegrityError:  # its forms are unique: the database decides, also between two at once
        raise Wrong(f"{name} is already here. {ANOTHER}", "name") from None
