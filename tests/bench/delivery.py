"""How long a message takes: from Enter in one person's page to the text in another's.

Both are real pages in Chromium, on a real server, on this machine. Beside it stands a reference
of the same run: how long the other page's browser takes for the smallest request there is.
"""

import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.figures import Figure
from tests.browser.people import Person, browsing
from tests.callers import Space
from tests.servers import Server

ROUNDS = 30

# When Enter was pressed, in milliseconds of a clock that all pages of one machine share.
WATCH_ENTER = """() => addEventListener("keydown", (event) => {
    if (event.key == "Enter") window.pressed = performance.timeOrigin + event.timeStamp;
}, { capture: true })"""
# When a text came into the list.
WATCH_LIST = """() => {
    window.came = {};
    const list = document.querySelector("#messages");
    new MutationObserver((changes) => {
        const now = performance.timeOrigin + performance.now();
        for (const { addedNodes } of changes)
            for (const node of addedNodes) {
                const words = node.querySelector?.(".words")?.textContent.trim();
                if (words) came[words] ??= now;
            }
    }).observe(list, { childList: true, subtree: true });
}"""
FETCH = """async () => {
    const begin = performance.now();
    await (await fetch("/health")).text();
    return performance.now() - begin;
}"""


@dataclass(frozen=True)
class Delivery:
    """Milliseconds of each round."""

    delivered: list[float]
    fetched: list[float]


def figures() -> Iterator[Figure]:
    """The one there is."""
    found = measure()
    late = statistics.quantiles(found.delivered, n=20)[18]
    median, reference = statistics.median(found.delivered), statistics.median(found.fetched)
    what = "from Enter in one browser to the text in another"
    note = f"p95 {late:.0f} ms, {len(found.delivered)} messages"
    beside = "fetch of /health in a browser"
    yield Figure(what, median, "ms", reference=beside, beside=reference, note=note)


def measure(rounds: int = ROUNDS) -> Delivery:
    """Two people, each in a browser of their own; one writes, the other's page is watched."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "instance")
        try:
            space = Space(server.start())
            with browsing(playwright) as browser:
                ann, bob = (Person(browser, server, space.caller(n).token) for n in ("Ann", "Bob"))
                return write(ann.opens(), bob.opens(), rounds)
        finally:
            server.kill()


def write(ann: Person, bob: Person, rounds: int) -> Delivery:
    """One message after the other; the first is for warming up and not counted."""
    ann.page.evaluate(WATCH_ENTER)
    bob.page.evaluate(WATCH_LIST)
    delivered, fetched = [], []
    for number in range(rounds + 1):
        ann.is_held()
        bob.is_held()
        ann.says(f"message {number}")
        came = f"() => came['message {number}']"
        arrival = bob.page.wait_for_function(came).json_value()
        delivered.append(arrival - ann.page.evaluate("pressed"))
        fetched.append(bob.page.evaluate(FETCH))
    return Delivery(delivered[1:], fetched[1:])


if __name__ == "__main__":
    print(*figures())
