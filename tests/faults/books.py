"""Whether the database agrees with itself in the end: notices, and counts of replies and pins.

Each of them is written with what it tells of or not at all, whatever was killed in between.
"""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from parley.store import tables
from parley.talk.mentions import EVERYONE
from parley.talk.notices import REACTION

Told = Counter[tuple[int, int, int, bool]]  # whom, of which message, by whom, of a reaction


def faults_of_books(c: Connection) -> list[str]:
    """What is wrong in a database in which nobody was removed, blocked, or called with all."""
    due, told = _due(c), _told(c)
    found = [f"lost: the notice {one}" for one in due - told]
    found += [f"from nowhere: the notice {one}" for one in told - due]
    return found + list(_of_counts(c))


def _told(c: Connection) -> Told:
    rows = c.execute(select(tables.notices))
    return Counter((it.person_id, it.message_id, it.by_id, it.kind == REACTION) for it in rows)


def _due(c: Connection) -> Told:
    said = {row.id: row for row in c.execute(select(tables.messages))}
    due = set()
    for row in said.values():
        meant = {person for person, _ in row.mentions} - {EVERYONE}
        meant |= {said[row.reply_to].author_id} if row.reply_to else set()
        due |= {(one, row.id, row.author_id, False) for one in meant - {row.author_id}}
    for row in c.execute(select(tables.reactions)):
        if (author := said[row.message_id].author_id) != row.person_id:
            due.add((author, row.message_id, row.person_id, True))
    return Counter(due)


def _of_counts(c: Connection) -> Iterator[str]:
    of = tables.messages.c
    stand = select(of.reply_to, func.count()).where(of.apart, of.deleted_at.is_(None))
    apart: dict[int, int] = dict(c.execute(stand.group_by(of.reply_to)).all())
    for number, count in c.execute(select(of.id, of.replies)):
        if count != apart.get(number, 0):
            yield f"miscounted: {number} has {apart.get(number, 0)} replies, not {count}"
    pinned = select(of.room_id, func.count()).where(of.pinned_at.is_not(None))
    pins: dict[int, int] = dict(c.execute(pinned.group_by(of.room_id)).all())
    for number, count in c.execute(select(tables.rooms.c.id, tables.rooms.c.pins)):
        if count != pins.get(number, 0):
            yield f"miscounted: room {number} has {pins.get(number, 0)} pins, not {count}"
