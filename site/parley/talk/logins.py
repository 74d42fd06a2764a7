"""Logins: which browser belongs to whom. The session holds the token, this table the truth."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, or_, update

from parley.store import tables
from parley.store.prepared import Prepared
from parley.talk import people, revocations, text

_of = tables.logins.c

LIFETIME = timedelta(days=400)

_login = Prepared(
    people.query.add_columns(_of.id.label("login_id"), _of.expires_at)
    .join(tables.logins, _of.person_id == tables.people.c.id)
    .where(_of.token_hash == bindparam("hash"))
    .where(or_(_of.expires_at > bindparam("now"), tables.people.c.banned_at.is_not(None)))
)


@dataclass(frozen=True, slots=True)
class Login:
    """One browser of one person."""

    id: int
    person: people.Person
    expires_at: datetime

    @property
    def needs_renewal(self) -> bool:
        """Whether the session is to be written again, so that it lasts: once a week."""
        return self.expires_at - datetime.now(UTC) < LIFETIME - timedelta(days=7)


def begin(c: Connection, person_id: int, device: str) -> str:
    """Sign a browser in and return its token (256 random bits); only the hash is kept."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    row = {"person_id": person_id, "token_hash": _hash(token), "device": text.clean(device)[:200]}
    row |= {"made_at": now, "seen_at": now, "expires_at": now + LIFETIME}
    c.execute(insert(tables.logins).values(row))
    return token


def find(c: Connection, token: str | None) -> Login | None:
    """Whose token it is, if it is still good, or of somebody who is banned."""
    row = _login.first(c, hash=_hash(token or ""), now=datetime.now(UTC))
    if row is None:
        return None
    *person, login_id, expires_at = row
    return Login(login_id, people.Person(*person), expires_at)


def renew(c: Connection, login: Login) -> None:
    """Let it last 400 days from now."""
    now = datetime.now(UTC)
    renewed = update(tables.logins).where(_of.id == login.id)
    c.execute(renewed.values(seen_at=now, expires_at=now + LIFETIME))


def end(c: Connection, login: Login) -> int:
    """Sign this browser out; returns the number of the revocation."""
    c.execute(delete(tables.logins).where(_of.id == login.id))
    return revocations.add(c, login_id=login.id)


def end_others(c: Connection, login: Login) -> int:
    """Sign out every other browser of the person; returns the number of the revocation."""
    c.execute(delete(tables.logins).where(_of.person_id == login.person.id, _of.id != login.id))
    return revocations.add(c, person_id=login.person.id)


def end_all(c: Connection, login: Login) -> int:
    """Sign out every browser of the person; returns the number of the revocation."""
    c.execute(delete(tables.logins).where(_of.person_id == login.person.id))
    return revocations.add(c, person_id=login.person.id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
