"""Join links: whoever opens one may come in."""

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Select, and_, exists, insert, or_, select, update

from parley.store import tables
from parley.store.errors import Missing, Wrong
from parley.talk import clock, log, memberships, people, roles, rooms, text

_of, _host, _room = tables.links.c, tables.people.c, tables.link_rooms.c
_in = tables.memberships.c
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like another letter
MOST = 10_000  # uses that a form may ask for

Link = Row  # of the table, with `host`, the name of who invites, and `is_open`

# Who may make a link for this role: their links open only as long as they may.
_invites = {roles.MEMBER: (roles.OWNER, roles.MODERATOR), roles.MODERATOR: (roles.OWNER,)}


def make(
    c: Connection, person: people.Person, name="", role=roles.MEMBER, lasts="", most="", leads=()
) -> Link:
    """A new link; its code has 79 bits and cannot be guessed.

    `name` says whom it is for, `role` what they become, `lasts` (of clock.SPANS) how long it opens,
    `most` (as typed) how often, `leads` into which rooms besides those for everybody.

    Raises Forbidden if it is not this person's to make, Missing for a room that they are not in,
    Wrong for a name or number that cannot be.
    """
    roles.must(person, "invite")
    if role != roles.MEMBER:
        roles.must(person, "give roles")
    theirs = {room.id for room in rooms.seen_by(c, person) if not room.is_direct}
    if role not in _invites or not theirs.issuperset(leads):
        raise Missing()
    if lasts and lasts not in clock.SPANS:
        raise Wrong("Choose how long it opens.", "lasts")
    now, life = datetime.now(UTC), clock.SPANS.get(lasts)
    code = "".join(secrets.choice(ALPHABET) for _ in range(16))
    row = {"name": text.line(name, "name", 60), "role": role, "most": _number(most)}
    made = {"code": code, "made_by": person.id, "made_at": now, "expires_at": life and now + life}
    link_id = c.scalar(insert(tables.links).values(row | made).returning(_of.id))
    for room_id in sorted(set(leads)):
        c.execute(insert(tables.link_rooms).values(link_id=link_id, room_id=room_id))
    return get(c, person, link_id)


def get(c: Connection, person: people.Person, link_id: int) -> Link:
    """A link that this person may see. Raises Missing."""
    for link in seen_by(c, person, _of.id == link_id):
        return link
    raise Missing()


def seen_by(c: Connection, person: people.Person, *which) -> Sequence[Link]:
    """All links, the newest first, or those of them that a moderator could have made.

    The others would let them in where they are not, or make moderators.
    """
    query = _links()
    if not person.is_owner:
        theirs = [room.id for room in rooms.seen_by(c, person)]
        beyond = exists().where(_room.link_id == _of.id, _room.room_id.not_in(theirs))
        query = query.where(_of.role == roles.MEMBER, ~beyond)
    return c.execute(query.where(*which)).all()


def rooms_of(c: Connection, links: Collection[Link]) -> dict[int, list[int]]:
    """The ids of the rooms that each link leads into."""
    found: dict[int, list[int]] = {link.id: [] for link in links}
    query = select(_room.link_id, _room.room_id).where(_room.link_id.in_(found))
    for link_id, room_id in c.execute(query.order_by(_room.room_id)):
        found[link_id].append(room_id)
    return found


def find(c: Connection, code: str) -> Link:
    """The link of that code, if it opens. Raises Missing, whatever the reason."""
    query = _links().where(_of.code == text.clean(code).lower(), _is_open(datetime.now(UTC)))
    if link := c.execute(query).first():
        return link
    raise Missing()


def current(c: Connection, person: people.Person) -> Link | None:
    """The newest link for members that opens and that the person may see, if there is one."""
    opens = _of.role == roles.MEMBER, _is_open(datetime.now(UTC))
    return next(iter(seen_by(c, person, *opens)), None)


def join(c: Connection, code: str, name: str, password: str | None) -> people.Person:
    """Take somebody in by a link; `password` is hashed, or None.

    Raises Missing if the link does not open, Wrong if the name is taken.
    """
    # One statement asks and counts: two at once cannot both be the last.
    once = update(tables.links).where(_of.code == text.clean(code).lower())
    counted = once.where(_is_open(datetime.now(UTC))).values(uses=_of.uses + 1)
    row = c.execute(counted.returning(_of.id, _of.role, _of.made_by)).first()
    if row is None:
        raise Missing()
    person = people.join(c, name, password, row.role)
    # Where the host is out meanwhile nobody is brought in: it might be themselves, once more.
    leads = select(_room.room_id).join(tables.memberships, _in.room_id == _room.room_id)
    leads = leads.where(_room.link_id == row.id, _in.person_id == row.made_by)
    leads = leads.where(memberships.is_in(datetime.now(UTC))).order_by(_room.room_id)
    for room_id in c.scalars(leads).all():
        memberships.bring(c, room_id, [person.id])
    return person


def revoke(c: Connection, person: people.Person, link_id: int) -> None:
    """It opens no longer. Raises Missing."""
    link = get(c, person, link_id)
    ended = update(tables.links).where(_of.id == link.id, _of.revoked_at.is_(None))
    if c.execute(ended.values(revoked_at=datetime.now(UTC))).rowcount:
        log.note(c, person, "revoked a link", words=link.name)


def _number(most: str) -> int | None:
    typed = most.strip()
    if not typed:
        return None
    if typed.isdecimal() and len(typed) <= len(str(MOST)) and 0 < int(typed) <= MOST:
        return int(typed)
    raise Wrong(f"A number from 1 to {MOST:,}, or nothing for any number.", "most")


def _links() -> Select:
    shown = select(*_of, _host.name.label("host"), _is_open(datetime.now(UTC)).label("is_open"))
    return shown.join(tables.people, _host.id == _of.made_by).order_by(_of.id.desc())


def _is_open(now: datetime) -> sa.ColumnElement[bool]:
    """Nothing has ended the link, and nothing closes this place."""
    closed = exists().where(tables.space.c.joining == "closed")
    may = (and_(_of.role == role, _host.role.in_(hosts)) for role, hosts in _invites.items())
    theirs = _host.id == _of.made_by, or_(*may), people.may_enter(now)
    hosted = exists().where(*theirs).correlate(tables.links)
    return and_(
        _of.revoked_at.is_(None),
        or_(_of.expires_at.is_(None), _of.expires_at > now),
        or_(_of.most.is_(None), _of.uses < _of.most),
        hosted,
        ~closed,
    )
