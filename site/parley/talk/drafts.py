"""Drafts: what somebody has typed in a room and not sent, one for each person and room.

Read with the list of their rooms (talk/unread.py), so that no page asks once more.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from parley.store import tables
from parley.store.prepared import Prepared
from parley.talk import people, rooms, text

_of, _said = tables.drafts.c, tables.messages.c
_theirs = _of.person_id == bindparam("person"), _of.room_id == bindparam("room")
_drop = Prepared(delete(tables.drafts).where(*_theirs))
_mine = select(_said.id).where(_said.author_id == bindparam("person"))
_sent = _mine.where(_said.key == bindparam("key"))


def save(c: Connection, me: people.Person, room_id: int, words: str, key: str = "") -> None:
    """Keep this instead of what was there; without words nothing is kept.

    `key` is that of the box it was typed in. Was a message sent with it, then this comes too late.
    Raises Missing for who is not in the room.
    """
    rooms.lock(c, room_id)  # a post on its way ends first, and then is seen; so does a removal
    rooms.get(c, me, room_id)
    if key and c.scalar(_sent, {"person": me.id, "key": text.clean(key)}):
        return
    drop(c, me.id, room_id)
    words = text.clean(words)[: text.MESSAGE]
    if words.strip():
        row = {"person_id": me.id, "room_id": room_id, "text": words}
        c.execute(insert(tables.drafts).values(row | {"saved_at": datetime.now(UTC)}))


def drop(c: Connection, person_id: int, room_id: int) -> None:
    """It is no longer needed."""
    _drop.all(c, person=person_id, room=room_id)
