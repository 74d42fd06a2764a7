"""A message as programs read it."""

from typing import Any
from urllib.parse import quote

from parley.talk.reading import File, Message, Reaction
from parley.web import words


def of(message: Message) -> dict[str, Any]:
    """As docs/addresses.md says; a deleted message keeps its place and loses its words."""
    gone = message.deleted_at is not None
    return {
        "id": message.id,
        "room": message.room_id,
        "made": message.made,
        "revision": message.revision,
        "author": {"id": message.author_id, "name": message.author},
        "time": message.posted_at.isoformat().replace("+00:00", "Z"),
        "text": "" if gone else message.text,
        "html": "" if gone else words.html(message.text, message.mentions),
        "edited": message.edited_at is not None,
        "deleted": gone,
        "mentions": [] if gone else list(dict.fromkeys(number for number, _ in message.mentions)),
        "reply_to": message.reply_to,
        "apart": message.apart,
        "replies": message.replies,
        "reactions": [] if gone else [_reaction(one) for one in message.reactions],
        "pinned": message.pinned_at is not None,
        "files": [] if gone else [_file(file) for file in message.files],
    }


def _reaction(one: Reaction) -> dict[str, Any]:
    return {"emoji": one.emoji, "people": one.ids}


def _file(file: File) -> dict[str, Any]:
    return {
        "id": file.id,
        "name": file.name,
        "type": file.type,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "url": f"/files/{file.id}/{quote(file.name)}",
        "thumb": f"/files/{file.id}/thumb" if file.is_photo else None,
    }
