"""Servers, browsers and people on pages."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import Person, browsing, chromium
from tests.callers import Space
from tests.servers import Server, running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium. Only while these tests run: its event loop would be in others' way."""
    if not chromium():
        assert os.environ.get("CI") != "true", "CI needs Chromium"
        pytest.skip("no Chromium found")
    with sync_playwright() as playwright, browsing(playwright) as found:
        yield found


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory) -> Iterator[Server]:
    """One server for the tests of a file."""
    with running(tmp_path_factory.mktemp("server") / "instance") as found:
        yield found


@pytest.fixture
def own_server(browser, tmp_path: Path) -> Iterator[Server]:
    """A server for one test alone: to be killed, or with a room that nobody else writes into."""
    with running(tmp_path / "instance") as found:
        yield found


@pytest.fixture(scope="module")
def space(server: Server) -> Space:
    """Class 7b."""
    return Space(server)


@pytest.fixture
def own_space(own_server: Server) -> Space:
    """Class 7b on a server of its own."""
    return Space(own_server)


@pytest.fixture
def enters(browser: Browser) -> Iterator[Callable[..., Person]]:
    """Somebody sits down: `enters(space, "Ann")` with their cookie, `enters(space)` as a stranger.

    What their browsers complained of in the end fails the test.
    """
    everyone: list[Person] = []

    def enter(space: Space, name: str = "", **options: Any) -> Person:
        cookie = space.caller(name).token if name else ""
        everyone.append(Person(browser, space.server, cookie, **options))
        return everyone[-1]

    yield enter
    for person in everyone:
        person.context.close()
    for person in everyone:
        person.is_content()


@pytest.fixture(scope="module")
def seats(browser: Browser) -> Iterator[dict[str, Person]]:
    """Who sits in front of a browser for all tests of a file: opening one takes a while."""
    found: dict[str, Person] = {}
    yield found
    for person in found.values():
        person.context.close()


@pytest.fixture
def seated(browser, space: Space, seats: dict[str, Person]) -> Iterator[Callable[[str], Person]]:
    """Somebody on a fresh page of the Lobby, with no complaint of their browser in the end."""

    def sit(name: str) -> Person:
        if name not in seats:
            seats[name] = Person(browser, space.server, space.caller(name).token)
        return seats[name].opens()

    yield sit
    for person in seats.values():
        person.is_content()


@pytest.fixture
def ann(seated) -> Person:
    """In the Lobby."""
    return seated("Ann")


@pytest.fixture
def bob(seated) -> Person:
    """In the Lobby, too."""
    return seated("Bob")
