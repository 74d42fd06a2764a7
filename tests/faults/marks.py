"""Marks at messages, which are reactions and pins, in the history: each is a small history itself.

A mark, off at first, is shown on or off whenever its message is shown. So it is told as a message
of its own that is posted as a tombstone, and then has words, or none, as often as somebody turned
it around; and the checker of messages finds what is wrong. A list that is shown whole begins with a
mark that nobody ever turns on, so that it is known where it begins.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from tests.faults.checker import faults
from tests.faults.history import GONE, Change, Poll, Shown, View

PIN, TOP = "pin", "top"


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
    tops = {poll.new[0].id for view in views for poll in view.polls if poll.whole and poll.new}
    made = {(top, TOP): [_post(posts[top], TOP)] for top in tops & posts.keys()}
    for mark in marks:
        post = _post(posts[mark.message], mark.what)
        words = post.message if mark.is_on else GONE
        turned = replace(post, words=words, began=mark.began, ended=mark.ended)
        made.setdefault((mark.message, mark.what), [post]).append(turned)
    whats = defaultdict(list)
    for message, what in made:
        whats[message].append(what)
    told = [replace(view, polls=[_of_marks(poll, whats) for poll in view.polls]) for view in views]
    return [*_twice(views), *faults([one for some in made.values() for one in some], told)]


def _post(post: Change, what: str) -> Change:
    """How a mark begins: off, with the message that it is at."""
    key: Any = post.id, what
    return replace(post, message=_named(*key), words=GONE, id=key, photos=0, reply_to="")


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
