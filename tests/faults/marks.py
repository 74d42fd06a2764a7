"""Marks at messages, which are reactions and pins, in the history: each is a small history itself.

A mark, off at first, is shown on or off whenever its message is shown. So it is told as a message
of its own that is posted as a tombstone, and then has words, or none, as often as somebody turned
it around; and the checker of messages finds what is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from tests.faults.history import GONE, Change, Poll, Shown, View, faults

PIN = "pin"


class Mark(NamedTuple):
    """Somebody turned a mark of a message on or off; `ended` is None when they never learned."""

    message: int
    what: str
    is_on: bool
    began: float
    ended: float | None


def faults_of_marks(changes: list[Change], marks: list[Mark], views: list[View]) -> list[str]:
    """Everything that is wrong with reactions and pins."""
    posts: dict[int, Change] = {}
    for change in changes:
        posts.setdefault(change.id, change)
    made: dict[tuple[int, str], list[Change]] = defaultdict(list)
    for mark in marks:
        key: Any = mark.message, mark.what
        post = replace(posts[mark.message], message=_named(*key), words=GONE, id=key, photos=0)
        words = post.message if mark.is_on else GONE
        made[key] = made[key] or [post]
        made[key].append(replace(post, words=words, began=mark.began, ended=mark.ended))
    whats = defaultdict(list)
    for message, what in made:
        whats[message].append(what)
    told = [replace(view, polls=[_of_marks(poll, whats) for poll in view.polls]) for view in views]
    return [*_twice(views), *faults([one for some in made.values() for one in some], told)]


def _named(message: int, what: str) -> str:
    return f"{what} of {message}"


def _of_marks(poll: Poll, whats: dict[int, list[str]]) -> Poll:
    new, changed = (
        tuple(mark for shown in some for mark in _each(shown, whats.get(shown.id, [])))
        for some in (poll.new, poll.changed)
    )
    return replace(poll, new=new, changed=changed)


def _each(shown: Shown, whats: list[str]) -> Iterator[Shown]:
    """What the message shows of each mark that anybody ever gave it, and of others."""
    for what in sorted({*whats, *shown.marks}):
        key: Any = shown.id, what
        yield Shown(key, _named(*key) if what in shown.marks else GONE)


def _twice(views: list[View]) -> Iterator[str]:
    for view in views:
        for shown in (one for poll in view.polls for one in (*poll.new, *poll.changed)):
            for what, count in Counter(shown.marks).items():
                if count > 1:
                    yield f"doubled: {_named(shown.id, what)} for {view.person}"
