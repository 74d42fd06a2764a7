"""People: who they are, when they were last here."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.errors import Missing, Wrong
from parley.talk import text

VISIT = timedelta(minutes=30)  # away longer than this, and it is a new visit
FRESH = timedelta(seconds=60)  # how exactly "last here" is kept
HERE = timedelta(minutes=2)


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

    @property
    def is_owner(self) -> bool:
        """Whether they made this space."""
        return self.role == "owner"

    @property
    def is_here(self) -> bool:
        """Whether a page of theirs has asked for news just now."""
        return datetime.now(UTC) - self.seen_at < HERE


_columns = (
    tables.people.c.id,
    tables.people.c.name,
    tables.people.c.role,
    tables.people.c.about,
    tables.people.c.picture,
    tables.people.c.password.is_not(None).label("has_password"),
    tables.people.c.joined_at,
    tables.people.c.seen_at,
    tables.people.c.before_at,
)


def join(c: Connection, name: str, password: str | None, role: str = "member") -> Person:
    """Take somebody in; `password` is hashed, or None. Raises Wrong if the name is taken."""
    name = text.name(name)
    _must_be_free(c, name)
    now = datetime.now(UTC)
    row = {"name": name, "folded": text.folded(name), "password": password, "role": role}
    try:
        with c.begin_nested():
            person_id = c.scalar(
                insert(tables.people)
                .values(**row, joined_at=now, seen_at=now)
                .returning(tables.people.c.id)
            )
    except IntegrityError:
        raise _taken(name) from None  # another took it in the same moment
    return get(c, person_id)


def get(c: Connection, person_id: int | None) -> Person:
    """One person. Raises Missing."""
    row = c.execute(select(*_columns).where(tables.people.c.id == person_id)).first()
    if row is None:
        raise Missing()
    return Person(**row._mapping)


def everyone(c: Connection) -> list[Person]:
    """All people, by name."""
    rows = c.execute(select(*_columns).order_by(tables.people.c.folded))
    return [Person(**row._mapping) for row in rows]


def count(c: Connection) -> int:
    """How many there are."""
    return c.scalar(select(func.count()).select_from(tables.people)) or 0


def by_name(c: Connection, name: str) -> tuple[int, str | None] | None:
    """Id and kept password of whoever is called so, in whatever case or width."""
    row = c.execute(
        select(tables.people.c.id, tables.people.c.password).where(
            tables.people.c.folded == text.folded(text.clean(name))
        )
    ).first()
    return (row.id, row.password) if row else None


def describe(c: Connection, person: Person, name: str, about: str, picture: str | None) -> None:
    """Give them another name, line or picture. Raises Wrong if the name is taken."""
    name, about = text.name(name), text.line(about, "about", 250)
    if text.folded(name) != text.folded(person.name):
        _must_be_free(c, name)
    try:
        c.execute(
            update(tables.people)
            .where(tables.people.c.id == person.id)
            .values(name=name, folded=text.folded(name), about=about, picture=picture)
        )
    except IntegrityError:
        raise _taken(name) from None  # another took it in the same moment


def set_password(c: Connection, person_id: int, hashed: str) -> None:
    """Keep a new password."""
    c.execute(update(tables.people).where(tables.people.c.id == person_id).values(password=hashed))


def last_here(person: Person, now: datetime | None = None) -> datetime:
    """When the visit before this one ended, also when this one begins only now."""
    if (now or datetime.now(UTC)) - person.seen_at > VISIT:
        return person.seen_at
    return person.before_at or person.joined_at


def seen(c: Connection, person: Person, now: datetime) -> None:
    """They are here; after half an hour away it is a new visit, and the one before it is noted."""
    before = person.seen_at if now - person.seen_at > VISIT else person.before_at
    c.execute(
        update(tables.people)
        .where(tables.people.c.id == person.id)
        .values(seen_at=now, before_at=before)
    )


def _must_be_free(c: Connection, name: str) -> None:
    if by_name(c, name):
        raise _taken(name)


def _taken(name: str) -> Wrong:
    return Wrong(
        f"{name} is already here. Add an initial or a nickname, so that people can tell you apart.",
        "name",
    )
