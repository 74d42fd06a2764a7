"""The rooms of one person, each with how much they have not read; and what moves that.

Read is what was made up to `memberships.seen`, a revision of the room. Unread is every message
made after it that nobody has deleted and that is not one's own. Nobody counts further than to a
hundred, so a list costs the same however much was said.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import (
    BindParameter,
    Connection,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
    update,
)

from parley.store import tables
from parley.store.errors import Wrong
from parley.store.tables import UTCDateTime
from parley.talk import feed, memberships, messages, people, rooms

MOST = 99  # counted; beyond it is "99+"
LEVELS = ("all", "mute", "hide")

_in, _room, _said = tables.memberships.c, tables.rooms.c, tables.messages.c
_me: BindParameter[int] = bindparam("person")
_news = (
    select(literal(1))
    .where(_said.room_id == _room.id, _said.made > _in.seen, _said.deleted_at.is_(None))
    .where(_said.author_id != _me)
    .correlate(tables.rooms, tables.memberships)
    .limit(MOST + 1)
    .subquery()
)
_count = select(func.count()).select_from(_news).scalar_subquery()
_newest = (
    select(func.coalesce(func.max(_said.id), 0)).where(_said.room_id == _room.id).scalar_subquery()
)
_listed = (
    select(_room.id, _room.name, _room.kind, _room.pair, _room.revision, _in.seen, _in.notify)
    # Most rooms have nothing new: then no message is looked at.
    .add_columns(case((_room.revision > _in.seen, _count), else_=0).label("unread"))
    .add_columns(case((_room.kind == rooms.DIRECT, _newest), else_=0).label("newest"))
    .join_from(tables.memberships, tables.rooms, _room.id == _in.room_id)
    .where(_in.person_id == _me, _room.archived_at.is_(None))
    .where(memberships.is_in(bindparam("now", type_=UTCDateTime)))
    .order_by(_room.id)
)
_block = tables.blocks.c
_person = tables.people.c
_blocked = exists().where(_block.person_id == _me, _block.blocked_id == _person.id)
_others = (
    select(_person.id, _person.name, _person.picture, _blocked.label("blocked"))
    .where(_person.id.in_(bindparam("people", expanding=True)))
    .order_by(_person.folded)
)
_edge = feed.edge.correlate(None).scalar_subquery()
_first = (
    select(_said.id, func.coalesce(_edge, 0).label("edge"))
    .where(_said.room_id == bindparam("room"), _said.made > bindparam("seen"))
    .where(_said.deleted_at.is_(None), _said.author_id != _me)
    .order_by(_said.id)
    .limit(1)
)
_theirs = update(tables.memberships).where(_in.person_id == _me)
_this = _theirs.where(_in.room_id == bindparam("room"))
_revision = select(_room.revision).where(_room.id == _in.room_id).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody in a direct room."""

    id: int
    name: str
    picture: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A room as it stands in the list of one person; a direct one has the others' names."""

    id: int
    name: str
    kind: str
    pair: str | None
    revision: int
    seen: int
    notify: str
    unread: int
    newest: int
    faces: tuple[Face, ...] = ()

    @property
    def is_direct(self) -> bool:
        """Whether it stands among the direct messages."""
        return self.kind == rooms.DIRECT

    @property
    def people_ids(self) -> list[int]:
        """Of a direct one: all of its people, whoever has left it since."""
        return rooms.ids_in(self.pair)

    @property
    def calls(self) -> bool:
        """Whether it has something new for somebody who wants to be told."""
        return self.unread > 0 and self.notify == "all"

    @property
    def count(self) -> str:
        """How much is unread, as it is shown."""
        return str(self.unread) if self.unread <= MOST else f"{MOST}+"


class List:
    """All rooms of one person, in the order in which they are shown."""

    def __init__(self, person: people.Person, found: list[Listed]):
        self.person, self.all = person, found
        shown = [room for room in found if room.notify != "hide"]
        self.rooms = [room for room in shown if not room.is_direct]
        self.direct = sorted(
            (room for room in shown if room.is_direct), key=lambda room: -room.newest
        )
        self.hidden = [room for room in found if room.notify == "hide"]
        self.calling = sum(room.calls for room in shown)  # rooms: the number in the title

    @property
    def has_unread(self) -> bool:
        """Whether there is anything to be marked as read."""
        return any(room.unread for room in self.all)

    def room(self, room_id: int | None) -> Listed | None:
        """One of them."""
        return next((room for room in self.all if room.id == room_id), None)

    def in_front_of(self, room_id: int | None) -> "List":
        """The same for somebody who is looking at the end of that room."""
        seen = [replace(it, unread=0) if it.id == room_id else it for it in self.all]
        return List(self.person, seen)

    def tag(self, space: tuple[str | None, ...]) -> str:
        """A name for what is shown: another one as soon as anything of it differs.

        `space` is what is shown of the space itself.
        """
        me = self.person
        shown = [(it.id, it.name, it.kind, it.notify, it.unread, it.faces) for it in self.all]
        order = [it.id for it in self.direct]
        told = repr((space, me.id, me.name, me.picture, me.role, shown, order))
        return hashlib.sha256(told.encode()).hexdigest()[:20]


def listed(c: Connection, person: people.Person) -> List:
    """Every room that the person is in and that is in use.

    A conversation of two with somebody whom they have blocked is not among them.
    """
    asked = {"person": person.id, "now": datetime.now(UTC)}
    found = [Listed(*row) for row in c.execute(_listed, asked)]
    ids = {one for room in found for one in room.people_ids} - {person.id}
    if not ids:
        return List(person, found)
    faces: dict[int, tuple[int, Face]] = {}  # by id, each with its place in the order of names
    blocked = set()
    for *face, is_blocked in c.execute(_others, {"person": person.id, "people": ids}):
        faces[face[0]] = len(faces), Face(*face)
        if is_blocked:
            blocked.add(face[0])
    open_ones = [it for it in found if len(it.people_ids) != 2 or blocked.isdisjoint(it.people_ids)]
    return List(person, [_with(it, faces) for it in open_ones])


def _with(room: Listed, known: dict[int, tuple[int, Face]]) -> Listed:
    if not room.is_direct:
        return room
    faces = tuple(face for _, face in sorted(known[one] for one in room.people_ids if one in known))
    return replace(room, name=", ".join(face.name for face in faces), faces=faces)


def first(c: Connection, person: people.Person, room_id: int, seen: int) -> tuple[int | None, bool]:
    """The id of the first unread message of a room, and whether it stands in view of the end."""
    row = c.execute(_first, {"person": person.id, "room": room_id, "seen": seen}).first()
    return (row.id, row.edge <= row.id) if row else (None, True)


def again_from(c: Connection, person: people.Person, message: messages.Message) -> None:
    """A message and all after it are unread again."""
    where = {"person": person.id, "room": message.room_id}
    c.execute(_this.values(seen=message.made - 1), where)


def read_all(c: Connection, person: people.Person) -> None:
    """Nothing is unread any more, in any room."""
    c.execute(_theirs.values(seen=_revision), {"person": person.id})


def set_notify(c: Connection, person: people.Person, room_id: int, level: str) -> None:
    """Be told of everything in a room, of nothing, or do not even see it in the list.

    Raises Wrong for anything else.
    """
    if level not in LEVELS:
        raise Wrong("Choose one of: all, mute, hide.", "level")
    c.execute(_this.values(notify=level), {"person": person.id, "room": room_id})
