"""Sanctions: who may not write or not come in, until when, and who has which role.

Each begins with a revocation, whose number nobody else gets before the commit. So of two that
happen at once the second sees what the first has done, and there is always an owner left.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing, Out, Wrong
from parley.talk import clock, log, people, revocations, roles, spaces
from parley.talk.clock import FOREVER
from parley.talk.people import Person

_of, _by, _login = tables.people.c, tables.people.alias(), tables.logins.c
_done = select(_of.out_at, _by.c.name).join(_by, _by.c.id == _of.out_by)


def until(end: str) -> datetime:
    """The moment at which what is done now ends. Raises Wrong for no such `end`."""
    if end == "none":
        return FOREVER
    if end not in clock.SPANS:
        raise Wrong("Choose how long it lasts.", "end")
    return datetime.now(UTC) + clock.SPANS[end]


def mute(c: Connection, me: Person, person: Person, end: str) -> int:
    """Let them read, but not write; returns the revocation's number, as all of these do.

    Raises Forbidden.
    """
    moment = until(end)
    act = f"muted {{person}}{_until(moment)}"
    return _act(c, me, person, act, muted_until=moment, muted_by=me.id)


def unmute(c: Connection, me: Person, person: Person) -> int:
    """Let them write again. Raises Forbidden."""
    return _act(c, me, person, "let {person} write again", muted_until=None)


def remove(c: Connection, me: Person, person: Person, end: str) -> int:
    """Let them see nothing of the space. Raises Forbidden."""
    moment = until(end)
    act = f"removed {{person}}{_until(moment)}"
    return _act(c, me, person, act, **_out(me, moment), banned_at=None)


def ban(c: Connection, me: Person, person: Person) -> int:
    """Remove them for good; their browsers stay known, but belong to nobody. Raises Forbidden."""
    now = datetime.now(UTC)
    number = _act(c, me, person, "banned {person}", **_out(me, FOREVER), banned_at=now)
    theirs = update(tables.logins).where(_login.person_id == person.id, _login.expires_at > now)
    c.execute(theirs.values(expires_at=now))
    return number


def readmit(c: Connection, me: Person, person: Person) -> int:
    """Let them in again. Raises Forbidden."""
    return _act(c, me, person, "let {person} in again", out_until=None, banned_at=None)


def give_role(c: Connection, me: Person, person: Person, role: str) -> int:
    """Make them owner, moderator or member. Raises Forbidden; Wrong when it is no role."""
    if role not in roles.RANK:
        raise Wrong("Choose a role.", "role")
    number, me, person = _one_at_a_time(c, me, person)
    roles.must(me, "give roles")
    if role != roles.OWNER:
        must_leave_an_owner(c, person)
    if role != person.role:
        _change(c, person, role=role)
        article = "an" if role == roles.OWNER else "a"
        log.note(c, me, f"made {{person}} {article} {role}", person_id=person.id)
    return number


def must_leave_an_owner(c: Connection, person: Person) -> None:
    """Raise Forbidden when they are the only owner who can come in."""
    if person.is_owner and not _has_owner(c, _of.id != person.id):
        raise Forbidden(f"{person.name} is the only owner. Make somebody else an owner first.")


def must_come_back(c: Connection, person: Person) -> None:
    """Raise Wrong when they are an owner and, signed out, no owner could come in any more."""
    if person.is_owner and not _has_owner(c):
        raise Wrong("No other owner could let you in again. Set a password first.", "password")


def _has_owner(c: Connection, *which: ColumnElement[bool]) -> bool:
    """Whether there is one who can come in: with a password, or where they are signed in."""
    now = datetime.now(UTC)
    is_signed_in = exists().where(_login.person_id == _of.id, _login.expires_at > now)
    owners = select(_of.id).where(_of.role == roles.OWNER, people.may_enter(now), *which)
    return bool(c.scalar(owners.where(or_(_of.password.is_not(None), is_signed_in)).limit(1)))


def out_of_reach(c: Connection, me: Person, person: Person) -> str:
    """Who has put them out, when that is somebody of a higher role than one's own; else empty."""
    return _above(c, me, person, _of.out_by) if person.is_out else ""


def kept_silent(c: Connection, me: Person, person: Person) -> str:
    """The same of who has muted them."""
    return _above(c, me, person, _of.muted_by) if person.is_muted else ""


def _above(c: Connection, me: Person, person: Person, by: ColumnElement) -> str:
    did = select(_by.c.name, _by.c.role).join(tables.people, _by.c.id == by)
    row = c.execute(did.where(_of.id == person.id)).first()
    return row.name if row and roles.RANK[row.role] > roles.RANK[me.role] else ""


def told(c: Connection, person: Person, space: spaces.Space) -> Out:
    """What they are told who are out: by whom, and until when."""
    at, by = c.execute(_done.where(_of.id == person.id)).one()
    reads = spaces.variant(space, person).in_english
    ends = ""
    if person.out_until and person.out_until != FOREVER:
        ends = f" You can come back on {clock.whole(person.out_until, reads)}."
    act = "banned" if person.banned_at else "removed"
    did = f"{by} did this {clock.ago(at, reads)}."
    return Out(f"You were {act} from {space.name}", f"{did} What you wrote there stays.{ends}")


def _act(c: Connection, me: Person, person: Person, act: str, **values: Any) -> int:
    number, me, person = _one_at_a_time(c, me, person)
    roles.must(me, "sanction")
    if not roles.is_over(me, person):
        raise Forbidden("Moderators do that to members, owners to everybody but themselves.")
    if by := out_of_reach(c, me, person):
        raise Forbidden(f"{by} put {person.name} out. Only an owner changes that.")
    if "muted_until" in values and (by := kept_silent(c, me, person)):
        raise Forbidden(f"{by} muted {person.name}. Only an owner changes that.")
    _change(c, person, **values)
    log.note(c, me, act, person_id=person.id)
    return number


def _one_at_a_time(c: Connection, me: Person, person: Person) -> tuple[int, Person, Person]:
    """The revocation, and both as they are from now until the commit.

    Raises Forbidden for who is out meanwhile, Missing where the other has left.
    """
    number = revocations.add(c, person_id=person.id)
    me, person = people.get(c, me.id), people.get(c, person.id)
    if me.is_out or me.left_at:
        raise Forbidden()
    if person.left_at:
        raise Missing()
    return number, me, person


def _change(c: Connection, person: Person, **values: Any) -> None:
    c.execute(update(tables.people).where(_of.id == person.id).values(values))


def _out(me: Person, moment: datetime) -> dict[str, Any]:
    return {"out_until": moment, "out_at": datetime.now(UTC), "out_by": me.id}


def _until(moment: datetime) -> str:
    return "" if moment == FOREVER else f" until {{{moment.isoformat()}}}"
