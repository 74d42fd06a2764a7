"""What one page was shown, followed poll by poll, and what is wrong with it."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate

from tests.faults.history import GONE, Book, Change, Poll, Shown, View, at_least


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
            fit = at_least(versions, at if is_told else what, words, self.view.polls[number].ended)
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


def _named(versions: list[Change], version: int) -> str:
    words = versions[version].words
    return words if words != GONE else f"the deletion of {versions[version].message}"
