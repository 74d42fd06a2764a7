"""Two people talk: what one does, the other sees at once."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.content import landscape, photo

pytestmark = pytest.mark.browser

REFUSED = r"status of 4\d\d"  # Chromium says so of each answer that is an error


def test_who_joins_by_the_link_talks_at_once(space, enters, bob):
    cleo = enters(space).joins(space.link, "Cleo")
    cleo.page.wait_for_url("**/rooms/1")
    cleo.says("Hello from Cleo")
    bob.sees("Hello from Cleo")


def test_enter_sends_and_the_other_sees_it(ann, bob):
    ann.box.click()
    ann.page.keyboard.type("Good morning, Bob")
    ann.page.keyboard.press("Enter")
    bob.sees("Good morning, Bob")
    expect(ann.box).to_have_value("")
    bob.says("Good morning, Ann")
    ann.sees("Good morning, Ann")
    bob.sees("Good morning, Ann")
    assert ann.messages() == bob.messages()
    assert ann.texts()[-2:] == ["Good morning, Bob", "Good morning, Ann"]


def test_shift_enter_is_a_new_line(ann, bob):
    ann.box.click()
    ann.page.keyboard.type("line one")
    ann.page.keyboard.press("Shift+Enter")
    ann.page.keyboard.type("line two")
    expect(ann.box).to_have_value("line one\nline two")
    ann.page.keyboard.press("Enter")
    bob.sees("line one")
    assert bob.texts()[-1] == "line one\nline two"


def test_enter_does_not_send_while_an_input_method_composes(ann):
    ann.box.fill("にほ")
    ann.box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(ann.box).to_have_value("にほ")


def test_three_quick_messages_are_all_there_once_and_in_order(ann, bob):
    quick = ["quick one", "quick two", "quick three"]
    on_its_way = []
    ann.page.route("**/rooms/1/messages", lambda route: on_its_way.append(route), times=1)
    for text in quick:
        ann.says(text)
        expect(ann.box).to_have_value("")
    on_its_way[0].continue_()
    for person in (ann, bob):
        for text in quick:
            person.sees(text)
        assert person.texts()[-3:] == quick
    assert ann.messages() == bob.messages()


def test_the_same_text_twice_is_two_messages(ann, bob):
    on_its_way = []
    ann.page.route("**/rooms/1/messages", lambda route: on_its_way.append(route), times=1)
    ann.says("same again")
    ann.says("same again")
    on_its_way[0].continue_()
    for person in (ann, bob):
        expect(person.message("same again")).to_have_count(2)
    bob.says("after the same")
    ann.sees("after the same")
    expect(ann.message("same again")).to_have_count(2)


def test_words_are_shown_as_they_were_typed(ann, bob):
    typed = '<b onclick="alert(1)">bold</b> & "quotes" <script>x</script>'
    ann.says(typed)
    bob.sees("onclick")
    assert bob.texts()[-1] == typed


# ---- Photos


def test_a_picked_photo_arrives_with_its_size(ann, bob):
    ann.picks(("hills.png", landscape(1, (400, 300), "PNG")))
    ann.says("picked")
    image = bob.sees("picked").locator(".photo img")
    expect(image).to_have_attribute("width", "400")
    expect(image).to_have_attribute("height", "300")
    shown(bob, image)
    box = image.bounding_box()
    assert (box["width"], box["height"]) == (400, 300)  # neither cut nor enlarged


def test_a_photo_opens_large_and_esc_closes_it(ann, bob):
    ann.picks(photo(2))
    ann.says("to be opened")
    link = bob.sees("to be opened").locator(".photo")
    link.click()
    viewer = bob.page.get_by_role("dialog", name="Photo by Ann")
    expect(viewer).to_be_visible()
    picture = viewer.locator(".shown img").first
    shown(bob, picture)
    expect(bob.page).to_have_url(re.compile(rf"{link.get_attribute('href')}$"))
    small, large = link.locator("img").bounding_box(), picture.bounding_box()
    assert large["width"] > 1.5 * small["width"]
    bob.page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(link).to_be_focused()


def test_a_photo_opens_again_after_it_was_closed(ann):
    ann.picks(photo(2))
    ann.says("opened twice")
    for _ in range(2):
        ann.sees("opened twice").locator(".photo").click()
        viewer = ann.page.get_by_role("dialog", name="Photo by Ann")
        expect(viewer).to_be_visible()
        viewer.get_by_role("button", name="Close").click()
        expect(viewer).to_be_hidden()


def shown(person, image):
    """Wait until the picture is not only there but seen."""
    image.scroll_into_view_if_needed()
    loaded = "image => image.complete && image.naturalWidth > 0"
    person.waits_on(loaded, image.element_handle())


# ---- Edit, delete, undo


def test_an_edit_arrives_and_the_half_written_message_waits(ann, bob):
    ann.says("We meet at nine")
    bob.sees("We meet at nine")
    before = [id for id, _ in bob.messages()]
    ann.box.fill("half a sent")
    ann.does("Edit", "We meet at nine")
    editor = ann.page.get_by_role("textbox", name="Your message")
    expect(editor).to_have_value("We meet at nine")
    expect(editor).to_be_focused()
    expect(ann.box).to_be_hidden()
    expect(ann.page.locator("#menu:popover-open")).to_have_count(0)
    editor.fill("We meet at ten")
    editor.press("Enter")
    for person in (ann, bob):
        expect(person.sees("We meet at ten")).to_contain_text("(edited)")
        person.sees_not("We meet at nine")
    expect(editor).to_have_count(0)
    expect(ann.box).to_have_value("half a sent")
    assert [id for id, _ in bob.messages()] == before


def test_an_edit_can_be_left(ann):
    ann.says("stays as it is")
    ann.sees("stays as it is")
    ann.box.fill("half a sent")
    ann.does("Edit", "stays as it is")
    ann.page.get_by_role("link", name="Leave it as it was").click()
    expect(ann.box).to_be_visible()
    expect(ann.box).to_have_value("half a sent")
    ann.sees("stays as it is")


def test_a_refused_edit_says_why_and_keeps_the_words(ann):
    ann.may_hear(REFUSED)
    ann.says("not to be emptied")
    ann.sees("not to be emptied")
    ann.does("Edit", "not to be emptied")
    editor = ann.page.get_by_role("textbox", name="Your message")
    editor.evaluate("box => box.removeAttribute('maxlength')")
    editor.fill("ä" * 10_001)
    editor.press("Enter")
    expect(ann.page.locator("#edit-problem")).to_have_text(re.compile("10,001 characters"))
    expect(editor).to_have_value("ä" * 10_001)
    ann.sees("not to be emptied")


def test_a_deletion_arrives_and_undo_brings_it_back(ann, bob):
    ann.says("to be regretted")
    ann.says("comes after it")
    bob.sees("comes after it")
    before = bob.messages()
    ann.does("Delete", "to be regretted")
    own = ann.page.locator(".message:has(.gone)").filter(has_text="You deleted this message.")
    expect(own).to_be_visible()
    expect(bob.page.get_by_text("Ann deleted this message.")).to_be_visible()
    bob.sees_not("to be regretted")
    ann.sees_not("to be regretted")
    expect(bob.page.get_by_role("link", name="Undo")).to_have_count(0)
    own.get_by_role("link", name="Undo").click()
    for person in (ann, bob):
        person.sees("to be regretted")
        assert person.messages() == before


def test_the_menu_has_no_acts_on_what_others_said(ann, bob):
    ann.says("hands off")
    message = bob.sees("hands off")
    message.hover()
    message.locator(".more").click()
    menu = bob.page.locator("#menu:popover-open")
    expect(menu.get_by_text("Address of this message")).to_be_visible()
    expect(menu.get_by_text("Edit", exact=True)).to_have_count(0)
    expect(menu.get_by_text("Delete", exact=True)).to_have_count(0)


# ---- What is refused is given back


def test_what_is_too_long_is_given_back_with_a_sentence(ann, bob):
    ann.may_hear(REFUSED)
    ann.box.evaluate("box => box.removeAttribute('maxlength')")
    ann.says("ö" * 10_001)
    why = "That is 10,001 characters; 10,000 is the most. Send it in two."
    expect(ann.problem).to_have_text(why)
    expect(ann.box).to_have_value("ö" * 10_001)
    ann.says("shorter then")
    bob.sees("shorter then")
    expect(ann.problem).to_have_text("")
    bob.sees_not("ööö")


def test_nothing_at_all_is_not_sent(ann):
    ann.may_hear(REFUSED)
    before = len(ann.messages())
    ann.box.press("Enter")
    expect(ann.problem).to_have_text("There is nothing in it yet. Write something, or add a photo.")
    assert len(ann.messages()) == before
