"""The log: what those did who look after the space. Owners read it."""

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
    """Write an act into the log, in the transaction that does it."""
    row = {"by_id": by.id, "act": act, "person_id": person_id, "room_id": room_id}
    row |= {"message_id": message_id, "words": words, "made_at": datetime.now(UTC)}
    c.execute(insert(tables.log).values(row))
