"""Memberships: who is in a room, and so may see it; how far they have read.

Being in a room is a row here. Open rooms and announcements have one for everybody who has not
left; whoever was removed keeps theirs with the moment until which it gives nothing.
"""

from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, delete, exists, func, insert, or_, select, update

from parley.store import tables
from parley.store.columns import UTCDateTime
from parley.store.prepared import Prepared
from parley.talk.clock import FOREVER

_of, _room, _person = tables.memberships.c, tables.rooms.c, tables.people.c
FOR_ALL = ("open", "announcement")  # kinds of rooms that everybody is in


def is_in(now: datetime | sa.BindParameter) -> sa.ColumnElement[bool]:
    """Whether a membership gives anything: nobody has taken it away, or that has ended."""
    return or_(_of.out_until.is_(None), _of.out_until <= now)


_now: sa.BindParameter[datetime] = bindparam("now")
_out = select(_person.id).where(_person.out_until > _now)  # of the space
_there = select(func.count()).where(_of.room_id == bindparam("room"), is_in(_now))
_count = Prepared(_there.where(_of.person_id.not_in(_out)))
_seen = (
    update(tables.memberships)
    .where(_of.person_id == bindparam("person"), _of.room_id == bindparam("room"))
    .where(_of.seen < bindparam("revision"))
    .values(seen=bindparam("revision"))
)
_space = select(tables.space.c.id).with_for_update()
_removal = (
    select(_room.name.label("room"), _of.out_at.label("at"), _of.out_until.label("until"))
    .add_columns(_person.name.label("by"), _of.out_by.label("by_id"))
    .join_from(tables.memberships, tables.rooms)
    .outerjoin(tables.people, _person.id == _of.out_by)
    .where(_of.room_id == bindparam("room"), _of.person_id == bindparam("person"))
    .where(_of.out_until > bindparam("now"))
)


def lock(c: Connection) -> None:
    """One transaction at a time changes who is where.

    Otherwise who comes into the space and a room that is made at the same moment miss each other.
    """
    c.execute(_space)


def enter_open_rooms(c: Connection, person_id: int) -> None:
    """Be in every room that is for all; what was said there before counts as read."""
    _enter(c, _room.kind.in_(FOR_ALL), _person.id == person_id)


def enter(c: Connection, room_id: int, person_id: int) -> None:
    """Be in the room, if it is for all. Who was removed from it stays out."""
    _enter(c, _room.id == room_id, _room.kind.in_(FOR_ALL), _person.id == person_id)


def bring_everybody(c: Connection, room_id: int) -> None:
    """All who have not left the space are in the room, but who was removed by somebody."""
    _enter(c, _room.id == room_id, _person.left_at.is_(None))
    _let_back(c, room_id, _of.out_by.is_(None))


def bring(c: Connection, room_id: int, people_ids: Collection[int]) -> None:
    """These are in the room too, also who was removed from it."""
    _enter(c, _room.id == room_id, _person.id.in_(people_ids), _person.left_at.is_(None))
    _let_back(c, room_id, _of.person_id.in_(people_ids))


def _enter(c: Connection, *which: sa.ColumnElement[bool]) -> None:
    lock(c)
    there = exists().where(_of.room_id == _room.id, _of.person_id == _person.id)
    now = sa.literal(datetime.now(UTC), UTCDateTime)
    pairs = select(_room.id, _person.id, _room.revision, now)
    pairs = pairs.join_from(tables.rooms, tables.people, sa.true())
    names = ["room_id", "person_id", "seen", "joined_at"]
    c.execute(insert(tables.memberships).from_select(names, pairs.where(*which, ~there)))


def _let_back(c: Connection, room_id: int, which: sa.ColumnElement[bool]) -> None:
    back = {"out_until": None, "out_at": None, "out_by": None}
    c.execute(update(tables.memberships).where(_of.room_id == room_id, which).values(back))


def remove(c: Connection, room_id: int, person_id: int, until: datetime, by: int) -> None:
    """Put somebody out of the room; they keep a row, so that they can be told."""
    _put_out(c, room_id, _of.person_id == person_id, out_until=until, out_by=by)


def keep_only(c: Connection, room_id: int, people_ids: Collection[int]) -> None:
    """Put all others out of the room, until it is for all again or somebody brings them."""
    _put_out(c, room_id, _of.person_id.not_in(people_ids), out_until=FOREVER, out_by=None)


def _put_out(c: Connection, room_id: int, which: sa.ColumnElement[bool], **out) -> None:
    lock(c)
    now = datetime.now(UTC)
    there = update(tables.memberships).where(_of.room_id == room_id, is_in(now), which)
    c.execute(there.values(out_at=now, **out))


def leave(c: Connection, room_id: int, person_id: int) -> None:
    """Be in the room no longer; what was typed there and not sent goes, too."""
    lock(c)
    there = _of.room_id == room_id, _of.person_id == person_id
    c.execute(delete(tables.memberships).where(*there))
    waits = tables.files.c.message_id.is_(None)
    for table, *which in (tables.drafts,), (tables.files, waits):
        theirs = table.c.room_id == room_id, table.c.person_id == person_id
        c.execute(delete(table).where(*theirs, *which))


def removal(c: Connection, room_id: int, person_id: int) -> sa.Row | None:
    """How somebody came to be out of a room, if they are: `room`, `at`, `until`, `by` and `by_id`.

    `by` is None when the room was closed to many.
    """
    asked = {"room": room_id, "person": person_id, "now": datetime.now(UTC)}
    return c.execute(_removal, asked).first()


def removed_by_others(c: Connection, room_id: int, me: int) -> dict[int, str]:
    """The ids of those whom others have removed from a room, each with the remover's name."""
    out = select(_of.person_id, _person.name).join(tables.people, _person.id == _of.out_by)
    now = datetime.now(UTC)
    found = c.execute(out.where(_of.room_id == room_id, _of.out_by != me, _of.out_until > now))
    return {row.person_id: row.name for row in found}


def count(c: Connection, room_id: int) -> int:
    """How many people can read a room."""
    [[found]] = _count.all(c, room=room_id, now=datetime.now(UTC))
    return found


def has_seen(c: Connection, person_id: int, room_id: int, revision: int) -> bool:
    """All of the room up to this revision has been read; whether that was news."""
    read = {"person": person_id, "room": room_id, "revision": revision}
    return c.execute(_seen, read).rowcount > 0


def have_seen(c: Connection, marks: dict[tuple[int, int], int]) -> None:
    """The same for many: the revisions by person and room."""
    # In one order, so that two processes that write at once do not wait for each other.
    told = sorted(marks.items())
    c.execute(_seen, [{"person": p, "room": r, "revision": seen} for (p, r), seen in told])
