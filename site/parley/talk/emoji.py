"""Emoji: those that have a name to type, and messages that are made of nothing else."""

from functools import cache

import emoji

ALONE = 3  # emoji that stand alone are shown large, up to so many
_LONGEST = 60  # characters of three emoji with all that joins them


def named(name: str) -> str | None:
    """The emoji that is called so, as in `tada` (CLDR's names and GitHub's), if there is one."""
    return _names().get(name.lower())


def alone(words: str) -> bool:
    """Whether these words are one to three emoji and nothing else."""
    words = "".join(words.split()) if len(words) <= _LONGEST else ""
    if not words or words.isascii():
        return False
    found = emoji.emoji_list(words)
    return len(found) <= ALONE and "".join(one["emoji"] for one in found) == words


@cache
def _names() -> dict[str, str]:
    return {
        name.strip(":").lower(): sign
        for sign, told in emoji.EMOJI_DATA.items()
        if told["status"] == emoji.STATUS["fully_qualified"]
        for name in (told["en"], *told.get("alias", ()))
    }
