"""Without JavaScript: forms post, links load pages, the list renews itself in a frame."""

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from tests.browser.content import BROKEN, UNREADABLE, landscape, photo
from tests.browser.people import Person
from tests.callers import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def ann(space, enters) -> Person:
    """In the Lobby, in a browser without scripts."""
    return enters(space, "Ann", java_script_enabled=False).opens()


def framed(person: Person) -> FrameLocator:
    """The list of messages in the room's page."""
    return person.page.frame_locator("iframe.list")


def listed(person: Person, text: str) -> Locator:
    """The one message in the list with these words, on view."""
    found = framed(person).locator(".message").filter(has_text=text)
    expect(found).to_have_count(1)
    expect(found).to_be_in_viewport()
    return found


def sends(person: Person, text: str) -> None:
    """Type and press the button."""
    person.box.fill(text)
    person.page.get_by_role("button", name="Send", exact=True).click()


def test_who_joins_reads_and_writes(space, enters):
    space.owner.says("Welcome, whoever you are")
    fay = enters(space, java_script_enabled=False).joins(space.link, "Fay")
    fay.page.wait_for_url("**/rooms/1")
    listed(fay, "Welcome, whoever you are")
    expect(fay.page.locator("#scroll")).to_be_hidden()  # the list is there once
    sends(fay, "Hello without scripts")
    listed(fay, "Hello without scripts")
    expect(fay.box).to_have_value("")


def test_what_is_typed_stays_while_the_list_renews_itself(ann, space):
    ann.box.fill("half a sent")
    space.caller("Bob").says("said meanwhile")
    expect(framed(ann).get_by_text("said meanwhile")).to_be_visible(timeout=8000)
    expect(ann.box).to_have_value("half a sent")


def test_a_photo_with_a_caption(ann):
    ann.picks(photo(1), ("second.png", landscape(2, (300, 200), "PNG")))
    sends(ann, "two of them")
    images = listed(ann, "two of them").locator("img")
    expect(images).to_have_count(2)
    images.nth(0).click()
    ann.page.wait_for_url(re.compile(r"/files/\d+$"))
    expect(ann.page.locator(".shown img").first).to_be_visible()
    ann.page.get_by_role("link", name="Next photo").click()
    expect(ann.page).to_have_title(re.compile("second.png"))
    ann.page.get_by_role("link", name="Back to the room").click()
    ann.page.wait_for_url(re.compile("/rooms/1"))
    listed(ann, "two of them")


def test_the_file_input_is_on_view(ann):
    expect(ann.page.get_by_label("Add photos or files")).to_be_in_viewport()
    box = ann.page.locator("#composer input[type=file]").bounding_box()
    assert box["width"] > 100 and box["height"] > 20


def test_edit_delete_and_undo(ann, space):
    sends(ann, "We meet at nine")
    listed(ann, "We meet at nine").locator(".when").click()
    acts = ann.page.get_by_role("region", name="This message")
    expect(acts.get_by_text("Copy link")).to_be_hidden()
    acts.get_by_role("link", name="Edit").click()
    editor = ann.page.get_by_role("textbox", name="Your message")
    expect(editor).to_have_value("We meet at nine")
    editor.fill("We meet at ten")
    ann.page.get_by_role("button", name="Save", exact=True).click()
    expect(listed(ann, "We meet at ten")).to_contain_text("(edited)")
    expect(framed(ann).get_by_text("We meet at nine")).to_have_count(0)

    acts.get_by_role("button", name="Delete").click()
    listed(ann, "You deleted this message.")
    expect(framed(ann).get_by_text("We meet at ten")).to_have_count(0)

    ann.opens()
    listed(ann, "You deleted this message.").get_by_role("link", name="Undo").click()
    acts.get_by_role("button", name="Bring it back").click()
    listed(ann, "We meet at ten")
    assert [one["text"] for one in space.owner.reads()].count("We meet at ten") == 1


def test_what_is_refused_keeps_what_was_typed(ann):
    ann.may_hear(r"status of 422")
    ann.picks(photo(1), BROKEN, photo(2))
    sends(ann, "with these words")
    expect(ann.problem).to_have_text(f"liar.png: {UNREADABLE}")
    expect(ann.box).to_have_value("with these words")
    expect(ann.page.locator("#tray img")).to_have_count(2)
    sends(ann, "with these words")
    expect(listed(ann, "with these words").locator(".photo")).to_have_count(2)
    expect(ann.page.locator("#tray li")).to_have_count(0)


def test_what_waits_is_described_moved_and_taken_out_and_nothing_typed_is_lost(ann, space):
    ann.may_hear(r"status of 422")
    ann.picks(photo(1), photo(2), photo(3), BROKEN)
    sends(ann, "three of them")
    ann.page.get_by_label("What can be seen? IMG_2003.jpg").fill("A hill, and")
    ann.box.fill("two of them, that is")
    ann.page.get_by_role("button", name="Move IMG_2003.jpg to the front").click()
    ann.page.get_by_role("button", name="Take out IMG_2001.jpg").click()
    expect(ann.box).to_have_value("two of them, that is")
    ann.page.get_by_label("What can be seen? IMG_2003.jpg").fill("A hill, and the moon")
    sends(ann, "two of them, that is")
    listed(ann, "two of them, that is")
    files = [(one["name"], one["alt"]) for one in space.owner.reads()[-1]["files"]]
    assert files == [("IMG_2003.jpg", "A hill, and the moon"), ("IMG_2002.jpg", "")]


def test_a_reload_after_posting_posts_nothing(ann, space):
    sends(ann, "posted once")
    listed(ann, "posted once")
    ann.page.reload()
    listed(ann, "posted once")
    assert [one["text"] for one in space.owner.reads()].count("posted once") == 1


def test_settings_and_signing_out(space, enters):
    gil = enters(space, java_script_enabled=False).joins(space.link, "Gil")
    page = gil.page
    page.get_by_role("link", name="Your settings").click()
    page.get_by_label("Name").fill("Gil Blas")
    page.get_by_label("About you").fill("Walks")
    page.get_by_label("Picture").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": landscape(5, (200, 200), "PNG")}
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Gil Blas", level=1)).to_be_visible()
    expect(page.locator("main .face img")).to_be_visible()
    page.goto("/people/me")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set this password").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/login")
    page.get_by_label("Name").fill("Gil Blas")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/rooms/1")


def test_older_messages_are_a_page(ann, space):
    for number in range(60):
        space.caller("Bob").says(f"number {number}.")
    ann.opens("/rooms/1?end")  # not where new begins
    framed(ann).get_by_role("link", name="Older messages").click()
    ann.page.wait_for_url(re.compile("before="))
    expect(framed(ann).get_by_text("number 9.", exact=True)).to_be_attached()
    framed(ann).get_by_role("link", name="To the newest").click()
    listed(ann, "number 59.")
