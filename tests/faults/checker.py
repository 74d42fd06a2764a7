"""The checker: what is wrong with a history.

Faults are sentences that begin with their kind: KINDS has all.
"""

from collections.abc import Iterator

from tests.faults.history import Book, Change, View
from tests.faults.walk import Walk

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


def faults(changes: list[Change], views: list[View]) -> list[str]:
    """Everything that is wrong; empty when the feed was exact."""
    book = Book(changes, views)
    walks = [Walk(book, view) for view in views]
    found = [f"{fault} for {walk.view.person}" for walk in walks for fault in walk.faults()]
    return found + list(_of_order(book, walks))


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
