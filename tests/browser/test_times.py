"""Times as each person reads them: taken from their browser, told live, exact where one looks."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TOKYO = {"timezone_id": "Asia/Tokyo", "locale": "de-DE"}
EXACT = re.compile(r"\w+, \d+\. \w+ \d{4}, \d\d:\d\d \+0900")


def test_who_joins_from_another_zone_reads_times_in_it_and_the_others_in_theirs(space, enters):
    owner = enters(space, "Miriam Okonkwo").opens()
    guest = enters(space, **TOKYO).joins(space.link, "Kenta")
    expect(guest.page.get_by_role("heading", name="Lobby")).to_be_visible()
    owner.says("Good morning from afar")
    told = [one.sees("Good morning from afar").locator(".when time") for one in (owner, guest)]
    expect(told[1]).to_have_attribute("lang", "de")
    expect(told[0]).not_to_have_attribute("lang", "de")
    hours = [one.inner_text().partition(":") for one in told]
    assert hours[0][2][:2] == hours[1][2][:2] and hours[0][0] != hours[1][0]
    words = told[1].inner_text()
    guest.opens()
    again = guest.sees("Good morning from afar").locator(".when time")
    assert again.inner_text() == words, "the page itself says what the feed said"
    guest.opens("/people/me")
    expect(guest.page.get_by_label("Your time zone")).to_have_value("Asia/Tokyo")
    expect(guest.page.get_by_label("Your language for times")).to_have_value("de")
    guest.page.get_by_label("Your time zone").select_option("")
    guest.page.get_by_role("button", name="Save", exact=True).click()
    guest.opens()
    expect(guest.sees("Good morning from afar").locator(".when time")).not_to_have_text(words)


@pytest.mark.parametrize("width", [320, 1280])
def test_the_exact_time_shows_where_the_keyboard_is_and_nothing_moves(space, enters, width):
    owner = enters(space, "Miriam Okonkwo", viewport={"width": width, "height": 740})
    owner.opens("/people/me")
    owner.page.get_by_label("Your time zone").select_option("Asia/Tokyo")
    owner.page.get_by_label("Your language for times").select_option("de")
    owner.page.get_by_role("button", name="Save", exact=True).click()
    owner.opens()
    for words in ("one", "two"):  # the second follows the first
        owner.says(f"{words} of {width}")
        message = owner.sees(f"{words} of {width}")
        when, before = message.locator(".when"), message.bounding_box()
        assert EXACT.fullmatch(when.locator("time").get_attribute("title"))
        owner.box.press("Shift+Tab")
        when.focus()
        shown = when.locator("time").evaluate(
            "time => { const style = getComputedStyle(time, '::after');"
            " return [style.content, parseFloat(style.inlineSize), parseFloat(style.blockSize)] }"
        )
        assert EXACT.fullmatch(shown[0].strip('"')) and 0 < shown[1] < width and shown[2] < 48
        assert message.bounding_box() == before
        owner.box.focus()
