"""Getting around in a room, and what waits for one there."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.servers import until

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


def types(person: Person, words: str) -> None:
    """Type into the box, key by key."""
    person.box.click()
    person.page.keyboard.type(words, delay=5)


def test_a_draft_survives_a_reload_and_stands_on_another_device(ann, enters, space):
    saved = []
    ann.page.on("response", lambda one: one.url.endswith("/draft") and saved.append(one.status))
    types(ann, "half a sent")
    until(lambda: ann.page.wait_for_timeout(100) or len(saved) == 2, 6)  # the first, and the last
    assert saved == [204, 204]
    ann.page.reload()
    expect(ann.box).to_have_value("half a sent")
    phone = enters(space, "Ann", **PHONE).opens()
    expect(phone.box).to_have_value("half a sent")
    unscripted = enters(space, "Ann", java_script_enabled=False).opens()
    expect(unscripted.box).to_have_value("half a sent")
    unscripted.page.get_by_role("button", name="Send").click()
    ann.sees("half a sent")
    expect(ann.opens().box).to_have_value("")


def test_a_save_that_comes_late_revives_nothing(ann):
    held: list = []
    ann.page.route("**/draft", lambda route: held.append(route))
    types(ann, "said at once")
    ann.box.press("Enter")
    ann.sees("said at once")
    assert held
    with ann.page.expect_response("**/draft"):
        held[0].continue_()
    expect(ann.opens().box).to_have_value("")
