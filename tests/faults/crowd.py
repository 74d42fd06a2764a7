"""Writers and pollers on a real server: what they do is written down as a history.

A writer sends each message again, with the same key, until it is acknowledged. A poller does
what a page does: it asks the feed after its cursor, and follows the next poller.
"""

import html
import http.client
import random
import re
import socket
import threading
import time
from contextlib import closing, suppress
from urllib.parse import urlencode

from tests.callers import Caller, Space
from tests.faults.history import Poll, Post, View

ARTICLE = re.compile(r'<article class="message[^"]*" id="message-\d+"[^>]*?>.*?</article>', re.S)
SAID = re.compile(r'<p dir="auto">(.*?)</p>', re.S)
CURSOR = re.compile(r"feed\?after=(\d+)")
END = "the end"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
BROKEN = (OSError, http.client.HTTPException)


class Crowd:
    """All who talk, on threads of their own."""

    def __init__(self, space: Space, writers: int, pollers: int, cuts: float = 0.0):
        self.space, self.cuts = space, cuts
        self.posts: list[Post] = []
        self.views = [View(f"poller {number}", 1) for number in range(pollers)]
        self.in_flight: set[str] = set()
        self.writing = True
        people = [space.caller(f"Person {number}") for number in range(max(writers, pollers))]
        works = [(self._write, people[n], n) for n in range(writers)]
        works += [(self._poll, people[n], self.views[n]) for n in range(pollers)]
        self.threads = [
            threading.Thread(target=work, args=more, daemon=True) for work, *more in works
        ]
        self.writers, self.pollers = self.threads[:writers], self.threads[writers:]

    def __enter__(self) -> "Crowd":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.writing = False
        for thread in self.writers:
            thread.join(60)
        began = time.monotonic()
        self.space.owner.says(END)  # who is shown this has been shown all before it
        self.posts.append(Post(1, END, began, time.monotonic()))
        for thread in self.pollers:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self.threads)

    def _write(self, caller: Caller, number: int) -> None:
        count = 0
        while self.writing:
            text = f"writer {number} message {count}"
            began = time.monotonic()
            self.in_flight.add(text)
            while not self._is_sent(caller, text):
                time.sleep(0.05)
            self.in_flight.discard(text)
            self.posts.append(Post(1, text, began, time.monotonic()))
            count += 1
            time.sleep(random.uniform(0, 0.02))

    def _is_sent(self, caller: Caller, text: str) -> bool:
        body = urlencode({"text": text, "key": text})
        if random.random() < self.cuts:
            return cut(caller, body)
        try:
            answer = caller.ask("POST", "/rooms/1/messages", body, Accept="application/json")
        except BROKEN:
            return False
        assert answer.status in (201, 503), answer
        return answer.status == 201

    def _poll(self, caller: Caller, view: View) -> None:
        after, seen = "0", False
        while not seen:
            line = http.client.HTTPConnection("127.0.0.1", caller.server.port, timeout=40)
            with closing(line), suppress(*BROKEN):
                while not seen:
                    after, seen = self._polled(line, caller, view, after)
            time.sleep(0.02)

    def _polled(self, line, caller: Caller, view: View, after: str) -> tuple[str, bool]:
        """Ask once on an open line; the next cursor, and whether the end was shown."""
        began = time.monotonic()
        headers = HTMX | {"Cookie": f"parley={caller.token}"}
        line.request("GET", f"/rooms/1/feed?after={after}", None, headers)
        with line.getresponse() as answer:
            said = answer.read().decode()
        if answer.status != 200:
            return after, False
        new = said.partition('hx-swap-oob="outerMorph"')[0]
        found = [SAID.search(one) for one in ARTICLE.findall(new)]
        texts = tuple(html.unescape(one[1]) for one in found if one)
        view.polls.append(Poll(began, texts))
        return CURSOR.findall(said)[-1], END in texts


def cut(caller: Caller, body: str) -> bool:
    """Send a post and leave at a random byte, of the request or of its answer."""
    head = (
        "POST /rooms/1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        f"Cookie: parley={caller.token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    octets = (head + body).encode()
    try:
        with socket.create_connection(("127.0.0.1", caller.server.port), timeout=5) as line:
            if random.random() < 0.5:
                line.sendall(octets[: random.randrange(len(octets))])
            else:
                line.sendall(octets)
                line.recv(random.randrange(1, 200))
    except OSError:
        pass
    return False
