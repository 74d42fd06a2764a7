"""Leaving the space for good: the person becomes a former member, their words stay or go.

The row stays, without anything that tells who it was: messages and the log go on referring to it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from parley.store import finder, tables
from parley.talk import messages, notices, people, replies, revocations, roles, rooms, sanctions

_message, _person = tables.messages.c, tables.people.c


def leave(c: Connection, person: people.Person, take_away: bool) -> tuple[int, dict[int, int]]:
    """Go; `take_away` leaves a tombstone in place of each message, and their files go too.

    Returns the number of the revocation, and the new revision of each room that has changed.
    Raises Forbidden for the last owner.
    """
    number = revocations.add(c, person_id=person.id)  # whoever else acts on owners waits for it
    sanctions.must_leave_an_owner(c, people.get(c, person.id))  # as they are by now
    changed = _take_away(c, person.id) if take_away else {}
    for table in (tables.logins, tables.keys, tables.memberships, tables.drafts, tables.notices):
        c.execute(delete(table).where(table.c.person_id == person.id))
    file = tables.files.c
    waits = file.person_id == person.id, file.message_id.is_(None)
    c.execute(delete(tables.files).where(*waits))
    block = tables.blocks.c
    among = or_(block.person_id == person.id, block.blocked_id == person.id)
    c.execute(delete(tables.blocks).where(among))
    nobody: dict[str, Any] = {"name": "Former member", "folded": f" former {person.id}"}
    nobody |= dict.fromkeys(("looks", "looks_small", "password", "picture", "zone", "language"))
    nobody |= {"role": roles.MEMBER, "about": "", "left_at": datetime.now(UTC)}
    c.execute(update(tables.people).where(_person.id == person.id).values(nobody))
    people.look_anew(c)
    return number, changed


def _take_away(c: Connection, person_id: int) -> dict[int, int]:
    """Tombstones, each a change of its room with a number of its own, as is what shows them.

    Also of what was deleted before, but kept its words: nobody brings it back.
    """
    has_words = or_(_message.deleted_by != person_id, _message.text != "")
    theirs = (_message.author_id == person_id, or_(_message.deleted_at.is_(None), has_words))
    which = _message.id.in_(replies.shown_by(*theirs))
    counted = select(_message.room_id, func.count()).where(which).group_by(_message.room_id)
    changed = {}
    for room_id, count in c.execute(counted.order_by(_message.room_id)).all():
        last = rooms.advance(c, room_id, by=count)
        place = func.row_number().over(order_by=_message.id)
        here = select(_message.id, place.label("place")).where(which, _message.room_id == room_id)
        numbered = here.subquery()
        named = update(tables.messages).where(_message.id == numbered.c.id)
        c.execute(named.values(revision=last - count + numbered.c.place))
        changed[room_id] = last
    gone: dict[str, Any] = {"deleted_at": datetime.now(UTC), "deleted_by": person_id, "text": ""}
    c.execute(update(tables.messages).where(*theirs).values(gone | messages.UNPINNED))
    for room_id, last in changed.items():
        rooms.set_head(c, room_id, last)  # some may have been pinned
    replies.recount(c, _message.author_id == person_id)
    own = select(_message.id).where(_message.author_id == person_id)
    c.execute(delete(tables.versions).where(tables.versions.c.message_id.in_(own)))
    c.execute(delete(tables.files).where(tables.files.c.message_id.in_(own)))
    c.execute(delete(tables.reactions).where(tables.reactions.c.person_id == person_id))
    notices.take_back(c, person_id)
    finder.forget(c, tables.searched.c.id.in_(own))
    return changed
