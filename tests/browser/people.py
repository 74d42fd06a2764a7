"""People in front of a real browser: what they do and see, and what their browser complains of."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
)

from tests.servers import Server

PATIENCE = 20_000  # milliseconds for anything that is waited for: the suite shares its cores
GONE = r"net::ERR_|Failed to fetch|NetworkError|no answer"  # a browser without its server
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def chromium() -> str | None:
    """The system's Chromium, if it has one."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def browsing(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium for as long as the block lasts."""
    expect.set_options(timeout=PATIENCE)
    browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()


class Person:
    """One person, their browser (a context of its own) and the page they look at."""

    def __init__(self, browser: Browser, server: Server, cookie: str = "", **options: Any):
        options = {"base_url": server.address, "viewport": {"width": 1280, "height": 800}} | options
        self.server = server
        self.context: BrowserContext = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.allowed: list[str] = []
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("request", self._asked)
        if cookie:
            self.context.add_cookies([{"name": "parley", "value": cookie, "url": server.address}])
        self.page: Page = self.context.new_page()
        self.theme = options.get("color_scheme", "light")  # what the page was last told

    def _heard(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.server.address, "blob:", "about:")):
            self.complaints.append(f"asked another origin: {request.url}")

    def leaves(self) -> None:
        """Close the browser, content with what it has seen."""
        self.context.close()
        self.is_content()

    def is_content(self) -> None:
        """Whatever the browser has complained of since the last time, and may not, is an error."""
        told, allowed = self.complaints[:], self.allowed[:]
        self.complaints.clear()
        self.allowed.clear()
        left = [one for one in told if not any(re.search(it, one) for it in allowed)]
        assert not left, left

    def may_hear(self, *patterns: str) -> None:
        """What a test provokes on purpose is no complaint."""
        self.allowed += patterns

    def opens(self, path: str = "/rooms/1") -> "Person":
        """Go there."""
        self.page.goto(path)
        return self

    def joins(self, link: str, name: str, password: str = "") -> "Person":
        """Come in by the link, typing."""
        self.page.goto(link)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Join").click()
        return self

    @property
    def box(self) -> Locator:
        """Where one writes."""
        return self.page.locator("#text")

    @property
    def problem(self) -> Locator:
        """The sentence beside the box."""
        return self.page.locator("#problem")

    def says(self, text: str) -> None:
        """Type and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def picks(self, *files: tuple[str, bytes]) -> None:
        """Choose files for the message box."""
        self.page.locator("#composer input[type=file]").set_input_files(
            [{"name": name, "mimeType": kind(name), "buffer": octets} for name, octets in files]
        )

    def message(self, text: str) -> Locator:
        """The one message with these words."""
        return self.page.locator(".message").filter(has_text=text)

    def sees(self, text: str) -> Locator:
        """Wait until exactly one message has these words, and be sure that it is on view."""
        found = self.message(text)
        expect(found).to_have_count(1)
        expect(found).to_be_visible()
        return found

    def sees_not(self, text: str) -> None:
        """Wait until no message has these words."""
        expect(self.message(text)).to_have_count(0)

    def does(self, act: str, text: str) -> None:
        """Open the menu of a message and choose."""
        message = self.message(text)
        message.hover()
        message.locator(".more").click()
        menu = self.page.locator("#menu:popover-open")
        expect(menu).to_be_visible()
        menu.get_by_text(act, exact=True).click()

    def messages(self) -> list[tuple[str, str]]:
        """Id and words of every message on the page, in the order of the page."""
        script = """all => all.map(one => [one.id,
            [...one.querySelectorAll('.words > p')].map(p => p.textContent).join('\\n\\n')])"""
        return [(id, words) for id, words in self.page.eval_on_selector_all(".message", script)]

    def texts(self) -> list[str]:
        """The words alone."""
        return [words for _, words in self.messages()]

    def waits_on(self, script: str, arg: Any = None, polling: float | str = "raf") -> None:
        """Until the script's value is true."""
        self.page.wait_for_function(script, arg=arg, polling=polling)

    def is_held(self) -> None:
        """Wait until the page's poll is under way."""
        expect(self.page.locator("#poll.htmx-request")).to_have_count(1)

    def weighs(self) -> Callable[[], dict[str, int]]:
        """From now on count what pages load before the pictures; gives bytes by address."""
        tools = self.devtools()
        tools.send("Network.enable")
        asked: dict[str, str] = {}
        octets: dict[str, int] = {}
        for event, note in (
            ("requestWillBeSent", lambda it: asked.update({it["requestId"]: it["request"]["url"]})),
            (
                "loadingFinished",
                lambda it: octets.update({it["requestId"]: it["encodedDataLength"]}),
            ),
        ):
            tools.on(f"Network.{event}", note)
        # Of this server only: what another one is asked for always counts.
        ours = re.escape(self.server.address)
        later = re.compile(rf"{ours}/(.*/)?(feed|thumb|large|huge|picture|icon\.svg)\b")
        return lambda: {
            url: octets[request] for request, url in asked.items() if not later.match(url)
        }

    def devtools(self) -> CDPSession:
        """What Chromium tells developers."""
        return self.context.new_cdp_session(self.page)


def kind(name: str) -> str:
    """The type that a browser would say for a file of this name."""
    kinds = {"png": "image/png", "jpg": "image/jpeg", "txt": "text/plain", "pdf": "application/pdf"}
    return kinds.get(name.rpartition(".")[2], "application/octet-stream")
