"""The rooms of one person, each with how much they have not read; and what moves that.

Read is what was made up to `memberships.seen`, a revision of the room. Unread is every message
made after it that nobody has deleted and that is neither one's own nor of somebody whom one has
blocked; some of it is for the person (talk/notices.py). Nobody counts further than to a hundred,
so a list costs the same however much was said.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, case, exists, func, literal, or_, select, update

from parley.store import tables
from parley.store.errors import Wrong
from parley.store.prepared import Prepared
from parley.talk import direct, feed, memberships, messages, notices, people, rooms
from parley.talk.notices import MOST

LEVELS = ("all", "mentions", "mute", "hide")

_in, _room, _said = tables.memberships.c, tables.rooms.c, tables.messages.c
_draft = tables.drafts.c
_me: sa.BindParameter[int] = bindparam("person")
_is_others = _said.author_id != _me, ~notices.blocks(_me, _said.author_id)
_counts = _said.deleted_at.is_(None), _said.apart.is_(False), *_is_others
_news = (
    select(literal(1))
    .where(_said.room_id == _room.id, _said.made > _in.seen, *_counts)
    .correlate(tables.rooms, tables.memberships)
    .limit(MOST + 1)
    .subquery()
)
_count = select(func.count()).select_from(_news).scalar_subquery()
_newest = (
    select(func.coalesce(func.max(_said.id), 0)).where(_said.room_id == _room.id).scalar_subquery()
)
_file = tables.files.c
_has_tray = exists().where(
    _file.person_id == _me, _file.room_id == _room.id, _file.message_id.is_(None)
)
_for_me, _for_me_news = notices.counts(_room.id, _in.seen)
_is_new = _room.revision > _in.seen
_listed = Prepared(
    select(*rooms.columns, _in.seen, _in.notify)
    # Most rooms have nothing new: then no message is looked at.
    .add_columns(case((_is_new, _count), else_=0).label("unread"))
    .add_columns(case((_room.kind == rooms.DIRECT, _newest), else_=0).label("newest"))
    .add_columns(case((_is_new, _for_me), else_=0), case((_is_new, _for_me_news), else_=0))
    .add_columns(or_(_draft.id.is_not(None), _has_tray).label("has_draft"))
    .add_columns(case((_room.id == bindparam("front"), func.coalesce(_draft.text, "")), else_=""))
    .add_columns(notices.others)
    .join_from(tables.memberships, tables.rooms, _room.id == _in.room_id)
    .outerjoin(tables.drafts, (_draft.room_id == _room.id) & (_draft.person_id == _me))
    .where(_in.person_id == _me, _room.archived_at.is_(None))
    .where(memberships.is_in(bindparam("now")))
    .order_by(_room.id)
)
_edge = feed.edge.correlate(None).scalar_subquery()
_first = (
    select(_said.id, func.coalesce(_edge, 0).label("edge"))
    .where(_said.room_id == bindparam("room"), _said.made > bindparam("seen"))
    .where(*_counts)
    .order_by(_said.id)
    .limit(1)
)
_theirs = update(tables.memberships).where(_in.person_id == _me)
_this = _theirs.where(_in.room_id == bindparam("room"))
_revision = select(_room.revision).where(_room.id == _in.room_id).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Listed(rooms.Room):
    """A room as it stands in the list of one person."""

    seen: int = 0
    notify: str = "all"
    unread: int = 0
    newest: int = 0
    mentions: int = 0  # unread and for its reader
    news: int = 0  # of these, what the page of notices has not shown
    has_draft: bool = False  # words, or files in a tray
    draft: str = ""  # of the room in front

    @property
    def calls(self) -> bool:
        """Whether it has something new for somebody who wants to be told."""
        return self.for_you > 0 or (self.unread > 0 and self.notify == "all")

    @property
    def for_you(self) -> int:
        """How much of what is unread is for its reader alone, if they want to be told."""
        if self.notify not in ("all", "mentions"):
            return 0
        return self.unread if self.is_direct and self.notify == "all" else self.mentions

    def as_read(self) -> "Listed":
        """The same when nothing of it is unread."""
        return replace(self, unread=0, mentions=0, news=0)


class List:
    """All rooms of one person, in the order in which they are shown."""

    def __init__(self, person: people.Person, found: list[Listed], others: int = 0):
        self.person, self.all, self.others = person, found, others
        shown = [room for room in found if room.notify != "hide"]
        self.rooms = [room for room in shown if not room.is_direct]
        direct = [room for room in shown if room.is_direct]
        self.direct = sorted(direct, key=lambda room: -room.newest)
        self.hidden = [room for room in found if room.notify == "hide"]
        self.calling = sum(room.calls for room in shown)  # rooms: the number in the title
        self.news = others + sum(room.news for room in found)  # on the page of notices

    @property
    def has_unread(self) -> bool:
        """Whether there is anything to be marked as read."""
        return any(room.unread for room in self.all)

    def room(self, room_id: int | None) -> Listed | None:
        """One of them."""
        return next((room for room in self.all if room.id == room_id), None)

    def in_front_of(self, room_id: int | None) -> "List":
        """The same for somebody who is looking at the end of that room."""
        seen = [it.as_read() if it.id == room_id else it for it in self.all]
        return List(self.person, seen, self.others)

    def told(self) -> "List":
        """The same for somebody who is looking at all notices."""
        return List(self.person, [replace(it, news=0) for it in self.all])

    def tag(self, space: tuple[str | None, ...]) -> str:
        """A name for what is shown: another one as soon as anything of it differs.

        `space` is what is shown of the space itself.
        """
        me = self.person
        shown = [
            (it.id, it.name, it.kind, it.notify, it.unread, it.mentions, it.others, it.has_draft)
            for it in self.all
        ]
        order = [it.id for it in self.direct]
        told = repr((space, me.id, me.name, me.picture, me.role, shown, order, self.news))
        return hashlib.sha256(told.encode()).hexdigest()[:20]


def up_to_most(count: int) -> str:
    """A count as it is shown."""
    return str(count) if count <= MOST else f"{MOST}+"


def listed(c: Connection, person: people.Person, front: int | None = None) -> List:
    """Every room that the person is in and that is in use; with their draft in the one in front.

    A conversation of two with somebody whom they have blocked is not among them.
    """
    asked = {"person": person.id, "told": person.told, "now": datetime.now(UTC), "front": front}
    rows = _listed.all(c, **asked)
    named = direct.named(c, person, [Listed(*row[:-1]) for row in rows])
    others = rows[0][-1] if rows else 0
    return List(person, [room for room in named if not room.is_shut], others)


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
    """Be told of everything in a room, of mentions only, of nothing, or not even see it listed.

    Raises Wrong for anything else.
    """
    if level not in LEVELS:
        raise Wrong(f"Choose one of: {', '.join(LEVELS)}.", "level")
    c.execute(_this.values(notify=level), {"person": person.id, "room": room_id})
