"""Naming somebody after "@": by keyboard, by pointer, without scripts; and who is named."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Person
from tests.callers import Space

pytestmark = pytest.mark.browser


@pytest.fixture
def class_7b(own_space: Space) -> Space:
    """With two whose names begin alike, and a second room."""
    for name in ("Jo", "Mei Tanaka", "Mehmet"):
        own_space.caller(name)
    own_space.makes_room("Garden")
    return own_space


def names(person: Person) -> Locator:
    """What is offered."""
    return person.page.locator("#names [role=option]")


def lit(person: Person) -> Locator:
    """The name that Enter would take, as the box tells readers who listen."""
    expect(person.page.locator("#names [aria-selected=true]")).to_have_count(1)
    return person.page.locator(f"#{person.box.get_attribute('aria-activedescendant')}")


def side(person: Person, path: str) -> Locator:
    person.page.evaluate("() => document.dispatchEvent(new Event('side'))")
    return person.page.locator(f"#side a[href^='{path}']")


def test_by_keyboard_alone_a_name_is_chosen_and_sent_and_the_one_meant_sees_it(class_7b, enters):
    mei = enters(class_7b, "Mei Tanaka").opens("/people")
    jo = enters(class_7b, "Jo").opens()
    jo.page.keyboard.press("Tab")  # to the link that skips to the box
    jo.page.keyboard.press("Enter")
    expect(jo.box).to_be_focused()
    jo.page.keyboard.type("Hello @me")
    expect(names(jo)).to_have_text([re.compile("Mehmet"), re.compile("Mei Tanaka")])
    jo.page.keyboard.press("ArrowDown")
    expect(lit(jo)).to_have_attribute("data-name", "Mehmet")
    jo.page.keyboard.press("ArrowDown")
    expect(lit(jo)).to_have_attribute("data-name", "Mei Tanaka")
    jo.page.keyboard.press("Enter")
    expect(jo.box).to_have_value("Hello @Mei Tanaka ")
    expect(names(jo)).to_have_count(0)
    jo.page.keyboard.type("look")
    jo.page.keyboard.press("Enter")
    jo.sees("Hello @Mei Tanaka look")
    expect(jo.box).to_have_value("")

    expect(side(mei, "/rooms/1")).to_have_text(re.compile(r"Lobby\s*1\s*for you"))
    expect(side(mei, "/for-you")).to_have_text(re.compile(r"For you\s*1\s*new"))
    expect(mei.page).to_have_title("(1) People – Class 7b")
    mei.page.get_by_role("link", name=re.compile("^For you")).click()
    notice = mei.page.locator(".notice")
    expect(notice).to_contain_text("Jo mentioned you in Lobby")
    notice.click()
    mine = mei.sees("Hello @Mei Tanaka look").locator(".words")
    theirs = jo.message("Hello @Mei Tanaka look").locator(".words")
    look = "words => getComputedStyle(words).backgroundColor"
    jo.says("plain")
    plain = mei.sees("plain").locator(".words").evaluate(look)
    assert mine.evaluate(look) != plain
    assert theirs.evaluate(look) != mine.evaluate(look)


def test_the_list_narrows_and_goes_away(class_7b, enters):
    jo = enters(class_7b, "Jo").opens()
    jo.box.press_sequentially("@me")
    expect(names(jo)).to_have_count(2)
    jo.box.press_sequentially("i t")
    expect(names(jo)).to_have_text([re.compile("Mei Tanaka")])
    expect(jo.page.locator("#names-said")).to_have_text("1 name fits. Choose with the arrow keys.")
    jo.box.press("Escape")
    expect(names(jo)).to_have_count(0)
    jo.box.press_sequentially("a")
    expect(names(jo)).to_have_count(1)
    jo.box.press("ArrowUp")
    expect(lit(jo)).to_have_attribute("data-name", "Mei Tanaka")
    jo.box.press("Tab")
    expect(jo.box).to_have_value("@Mei Tanaka ")
    expect(jo.box).to_be_focused()
    jo.box.fill("mail@me")
    jo.box.press("ArrowLeft")
    expect(names(jo)).to_have_count(0)


def test_enter_sends_while_no_name_is_chosen(class_7b, enters):
    jo = enters(class_7b, "Jo").opens()
    jo.box.press_sequentially("@mei")
    expect(names(jo)).to_have_count(1)
    jo.box.press("Enter")
    jo.sees("@mei")
    expect(jo.page.locator("#names")).to_be_hidden()
    jo.box.press("ArrowDown")
    jo.says("next")
    jo.sees("next")


def test_a_name_is_chosen_by_pointer_in_the_middle_of_an_edit(class_7b, enters):
    jo = enters(class_7b, "Jo").opens()
    jo.says("ask  about it")
    jo.sees("ask")
    jo.does("Edit", "ask")
    box = jo.page.locator("#editing textarea")
    expect(box).to_be_focused()
    box.evaluate("box => box.setSelectionRange(4, 4)")
    box.press_sequentially("@meh")
    expect(names(jo)).to_have_count(1)
    above = box.bounding_box()["y"] - names(jo).last.bounding_box()["y"]
    assert above > 0, "the list stands above the box"
    names(jo).click()
    expect(box).to_have_value("ask @Mehmet  about it")
    expect(box).to_be_focused()
    box.press("Enter")
    jo.sees("ask @Mehmet")


def test_an_input_method_chooses_its_own_words(class_7b, enters):
    jo = enters(class_7b, "Jo").opens()
    jo.box.press_sequentially("@me")
    expect(names(jo)).to_have_count(2)
    jo.box.press("ArrowDown")
    composing = """box => box.dispatchEvent(new KeyboardEvent("keydown",
        { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))"""
    jo.box.evaluate(composing)
    expect(jo.box).to_have_value("@me")


def test_on_a_phone_a_name_is_tapped(class_7b, enters):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
    jo = enters(class_7b, "Jo", **phone).opens()
    jo.box.press_sequentially("@meh")
    expect(names(jo)).to_have_count(1)
    names(jo).tap()
    expect(jo.box).to_have_value("@Mehmet ")
    assert jo.page.evaluate("() => document.body.scrollWidth <= innerWidth")


def test_without_scripts_a_typed_name_is_enough(class_7b, enters):
    mei = enters(class_7b, "Mei Tanaka", java_script_enabled=False).opens("/people")
    jo = enters(class_7b, "Jo", java_script_enabled=False).opens()
    jo.box.fill("@mei tanaka, look")
    jo.page.get_by_role("button", name="Send", exact=True).click()
    mei.page.reload()
    expect(mei.page.locator("#side a[href='/for-you']")).to_have_text(re.compile(r"1\s*new"))
    mei.page.locator("#side a[href='/for-you']").click()
    expect(mei.page.locator(".notice")).to_contain_text("Jo mentioned you in Lobby")
