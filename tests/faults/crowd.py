"""People who write and read on a real server, each on a thread; together they make a history."""

import threading
import time
from contextlib import closing
from typing import Any

from parley.store.db import Database
from tests.callers import Space
from tests.faults.authors import Author, Story
from tests.faults.books import faults_of_books
from tests.faults.checker import faults
from tests.faults.history import Change, Poll, Shown, View
from tests.faults.markers import Marker
from tests.faults.marks import PIN, Mark, faults_of_marks
from tests.faults.readers import Reader

END = "the end"


class Crowd:
    """All who talk in a room while the block lasts; then all read to the end."""

    def __init__(
        self,
        space: Space,
        writers: int,
        pollers: int,
        photographers: int = 0,
        cuts: float = 0.0,
        room: int = 1,
        name: str = "Person",
        markers: int = 2,
    ):
        self.space, self.room, self.story = space, room, Story()
        most = max(writers + photographers, pollers)
        people = [space.caller(f"Person {number}") for number in range(most)]
        self.authors = [
            Author(people[number], f"{name} {number}", self.story, room, number >= writers)
            for number in range(writers + photographers)
        ]
        for author in self.authors:
            author.cuts = cuts
        self.marks: list[Mark] = []
        self._add_markers(markers)
        self.readers = [Reader(people[n], f"reader {n}", END, room) for n in range(pollers)]
        for reader in self.readers[:2]:
            reader.looks = photographers > 0
        self.writing = [threading.Thread(target=one.write, daemon=True) for one in self.authors]
        self.reading = [threading.Thread(target=one.follow, daemon=True) for one in self.readers]

    def _add_markers(self, count: int) -> None:
        """Some react to each other's messages; the first is the owner, who pins as well."""
        ids, marked = self.space.ids(), []
        for name in list(self.space.callers)[:count]:
            caller = self.space.caller(name)
            marker = Marker(caller, ids[name], self.story, self.room, marked, self.marks)
            marker.pins = caller is self.space.owner
            self.authors.append(marker)

    def __enter__(self) -> "Crowd":
        for thread in [*self.writing, *self.reading]:
            thread.start()
        return self

    def __exit__(self, kind, *_) -> None:
        self.story.goes_on = False
        if kind:
            return
        for thread in self.writing:
            thread.join(60)
        if not self.story.may_end:
            self.owner_says(END)  # who is shown this was shown all before it
        for thread in self.reading:
            thread.join(40)
        late = [thread for thread in [*self.writing, *self.reading] if thread.is_alive()]
        self.story.strange += ["somebody never came to the end"] * len(late)

    def owner_says(self, words: str, *photos: tuple[str, bytes]) -> dict[str, Any]:
        """The owner posts as well; returns the message."""
        began = time.monotonic()
        said = self.space.owner.says(words, *photos, room=self.room)
        done = {"id": said["id"], "photos": len(photos)}
        change = Change(self.room, words, words, began, time.monotonic(), **done)
        self.story.changes.append(change)
        return said

    def join(self, readers: list[Reader]) -> None:
        """Others come to read."""
        threads = [threading.Thread(target=one.follow, daemon=True) for one in readers]
        self.readers += readers
        self.reading += threads
        for thread in threads:
            thread.start()

    def views(self) -> list[View]:
        """What everybody was shown, and what a program reads in the end."""
        views = [reader.view for reader in self.readers]
        return views if self.story.may_end else [*views, self._all()]

    def _all(self) -> View:
        began = time.monotonic()
        found = self.space.owner.reads(self.room)
        all_of_it = [
            Shown(
                one["id"],
                one["text"],
                tuple(file["id"] for file in one["files"]),
                _marks(one),
                replies=one["replies"],
            )
            for one in found
        ]
        read = [Poll(began, time.monotonic(), tuple(all_of_it))]
        return View("a program", self.room, read, is_program=True)

    def faults(self) -> list[str]:
        """Everything that is wrong."""
        torn = [fault for reader in self.readers for fault in reader.torn]
        stay = (reader.view for reader in self.readers if reader.left and not reader.view.out)
        sent = [f"sent away: {view.person}" for view in stay]
        views = self.views()
        wrong = faults(self.story.changes, views)
        wrong += faults_of_marks(self.story.changes, self.marks, views)
        with closing(Database(self.space.server.database)) as db, db.reading() as c:
            wrong += faults_of_books(c)
        return [*self.story.strange, *torn, *sent, *wrong]


def _marks(message: dict[str, Any]) -> tuple[str, ...]:
    given = [f"{it['emoji']} by {one}" for it in message["reactions"] for one in it["people"]]
    return tuple(given + [PIN] * message["pinned"])
