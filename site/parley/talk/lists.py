"""Lists at the side that pages have and that nothing has changed since.

A page asks for its list every ten seconds, and nearly always it is the same. Whoever sees every
change can say so without asking who it is and without the database: the rooms are at the
revisions that the list was made from, and nobody has changed anything else of it. Only for a
process that is alone with its database.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from threading import Lock

from parley.talk.marks import Marks
from parley.talk.tickets import Ticket

MOST = 20_000  # pages
TRUST = 600.0  # seconds: the command line may have changed something, or a removal ended


@dataclass(frozen=True, slots=True)
class Shown:
    """The list that a page has: its tag, whose it is, and the revisions that it depends on.

    `seen`: how far the room of the ticket has been read, None where it is not on view.
    """

    tag: str
    ticket: Ticket
    revisions: dict[int, int]
    seen: int | None
    until: float = 0.0


class Lists:
    """What each page was given, by its cookie and what it asked for."""

    def __init__(self, marks: Marks):
        self._marks, self._turn = marks, Lock()
        self._shown: dict[tuple[str, str], Shown] = {}  # the oldest first
        self._pages: dict[int, set[tuple[str, str]]] = defaultdict(set)  # of each person
        self.changes, self._all = 0, 0  # how many there were, and the last of everybody's
        self._last: dict[int, int] = {}  # ... and of a person's
        marks.written = self.forget

    def remember(self, cookie: str, asked: str, shown: Shown, changes: int) -> None:
        """A page has been given this list; `changes` as it was before the list was read.

        What has changed since then may not be in it.
        """
        with self._turn:
            if max(self._all, self._last.get(shown.ticket.person_id, 0)) > changes:
                return
            if len(self._shown) >= MOST:
                del self._shown[next(iter(self._shown))]
            self._shown[cookie, asked] = replace(shown, until=time.monotonic() + TRUST)
            self._pages[shown.ticket.person_id].add((cookie, asked))

    def find(self, cookie: str, asked: str, tag: str, now: dict[int, int]) -> Shown | None:
        """What the page has, if it is still right; `now` are the revisions of the rooms."""
        shown = self._shown.get((cookie, asked))
        if shown is None or shown.tag != tag or shown.until < time.monotonic():
            return None
        return shown if shown.revisions.items() <= now.items() else None

    def read(self, cookie: str, asked: str, shown: Shown, seen: int) -> None:
        """The page, which has the end of its room on view, has it up to this revision."""
        if shown.seen is None or seen <= shown.seen:
            return
        self._marks.note(shown.ticket.person_id, shown.ticket.room_id, seen)
        with self._turn:
            self._shown[cookie, asked] = replace(shown, seen=seen)

    def forget(self, person_id: int, room_id: int | None = None) -> None:
        """Somebody's lists may be others now; not those beside this room's own page."""
        with self._turn:
            self.changes += 1
            self._last[person_id] = self.changes
            for page in self._pages.pop(person_id, ()):
                shown = self._shown.get(page)
                if shown and shown.ticket.room_id == room_id and shown.seen is not None:
                    self._pages[person_id].add(page)
                else:
                    self._shown.pop(page, None)

    def forget_all(self) -> None:
        """Everybody's lists may be others now."""
        with self._turn:
            self.changes += 1
            self._all = self.changes
            for kept in (self._shown, self._pages, self._last):
                kept.clear()
