"""A whole conversation with keys alone; others, on a phone and without scripts, see each act."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Person
from tests.browser.test_noscript import framed
from tests.browser.test_replies import PHONE
from tests.callers import PASSWORD, Space

pytestmark = pytest.mark.browser


class Keys:
    """What somebody does who has no mouse, and the two who look on."""

    def __init__(self, writer: Person, phone: Person, plain: Person):
        self.page, self.box, self.writer = writer.page, writer.box, writer
        self.phone, self.plain = phone, plain

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def goes_to(self, there: Locator, key: str = "Tab", most: int = 40) -> Locator:
        """Press the key until the focus is there."""
        for _ in range(most):
            if there.count() and there.first.evaluate("it => it == document.activeElement"):
                return there
            self.press(key)
        raise AssertionError(f"not reached: {there}")

    def says(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.press("Enter")

    def chooses(self, act: str, text: str) -> None:
        """From the box up to the message, into its menu, and the act."""
        self.goes_to(self.writer.message(text).locator(".more"), "Shift+Tab")
        self.press("Enter")
        menu = self.page.locator("#menu:popover-open")
        expect(menu).to_be_visible()
        names = re.compile(rf"\W*{act}$")
        found = menu.get_by_role("link", name=names).or_(menu.get_by_role("button", name=names))
        self.goes_to(found)
        self.press("Enter")
        expect(menu).to_have_count(0)

    def all_see(self, text: str, part: str = ".words", having: str = "") -> None:
        """Each on their own page."""
        unscripted = framed(self.plain).locator(".message").filter(has_text=text)
        for shown in (self.writer.message(text), self.phone.message(text), unscripted):
            expect(shown.locator(part).locator("visible=true")).to_contain_text(having or text)


@pytest.fixture
def keys(own_space: Space, enters) -> Keys:
    """Miriam is not signed in yet; Bob has a phone, Cleo no scripts."""
    phone = enters(own_space, "Bob", **PHONE).opens()
    plain = enters(own_space, "Cleo", java_script_enabled=False).opens("/rooms/1?end")
    phone.is_held()
    return Keys(enters(own_space).opens("/login"), phone, plain)


def test_a_whole_conversation_with_keys_alone(keys, own_space):
    page, box, message = keys.page, keys.box, keys.writer.message
    keys.goes_to(page.get_by_label("Name"))
    page.keyboard.type("Miriam Okonkwo")
    keys.goes_to(page.get_by_label("Password"))
    keys.says(PASSWORD)
    page.wait_for_url("**/rooms/1")
    keys.goes_to(page.locator("#side").get_by_role("link", name="Lobby"))
    keys.press("Enter")
    keys.writer.is_held()
    keys.press("w")
    expect(box).to_be_focused()
    keys.says("Water the **new** beds")
    keys.all_see("Water the new beds", ".words strong", "new")
    page.keyboard.type("Who has the key, @bo")
    expect(page.locator("#names [role=option]")).to_have_count(1)
    keys.press("ArrowDown", "Enter", "Enter")
    keys.all_see("Who has the key", ".mention", "@Bob")
    own_space.caller("Bob").says("Here it is")
    keys.writer.sees("Here it is")
    keys.chooses("Reply", "Here it is")
    keys.goes_to(box)
    keys.says("Thank you, all")
    keys.all_see("Thank you, all", ".quote", "Bob Here it is")
    keys.chooses("Hooray", "Water the new beds")
    keys.all_see("Water the new beds", ".reaction a", "🎉 1")
    chip = message("Water the new beds").locator(".reaction a:visible")
    keys.goes_to(chip, "Shift+Tab")
    keys.press("Enter")
    expect(keys.phone.message("Water the new beds").locator(".reaction")).to_have_count(0)
    expect(framed(keys.plain).locator(".reaction")).to_have_count(0)
    keys.goes_to(box)
    keys.press("ArrowUp")
    expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
    keys.press("Control+End")
    keys.says(" of you")
    keys.all_see("Thank you, all of you", ".edited", "(edited)")
    keys.goes_to(page.locator(".more").last, "Shift+Tab")
    keys.press("?")
    told = page.get_by_role("dialog", name="Keys")
    expect(told).to_be_visible()
    keys.press("Escape")
    expect(told).to_be_hidden()
    keys.press("/")
    page.wait_for_url("**/search*")
    keys.goes_to(page.get_by_role("searchbox"))
    keys.says("beds")
    keys.goes_to(page.locator(".results a").filter(has_text="Water the"))
    keys.press("Enter")
    expect(page.locator(".message:target")).to_contain_text("Water the new beds")
    own_space.caller("Bob").says("The end of it")
    keys.press("n")
    expect(message("The end of it")).to_be_in_viewport()
