"""Logins: which browser belongs to whom. The session holds the token, this table the truth.

A login that has ended keeps its row: it says which browsers somebody has used.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, or_, select, update

from parley.store import tables
from parley.store.errors import Missing
from parley.store.prepared import Prepared
from parley.talk import people, revocations, sanctions, text

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


def devices_of(c: Connection, person_id: int) -> Sequence[Row]:
    """Where the person is signed in, the one used last first: id, device (as the browser calls
    itself), seen_at."""
    theirs = _of.person_id == person_id, _of.expires_at > datetime.now(UTC)
    found = select(_of.id, _of.device, _of.seen_at).where(*theirs)
    return c.execute(found.order_by(_of.seen_at.desc(), _of.id.desc())).all()


def seen(c: Connection, login: Login, now: datetime, renews: bool = False) -> None:
    """This browser is used just now; `renews` lets it last 400 days from then."""
    used = {"seen_at": now} | ({"expires_at": now + LIFETIME} if renews else {})
    still_good = _of.id == login.id, _of.expires_at > now  # signed out meanwhile, it stays so
    c.execute(update(tables.logins).where(*still_good).values(used))


def end(c: Connection, login: Login) -> int:
    """Sign this browser out; returns the number of the revocation."""
    number = revocations.add(c, login_id=login.id)
    _end(c, login.person, _of.id == login.id)
    return number


def end_one(c: Connection, person: people.Person, login_id: int) -> int:
    """Sign out one browser of the person; returns the number of the revocation.

    Raises Missing if it is not theirs, or out already.
    """
    number = revocations.add(c, login_id=login_id)
    if not _end(c, person, _of.id == login_id):
        raise Missing()
    return number


def end_others(c: Connection, login: Login) -> int:
    """Sign out every other browser of the person; returns the number of the revocation."""
    number = revocations.add(c, person_id=login.person.id)
    _end(c, login.person, _of.id != login.id)
    return number


def end_all(c: Connection, login: Login) -> int:
    """Sign out every browser of the person; returns the number of the revocation."""
    number = revocations.add(c, person_id=login.person.id)
    _end(c, login.person)
    return number


def hashed(secret: str) -> str:
    """A random secret as it is kept; none at all stays nothing."""
    return secret and hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _end(c: Connection, person: people.Person, *which) -> int:
    """Raises Wrong where no owner could come in any more."""
    now = datetime.now(UTC)
    theirs = update(tables.logins).where(_of.person_id == person.id, _of.expires_at > now)
    ended = c.execute(theirs.where(*which).values(expires_at=now)).rowcount
    sanctions.must_come_back(c, person)
    return ended
