"""A space with people in it, on a database alone: for the rules that know no web."""

import threading
from collections.abc import Callable
from typing import Any

from parley.store.db import Database
from parley.talk import feed, messages, people, rooms, spaces


class Meeting:
    """Class 7b: Miriam owns it, Ann and Bob are members, all of them in the Lobby."""

    def __init__(self, db: Database):
        self.db = db
        with db.writing() as c:
            self.miriam = spaces.found(c, "Class 7b", "Europe/Berlin", "Miriam", "kept")
            self.ann = people.join(c, "Ann", None)
            self.bob = people.join(c, "Bob", None)

    @property
    def room(self) -> rooms.Room:
        """The Lobby, as it is now."""
        with self.db.reading() as c:
            return rooms.get(c, self.miriam, rooms.LOBBY)

    def says(
        self, who: people.Person, words: str, key: str = "", *uploads, **more
    ) -> messages.Message:
        """Somebody posts."""
        with self.db.writing() as c:
            room = rooms.get(c, who, rooms.LOBBY)
            return messages.post(c, room, who, messages.draft(words, key, uploads, **more))

    def replies(
        self, who: people.Person, message: messages.Message, words: str, apart: bool = False
    ) -> messages.Message:
        """Somebody answers a message."""
        return self.says(who, words, reply_to=message.id, apart=apart)

    def edits(self, who: people.Person, message: messages.Message, words: str) -> messages.Message:
        """Somebody puts other words in its place."""
        with self.db.writing() as c:
            return messages.edit(c, messages.get(c, message.id), who, words)

    def removes(self, who: people.Person, message: messages.Message) -> messages.Message:
        """Somebody deletes."""
        with self.db.writing() as c:
            return messages.remove(c, messages.get(c, message.id), who)

    def restores(self, who: people.Person, message: messages.Message) -> messages.Message:
        """Somebody brings back."""
        with self.db.writing() as c:
            return messages.restore(c, messages.get(c, message.id), who)

    def reads(self, ask: Callable, *arguments: Any) -> Any:
        """Ask a question of feed.py about the Lobby."""
        with self.db.reading() as c:
            return ask(c, rooms.get(c, self.miriam, rooms.LOBBY), *arguments)

    def news(self, after: int) -> feed.News:
        """What a page is told."""
        return self.reads(feed.news, after)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment; what each returned or raised, in their order."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 - the test judges it
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
