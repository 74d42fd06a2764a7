"""Each act of a conversation, done by mouse, by finger and without scripts; another sees it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.content import photo
from tests.browser.people import Person
from tests.browser.test_noscript import framed, listed
from tests.browser.test_replies import PHONE
from tests.callers import Space

pytestmark = pytest.mark.browser

DEVICES = {"desk": {}, "phone": PHONE, "plain": {"java_script_enabled": False}}
OWNER = "Miriam Okonkwo"


class Hands:
    """What Miriam does on one of the devices, while Bob looks on; texts end with the device."""

    def __init__(self, person: Person, bob: Person, device: str):
        self.person, self.page, self.bob, self.device = person, person.page, bob, device

    def __format__(self, _spec: str) -> str:
        return self.device

    def presses(self, there: Locator) -> None:
        there.tap() if self.device == "phone" else there.click()

    def opens(self, path: str = "/rooms/1?end") -> None:
        self.person.opens(path)

    def sees(self, text: str) -> Locator:
        """The one message with these words, on view."""
        return listed(self.person, text) if self.device == "plain" else self.person.sees(text)

    def sends(self, text: str) -> None:
        self.person.box.fill(text)
        self.presses(self.page.get_by_role("button", name="Send", exact=True))

    def act(self, name: str, text: str) -> Locator:
        """One of the acts on a message: in its menu, or on the page of its address."""
        if self.device == "plain":
            self.opens()
            self.sees(text).locator(".when").click()
            acts = self.page.get_by_role("region", name="This message")
        else:
            message = self.sees(text)
            message.hover()
            self.presses(message.locator(".more"))
            acts = self.page.locator("#menu:popover-open")
        words = re.compile(rf"^\W*{name}$")
        return acts.get_by_role("button", name=words).or_(acts.get_by_role("link", name=words))

    def does(self, name: str, text: str) -> None:
        self.presses(self.act(name, text))

    def saves(self, name: str = "Save") -> None:
        """Wait for the page that comes then."""
        with self.page.expect_navigation():
            self.presses(self.page.get_by_role("button", name=name, exact=True))


@pytest.fixture(params=DEVICES)
def hands(request, space: Space, enters: Callable[..., Person]) -> Hands:
    """Both are at the end of the Lobby."""
    bob = enters(space, "Bob").opens("/rooms/1?end")
    bob.is_held()
    person = enters(space, OWNER, **DEVICES[request.param]).opens("/rooms/1?end")
    return Hands(person, bob, request.param)


def test_write_answer_and_answer_apart(hands, space):
    hands.sends(f"Anybody on **Tuesday**? {hands}")
    expect(hands.bob.sees(f"Tuesday? {hands}").locator("strong")).to_have_text("Tuesday")
    space.caller("Bob").says(f"I can water, {hands}")
    count = hands.bob.sees(f"I can water, {hands}").locator(".replies")
    hands.does("Reply", f"I can water, {hands}")
    hands.page.get_by_label("Only on the page of this message").check()
    hands.sends(f"Between us, {hands}")
    expect(count).to_have_text("1 reply")
    hands.bob.sees_not(f"Between us, {hands}")
    hands.does("Replies", f"I can water, {hands}")
    expect(hands.page.locator("#thread .reply")).to_contain_text(f"Between us, {hands}")
    hands.opens()
    hands.does("Reply", f"I can water, {hands}")
    hands.sends(f"Thank you, {hands}")
    quote = hands.bob.sees(f"Thank you, {hands}").locator(".quote")
    expect(quote).to_have_text(f"Bob I can water, {hands}")


def test_edit_delete_and_undo(hands):
    hands.sends(f"We meet at nine, {hands}")
    hands.bob.sees(f"We meet at nine, {hands}")
    hands.does("Edit", f"We meet at nine, {hands}")
    hands.page.get_by_role("textbox", name="Your message").fill(f"We meet at ten, {hands}")
    hands.presses(hands.page.get_by_role("button", name="Save", exact=True))
    expect(hands.bob.sees(f"We meet at ten, {hands}").locator(".edited")).to_be_visible()
    hands.does("Delete", f"We meet at ten, {hands}")
    hands.bob.sees_not(f"We meet at ten, {hands}")
    hands.opens()
    shown = framed(hands.person) if hands.device == "plain" else hands.page
    hands.presses(shown.locator(".message").last.get_by_role("link", name="Undo"))
    if hands.device == "plain":
        hands.saves("Bring it back")
    hands.bob.sees(f"We meet at ten, {hands}")


def test_react_and_take_it_back(hands, space):
    space.caller("Bob").says(f"The beans are up, {hands}")
    hands.does("👍 Good", f"The beans are up, {hands}")
    chip = hands.bob.sees(f"The beans are up, {hands}").locator(".reaction a:visible")
    expect(chip).to_contain_text("👍 1")
    hands.does("Take back 👍", f"The beans are up, {hands}")
    expect(chip).to_have_count(0)


def test_name_one_and_everyone(hands):
    hands.sends(f"@Bob look, {hands}")
    expect(hands.bob.sees(f"@Bob look, {hands}").locator(".mention")).to_have_text("@Bob")
    hands.sends(f"@everyone, the gate is open, {hands}")
    hands.bob.sees(f"@everyone, the gate is open, {hands}")
    notices = hands.bob.opens("/for-you").page.locator(".notice")
    expect(notices.first).to_contain_text(f"{OWNER} called everyone in Lobby@everyone")
    expect(notices.nth(1)).to_contain_text(f"{OWNER} mentioned you in Lobby@Bob look, {hands}")


def test_pin_and_unpin(hands):
    hands.sends(f"The code is 4711, {hands}")
    hands.does("Pin", f"The code is 4711, {hands}")
    expect(hands.bob.page.get_by_role("link", name="1 pinned")).to_be_visible()
    hands.does("Unpin", f"The code is 4711, {hands}")
    expect(hands.bob.page.locator("#pins")).to_be_hidden()


def test_a_day_and_an_address(hands, space):
    number = space.caller("Bob").says(f"To be linked to, {hands}")["id"]
    act = "Copy link" if hands.device != "plain" else "Replies"
    expect(hands.act(act, f"To be linked to, {hands}")).to_be_visible()
    hands.opens(f"/messages/{number}")
    assert hands.page.url.endswith(f"/rooms/1?around={number}#message-{number}")
    expect(hands.sees(f"To be linked to, {hands}")).to_be_in_viewport()
    hands.opens("/rooms/1/settings")
    hands.page.get_by_label("Day", exact=True).fill("2020-01-01")
    hands.saves("Show that day")
    first = space.owner.reads()[0]["id"]
    assert hands.page.url.endswith(f"/rooms/1?around={first}#message-{first}")


def test_unread_from_here(hands, space):
    for text in ("One", "Two", "Three"):
        space.caller("Bob").says(f"{text} to be read again, {hands}")
    hands.opens()
    hands.does("Mark unread from here", f"Two to be read again, {hands}")
    hands.page.wait_for_url("**/rooms")
    lobby = hands.page.locator("#side a[href^='/rooms/1']")
    expect(lobby).to_have_text(re.compile("Lobby *2 unread"))
    hands.presses(lobby)
    shown = framed(hands.person) if hands.device == "plain" else hands.page
    expect(shown.locator(".new ~ .message")).to_have_count(2)


def test_search_by_each_filter(hands, space):
    word = f"word{hands}"
    garden = space.makes_room(f"Garden of {hands}")
    bob = space.caller("Bob")
    bob.says(f"{word} in a garden", room=garden)
    bob.says(f"{word} and a photo", photo(1))
    bob.says(f"{word} and a list", ("list.txt", b"beans"))
    bob.says(f"{word} and https://example.org")
    space.caller("Cleo").says(f"{word} of Cleo")
    filters = {"In": f"in Garden of {hands}", "From": "from Cleo"}
    filters |= {"With": "with a photo", "With ": "with a file", "With  ": "with a link"}
    found = ("in a garden", "of Cleo", "and a photo", "and a list", "and https")
    for (name, choice), words in zip(filters.items(), found, strict=True):
        hands.opens("/search")
        hands.page.get_by_role("searchbox").fill(word)
        hands.page.get_by_label(name.strip(), exact=True).select_option(choice)
        hands.saves("Search")
        expect(hands.page.locator(".results a")).to_have_count(1)
        expect(hands.page.locator(".results a")).to_contain_text(f"{word} {words}")
    for name, day, count in (("until", "2020-01-01", 0), ("since", "2020-01-01", 5)):
        hands.opens(f"/search?q={word}")
        hands.page.get_by_label(name).fill(day)
        hands.saves("Search")
        expect(hands.page.locator(".results a")).to_have_count(count)
    hands.presses(hands.page.locator(".results a").filter(has_text="of Cleo"))
    expect(hands.sees(f"{word} of Cleo")).to_be_in_viewport()


def test_what_is_for_one(hands, space):
    hands.sends(f"Who has a rake? {hands}")
    hands.bob.sees(f"Who has a rake? {hands}")
    said = space.owner.reads()[-1]
    space.caller("Bob").replies(said, f"I have, {hands}")
    space.caller("Bob").post(f"/messages/{said['id']}/reactions", emoji="🎉")
    space.caller("Bob").says(f"@{OWNER} come at ten, {hands}")
    hands.opens("/rooms")
    hands.presses(hands.page.locator("#side a[href='/for-you']"))
    notices = hands.page.locator(".notice.unread")
    expect(notices.nth(0)).to_contain_text(f"Bob mentioned you in Lobby@{OWNER} come at ten")
    expect(notices.nth(1)).to_contain_text(f"Bob gave you 🎉 in LobbyWho has a rake? {hands}")
    expect(notices.nth(2)).to_contain_text(f"Bob answered you in LobbyI have, {hands}")
    hands.presses(notices.nth(2))
    expect(hands.sees(f"I have, {hands}")).to_be_in_viewport()
    hands.opens("/for-you")
    expect(hands.page.locator(".notice.unread")).to_have_count(0)


def test_keys_and_times_are_chosen(hands):
    hands.opens("/people/me")
    hands.page.get_by_label("Keys of one letter do something").uncheck()
    hands.presses(hands.page.get_by_role("button", name="Save this for keys"))
    hands.page.wait_for_url("**/people/me#shortcuts")
    hands.opens("/shortcuts")
    expect(hands.page.get_by_text("Keys of one letter are switched off.")).to_be_visible()
    hands.opens("/people/me")
    hands.page.get_by_label("Your time zone").select_option("Asia/Tokyo")
    hands.page.get_by_label("Your language for times").select_option("de")
    hands.saves()
    hands.opens()
    hands.sends(f"When is it? {hands}")
    told = hands.sees(f"When is it? {hands}").locator(".when time")
    expect(told).to_have_attribute("title", re.compile(r"^\w+, \d+\. \w+ \d{4}, \d\d:\d\d \+0900$"))
    theirs = hands.bob.sees(f"When is it? {hands}").locator(".when time")
    expect(theirs).not_to_have_attribute("title", re.compile(r"\+0900"))
