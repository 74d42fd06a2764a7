"""What people type, cleaned once on the way in, the same for both databases."""

import re
import unicodedata

from parley.store.errors import Wrong

MESSAGE, NAME = 10_000, 40  # characters

# Controls but TAB and LF, lone surrogates, and code points that are no characters (Unicode 23.7).
_ENDS = "".join(chr(last - 1) + chr(last) for last in range(0xFFFF, 0x110000, 0x10000))
_UNFIT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_ENDS}]")
# What takes no room or turns the text around: a name made of it looks like another.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
                     "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
                     "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
                     "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")  # fmt: skip


def clean(text: str) -> str:
    """Line ends become LF; what cannot be shown becomes U+FFFD."""
    return _UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def message(text: str, empty_is_fine: bool = False) -> str:
    """The text of a message, trimmed of empty lines around it. Raises Wrong."""
    text = clean(text).strip("\n").rstrip()
    if not text.strip() and not empty_is_fine:
        raise Wrong("There is nothing in it yet. Write something, or add a photo.", "text")
    if len(text) > MESSAGE:
        most = f"{MESSAGE:,} is the most. Send it in two."
        raise Wrong(f"That is {len(text):,} characters; {most}", "text")
    return text


def name(text: str, field: str = "name", most: int = NAME) -> str:
    """A name of a person or place, on one line with single spaces. Raises Wrong."""
    text = re.sub(" {2,}", " ", unicodedata.normalize("NFC", text)).strip(" ")
    if not text:
        raise Wrong("A name is needed here.", field)
    if len(text) > most:
        raise Wrong(f"That is {len(text)} characters; {most} is the most.", field)
    if re.search("[\ufffd\n\t]", text) or _UNFIT.search(text):
        raise Wrong("There is a character in it that cannot be shown. Type it again.", field)
    if not any(unicodedata.category(letter)[0] in "LNS" for letter in visible(text)):
        raise Wrong("A name needs a letter or a number.", field)
    return text


def line(text: str, field: str, most: int) -> str:
    """One line that may stay empty. Raises Wrong."""
    text = " ".join(clean(text).split())
    if len(text) > most:
        raise Wrong(f"That is {len(text)} characters; {most} is the most.", field)
    return text


def visible(text: str) -> str:
    """Without what takes no room or turns the text around."""
    return _UNSEEN.sub("", text)


def folded(text: str) -> str:
    """The form in which two names are compared: case, width and invisible characters fall away.

    NFKC_Casefold of Unicode (UAX 31), near enough.
    """
    text = unicodedata.normalize("NFKC", visible(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", text).split())
