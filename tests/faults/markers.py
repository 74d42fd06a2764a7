"""Who reacts and pins: each mark is one person's to set, so what they did last is what it is.

They write messages of their own, which nobody deletes, and mark each other's.
"""

import random
import time
from urllib.parse import urlencode

from tests.callers import Caller
from tests.faults.authors import FORM, Author, Own, Story
from tests.faults.marks import PIN, Mark

EMOJI = ("👍", "🎉")


class Marker(Author):
    """One who writes little, and reacts much; the owner of the space pins as well."""

    def __init__(
        self,
        caller: Caller,
        number: int,
        story: Story,
        room: int,
        marked: list[Own],
        marks: list[Mark],
    ):
        super().__init__(caller, f"Marker {number}", story, room)
        self.number, self.marked, self.marks, self.pins = number, marked, marks, False
        self.on: set[tuple[int, str]] = set()

    def _write(self) -> None:
        count = 0
        while self.story.goes_on:
            if count % 10 == 0:
                self.post(f"{self.name} says {count}")
                self.marked.append(self.own[-1])
            self.mark(random.choice(self.marked[-5:]))
            count += 1
            time.sleep(random.uniform(0, 0.1))

    def mark(self, own: Own) -> None:
        """Turn one mark of it around."""
        emoji = random.choice(EMOJI)
        what = PIN if self.pins and random.random() < 0.3 else f"{emoji} by {self.number}"
        is_on = (own.id, what) not in self.on
        act = "reactions" if what != PIN else "pin" if is_on else "unpin"
        path, form = f"/messages/{own.id}/{act}", {"emoji": emoji, "set": "yes" if is_on else "no"}
        body = urlencode(form).encode()
        began = time.monotonic()
        fine = (200, 422)  # fifty pins are the most
        answer = self._until_acknowledged(path, lambda: self._ask(path, body, FORM, fine))
        if answer.status == 200:
            self.marks.append(Mark(own.id, what, is_on, began, time.monotonic()))
            self.on ^= {(own.id, what)}
