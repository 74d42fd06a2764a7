"""What somebody looks for, as it was typed: words and phrases; and where they stand in a text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parley.talk import spelling, text
from parley.talk.spelling import DENSE, Token

BEFORE, AROUND = 60, 240  # signs of an excerpt: before the first word found, and in all
BEGINNING = 2000  # signs: there it nearly always is

Excerpt = list[tuple[str, bool]]  # words, and whether they were looked for

_CHUNK = re.compile(r'"([^"]*)(?:"|$)|([^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, or several beside each other. `goes_on`: the last may have more letters."""

    words: tuple[str, ...]
    goes_on: bool = False
    is_whole: bool = False  # its last word has no place for more

    @property
    def stands(self) -> str:
        """As it stands in the words of a message, which have spaces around them."""
        return f" {' '.join(self.words)}{'' if self.goes_on else ' '}"

    def fits(self, tokens: Sequence[Token], in_parts: bool) -> bool:
        """Whether as many neighbouring words of a text are these."""
        line = f" {' '.join([token.word for token in tokens])} "
        return self.stands.strip() in line if in_parts else line.startswith(self.stands)


def read(typed: str) -> list[Piece]:
    """The words and phrases of a question, whatever was typed."""
    typed = text.clean(typed[: text.MESSAGE]).replace("\ufffd", " ").translate(_QUOTES)
    found: list[Piece] = []
    for quoted, plain in _CHUNK.findall(typed):
        if tokens := list(spelling.tokens(quoted or plain)):
            found.append(_piece(tokens, plain.endswith("*")))
            is_open = not quoted
    if found and is_open and not found[-1].is_whole:
        found[-1] = replace(found[-1], goes_on=True)
    return found


def _piece(tokens: list[Token], goes_on: bool) -> Piece:
    words = tuple(token.word for token in tokens)
    if tokens[-1].is_tail:  # in a message it may be followed by another, and is no word then
        return Piece(words[:-1], is_whole=True)
    return Piece(words, goes_on or tokens[-1].kind == DENSE)


def excerpt(said: str, pieces: Sequence[Piece], in_parts: bool = False) -> Excerpt:
    """What stands around the first word that was found, with all that were found in it."""
    spans = _spans(said[:BEGINNING], pieces, in_parts) or _spans(said, pieces, in_parts)
    start, end = _window(said, spans[0][0] if spans else 0)
    parts, at = [("… ", False)] if start else [], start
    for first, last in spans:
        if first < end:
            parts += [(said[at:first], False), (said[first:last], True)]
            at = last
    parts.append((said[at : max(at, end)], False))
    parts += [(" …", False)] if max(at, end) < len(said) else []
    return [part for part in parts if part[0]]


def _window(said: str, first: int) -> tuple[int, int]:
    """Begin and end of an excerpt, between two words if there is a space near."""
    start = max(0, first - BEFORE)
    if start:
        start = said.find(" ", start, first) + 1 or start
    end = start + AROUND
    if end < len(said):
        end = max(said.rfind(" ", end - BEFORE, end), 0) or end
    return start, end


def _spans(said: str, pieces: Sequence[Piece], in_parts: bool) -> list[tuple[int, int]]:
    """Where the pieces stand, in order and apart from each other."""
    tokens, apart = list(spelling.tokens(said)), [(0, 0)]
    for start, end in sorted({span for one in pieces for span in _found(one, tokens, in_parts)}):
        if start < apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart[1:]


def _found(piece: Piece, tokens: Sequence[Token], in_parts: bool) -> list[tuple[int, int]]:
    count, spans = len(piece.words), []
    for at in range(len(tokens) - count + 1):
        some = tokens[at : at + count]
        if piece.fits(some, in_parts):
            # Of two letters without a space between, only the first may have been asked for.
            is_half = some[-1].kind == DENSE and len(piece.words[-1]) == 1
            spans.append((some[0].start, some[-1].start + 1 if is_half else some[-1].end))
    return spans
