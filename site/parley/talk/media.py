"""Files of messages and trays: who may see them."""

from sqlalchemy import Connection, select

from parley.store import tables
from parley.store.errors import Missing
from parley.talk import messages, people, reports, rooms, trays
from parley.talk.reading import File, Message

_files = tables.files.c


def find(c: Connection, person: people.Person, file_id: int) -> tuple[Message, File]:
    """A file with its message, if the person can read that. Raises Missing."""
    message_id = c.scalar(select(_files.message_id).where(_files.id == file_id))
    if message_id is None:
        raise Missing()
    message = messages.get(c, message_id)
    rooms.get(c, person, message.room_id)
    if message.deleted_at:
        raise Missing()
    return message, next(file for file in message.files if file.id == file_id)


def file(c: Connection, person: people.Person, file_id: int) -> File:
    """A file that the person can read, that waits in their own tray, or that was reported to them.

    Raises Missing.
    """
    if waiting := trays.waiting(c, person, file_id):
        return waiting
    try:
        return find(c, person, file_id)[1]
    except Missing:
        if reported := reports.file(c, person, file_id):
            return reported
        raise
