"""Getting around in a room, and what waits for one there."""

import pytest
from playwright.sync_api import expect

from tests.browser.content import LOREM, lines
from tests.browser.people import Person
from tests.browser.test_reading import at_the_end, moves, scroll
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


def test_what_is_typed_while_a_save_is_on_its_way_is_saved_after_it(ann, space):
    held: list = []
    ann.page.route("**/draft", lambda route: held.append(route), times=1)
    types(ann, "half")
    ann.page.wait_for_timeout(200)  # it is asked at the first letter
    types(ann, " a sent")
    ann.page.wait_for_timeout(3500)
    assert held
    held[0].continue_()
    page = space.caller("Ann").get
    until(lambda: ann.page.wait_for_timeout(100) or "half a sent" in page("/rooms/1"))


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


# ---- Up and down from a message


def test_older_and_newer_come_both_ways_once_and_move_nothing(own_space, enters):
    said = lines(own_space, 160, "Dan", "Eve", seed=3)
    chosen = own_space.owner.reads()[-80]["id"]
    ann = enters(own_space, "Ann").opens(f"/messages/{chosen}")
    expect(ann.page.locator(f"#message-{chosen}")).to_be_in_viewport()
    loads = {"before": 0, "since": 0}
    for ask, by in (("before", -600), ("since", 600)):
        while ann.page.locator(f".{'older' if by < 0 else 'newer'}").count():
            shown, held = len(ann.messages()), held_back(ann, ask)
            while not held:
                scroll(ann, by)
            scroll(ann, by / 10 if by < 0 else 5000)  # above near the edge, below at the very end
            own_space.caller("Dan").says(f"meanwhile {loads} {LOREM}")

            def the_answer_comes(held=held, shown=shown):
                held[0].continue_()
                expect(ann.page.locator(".message")).not_to_have_count(shown)

            ann.page.wait_for_timeout(500)  # until it has snapped
            assert moves(ann, the_answer_comes) == 0
            ann.page.unroute(f"**/rooms/1?{ask}=*")
            loads[ask] += 1
    assert loads["before"] >= 1 and loads["since"] >= 2
    own_space.caller("Eve").says("the page is live")
    ann.sees("the page is live")
    kept = own_space.owner.reads()
    assert ann.messages() == [(f"message-{one['id']}", one["text"]) for one in kept]
    assert len(kept) > len(said)


def test_who_writes_while_reading_above_sees_what_they_have_said(own_space, enters):
    lines(own_space, 50, "Dan", "Eve", seed=9)
    ann = enters(own_space, "Ann").opens("/rooms/1?end")
    scroll(ann, -900)
    above = ann.page.locator(".message:has(+ .message)").nth(20)
    above.scroll_into_view_if_needed()
    above.hover()
    above.locator(".more").click()
    ann.page.locator("#menu").get_by_role("link", name="Reply", exact=True).click()
    ann.page.get_by_label("Only on the page of this message").check()
    ann.says("Between us")
    expect(above.get_by_role("link", name="1 reply")).to_be_in_viewport()
    ann.says("For everybody")
    expect(ann.sees("For everybody")).to_be_in_viewport()
    expect(above).not_to_be_in_viewport()


def held_back(person: Person, ask: str) -> list:
    """Requests for other messages, which wait here until they are let go."""
    held: list = []
    person.page.route(f"**/rooms/1?{ask}=*", lambda route: held.append(route))
    return held


def test_a_page_that_became_live_and_missed_too_much_shows_the_end_alone(own_space, enters):
    lines(own_space, 60, "Dan", "Eve", seed=4)
    first = own_space.owner.reads()[0]["id"]
    ann = enters(own_space, "Ann").opens(f"/rooms/1?around={first}")
    while ann.page.locator(".newer").count():
        scroll(ann, 3000)
    scroll(ann, 9000)  # else older ones may be in view, and come
    ann.is_held()
    ann.context.set_offline(True)
    ann.may_hear("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    lines(own_space, 210, "Dan", "Eve", seed=5)
    ann.context.set_offline(False)
    expect(ann.page.locator(".message")).to_have_count(50)
    expect(ann.page.locator("#past")).to_have_count(0)
    kept = own_space.owner.reads()[-50:]
    assert ann.messages() == [(f"message-{one['id']}", one["text"]) for one in kept]


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desk", "phone"])
def test_who_reads_above_is_told_how_much_came_and_gets_back(own_space, enters, window):
    lines(own_space, 60, "Dan", "Eve", seed=6)
    ann = enters(own_space, "Ann", **window).opens()
    ann.is_held()
    jump = ann.page.get_by_role("link", name="Newest")
    expect(jump).to_be_hidden()
    scroll(ann, -1500)
    expect(jump).to_be_visible()
    height = jump.evaluate("link => link.parentElement.offsetHeight")
    assert height == 0, "coming and going it moves nothing"

    def others_write():
        for number in range(3):
            own_space.caller("Dan").says(f"while you read {number}")
        expect(jump).to_have_text("Newest 3")

    assert moves(ann, others_write) == 0
    jump.tap() if window else ann.page.keyboard.press("n")
    expect(jump).to_be_hidden()
    assert at_the_end(ann)
    expect(ann.page.locator("#came")).to_have_text("")


# ---- By keys


def test_arrow_up_in_the_empty_box_changes_ones_last_message(ann, bob):
    ann.says("with a mistaek")
    bob.sees("with a mistaek")
    bob.says("noticed it")
    ann.sees("noticed it")
    ann.box.press("ArrowUp")
    editor = ann.page.get_by_role("textbox", name="Your message")
    expect(editor).to_have_value("with a mistaek")
    expect(editor).to_be_focused()
    editor.fill("without a mistake")
    editor.press("Enter")
    bob.sees("without a mistake")
    ann.box.fill("half a sent")
    ann.box.press("ArrowUp")
    ann.page.wait_for_timeout(300)
    expect(ann.box).to_have_value("half a sent")
    expect(editor).to_have_count(0)


def test_keys_of_one_letter_act_where_nobody_types_and_can_be_switched_off(enters, space):
    ann = enters(space, "Ann").opens()
    ann.is_held()
    keys = ann.page.get_by_role("dialog", name="Keys")
    ann.box.press("?")
    expect(ann.box).to_have_value("?")
    ann.box.fill("")
    ann.page.locator("#scroll").focus()
    ann.page.keyboard.press("?")
    expect(keys).to_be_visible()
    ann.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    ann.page.keyboard.press("Alt+w")  # the browser's own, or nobody's
    ann.page.wait_for_timeout(100)
    expect(ann.box).not_to_be_focused()
    ann.page.keyboard.press("w")
    expect(ann.box).to_be_focused()
    expect(ann.box).to_have_value("")
    ann.opens("/people/me").page.get_by_label("Keys of one letter do something").uncheck()
    ann.page.get_by_role("button", name="Save this for keys").click()
    ann.opens().page.locator("#scroll").focus()
    before = ann.page.url
    for key in ("?", "w", "n", "/"):
        ann.page.keyboard.press(key)
    ann.page.wait_for_timeout(300)
    expect(keys).to_have_count(0)
    expect(ann.box).not_to_be_focused()
    assert ann.page.url == before


def test_the_address_of_a_message_is_copied(space, enters):
    ann = enters(space, "Ann", permissions=["clipboard-read", "clipboard-write"]).opens()
    ann.says("to be linked to")
    number = ann.sees("to be linked to").get_attribute("id").rpartition("-")[2]
    ann.does("Copy link", "to be linked to")
    expect(ann.page.locator("#menu").get_by_text("Copied")).to_be_visible()
    copied = ann.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"{space.server.address}/messages/{number}"
    ann.opens(copied)
    expect(ann.page.locator(".message:target")).to_contain_text("to be linked to")


def test_without_scripts_a_day_and_all_keys_are_links_and_forms(space, enters):
    space.owner.says("said today")
    ann = enters(space, "Ann", java_script_enabled=False).opens("/rooms/1/settings")
    ann.page.get_by_label("Day", exact=True).fill("2020-01-01")
    ann.page.get_by_role("button", name="Show that day").click()
    assert "around=" in ann.page.url
    ann.page.get_by_role("link", name="Keys").click()
    expect(ann.page.get_by_text("In the empty box")).to_be_visible()
