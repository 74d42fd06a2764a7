"""Coming in with a browser: by a link on a phone, by a key on a second device."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.content import photo
from tests.browser.people import Person
from tests.servers import until

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def path(person: Person) -> str:
    """Where the address leads that is on view large, to be photographed."""
    found = re.search(r"/(join|enter)/[\w-]+$", person.page.locator(".address").inner_text())
    assert found
    return found[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
def test_a_link_is_made_and_somebody_joins_by_it_on_a_phone(space, enters, scripts):
    owner = enters(space, "Miriam Okonkwo", java_script_enabled=scripts).opens("/people")
    owner.page.get_by_role("main").get_by_role("link", name="All links").click()
    owner.page.get_by_label("Whom is it for?").fill("Parents")
    owner.page.get_by_role("button", name="Make the link").click()
    expect(owner.page.get_by_role("heading", name="Join Class 7b")).to_be_visible()

    name = "Fay" if scripts else "Gil"
    guest = enters(space, viewport=PHONE, java_script_enabled=scripts).joins(path(owner), name)
    expect(guest.page.get_by_role("heading", name="Lobby")).to_be_visible()
    guest.page.get_by_role("link", name="All rooms").click()
    expect(guest.page.get_by_role("link", name=name, exact=True)).to_be_visible()
    owner.page.get_by_role("link", name="All links").click()
    card = owner.page.locator(".card").filter(has_text="Parents").last
    expect(card).to_contain_text("One person has used it")


def test_a_key_lets_somebody_in_on_a_second_browser(space, enters):
    space.caller("Ann")
    owner = enters(space, "Miriam Okonkwo").opens("/people")
    owner.page.locator("ul.people").get_by_role("link", name="Ann").click()
    owner.page.get_by_role("button", name="Let them back in with a link").click()
    ann = enters(space, viewport=PHONE).opens(path(owner))
    ann.page.get_by_role("button", name="Sign in as Ann").click()
    expect(ann.page.get_by_role("heading", name="A password of your own")).to_be_visible()
    ann.page.get_by_role("link", name="Not now").click()
    ann.says("back again")
    ann.sees("back again")


def test_another_colour_is_on_every_page_from_then_on(space, enters):
    ann = enters(space, "Ann").opens()
    colour = "() => getComputedStyle(document.querySelector('.send')).backgroundColor"
    before = ann.page.evaluate(colour)
    owner = enters(space, "Miriam Okonkwo").opens("/space")
    owner.page.get_by_label("Plum").check()
    owner.page.get_by_role("button", name="Save", exact=True).click()
    expect(owner.page.locator("html")).to_have_attribute("data-accent", "plum")
    assert ann.opens().page.evaluate(colour) != before


HELD = """(address) => fetch(address, {cache: "only-if-cached", mode: "same-origin"})
    .then((answer) => answer.ok, () => false)"""


def test_after_a_sign_out_the_browser_holds_no_photo(space, enters):
    """One that was seen opens without being asked for, until then.

    To what has another cookie it does not anyway; but who looks into the cache would find it.
    """
    ann = enters(space, "Ann").opens()
    large = f"/files/{space.caller('Bob').says('look', photo(1))['files'][0]['id']}/large"
    ann.sees("look")
    assert ann.page.evaluate("(address) => fetch(address).then((it) => it.status)", large) == 200
    assert ann.page.evaluate(HELD, large)
    ann.opens("/people/me")
    assert ann.page.evaluate(HELD, large)
    cookies = ann.context.cookies()
    ann.page.get_by_role("button", name="Sign out", exact=True).click()
    with ann.page.expect_response("**/login/left"):
        ann.page.get_by_role("button", name="Sign out without one").click()
    ann.page.wait_for_url("**/login")
    ann.may_hear("ERR_CACHE_MISS", "Clear-Site-Data")
    ann.context.clear_cookies()
    ann.context.add_cookies(cookies)
    until(lambda: not ann.page.evaluate(HELD, large), 20)
