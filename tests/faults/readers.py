"""Who reads: does what a page does, and writes down what it was shown and when.

A reader asks the feed after their cursor on one connection, carries the ticket, follows the next
poller, and now and then loads the page again.
"""

import http.client
import io
import random
import re
import time
from collections.abc import Callable
from contextlib import closing, suppress

from PIL import Image

from tests.callers import Caller
from tests.faults.authors import BROKEN
from tests.faults.history import Poll, View
from tests.faults.page import read

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
TICKET = re.compile(r"ticket=([^;]+)")
HELD = 0.5  # seconds: a poll that is answered earlier with nothing was not held
RELOAD = 0.01  # of all answers: how many are followed by a reload


class Reader:
    """One page of one person, until it is shown the words of `end` or is sent away."""

    def __init__(self, caller: Caller, name: str, end: str, room: int):
        self.caller, self.end, self.path = caller, end, f"/rooms/{room}"
        self.view = View(name, room)
        self.cursor, self.ticket = 0, ""
        self.is_done, self.unheld = False, 0
        self.torn: list[str] = []
        self.looks = False  # whether they look at each photo
        self.seen: set[int] = set()
        self.left: float | None = None  # when the page was sent away,
        self.leads_to = ""  # and where

    def follow(self) -> None:
        """Until the end."""
        while not self.is_done:
            line = http.client.HTTPConnection("127.0.0.1", self.caller.server.port, timeout=40)
            with closing(line), suppress(*BROKEN):
                while not self.is_done:
                    self.poll(line)
            time.sleep(0.02)

    def poll(self, line: http.client.HTTPConnection) -> int:
        """Ask for news once; what was answered."""
        began = time.monotonic()
        status, said = self._get(line, f"{self.path}/feed?after={self.cursor}", HTMX)
        if status == 200:
            self._note(began, said, whole=False)
            if random.random() < RELOAD:
                self.load(line)
        elif status in (401, 403, 404):
            self.left, self.is_done = time.monotonic(), True
        elif status >= 500 or (status == 204 and time.monotonic() - began < HELD):
            self.unheld += status == 204
            time.sleep(0.2)  # a page waits for a second
        elif status != 204:
            self.torn.append(f"answer {status} to a poll")
        return status

    def load(self, line: http.client.HTTPConnection) -> None:
        """The whole page, anew: its end, also when it would open where something is unread."""
        began = time.monotonic()
        status, said = self._get(line, f"{self.path}?end", {})
        if status == 200:
            self._note(began, said, whole=True)

    def _note(self, began: float, said: str, whole: bool) -> None:
        news = read(said)
        whole = whole or news.whole
        poll = Poll(began, time.monotonic(), news.new, news.changed, whole)
        self.view.polls.append(poll)
        self.cursor = news.cursor
        self.is_done = any(shown.words == self.end for shown in news.new)
        for shown in poll.new if self.looks else ():
            for photo in shown.photos:
                self._look(photo)

    def _look(self, photo: int) -> None:
        """A photo that is shown can be fetched and is whole."""
        if photo in self.seen:
            return
        self.seen.add(photo)
        answer = _patiently(lambda: self.caller.ask("GET", f"/files/{photo}/large"))
        try:
            Image.open(io.BytesIO(answer.body)).load()
        except OSError:
            self.torn.append(f"torn: photo {photo} is shown, but {answer.status}")

    def _get(self, line: http.client.HTTPConnection, path: str, headers: dict) -> tuple[int, str]:
        cookie = f"parley={self.caller.token}" + (f"; ticket={self.ticket}" * bool(self.ticket))
        line.request("GET", path, None, headers | {"Cookie": cookie})
        with line.getresponse() as answer:
            if found := TICKET.search(answer.headers["Set-Cookie"] or ""):
                self.ticket = found[1]
            self.leads_to = answer.headers["HX-Redirect"] or ""
            return answer.status, answer.read().decode()


def _patiently(ask: Callable):
    """The answer, however long the server is away."""
    while True:
        with suppress(*BROKEN):
            answer = ask()
            if answer.status < 500:
                return answer
        time.sleep(0.05)
