"""Reactions: an emoji that somebody gives a message, and may take back."""

from datetime import UTC, datetime

import emoji
from sqlalchemy import Connection, delete, insert

from parley.store import tables
from parley.store.errors import Wrong
from parley.talk import messages, notices, people, rooms
from parley.talk.reading import Message

MOST = 20  # different ones on one message

_of = tables.reactions.c


def react(
    c: Connection, message: Message, person: people.Person, typed: str, wanted: bool | None = None
) -> Message:
    """Give the message an emoji or take it back; without `wanted`, whichever it is not yet.

    What is so already changes nothing. Raises Wrong, and Forbidden for who may not react there.
    """
    chosen = one(typed)
    message = messages.at_last(c, message)
    messages.must_stand(message)
    rooms.must_react(c, person, rooms.get(c, person, message.room_id))
    given = {reaction.emoji: reaction.ids for reaction in message.reactions}
    is_given = person.id in given.get(chosen, ())
    wanted = not is_given if wanted is None else wanted
    if wanted == is_given:
        return message
    if wanted and chosen not in given and len(given) >= MOST:
        raise Wrong(f"{MOST} different reactions are the most. Choose one of these.", "emoji")
    row = {"message_id": message.id, "person_id": person.id, "emoji": chosen}
    if wanted:
        c.execute(insert(tables.reactions).values(row | {"made_at": datetime.now(UTC)}))
        notices.reacted(c, message, person)
    else:
        c.execute(delete(tables.reactions).where(*(_of[name] == row[name] for name in row)))
        notices.unreacted(c, message, person)
    return messages.change(c, message)


def one(typed: str) -> str:
    """The one emoji that was typed, as Unicode writes it in full (UTS 51). Raises Wrong."""
    typed = typed.strip()
    if not emoji.is_emoji(typed):
        raise Wrong("Choose one emoji.", "emoji")
    return emoji.emojize(emoji.demojize(typed))
