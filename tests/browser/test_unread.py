"""What is unread: in the list, in the title, at the line where it begins; in several tabs."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.content import LOREM
from tests.browser.people import Person
from tests.browser.test_reading import moves
from tests.callers import Space

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def garden(own_space: Space) -> int:
    """A second room, where the owner can say something that nobody has before them."""
    own_space.caller("Bob")
    return own_space.makes_room("Garden")


def row(page: Page, name: str) -> Locator:
    """A room in the list."""
    return page.locator("#side li > a").filter(has_text=name)


def looks(page: Page) -> None:
    """The list asks now, not in ten seconds."""
    page.evaluate("() => document.dispatchEvent(new Event('side'))")


def hides(page: Page, is_hidden: bool) -> None:
    """As if the tab were behind another one, or in front again."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def until_read(space: Space, name: str) -> None:
    """Wait until nothing in the Lobby is unread for somebody, as the database has it."""
    for _ in range(200):  # marks are written once a second
        if not re.search(r'class="count', space.caller(name).get("/people")):
            return
        time.sleep(0.1)
    raise AssertionError("it stays unread")


def test_what_is_said_elsewhere_is_counted_in_list_and_title(own_space, enters, garden):
    bob = enters(own_space, "Bob").opens()
    expect(bob.page).to_have_title("Lobby – Class 7b")
    own_space.owner.says("the first", room=garden)
    own_space.owner.says("the second", room=garden)
    looks(bob.page)
    expect(row(bob.page, "Garden")).to_have_text(re.compile("Garden *2 unread"))
    expect(bob.page).to_have_title("(1) Lobby – Class 7b")
    row(bob.page, "Garden").click()
    bob.page.wait_for_url(f"**/rooms/{garden}#new")
    bob.sees("the first")
    expect(bob.page).to_have_title("Garden – Class 7b")
    expect(bob.page.locator(".new")).to_be_in_viewport()


def test_the_list_asks_without_being_told(own_space, enters, garden):
    bob = enters(own_space, "Bob").opens()
    own_space.owner.says("hello", room=garden)
    expect(row(bob.page, "Garden").locator(".count")).to_be_visible(timeout=25_000)


def test_read_in_one_tab_is_read_in_the_other(own_space, enters, garden):
    bob = enters(own_space, "Bob").opens("/people")
    own_space.owner.says("hello")
    looks(bob.page)
    expect(bob.page).to_have_title("(1) People – Class 7b")
    other = bob.context.new_page()
    other.goto("/rooms/1")
    looks(bob.page)
    expect(row(bob.page, "Lobby").locator(".count")).to_have_count(0)
    expect(bob.page).to_have_title("People – Class 7b")

    own_space.owner.says("while the other tab is open")  # by the poll alone
    expect(other.locator(".message").filter(has_text="while the other")).to_be_visible()
    expect(row(other, "Lobby").locator(".count")).to_have_count(0)
    looks(other)
    until_read(own_space, "Bob")
    looks(bob.page)
    expect(bob.page).to_have_title("People – Class 7b")


def test_a_hidden_tab_does_not_read_and_reads_when_it_is_looked_at(own_space, enters, garden):
    bob = enters(own_space, "Bob").opens()
    bob.is_held()
    hides(bob.page, True)
    own_space.owner.says("to nobody")
    bob.sees("to nobody")
    looks(bob.page)
    expect(bob.page).to_have_title("(1) Lobby – Class 7b")
    expect(row(bob.page, "Lobby").locator(".count")).to_be_visible()
    assert "1<span" in own_space.caller("Bob").get("/people")
    hides(bob.page, False)
    expect(bob.page).to_have_title("Lobby – Class 7b")
    expect(row(bob.page, "Lobby").locator(".count")).to_have_count(0)
    until_read(own_space, "Bob")


def test_unread_from_a_message_by_its_menu(own_space, enters, garden):
    own_space.owner.says("one")
    own_space.owner.says("two")
    bob = enters(own_space, "Bob").opens()
    bob.does("Mark unread from here", "two")
    bob.page.wait_for_url("**/rooms")
    expect(row(bob.page, "Lobby")).to_have_text(re.compile("Lobby *1 unread"))
    row(bob.page, "Lobby").click()
    expect(bob.page.locator(".new ~ .message")).to_have_count(1)


def test_a_room_is_muted_by_its_menu(own_space, enters, garden):
    own_space.owner.says("hello", room=garden)
    bob = enters(own_space, "Bob").opens("/rooms")
    expect(bob.page).to_have_title("(1) Rooms – Class 7b")
    bob.page.get_by_role("button", name="More about Garden").click()
    looks(bob.page)  # the menu stays open while the list asks
    menu = bob.page.get_by_role("dialog", name="Garden")
    menu.get_by_role("button", name="Mute").click()
    expect(bob.page).to_have_title("Rooms – Class 7b")
    bob.page.get_by_role("button", name="Mark all as read").click()
    expect(bob.page.locator("#side .count")).to_have_count(0)


# ---- Opening at the line


def fills(space: Space, count: int) -> None:
    """What Bob has read, and then so many that he has not."""
    for number in range(12):
        space.owner.says(f"old {number}. " + LOREM[:200])
    space.caller("Bob").get("/rooms/1")
    for number in range(count):
        space.owner.says(f"new {number}. " + LOREM[:200])


def stands(page: Page) -> float:
    """How far below the upper edge of the list the line is, in pixels."""
    return page.evaluate(
        """() => document.querySelector(".new").getBoundingClientRect().top
          - document.querySelector("#scroll").getBoundingClientRect().top"""
    )


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("count", [20, 80])
def test_opening_goes_to_the_line_and_stays_there(own_space, enters, options, count):
    fills(own_space, count)
    bob = enters(own_space, "Bob", **options).opens("/rooms")
    row(bob.page, "Lobby").click()
    expect(bob.page.locator(".new")).to_be_in_viewport()
    expect(bob.page.locator("#scroll")).to_be_visible()
    assert -1 < stands(bob.page) < 60
    if count == 80:
        bob.page.get_by_role("link", name="To the newest").click()
        expect(bob.message("new 79.")).to_be_in_viewport()
        return
    bob.is_held()
    says: Callable = lambda: [own_space.owner.says(f"more {n}") for n in range(3)]  # noqa: E731
    assert moves(bob, says) == 0
    expect(bob.message("more 2")).to_have_count(1)


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("count", [2, 20])
def test_what_is_new_is_on_view_below_the_line(own_space, enters, options, count):
    fills(own_space, count)
    bob = enters(own_space, "Bob", **options).opens("/rooms/1#new")
    expect(bob.page.locator(".new")).to_be_in_viewport()
    expect(bob.message("new 0.")).to_be_in_viewport()
    if count == 2:
        expect(bob.message("new 1.")).to_be_in_viewport(ratio=0.9)


def test_when_all_of_it_fits_the_list_stands_at_its_end(own_space, enters):
    fills(own_space, 1)
    bob = enters(own_space, "Bob").opens("/rooms/1#new")
    expect(bob.message("new 0.")).to_be_in_viewport()
    assert bob.page.evaluate("() => document.querySelector('#scroll').scrollTop") == 0


def test_without_scripts_the_list_shows_the_line(own_space, enters):
    fills(own_space, 20)
    bob: Person = enters(own_space, "Bob", java_script_enabled=False).opens("/rooms")
    expect(bob.page).to_have_title("(1) Rooms – Class 7b")
    row(bob.page, "Lobby").click()
    frame = bob.page.frame_locator("iframe.list")
    expect(frame.locator(".new")).to_be_in_viewport()
    frame.get_by_role("link", name="To the newest").click()
    expect(frame.get_by_text("new 19.")).to_be_in_viewport()
    own_space.owner.says("said meanwhile")
    expect(frame.get_by_text("said meanwhile")).to_be_in_viewport(timeout=15_000)
    bob.page.goto("/rooms")
    bob.page.get_by_role("button", name="More about Lobby").click()
    bob.page.get_by_role("button", name="Mute").click()
    expect(bob.page.locator("#side .unread")).to_have_count(0)
