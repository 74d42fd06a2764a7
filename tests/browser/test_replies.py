"""Replies between two people: one on a phone, one without scripts, and who reads meanwhile."""

import re

import pytest
from playwright.sync_api import expect

from parley.talk import replies
from tests.browser.content import LOREM, lines
from tests.browser.people import Person
from tests.browser.test_noscript import listed, sends
from tests.browser.test_reading import moves, out_of_sight, scroll

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def phone(space, enters) -> Person:
    """Ann, on a phone."""
    return enters(space, "Ann", **PHONE).opens()


@pytest.fixture
def plain(space, enters) -> Person:
    """Bob, without scripts."""
    return enters(space, "Bob", java_script_enabled=False).opens()


def answers(person: Person, text: str) -> None:
    """Choose Reply in the menu of a message."""
    person.does("Reply", text)
    expect(person.page.locator("#replying .replying")).to_be_visible()


def test_a_phone_and_a_browser_without_scripts_answer_each_other(space, phone, plain):
    phone.box.fill("Who waters on Monday?")
    phone.page.get_by_role("button", name="Send").tap()
    listed(plain.opens(), "Who waters on Monday?").locator(".when").click()
    plain.page.get_by_role("link", name="Reply", exact=True).click()
    expect(plain.page.locator(".replying")).to_contain_text("Replying to Ann")
    sends(plain, "I do, with the long hose")
    shown = phone.sees("I do, with the long hose")
    expect(shown.locator(".quote")).to_have_text("Ann Who waters on Monday?")

    shown.locator(".more").tap()
    phone.page.get_by_role("link", name="Reply", exact=True).tap()
    expect(phone.page.locator(".replying")).to_contain_text("Replying to Bob")
    expect(phone.page.locator("#menu")).to_be_hidden()
    phone.box.fill("Thank you, Bob")
    phone.page.get_by_role("button", name="Send").tap()
    expect(phone.sees("Thank you, Bob").locator(".quote b")).to_have_text("Bob")
    expect(phone.page.locator(".replying")).to_have_count(0)
    expect(listed(plain.opens(), "Thank you, Bob").locator(".quote")).to_be_visible()


def test_the_quoted_line_follows_and_leads_there(space, ann, bob):
    said = space.caller("Ann").says("The gate is open at ten")
    space.caller("Bob").replies(said, "I come at nine")
    quote = bob.sees("I come at nine").locator(".quote")
    expect(quote).to_have_text("Ann The gate is open at ten")
    space.caller("Ann").edits(said, "The gate is open at noon")
    expect(quote).to_have_text("Ann The gate is open at noon")
    space.caller("Ann").deletes(said)
    expect(quote).to_have_text("A deleted message")
    space.caller("Ann").post(f"/messages/{said['id']}/restore")
    expect(quote).to_have_text("Ann The gate is open at noon")
    quote.click()
    expect(bob.page.locator(".message:target")).to_contain_text("The gate is open at noon")


def test_a_quick_second_message_is_no_reply(space, ann, bob):
    said = space.caller("Bob").says("Who has the key of the shed?")
    answers(ann, "Who has the key of the shed?")
    on_its_way = []
    ann.page.route("**/rooms/1/messages", lambda route: on_its_way.append(route), times=1)
    ann.says("It is with me, of course")
    ann.says("and something else entirely")
    ann.page.wait_for_timeout(200)
    on_its_way[0].continue_()
    expect(bob.sees("It is with me, of course").locator(".quote")).to_have_count(1)
    expect(bob.sees("and something else entirely").locator(".quote")).to_have_count(0)
    expect(ann.page.locator(".replying")).to_have_count(0)
    assert said["replies"] == 0


def test_a_refused_reply_keeps_what_it_answers(space, ann):
    ann.may_hear("status of 4..")
    space.caller("Bob").says("Nine or ten?")
    answers(ann, "Nine or ten?")
    ann.box.evaluate("box => box.removeAttribute('maxlength')")
    ann.says("x" * 10_001)
    expect(ann.problem).to_contain_text("10,000 is the most")
    expect(ann.page.locator(".replying")).to_contain_text("Replying to Bob")
    ann.says("Ten, I think")
    expect(ann.sees("Ten, I think").locator(".quote")).to_contain_text("Nine or ten?")


def test_one_need_not_reply_and_what_is_typed_stays(space, ann):
    space.caller("Bob").says("A question for nobody")
    ann.box.fill("half a sent")
    answers(ann, "A question for nobody")
    expect(ann.page.get_by_text("Replying to Bob")).to_be_visible()
    expect(ann.box).to_be_focused()
    expect(ann.box).to_have_value("half a sent")
    ann.page.get_by_role("link", name="Do not reply").click()
    expect(ann.page.locator(".replying")).to_have_count(0)
    expect(ann.box).to_have_value("half a sent")


def test_a_reply_apart_is_live_on_the_page_of_the_message_alone(space, enters, ann, bob):
    said = space.caller("Bob").says("Long plans for the summer")
    there = enters(space, "Cleo").opens(f"/messages/{said['id']}/thread")
    there.is_held()
    answers(ann, "Long plans for the summer")
    ann.page.get_by_label("Only on the page of this message").check()
    ann.says("Apart from the others")
    there.sees("Apart from the others")
    count = bob.sees("Long plans for the summer").locator(".replies")
    expect(count).to_have_text("1 reply")
    ann.sees_not("Apart from the others")
    there.says("Here, too")
    there.sees("Here, too")
    expect(there.box).to_have_value("")
    there.page.get_by_label("Show it in the room, too").check()
    there.says("Here and in the room")
    there.sees("Here and in the room")
    bob.sees("Here and in the room")
    bob.sees_not("Here, too")
    expect(count).to_have_text("2 replies")
    count.click()
    bob.page.wait_for_url("**/thread")
    assert bob.texts() == there.texts()
    assert len(there.texts()) == 4


def test_two_quick_replies_on_that_page_are_both_there(space, bob):
    said = space.caller("Ann").says("Quick ones, here")
    bob.opens(f"/messages/{said['id']}/thread").is_held()
    for text in ("quick reply one", "quick reply two"):
        bob.says(text)
    for text in ("quick reply one", "quick reply two"):
        bob.sees(text)
    assert space.owner.reads()[-1]["apart"]


def test_who_was_away_finds_no_hole_on_that_page(space, ann):
    said = space.caller("Bob").says("So much to say about it")
    ann.opens(f"/messages/{said['id']}/thread").is_held()
    ann.context.set_offline(True)
    ann.may_hear("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    for number in range(replies.MOST + 5):
        space.caller("Bob").replies(said, f"reply {number}.", "yes")
    space.caller("Bob").edits(said, "So much was said about it")
    ann.context.set_offline(False)
    ann.sees(f"reply {replies.MOST + 4}.")
    expect(ann.page.locator(".reply")).to_have_count(replies.MOST)
    expect(ann.page.locator("#thread > .message")).to_contain_text("So much was said about it")
    space.caller("Bob").replies(said, "and one more", "yes")
    ann.sees("and one more")
    assert len(set(ann.messages())) == len(ann.messages()) == replies.MOST + 2


def test_a_quoted_message_edited_out_of_sight_moves_nothing(space, ann):
    lines(space, 120, "Dan", "Eve")
    ann.opens("/rooms/1?end").is_held()
    scroll(ann, -1100)
    above, _ = out_of_sight(ann)
    chosen = next(one for one in space.owner.reads() if f"message-{one['id']}" == above)
    author = space.caller(chosen["author"]["name"])
    for number in range(3):
        space.caller("Bob").replies(chosen, f"quoting {number}")
    expect(ann.message("quoting 2")).to_have_count(1)

    def it_is_edited():
        for words in (LOREM * 4, "short"):
            author.edits(chosen, words)
            quotes = ann.page.locator(".quote span").filter(has_text=re.compile(words[:20]))
            expect(quotes).to_have_count(3)
        author.deletes(chosen)
        expect(ann.page.locator(".quote", has_text="A deleted message")).to_have_count(3)

    assert moves(ann, it_is_edited) == 0
