"""Rooms, and the counter that makes the feed exact."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, or_, select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing, Wrong
from parley.store.prepared import Prepared
from parley.talk import memberships, people, roles, text

_of = tables.rooms.c

LOBBY = 1
OPEN, CLOSED, ANNOUNCEMENT, DIRECT = "open", "closed", "announcement", "direct"
CHOSEN = (OPEN, CLOSED, ANNOUNCEMENT)  # kinds that a person can give to a room
OUT_OF_REACH = "You cannot write to each other here."


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else in a conversation."""

    id: int
    name: str
    picture: str | None
    is_blocked: bool = False  # by who is shown it


@dataclass(frozen=True, slots=True)
class Room:
    """A place to talk in."""

    id: int
    name: str
    topic: str
    revision: int
    kind: str = OPEN
    made_by: int = 0
    archived_at: datetime | None = None
    locked_at: datetime | None = None
    pair: str | None = None
    head: int = 0  # the revision at which what stands above its messages last changed
    pins: int = 0
    others: tuple[Other, ...] = field(default=(), kw_only=True)  # as direct.named() gives it

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation of a few, without a name of its own."""
        return self.kind == DIRECT

    @property
    def is_shut(self) -> bool:
        """Whether it is a conversation of two with somebody whom its reader has blocked."""
        return len(self.others) == 1 and self.others[0].is_blocked

    @property
    def people_ids(self) -> list[int]:
        """Of a direct room all of its people, whoever has left it since; of any other none."""
        return [int(one) for one in (self.pair or "").split("-") if one]


columns = [_of[one.name] for one in fields(Room) if one.name in _of]  # in this order
_rooms = select(*columns).order_by(_of.id)
_this = _of.id == bindparam("room")
_room = Prepared(_rooms.where(_this))
_lock_all = select(_of.id).order_by(_of.id).with_for_update()
_lock = _lock_all.where(_this)
_in, _person = tables.memberships.c, tables.people.c
_are_theirs = _rooms.join(tables.memberships, _in.room_id == _of.id).where(
    _in.person_id == bindparam("person"), memberships.is_in(bindparam("now"))
)
_theirs, _their_room = Prepared(_are_theirs), Prepared(_are_theirs.where(_this))
_raised = update(tables.rooms).where(_this).values(revision=_of.revision + bindparam("by"))
_raise = Prepared(_raised.returning(_of.revision))
_revisions = select(_of.id, _of.revision)
_message = tables.messages.c
_pins = select(func.count()).where(_message.room_id == _of.id, _message.pinned_at.is_not(None))
_set_head = (
    update(tables.rooms)
    .where(_this)
    .values(head=bindparam("now"), pins=_pins.correlate(tables.rooms).scalar_subquery())
)


def make(
    c: Connection, person: people.Person, name: str, topic: str = "", kind: str = OPEN, chosen=()
) -> int:
    """A new room; return its id.

    Everybody is in it, or, when it is closed, its maker and the `chosen` ids. Raises Wrong, and
    Forbidden for who is muted.
    """
    must_speak(person)
    row = described(name, topic, kind)
    made = {"made_by": person.id, "made_at": datetime.now(UTC)}
    room_id = c.scalar(insert(tables.rooms).values(row | made).returning(_of.id))
    if kind in memberships.FOR_ALL:
        memberships.bring_everybody(c, room_id)
    else:
        memberships.bring(c, room_id, {person.id, *chosen})
    return room_id


def described(name: str, topic: str, kind: str) -> dict[str, str]:
    """What a person says about a room, checked. Raises Wrong."""
    if kind not in CHOSEN:
        raise Wrong("Choose who is in it: everybody, or the people you name.", "kind")
    row = {"name": text.name(name, most=60), "topic": text.line(topic, "topic", 250)}
    return row | {"kind": kind}


def get(c: Connection, person: people.Person, room_id: int) -> Room:
    """A room that this person is in. Raises Missing."""
    if row := _their_room.first(c, room=room_id, person=person.id, now=datetime.now(UTC)):
        return Room(*row)
    raise Missing()


def must_speak(person: people.Person) -> None:
    """Raise Forbidden for who is muted: they write nothing that others read."""
    if person.is_muted:
        raise Forbidden("You were muted, so you can read but not write.")


def must_write(c: Connection, person: people.Person, room: Room) -> None:
    """Raise Forbidden, with a sentence that says why, unless the person may write there."""
    must_react(c, person, room)
    if room.kind == ANNOUNCEMENT:
        roles.must(person, "announce", room.made_by)


def must_react(c: Connection, person: people.Person, room: Room) -> None:
    """The same for reactions: who only reads announcements may say what they think of them."""
    if room.archived_at:
        raise Forbidden("This room is archived. It can be read, and nothing is written any more.")
    must_speak(person)
    if room.locked_at:
        roles.must(person, "write anywhere")
    if room.is_direct:
        # Among several a block is between two of them; the others go on.
        some = room.people_ids if len(room.people_ids) == 2 else []
        must_reach(c, person, some, room.id)


def why_not(c: Connection, person: people.Person, room: Room) -> str:
    """The sentence for who may not write there; empty for who may."""
    try:
        must_write(c, person, room)
    except Forbidden as wrong:
        return wrong.sentence
    return ""


def must_reach(
    c: Connection, person: people.Person, people_ids: Collection[int], room_id: int = 0
) -> None:
    """Raise Forbidden unless the person may write directly to all of these.

    In a room with an owner or moderator in it everybody answers. The sentence is the same for who
    blocks and who is blocked.
    """
    block, now = tables.blocks.c, datetime.now(UTC)
    mine = and_(block.person_id == person.id, block.blocked_id.in_(people_ids))
    theirs = and_(block.blocked_id == person.id, block.person_id.in_(people_ids))
    there = _in.room_id == room_id, _in.person_id == _person.id, memberships.is_in(now)
    looked_after = exists().where(*there, _person.role != roles.MEMBER, people.may_enter(now))
    blocked = exists().where(or_(mine, theirs))
    asked = select(tables.space.c.writes_direct, blocked, looked_after)
    least, is_blocked, answers = c.execute(asked).one()
    if not answers:
        roles.must(person, "write directly", least=least)
    if is_blocked:
        raise Forbidden(OUT_OF_REACH)


def find(c: Connection, room_id: int) -> Room | None:
    """A room, whoever asks: for bytes that go to those only who may see it."""
    row = _room.first(c, room=room_id)
    return Room(*row) if row else None


def some(c: Connection, *which) -> list[Room]:
    """Rooms of which all this is true, the oldest first."""
    return [Room(*row) for row in c.execute(_rooms.where(*which))]


def seen_by(c: Connection, person: people.Person) -> list[Room]:
    """All rooms that this person is in, the oldest first."""
    return [Room(*row) for row in _theirs.all(c, person=person.id, now=datetime.now(UTC))]


def made_at(c: Connection, room: Room) -> datetime:
    """When it was made."""
    return c.execute(select(_of.made_at).where(_of.id == room.id)).scalar_one()


def revisions(c: Connection) -> list[tuple[int, int]]:
    """Id and revision of every room."""
    return list(c.execute(_revisions))


def lock(c: Connection, room_id: int) -> None:
    """One transaction at a time changes a room: SQLite has locked everything when it began."""
    if c.dialect.name != "sqlite":
        c.execute(_lock, {"room": room_id})


def lock_all(c: Connection) -> None:
    """The same for every room, in the order of their ids."""
    if c.dialect.name != "sqlite":
        c.execute(_lock_all)


def advance(c: Connection, room_id: int, by: int = 1) -> int:
    """Raise the room's revision, by the number of changes, and return it.

    The row stays locked until the commit, so commits happen in the order of revisions and a
    reader can never see revision 8 before 7 is there.
    """
    if row := _raise.first(c, room=room_id, by=by):
        return row[0]
    raise Missing()


def set_head(c: Connection, room_id: int, revision: int) -> None:
    """What stands above its messages is another since this revision, which was just reached.

    That is its name and topic, whether one may write there, and how many messages are pinned.
    """
    c.execute(_set_head, {"room": room_id, "now": revision})
