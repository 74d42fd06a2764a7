"""Logins: which browser belongs to whom. The session holds the token, this table the truth.

A login that has ended keeps its row: it says which browsers somebody has used.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from parley.store import tables
from parley.store.errors import Missing
from parley.store.prepared import Prepared
from parley.talk import devices, people, revocations, text

_of = tables.logins.c

LIFETIME = timedelta(days=400)

_login = Prepared(
    people.query.add_columns(_of.id.label("login_id"), _of.expires_at, _of.seen_at.label("used_at"))
    .join(tables.logins, _of.person_id == tables.people.c.id)
    .where(_of.token_hash == bindparam("hash"))
    .where(or_(_of.expires_at > bindparam("now"), tables.people.c.banned_at.is_not(None)))
)
_browser = and_(_of.browser == bindparam("browser"), _of.browser != "")
_known = select(_of.id).where(_of.person_id == bindparam("person"), _browser)
_banned = (
    select(_of.id)
    .join(tables.people, tables.people.c.id == _of.person_id)
    .where(_browser, tables.people.c.banned_at.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Login:
    """One browser of one person."""

    id: int
    person: people.Person
    expires_at: datetime
    used_at: datetime

    @property
    def needs_renewal(self) -> bool:
        """Whether the session is to be written again, so that it lasts: once a week."""
        return self.expires_at - datetime.now(UTC) < LIFETIME - timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Device:
    """A login as its person sees it."""

    id: int
    device: str  # as the browser calls itself
    seen_at: datetime

    @property
    def words(self) -> str:
        """Firefox on Windows"""
        return devices.in_words(self.device)


def begin(c: Connection, person_id: int, device: str, browser: str = "") -> str:
    """Sign a browser in and return its token (256 random bits); only the hash is kept.

    `browser` is the hash of its long-lived cookie, which outlives its logins.
    """
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    row = {"person_id": person_id, "token_hash": hashed(token), "device": text.clean(device)[:200]}
    row |= {"browser": browser, "made_at": now, "seen_at": now, "expires_at": now + LIFETIME}
    before = and_(_of.browser == browser, _of.expires_at <= now)  # this row says it from now on
    ended = or_(before, _of.expires_at <= now - LIFETIME)
    c.execute(delete(tables.logins).where(_of.person_id == person_id, ended))
    c.execute(insert(tables.logins).values(row))
    return token


def find(c: Connection, token: str | None) -> Login | None:
    """Whose token it is, if it is still good, or of somebody who is banned."""
    row = _login.first(c, hash=hashed(token or ""), now=datetime.now(UTC))
    if row is None:
        return None
    *person, login_id, expires_at, used_at = row
    return Login(login_id, people.Person(*person), expires_at, used_at)


def is_known(c: Connection, person_id: int, browser: str) -> bool:
    """Whether the browser was signed in as that person before."""
    return c.execute(_known, {"person": person_id, "browser": browser}).first() is not None


def is_banned_browser(c: Connection, browser: str) -> bool:
    """Whether somebody who is banned has used the browser."""
    return c.execute(_banned, {"browser": browser}).first() is not None


def devices_of(c: Connection, person_id: int) -> list[Device]:
    """Where the person is signed in, the one used last first."""
    query = select(_of.id, _of.device, _of.seen_at).where(
        _of.person_id == person_id, _of.expires_at > datetime.now(UTC)
    )
    rows = c.execute(query.order_by(_of.seen_at.desc(), _of.id.desc()))
    return [Device(**row._mapping) for row in rows]


def seen(c: Connection, login: Login, now: datetime) -> None:
    """This browser is used just now."""
    c.execute(update(tables.logins).where(_of.id == login.id).values(seen_at=now))


def renew(c: Connection, login: Login) -> None:
    """Let it last 400 days from now."""
    now = datetime.now(UTC)
    renewed = update(tables.logins).where(_of.id == login.id)
    c.execute(renewed.values(seen_at=now, expires_at=now + LIFETIME))


def end(c: Connection, login: Login) -> int:
    """Sign this browser out; returns the number of the revocation."""
    number = revocations.add(c, login_id=login.id)
    _end(c, _of.id == login.id)
    return number


def end_one(c: Connection, person: people.Person, login_id: int) -> int:
    """Sign out one browser of the person; returns the number of the revocation.

    Raises Missing if it is not theirs, or out already.
    """
    number = revocations.add(c, login_id=login_id)
    if not _end(c, _of.person_id == person.id, _of.id == login_id):
        raise Missing()
    return number


def end_others(c: Connection, login: Login) -> int:
    """Sign out every other browser of the person; returns the number of the revocation."""
    number = revocations.add(c, person_id=login.person.id)
    _end(c, _of.person_id == login.person.id, _of.id != login.id)
    return number


def end_all(c: Connection, login: Login) -> int:
    """Sign out every browser of the person; returns the number of the revocation."""
    number = revocations.add(c, person_id=login.person.id)
    _end(c, _of.person_id == login.person.id)
    return number


def hashed(secret: str) -> str:
    """A random secret as it is kept; none at all stays nothing."""
    return secret and hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _end(c: Connection, *which: ColumnElement[bool]) -> int:
    now = datetime.now(UTC)
    ended = update(tables.logins).where(_of.expires_at > now, *which).values(expires_at=now)
    return c.execute(ended).rowcount
