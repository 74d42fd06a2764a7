"""More polls than can be held: many tabs of one browser, and many people on a small server."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.callers import Answer, Caller, Space
from tests.faults import runs
from tests.faults.page import read
from tests.faults.places import SQLITE, server_on
from tests.servers import until

CONNECTIONS = 6  # to one host, in every browser that speaks HTTP/1.1
HELD = 0.7  # seconds: whoever waits longer is held
HTMX = {"HX_Request": "true", "HX_Request_Type": "partial"}


class Browser:
    """One login, eight tabs, and six connections between them."""

    def __init__(self, caller: Caller):
        self.caller, self.free = caller, threading.Semaphore(CONNECTIONS)
        self.asking: dict[int, float] = {}  # since when each tab waits for an answer
        self.shown: dict[int, list[str]] = {}
        self.is_open = True

    def ask(self, tab: int, method: str, path: str, body=None, **headers) -> Answer:
        """On whichever connection is free."""
        with self.free:
            self.asking[tab] = time.monotonic()
            try:
                return self.caller.ask(method, path, body, **headers)
            finally:
                del self.asking[tab]

    def tab(self, number: int) -> None:
        """A page, and its poller: again at once after news, else a second later."""
        cursor, self.shown[number] = read(self._page(number)).cursor, []
        while self.is_open:
            answer = self.ask(number, "GET", f"/rooms/1/feed?after={cursor}", **HTMX)
            if answer.status == 200:
                news = read(answer.body.decode())
                self.shown[number] += [shown.words for shown in news.new]
                cursor = news.cursor
            else:
                time.sleep(1)

    def held(self) -> int:
        """How many polls are held now."""
        now = time.monotonic()
        return sum(now - since > HELD for since in list(self.asking.values()))

    def _page(self, number: int) -> str:
        return self.ask(number, "GET", "/rooms/1").body.decode()


@contextmanager
def opened(browser: Browser, count: int) -> Iterator[Browser]:
    """With that many tabs."""
    tabs = [threading.Thread(target=browser.tab, args=(n,), daemon=True) for n in range(count)]
    for tab in tabs:
        tab.start()
    try:
        yield browser
    finally:
        browser.is_open = False
        browser.caller.says("good bye")
        for tab in tabs:
            tab.join(10)


@pytest.mark.parametrize("kind", [SQLITE], indirect=True)
def test_the_eighth_tab_loads_and_posts_within_a_second(server):
    ann = Space(server.start()).owner
    with opened(Browser(ann), 7) as browser:
        most = 0
        for _ in range(15):
            time.sleep(0.1)
            most = max(most, browser.held())
        began = time.monotonic()
        assert browser.ask(8, "GET", "/rooms/1").status == 200
        posted = browser.ask(
            8, "POST", "/rooms/1/messages", "text=eight", Accept="application/json"
        )
        assert posted.status == 201
        assert time.monotonic() - began < 1
        assert 2 <= most <= 4
        until(lambda: all(words == ["eight"] for words in browser.shown.values()))


def test_when_too_many_wait_it_slows_and_loses_nothing(tmp_path):
    with server_on(SQLITE, tmp_path, PARLEY_HOLD_MAX="5") as server:
        told = runs.overload(server, 0.5, people=(3, 20, 0), least=30)
    assert told["faults"] == {}, told
    assert told["polls not held"] >= 30
