"""Reactions, pins and a room's name: what one does, another sees at once, on any device."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.content import lines
from tests.browser.people import Person
from tests.browser.test_noscript import framed, listed
from tests.browser.test_reading import at_the_end, moves, out_of_sight, scroll

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def chips(person: Person, text: str) -> list[str]:
    """The reactions to a message, as they are seen."""
    found = person.message(text).locator(".reaction a:visible").all_inner_texts()
    return [re.match(r"\S+ \d+", one.strip())[0] for one in found]


def test_one_reacts_by_the_menu_and_another_on_a_phone_joins_in(enters, space):
    ann, bob = enters(space, "Ann").opens(), enters(space, "Bob", **PHONE).opens()
    ann.says("The beans are up")
    said = bob.sees("The beans are up")
    ann.message("The beans are up").hover()
    ann.message("The beans are up").locator(".more").click()
    ann.page.locator("#menu").get_by_role("button", name="Hooray").click()
    expect(ann.page.locator("#menu:popover-open")).to_have_count(0)
    expect(said.get_by_role("link", name="🎉 1 from Ann – give it too")).to_be_visible()
    said.locator(".reaction a:visible").tap()
    mine = ann.message("The beans are up").get_by_role("link", name="🎉 2 from Ann and Bob")
    expect(mine).to_be_visible()
    expect(said.get_by_role("link", name=re.compile("take yours back"))).to_be_visible()
    said.locator(".reaction a:visible").tap()
    expect(mine).to_have_count(0)
    assert chips(bob, "The beans are up") == chips(ann, "The beans are up") == ["🎉 1"]


def test_any_emoji_by_keyboard_alone_and_what_is_none_is_told_there(enters, space):
    ann = enters(space, "Ann").opens()
    ann.may_hear("status of 422")
    ann.says("By keyboard")
    ann.sees("By keyboard").locator(".more").focus()
    ann.page.keyboard.press("Enter")
    field = ann.page.locator("#menu:popover-open").get_by_label("Any emoji")
    field.focus()
    ann.page.keyboard.type("nice")
    ann.page.keyboard.press("Enter")
    expect(ann.page.locator("#menu #emoji-problem")).to_have_text("Choose one emoji.")
    expect(field).to_have_value("nice")
    field.fill("🦖")
    ann.page.keyboard.press("Enter")
    expect(ann.message("By keyboard").locator(".reaction a:visible")).to_contain_text("🦖 1")


def test_who_reacted_is_told_on_focus_and_on_hover(enters, space):
    ann = enters(space, "Ann").opens()
    said = space.caller("Bob").says("Who likes it")
    for name in ("Bob", "Cleo"):
        space.caller(name).post(f"/messages/{said['id']}/reactions", emoji="👍")
    chip = ann.sees("Who likes it").locator(".reaction a:visible")
    told = chip.locator(".from")
    expect(chip).to_have_accessible_name(re.compile("👍 2 from Bob and Cleo"))
    assert told.bounding_box()["width"] <= 1
    chip.hover()
    expect(told).to_have_css("clip-path", "none")
    ann.box.hover()
    assert told.bounding_box()["width"] <= 1
    ann.box.focus()
    for _ in range(5):  # from the box backwards through what stands below the words
        if chip.evaluate("it => it.matches(':focus-visible')"):
            break
        ann.page.keyboard.press("Shift+Tab")
    expect(told).to_have_css("clip-path", "none")
    there, frame = told.bounding_box(), ann.message("Who likes it").bounding_box()
    assert there["width"] > 50 and there["y"] >= frame["y"]
    ann.page.keyboard.press("Enter")
    expect(chip).to_contain_text("👍 3")
    expect(chip).to_be_focused()
    ann.page.keyboard.press("Tab")  # away, and back to where one's own can be taken back
    ann.page.keyboard.press("Shift+Tab")
    ann.page.keyboard.press("Enter")
    expect(chip).to_contain_text("👍 2")
    expect(chip).to_be_focused()


def test_without_scripts_the_link_leads_to_the_forms(enters, space):
    said = space.caller("Bob").says("No scripts here")
    space.caller("Bob").post(f"/messages/{said['id']}/reactions", emoji="👍")
    ann = enters(space, "Ann", java_script_enabled=False).opens()
    listed(ann, "No scripts here").locator(".reaction a:visible").click()
    acts = ann.page.get_by_role("region", name="This message")
    acts.get_by_role("button", name="Good").click()
    expect(listed(ann, "No scripts here").locator(".reaction a:visible")).to_contain_text("👍 2")
    acts.get_by_label("Any emoji").fill("🦖")
    acts.get_by_role("button", name="React with it").click()
    expect(framed(ann).locator(".reaction a:visible").last).to_contain_text("🦖 1")
    acts.get_by_role("button", name="Take back 👍").click()
    expect(listed(ann, "No scripts here").locator(".reaction a:visible")).to_contain_text(
        ["👍 1", "🦖 1"]
    )


@pytest.fixture(scope="module")
def long_talk(space) -> list[str]:
    """120 messages of many lengths by two people."""
    return lines(space, 120, "Dan", "Eve")


def test_reactions_out_of_sight_move_nothing(long_talk, ann, space):
    ann.opens("/rooms/1?end").is_held()
    scroll(ann, -1100)
    for place in out_of_sight(ann):
        message = ann.page.locator(f"#{place}")

        def others_react(place=place, message=message):
            path = f"/messages/{place.rpartition('-')[2]}/reactions"
            for emoji in ("👍", "🎉"):
                space.caller("Dan").post(path, emoji=emoji)
            expect(message.locator(".reaction")).to_have_count(2)
            for emoji in ("👍", "🎉"):
                space.caller("Dan").post(path, emoji=emoji)
            expect(message.locator(".reaction")).to_have_count(0)

        assert moves(ann, others_react) == 0


def test_who_is_at_the_end_stays_there_when_somebody_reacts(long_talk, ann, space):
    ann.opens("/rooms/1?end").is_held()
    assert at_the_end(ann)
    last = int(ann.messages()[-1][0].rpartition("-")[2])
    for number in (last - 2, last):
        space.caller("Eve").post(f"/messages/{number}/reactions", emoji="👍")
        expect(ann.page.locator(f"#message-{number} .reaction")).to_have_count(1)
        assert at_the_end(ann)


def test_a_message_is_pinned_and_found_in_the_head(enters, space):
    end = "/rooms/1?end"
    miriam, bob = enters(space, "Miriam Okonkwo").opens(end), enters(space, "Bob", **PHONE)
    bob.opens(end)
    miriam.says("We meet at nine")
    bob.sees("We meet at nine")
    miriam.does("Pin", "We meet at nine")
    pins = bob.page.get_by_role("link", name="1 pinned")
    expect(pins).to_be_visible()
    expect(bob.message("We meet at nine").get_by_text("pinned", exact=True)).to_be_visible()
    pins.click()
    expect(bob.page.get_by_text("We meet at nine")).to_be_visible()
    face = bob.page.locator("#pinned .face").bounding_box()
    assert face and face["width"] == face["height"], "as round as in the room"
    bob.page.get_by_role("link", name="Show in room").click()
    bob.page.wait_for_url("**/rooms/1?around=*")
    miriam.opens("/rooms/1/pins").page.get_by_role("button", name="Unpin").click()
    expect(miriam.page.get_by_role("heading", name="Nothing pinned")).to_be_visible()
    expect(bob.page.locator("#pins")).to_be_hidden()


def test_a_renamed_room_has_its_new_name_on_an_open_page_within_a_second(enters, space):
    space.caller("Bob")
    room = f"/rooms/{space.owner.post('/rooms', name='Garden', kind='open')['room']}"
    bob, cleo = enters(space, "Bob").opens(room), enters(space, "Cleo").opens(room)
    bob.is_held()
    bob.box.fill("half a sentence")
    began = time.monotonic()
    space.owner.post(f"{room}/settings", name="Beds 1 to 4", topic="Who waters", kind="open")
    for person in (bob, cleo):
        page = person.page
        expect(page.get_by_role("heading", name="Beds 1 to 4", level=1)).to_be_visible()
        expect(page.locator("#side [aria-current=page]")).to_have_text("Beds 1 to 4")
        expect(page).to_have_title(re.compile("Beds 1 to 4 – "))
        expect(page.locator("#room-head p")).to_have_text("Who waters")
    assert time.monotonic() - began < 5, "the list at the side asks by itself every ten seconds"
    expect(bob.box).to_have_value("half a sentence")
    bob.may_hear("status of 4..")
    space.owner.post(f"{room}/lock")
    bob.box.press("Enter")
    expect(bob.problem).to_contain_text("write here")
    expect(bob.box).to_have_value("half a sentence")
