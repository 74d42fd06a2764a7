"""Keys: each opens the door once, for one person, who needs no password for it.

For who lost theirs or never had one, and for one's own second device. Whoever gives a key
neither sees nor sets a password.
"""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing
from parley.talk import log, people, roles
from parley.talk.logins import hashed

_of = tables.keys.c

GIVEN, OWN = timedelta(hours=24), timedelta(minutes=10)  # how long a key is good
FREES = timedelta(hours=1)  # how long who came by a given one may set a password
SPENT = "This link has been used, or its time is over. Ask for a new one."


def make(c: Connection, by: people.Person, person: people.Person) -> str:
    """A key for the person; returns its secret (256 random bits), of which the hash is kept.

    Raises Forbidden unless it is one's own or one is over the person, Missing for who is not
    here any more.
    """
    is_own = by.id == person.id
    if not is_own:
        roles.must(by, "give a key")
        if not roles.is_over(by, person):
            raise Forbidden("Only an owner lets them back in.")
    if not _is_here(person):
        raise Missing()
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    row = {"person_id": person.id, "made_by": by.id, "token_hash": hashed(token), "made_at": now}
    c.execute(delete(tables.keys).where(_of.expires_at < now - GIVEN))
    c.execute(insert(tables.keys).values(row | {"expires_at": now + (OWN if is_own else GIVEN)}))
    if not is_own:
        log.note(c, by, "gave a key", person_id=person.id)
    return token


def find(c: Connection, token: str) -> people.Person:
    """Whom the key lets in.

    Raises Missing for one that is used, too old or none at all, and for one that who made it
    could not make any more.
    """
    query = select(_of.person_id, _of.made_by).where(*_is_good(token, datetime.now(UTC)))
    row = c.execute(query).first()
    if row is None:
        raise Missing(SPENT)
    person, by = people.get(c, row.person_id), people.get(c, row.made_by)
    is_given = roles.is_over(by, person) and _is_here(by)
    if not _is_here(person) or not (is_given or by.id == person.id):
        raise Missing(SPENT)
    return person


def use(c: Connection, token: str) -> people.Person:
    """The same, and the key is good no more: of two at once one gets in."""
    person = find(c, token)
    now = datetime.now(UTC)
    used = update(tables.keys).where(*_is_good(token, now)).values(used_at=now)
    if not c.execute(used).rowcount:
        raise Missing(SPENT)
    return person


def opened(c: Connection, token: str, login_id: int) -> None:
    """Note which login began with the key."""
    key = update(tables.keys).where(_of.token_hash == hashed(token))
    c.execute(key.values(login_id=login_id))


def frees(c: Connection, login_id: int) -> bool:
    """Whether this login began just now with a key from somebody else: then the person may set
    a password without knowing the one before."""
    lately = _of.used_at > datetime.now(UTC) - FREES
    query = select(_of.id).where(_of.login_id == login_id, _of.made_by != _of.person_id, lately)
    return c.execute(query).first() is not None


def forget(c: Connection, person_id: int) -> None:
    """All keys of the person are good no more, and none that was used frees them from anything."""
    c.execute(delete(tables.keys).where(_of.person_id == person_id))


def forget_own(c: Connection, person_id: int) -> None:
    """The keys that the person has made for themselves are good no more."""
    theirs = _of.person_id == person_id, _of.made_by == person_id
    c.execute(delete(tables.keys).where(*theirs))


def _is_here(person: people.Person) -> bool:
    return not (person.left_at or person.banned_at or person.is_out)


def _is_good(token: str, now: datetime) -> tuple:
    return _of.token_hash == hashed(token), _of.used_at.is_(None), _of.expires_at > now
