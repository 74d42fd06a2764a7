"""The log: every act of those who look after the space or a room, for owners to read."""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from parley.store import tables
from parley.talk import people


def note(
    c: Connection,
    by: people.Person,
    act: str,
    *,
    person_id: int | None = None,
    room_id: int | None = None,
    message_id: int | None = None,
    words: str = "",
) -> None:
    """Somebody did something, with `act` as it is called in words."""
    row = {"by_id": by.id, "act": act, "words": words, "made_at": datetime.now(UTC)}
    row |= {"person_id": person_id, "room_id": room_id, "message_id": message_id}
    c.execute(insert(tables.log).values(row))
