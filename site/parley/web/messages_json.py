"""A message as programs read it."""

from typing import Any
from urllib.parse import quote

from parley.talk.reading import File, Message
from parley.web import words


def of(message: Message) -> dict[str, Any]:
    """As docs/addresses.md says; a deleted message keeps its place and loses its words."""
    gone = message.deleted_at is not None
    told = _named(message, "id", "made", "revision", "reply_to", "apart", "replies") | {
        "room": message.room_id,
        "author": {"id": message.author_id, "name": message.author},
        "time": message.posted_at.isoformat().replace("+00:00", "Z"),
        "edited": message.edited_at is not None,
        "pinned": message.pinned_at is not None,
        "deleted": gone,
    }
    if gone:
        return told | {"text": "", "html": "", "mentions": [], "reactions": [], "files": []}
    return told | {
        "text": message.text,
        "html": words.html(message.text, message.mentions),
        "mentions": list(dict.fromkeys(number for number, _ in message.mentions)),
        "reactions": [{"emoji": one.emoji, "people": one.ids} for one in message.reactions],
        "files": [file(one) for one in message.files],
    }


def listed(messages: list[Message], revision: int, more: bool) -> dict[str, Any]:
    """Several, with the revision of their room; are there more of them?"""
    return {"messages": [of(one) for one in messages], "revision": revision, "more": more}


def file(one: File) -> dict[str, Any]:
    """A file of a message, or in a tray."""
    told = _named(one, "id", "name", "type", "size", "width", "height", "seconds", "alt")
    thumb = f"/files/{one.id}/thumb" if one.thumb else None
    return told | {"url": f"/files/{one.id}/{quote(one.name)}", "thumb": thumb}


def _named(one: Message | File, *names: str) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}
