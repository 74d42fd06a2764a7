"""The history checker: what people did and were shown, with times, and what is wrong with it.

Times are of one clock that all clients share. Words are unique, so they name their message and
which of its states is meant. Faults are sentences that begin with their kind: KINDS has all.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import NamedTuple

KINDS = {
    "lost": "a message or change is never shown",
    "stale": "it is shown, but not in an answer asked for after it was acknowledged",
    "went back": "an earlier state of a message is shown after a later one",
    "doubled": "a message stands in the list twice",
    "order": "the list is in another order than others see, or than it happened in",
    "wrong room": "a message of another room is shown",
    "from nowhere": "what is shown was said by nobody, or only later",
    "refused but shown": "a post that was refused is there",
    "torn": "a message is shown without all of its photos",
    "unquoted": "a reply is shown without what it answers",
    "outdated quote": "it says something else than the quoted message on the same page",
    "in the flow": "a reply that stands apart is shown among the messages of the room",
    "miscounted": "a message counts other replies than those that stand apart",
    "shown after removal": "somebody is shown what happened after the room was taken from them",
}
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
        number = _at_least(self.versions.get(message, []), 0, words)
        return None if number is None else self.versions[message][number]


def faults(changes: list[Change], views: list[View]) -> list[str]:
    """Everything that is wrong; empty when the feed was exact."""
    book = Book(changes, views)
    walks = [Walk(book, view) for view in views]
    found = [f"{fault} for {walk.view.person}" for walk in walks for fault in walk.faults()]
    return found + list(_of_order(book, walks))


class Walk:
    """One page, poll by poll."""

    def __init__(self, book: Book, view: View):
        self.book, self.view = book, view
        self.page: dict[str, Shown] = {}  # what it shows now, by message
        self.lists: list[list[str]] = [[]]  # as appended, then each list that was shown whole
        self.told: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
        self.first: dict[int, str] = {}  # of each list that was shown whole: its first message
        self.latest: list[float] = []  # of each poll: what ended before then has to be shown
        self.quoting: dict[int, set[str]] = defaultdict(set)  # by the id of what is quoted

    def faults(self) -> Iterator[str]:
        """What is wrong with this page alone."""
        for number, poll in enumerate(self.view.polls):
            yield from self._take(number, poll)
            yield from self._of_quotes(poll)
        self.latest = list(accumulate(self.latest, max))
        for message, versions in self.book.versions.items():
            post = versions[0]
            if post.room == self.view.room and (self.view.is_program or not post.apart):
                yield from self._of_message(message, versions)
        yield from self._of_counts()

    def _take(self, number: int, poll: Poll) -> Iterator[str]:
        reaches = poll.began
        if poll.whole:
            self._turn_over(number, poll)
        for shown in poll.new:
            name = self.book.names.get(shown.id, "")
            if name in self.page:
                yield f"doubled: {shown.words or name}"
            elif name:
                self.lists[0] += [] if name in self.told else [name]
                self.page[name] = shown
        for shown in (*poll.new, *poll.changed):
            name = self.book.names.get(shown.id, "")
            if fault := self._wrong(shown, name, poll):
                yield fault
            elif name in self.page:  # a page has no place for a change of what it does not hold
                self.page[name] = shown
                self.told[name].append((number, shown.words))
                if change := self.book.earliest(name, shown.words):
                    reaches = max(reaches, change.began)
        self.latest.append(reaches)

    def _turn_over(self, number: int, poll: Poll) -> None:
        names = [self.book.names[one.id] for one in poll.new if one.id in self.book.names]
        self.lists.append(names)
        for name in self.page:
            if name not in names:
                self.told[name].append((number, None))
        self.page = {}
        if names:
            self.first[number] = names[0]

    def _wrong(self, shown: Shown, name: str, poll: Poll) -> str:
        said = shown.words or f"the deletion of {name or shown.id}"
        if shown.words in self.book.refused:
            return f"refused but shown: {said}"
        if self.book.owners.get(shown.words, name) != name:
            return f"doubled: {said} is also number {shown.id}"
        change = self.book.earliest(name, shown.words)
        if change is None or change.began > poll.ended:
            return f"from nowhere: {said}"
        if change.room != self.view.room:
            return f"wrong room: {said}"
        if self.view.out is not None and change.began > self.view.out:
            return f"shown after removal: {said}"
        if change.apart and shown in poll.new and not self.view.is_program:
            return f"in the flow: {said}"
        if change.photos != len(shown.photos):
            return f"torn: {said} has {len(shown.photos)} of {change.photos} photos"
        return ""

    def _of_quotes(self, poll: Poll) -> Iterator[str]:
        """Of what a poll has brought, and of what quotes it: all of one moment, so all agree."""
        touched = set()
        for shown in (*poll.new, *poll.changed):
            name = self.book.names.get(shown.id, "")
            if shown.quote:
                self.quoting[shown.quote.id].add(name)
            touched |= {name, *self.quoting[shown.id]}
        for name in sorted(touched & self.page.keys()):
            reply, post = self.page[name], self.book.versions[name][0]
            if not post.reply_to or reply.words == GONE or self.view.is_program:
                continue
            quoted = self.page.get(post.reply_to)
            if reply.quote is None or self.book.names.get(reply.quote.id) != post.reply_to:
                yield f"unquoted: {name}"
            elif quoted and quoted.words != reply.quote.words:
                yield f"outdated quote: {name} says {reply.quote.words or 'a tombstone'}"

    def _of_counts(self) -> Iterator[str]:
        """In the end: what was due is counted, and what may have happened besides may be."""
        least, most = Counter[str](), Counter[str]()
        end = self.latest[-1] if self.latest else 0
        for versions in self.book.versions.values():
            if versions[0].apart:
                known = all(one.ended is not None and one.ended <= end for one in versions)
                stands = versions[-1].words != GONE
                least[versions[0].reply_to] += known and stands
                most[versions[0].reply_to] += stands or not known
        for name, shown in self.page.items():
            if not least[name] <= shown.replies <= most[name]:
                yield f"miscounted: {name} has {most[name]} replies, not {shown.replies}"

    def _of_message(self, message: str, versions: list[Change]) -> Iterator[str]:
        """Its states came one after the other, and each was there when it was due."""
        told = [(number, 0, words) for number, words in self.told[message]]
        due = [
            (bisect_right(self.latest, change.ended), 1, version)
            for version, change in enumerate(versions)
            if change.ended is not None
        ]
        at, words = -1, None
        for number, _, what in sorted([*told, *due], key=lambda step: step[:2]):
            is_told = not isinstance(what, int)
            if is_told:
                words = what
            elif number >= len(self.latest) or at >= what:
                continue
            if words is None and self._is_above(number, versions[0]):
                continue  # not on the page, and need not be
            fit = _at_least(versions, at if is_told else what, words, self.view.polls[number].ended)
            if fit is not None:
                at = fit
            elif words is None or not is_told:
                yield self._late(message, versions, max(at, 0) if is_told else what, number)
            else:
                yield f"went back: {message} to {words or 'a tombstone'}"

    def _is_above(self, number: int, post: Change) -> bool:
        """Whether the list was shown whole by then, and the message may stand above it."""
        whole = max((one for one in self.first if one <= number), default=None)
        if whole is None:
            return False
        first = self.book.versions[self.first[whole]][0]
        return first.ended is None or post.began <= first.ended

    def _late(self, message: str, versions: list[Change], version: int, due: int) -> str:
        later = {change.words for change in versions[version:]}
        for number, words in self.told[message]:
            if number > due and words in later:
                return f"stale: {_named(versions, version)}, {number - due} polls later"
        return f"lost: {_named(versions, version)}"


def _at_least(
    versions: list[Change], least: int, words: str | None, now: float = inf
) -> int | None:
    """The first version from `least` on that has these words and had begun."""
    for number in range(max(least, 0), len(versions)):
        if versions[number].words == words and versions[number].began <= now:
            return number
    return None


def _named(versions: list[Change], version: int) -> str:
    words = versions[version].words
    return words if words != GONE else f"the deletion of {versions[version].message}"


def _of_order(book: Book, walks: list[Walk]) -> Iterator[str]:
    """One order for all, that agrees with real time: what ended before another began is before."""
    longest: dict[int, list[str]] = {}
    for walk in sorted(walks, key=lambda walk: -len(walk.lists[0])):
        order = longest.setdefault(walk.view.room, walk.lists[0])
        place = {message: number for number, message in enumerate(order)}
        for names in walk.lists:
            own = [place[message] for message in names if message in place]
            if own != sorted(own):
                yield f"order: {walk.view.person} was shown another one than others"
                break
    for order in longest.values():
        latest = 0.0  # when the latest post so far began
        for message in order:
            post = book.versions[message][0]
            if post.ended is not None and post.ended < latest:
                yield f"order: {message} comes after a message that began when it had ended"
            latest = max(latest, post.began)
