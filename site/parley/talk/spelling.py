"""How search reads text: into words that are compared letter by letter, alike for both databases.

Case, accents, width and what cannot be seen fall away. Where a script puts no spaces between its
words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) each two neighbouring letters are a word, and
the last one by itself: so one finds whatever stands there, from any letter on.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from parley.talk.text import visible

LONGEST = 60  # letters; longer ones are several words
PHOTO, LINK, FILE = "photo", "link", "file"
# Marks: the room, who wrote, the month (UTC), and what a message holds. No word begins with "_".
ROOM, AUTHOR, MONTH, HAS = "_r{}", "_a{}", "_m{:%Y%m}", "_{}"

WORD, DENSE, SIGN, JOINS = "word", "dense", "sign", "joins"
_DENSE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u1a20-\u1aaf\u2e80-\u2fdf"
    "\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)
_PLAIN = re.compile("[a-z0-9]+")
_LINK = re.compile(r"https?://\w|\bwww\.\w", re.IGNORECASE)
_TATWEEL = "\u0640"  # makes an Arabic word longer, and says nothing


class Token(NamedTuple):
    """A word as it is compared, and where in the text it stands.

    `is_tail`: the last letter of several without spaces, which is in the word before it, too.
    """

    word: str
    start: int
    end: int
    kind: str = WORD
    is_tail: bool = False


def line(
    room_id: int,
    author_id: int,
    moment: datetime,
    text: str,
    photos: Iterable[bool],
    beside: Iterable[str] = (),
) -> tuple[str, str]:
    """What search keeps of a message: its marks and its words, each between spaces.

    `photos`: of each of its files, whether it is one. `beside`: what is said of them; two spaces
    keep it apart, so no phrase begins in one text and ends in the next.
    """
    marks = [ROOM.format(room_id), AUTHOR.format(author_id), MONTH.format(moment)]
    marks += [HAS.format(PHOTO if is_photo else FILE) for is_photo in photos]
    marks += [HAS.format(LINK)] if _LINK.search(text) else []
    said = [" ".join([token.word for token in tokens(one)]) for one in (text, *beside)]
    return f" {' '.join(dict.fromkeys(marks))} ", f" {'  '.join(filter(None, said))} "


def tokens(text: str) -> Iterator[Token]:
    """The words of a text, in order."""
    if text.isascii():
        for found in _PLAIN.finditer(text.lower()):
            yield from _pieces(found[0], *found.span())
        return
    for kind, start, end in _runs(text):
        if kind == SIGN:
            yield Token(text[start:end], start, end, SIGN)
            continue
        for word in _folded(text[start:end]):
            yield from (_pairs if kind == DENSE else _pieces)(word, start, end)


def _pieces(word: str, start: int, end: int) -> Iterator[Token]:
    if len(word) <= LONGEST:
        yield Token(word, start, end)
        return
    for at in range(0, len(word), LONGEST):
        yield Token(word[at : at + LONGEST], start, end)


def _pairs(word: str, start: int, end: int) -> Iterator[Token]:
    is_even = len(word) == end - start  # letter for letter as it was
    for at in range(len(word)):
        span = (start + at, min(start + at + 2, end)) if is_even else (start, end)
        yield Token(word[at : at + 2], *span, DENSE, at > 0 and at == len(word) - 1)


def _runs(text: str) -> Iterator[tuple[str, int, int]]:
    """Neighbours of one kind; emoji one by one."""
    before, start = "", 0
    for at, letter in enumerate(text):
        kind = _kind(letter)
        if kind == JOINS:
            kind = before if before in (WORD, DENSE) else ""
        if kind != before or kind == SIGN:
            if before:
                yield before, start, at
            before, start = kind, at
    if before:
        yield before, start, len(text)


@lru_cache(maxsize=20_000)
def _kind(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] in "LMN":
        if _DENSE.match(letter):
            return DENSE
        return JOINS if category[0] == "M" else WORD
    if category == "So" and letter != "\ufffd":
        return SIGN
    return "" if visible(letter) else JOINS


def _folded(run: str) -> list[str]:
    """Without case, accents and points; usually one word."""
    plain = unicodedata.normalize("NFKD", visible(run).casefold())
    bare = unicodedata.normalize("NFC", "".join(one for one in plain if not _is_accent(one)))
    return "".join(one if _kind(one) else " " for one in bare.casefold()).split()


@lru_cache(maxsize=20_000)
def _is_accent(letter: str) -> bool:
    # The marks of Latin, Greek and Cyrillic letters, the points of Hebrew and Arabic; but not
    # the vowels and tones of Thai or Hindi, nor the signs that make another kana.
    place = unicodedata.combining(letter)
    return 10 <= place <= 36 or place >= 200 or letter == _TATWEEL
