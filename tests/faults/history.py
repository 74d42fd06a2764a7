"""A history: what people did and were shown, with times. What is wrong with it says the checker.

Times are of one clock that all clients share. Words are unique, so they name their message and
which of its states is meant.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

GONE = ""  # the words of a tombstone


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that somebody wanted to do, however often it was sent.

    The first of a `message` is its post; edits, deletions (words GONE) and undone deletions
    follow, each begun after the one before had ended. `ended` is when it was acknowledged or
    refused; None when nobody ever learned. `id` is the message's, where it was learnt.
    """

    room: int
    message: str
    words: str
    began: float
    ended: float | None
    refused: bool = False
    id: int = 0
    photos: int = 0
    reply_to: str = ""  # of a post: the message that it answers
    apart: bool = False


class Quote(NamedTuple):
    """What a reply says that it answers."""

    id: int
    words: str


class Shown(NamedTuple):
    """One message in an answer.

    `photos` are the ids of its files, `marks` its reactions and pin, `replies` is its count.
    """

    id: int
    words: str
    photos: tuple[int, ...] = ()
    marks: tuple[str, ...] = ()
    quote: Quote | None = None
    replies: int = 0


@dataclass(frozen=True, slots=True)
class Poll:
    """One answered poll: what it appends to the page and what it puts in the place of others.

    With `whole`, what is new is all that the page then shows.
    """

    began: float
    ended: float
    new: tuple[Shown, ...] = ()
    changed: tuple[Shown, ...] = ()
    whole: bool = False


@dataclass(slots=True)
class View:
    """Everything that one page was shown, and when it was answered that the person is out.

    A program is told of what stands apart, too, and of no quotes.
    """

    person: str
    room: int
    polls: list[Poll] = field(default_factory=list)
    out: float | None = None
    is_program: bool = False


class Book:
    """All that was done, by the words and by the message."""

    def __init__(self, changes: list[Change], views: list[View]):
        self.refused = {change.words for change in changes if change.refused}
        self.versions: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            if not change.refused:
                self.versions[change.message].append(change)
        said = [change for change in changes if change.words != GONE and not change.refused]
        self.owners = {change.words: change.message for change in said}
        self.names = {change.id: change.message for change in changes if change.id}
        for poll in (poll for view in views for poll in view.polls):
            for shown in (*poll.new, *poll.changed):
                if owner := self.owners.get(shown.words):
                    self.names.setdefault(shown.id, owner)

    def earliest(self, message: str, words: str) -> Change | None:
        """The first change that gave the message these words: an undone deletion repeats them."""
        number = at_least(self.versions.get(message, []), 0, words)
        return None if number is None else self.versions[message][number]


def at_least(versions: list[Change], least: int, words: str | None, now: float = inf) -> int | None:
    """The number of the first version from `least` on that has these words and had begun."""
    for number in range(max(least, 0), len(versions)):
        if versions[number].words == words and versions[number].began <= now:
            return number
    return None
