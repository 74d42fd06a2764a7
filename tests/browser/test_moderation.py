"""Somebody looks after the space: what the others see of it, at once and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.content import photo
from tests.browser.people import Person

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
OUT = "You were removed from Class 7b"


def looks_after(owner: Person, name: str, act: str, how_long: str = "") -> None:
    """Find somebody among the people, and choose."""
    owner.opens("/people")
    owner.page.locator("ul.people").get_by_role("link", name=name).click()
    form = owner.page.locator("form").filter(has=owner.page.get_by_role("button", name=act))
    if how_long:
        form.get_by_label("How long").select_option(how_long)
    form.get_by_role("button", name=act, exact=True).click()
    owner.page.wait_for_url(re.compile(r"/people/\d+$"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
def test_who_is_removed_is_led_out_of_the_room(own_space, enters, scripts):
    cleo = own_space.caller("Cleo")
    bob, ann = enters(own_space, "Bob").opens(), enters(own_space, "Ann").opens()
    for person in (bob, ann):
        person.is_held()
        person.may_hear("status of 403")
    owner = enters(own_space, "Miriam Okonkwo", viewport=PHONE, java_script_enabled=scripts)
    looks_after(owner, "Bob", "Remove", "for a week")
    expect(bob.page.get_by_role("heading", name=OUT)).to_be_visible()
    expect(owner.page.get_by_text(re.compile("^Removed until"))).to_be_visible()
    cleo.says("Bob is gone")
    ann.sees("Bob is gone")
    expect(bob.page.get_by_text("You can come back on")).to_be_visible()
    assert bob.page.url.endswith("/removed")

    looks_after(owner, "Bob", "Let them in again")
    bob.opens()
    bob.sees("Bob is gone")


def test_what_a_moderator_deletes_goes_from_every_page_and_stays_away(own_space, enters):
    ann, bob = enters(own_space, "Ann").opens(), enters(own_space, "Bob").opens()
    owner = enters(own_space, "Miriam Okonkwo").opens()
    ann.says("nonsense")
    owner.sees("nonsense")
    owner.does("Delete", "nonsense")
    for person in (ann, bob, owner):
        gone = person.sees("A moderator deleted this message.")
        expect(gone.get_by_text("Undo")).to_have_count(0)
    owner.does("Bring it back", "A moderator deleted")
    ann.sees("nonsense")


def test_a_report_is_made_and_closed_without_scripts(own_space, enters):
    message = own_space.caller("Ann").says("nonsense")
    bob = enters(own_space, "Bob", viewport=PHONE, java_script_enabled=False)
    bob.opens(f"/messages/{message['id']}")
    bob.page.get_by_role("link", name="Report").click()
    bob.page.get_by_label("What is wrong with it").fill("It is rude")
    bob.page.get_by_role("button", name="Report it").click()
    expect(bob.page.get_by_text("You reported this message")).to_be_visible()

    owner = enters(own_space, "Miriam Okonkwo", java_script_enabled=False).opens("/people")
    owner.page.get_by_role("link", name="One open report").click()
    expect(owner.page.get_by_text("It is rude")).to_be_visible()
    owner.page.get_by_role("button", name="Close").click()
    expect(owner.page.get_by_text("Closed just now.")).to_be_visible()
    owner.opens("/log")
    expect(owner.page.get_by_text("closed a report about a message of")).to_be_visible()


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}], ids=["desk", "phone"])
def test_words_of_whom_one_has_blocked_are_there_only_when_asked_for(own_space, enters, options):
    cleo, bob = own_space.caller("Cleo"), enters(own_space, "Bob", **options)
    looks_after(bob, "Cleo", "Block")
    cleo.says("so loud")
    bob.opens()
    message = bob.page.locator(".message", has_text="so loud")
    expect(message).to_have_count(1)
    expect(message.locator(".words")).to_be_hidden()
    instead = "getComputedStyle(document.querySelector('.message'), '::after').content"
    assert "You blocked this person." in bob.page.evaluate(instead)
    message.hover()
    message.get_by_role("link", name="More about").click()
    expect(message.locator(".words")).to_be_visible()
    assert bob.page.evaluate(instead) == "none"
    bob.page.goto(bob.page.url.partition("#")[0] + f"?around=1#{message.get_attribute('id')}")
    expect(message.locator(".words")).to_be_visible()


def test_what_others_quote_and_search_finds_of_whom_one_has_blocked_is_folded_too(
    own_space, enters
):
    cleo, ann, bob = own_space.caller("Cleo"), own_space.caller("Ann"), enters(own_space, "Bob")
    looks_after(bob, "Cleo", "Block")
    ann.replies(cleo.says("so loud", photo(1)), "Is it, all day")
    ann.replies(ann.says("so quiet", photo(2)), "It is, at night")
    quotes, hits = bob.opens().page.locator(".quote"), bob.page.locator(".hit")
    for folded, page in ((quotes, "/rooms/1"), (hits, "/search?q=so")):
        bob.opens(page)
        both = sorted(folded.all(), key=lambda one: "so quiet" in one.inner_text())
        for one, is_shown in zip(both, (False, True), strict=True):
            for part in one.locator("img, .of, p").all():
                expect(part).to_be_visible(visible=is_shown)
            expect(one.get_by_text("Ann" if is_shown else "Cleo")).to_be_visible()
    hits.get_by_text("Cleo").click()
    expect(bob.page.locator(":target .photo")).to_be_visible()
