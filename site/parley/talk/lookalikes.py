"""Names that look alike: the skeletons of UTS #39, Unicode Security Mechanisms.

Not for names that are the same in other letters (case, width): that is text.folded.
"""

import json
import unicodedata
from collections import defaultdict
from functools import cache
from importlib import resources

from parley.talk import text


def forms(name: str) -> tuple[str, str]:
    """How a name looks as it is written, and in small letters: with either the same, two names
    look alike.

    Two, because one would make too many names the same: "Ian" looks like "lan", which is "Lan".
    """
    seen = unicodedata.normalize("NFKC", text.visible(name))
    return skeleton(" ".join(seen.split())), skeleton(text.folded(name)).casefold()


def skeleton(name: str) -> str:
    """What the name is drawn like, with one letter for all that look the same (UTS #39, 4)."""
    drawn = unicodedata.normalize("NFD", name).translate(_drawn())
    return unicodedata.normalize("NFD", drawn)


@cache
def _drawn() -> dict[int, str]:
    """For each confusable character what all like it are drawn as.

    The package says of two that they look alike, not which of them Unicode draws the other as:
    that is the one with more partners or, of a pair by itself, either. Its own code is not
    asked, since that keeps the name of every character in memory.
    """
    pairs = json.loads((resources.files("confusable_homoglyphs") / "confusables.json").read_text())
    alike: dict[str, set[str]] = defaultdict(set)
    for one, others in pairs.items():
        # Letters that run from right to left come between marks.
        alike[one.strip("\u200e")] |= {other["c"].strip("\u200e") for other in others}

    def standing(drawing: str) -> tuple[int, int, str]:
        return len(alike[drawing]), len(drawing), drawing

    best = ((one, max(others, key=standing)) for one, others in alike.items() if len(one) == 1)
    drawn = {ord(one): other for one, other in best if standing(other) > standing(one)}
    parted = ((one, unicodedata.normalize("NFD", other)) for one, other in drawn.items())
    return {one: other.translate(drawn) for one, other in parted}  # each part drawn like its like
