"""Revocations: which tickets of the feed are good no longer, and since when.

A row names a login, a person, a room, or a person in a room. It is written in the transaction
that takes the right away, and kept for longer than any ticket lives. Not for who may do what:
that is asked of the tables themselves, and the ticket only saves asking.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from parley.store import tables
from parley.talk import rooms

_of = tables.revocations.c

KEPT = timedelta(hours=1)
_all = select(_of.number, _of.login_id, _of.person_id, _of.room_id)
_since = _all.where(_of.number > bindparam("since")).order_by(_of.number)

Scope = tuple[int | None, int | None, int | None]  # login, person, room


@dataclass(frozen=True, slots=True)
class Revocation:
    """Tickets of this scope given out before this number are void."""

    number: int
    login_id: int | None
    person_id: int | None
    room_id: int | None

    @property
    def scope(self) -> Scope:
        """What it names; None stands for any."""
        return self.login_id, self.person_id, self.room_id


def add(c: Connection, **named: int) -> int:
    """Void all tickets of a `login_id`, a `person_id`, a `room_id`; returns its number.

    The counter's row stays locked until the commit, so commits happen in the order of numbers
    and whoever has seen number 8 has seen 7. Then the room is locked, or all of them in the order
    of their ids: what somebody is just saying there is said before their right is gone. No
    person, login or key is locked before that, so that nobody waits in a circle.
    """
    counter = tables.space.c.revocation
    raised = update(tables.space).values(revocation=counter + 1).returning(counter)
    number, now = c.scalar(raised) or 0, datetime.now(UTC)
    c.execute(delete(tables.revocations).where(_of.made_at < now - KEPT))
    c.execute(insert(tables.revocations).values(number=number, made_at=now, **named))
    if "room_id" in named:
        rooms.lock(c, named["room_id"])
    else:
        rooms.lock_all(c)
    return number


def since(c: Connection, number: int) -> list[Revocation]:
    """All that are newer than a number, the oldest first."""
    return [Revocation(*row) for row in c.execute(_since, {"since": number})]
