"""The history checker: what people posted and were shown, with times, and what is wrong with it.

Times are of one clock that all clients share. A text is unique, so it names its message. Faults
are sentences that begin with their kind: lost, doubled, order, stale, wrong room, from nowhere,
refused but shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Post:
    """One message that somebody wanted to say, however often it was sent.

    `ended` is when it was acknowledged or refused; None when nobody ever learned.
    """

    room: int
    text: str
    began: float
    ended: float | None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """One answered poll: the texts of the new messages that it brought, in their order."""

    began: float
    texts: tuple[str, ...]


@dataclass(slots=True)
class View:
    """Everything that one page was shown; the last poll began after the last post ended."""

    person: str
    room: int
    polls: list[Poll] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """All texts, in the order in which they were shown."""
        return [text for poll in self.polls for text in poll.texts]


def faults(posts: list[Post], views: list[View]) -> list[str]:
    """Everything that is wrong; empty when the feed was exact."""
    known = {post.text: post for post in posts}
    found = [fault for view in views for fault in _of_one(known, view)]
    return found + list(_of_order(known, views))


def _of_one(known: dict[str, Post], view: View) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, poll in enumerate(view.polls):
        for text in poll.texts:
            if text in seen:
                yield f"doubled: {text} for {view.person}"
            seen[text] = number
            post = known.get(text)
            if post is None:
                yield f"from nowhere: {text} for {view.person}"
            elif post.room != view.room:
                yield f"wrong room: {text} for {view.person}"
            elif post.refused:
                yield f"refused but shown: {text} for {view.person}"
    began = [poll.began for poll in view.polls]
    for post in known.values():
        if post.room != view.room or post.refused or post.ended is None:
            continue
        if post.text not in seen:
            yield f"lost: {post.text} for {view.person}"
        elif late := [time for time in began[: seen[post.text]] if time > post.ended]:
            yield f"stale: {post.text} for {view.person}, {len(late)} polls later"


def _of_order(known: dict[str, Post], views: list[View]) -> Iterator[str]:
    """One order for all, that agrees with real time: what ended before another began is before."""
    longest: dict[int, list[str]] = {}
    for view in sorted(views, key=lambda view: -len(view.texts)):
        order = longest.setdefault(view.room, view.texts)
        place = {text: number for number, text in enumerate(order)}
        own = [place[text] for text in view.texts if text in place]
        if own != sorted(own):
            yield f"order: {view.person} was shown another one than others"
    for order in longest.values():
        latest = 0.0  # when the latest post so far began
        for text in order:
            post = known.get(text)
            if post and post.ended is not None and post.ended < latest:
                yield f"order: {text} comes after a message that began when it had ended"
            latest = max(latest, post.began if post else 0.0)
