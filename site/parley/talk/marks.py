"""Read marks on their way into the database: those of one second are written together.

A thousand open pages say how far they have been read every ten seconds. A transaction for each
would cost more than the messages themselves; a second later is soon enough, and what is lost
when the server is killed is said again by the page.
"""

from collections.abc import Callable
from threading import Lock, Timer

from parley.store.db import LITTLE, Database
from parley.store.errors import Busy, Full
from parley.talk import memberships

SOON = 1.0  # seconds


class Marks:
    """How far people have read, as their open pages tell."""

    def __init__(self, database: Database):
        self._database = database
        self._turn = Lock()
        self._waiting: dict[tuple[int, int], int] = {}
        self._timer: Timer | None = None
        # Of whom, and in which room; no room: what they were shown is not so after all.
        self.written: Callable[[int, int | None], object] = lambda person_id, room_id: None

    def note(self, person_id: int, room_id: int, revision: int) -> None:
        """All of the room up to this revision has been read. Returns at once."""
        key = person_id, room_id
        with self._turn:
            self._waiting[key] = max(revision, self._waiting.get(key, 0))
            if self._timer is None:
                self._timer = Timer(SOON, self.write)
                self._timer.daemon = True
                self._timer.start()

    def forget(self, person_id: int, room_id: int) -> None:
        """What a page has told of the room no longer counts."""
        with self._turn:
            self._waiting.pop((person_id, room_id), None)

    def write(self) -> None:
        """Write all that has been noted; a database that is busy is not waited for."""
        with self._turn:
            told, self._waiting = self._waiting, {}
            if self._timer:
                self._timer.cancel()
            self._timer = None
        if not told:
            return
        is_kept = True
        try:
            with self._database.writing(LITTLE) as c:
                memberships.have_seen(c, told)
        except (Busy, Full):
            is_kept = False  # the pages say it again
        for person_id, room_id in told:
            self.written(person_id, room_id if is_kept else None)
