"""Rooms in a browser: what is taken away leaves the screen at once; nothing needs scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.callers import Space

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def number(space: Space, name: str) -> str:
    """The id of somebody, as forms send it."""
    page = space.owner.get("/people")
    return page[: page.index(f"<bdi>{name}</bdi>")].rpartition("/people/")[2].partition('"')[0]


def made(space: Space, who: str = "Ann", kind: str = "open", **more) -> str:
    """The address of a new room."""
    form = {"name": "School garden", "kind": kind} | more
    return f"/rooms/{space.caller(who).post('/rooms', **form)['room']}"


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("remove", "You were removed from School garden"),
        ("close", "School garden was closed"),
        ("delete", "There is nothing here"),
    ],
)
def test_who_may_no_longer_see_a_room_is_out_of_it_at_once(enters, space, act, told):
    space.caller("Bob")
    room = made(space)
    bob = enters(space, "Bob").opens(room)
    bob.may_hear("status of 404")
    bob.is_held()
    space.caller("Ann").post(f"{room}/messages", text="before")
    bob.sees("before")
    bob.is_held()
    if act == "remove":
        space.caller("Ann").post(f"{room}/people/{number(space, 'Bob')}/remove")
    elif act == "close":
        stays = number(space, "Miriam Okonkwo")
        form = {"name": "School garden", "topic": "", "kind": "closed", "people": stays}
        space.caller("Ann").post(f"{room}/settings", **form)
    else:
        space.owner.post(f"{room}/delete", name="School garden")
    # Long before the end of the hold, 25 seconds.
    expect(bob.page.get_by_role("heading", name=told)).to_be_visible(timeout=10_000)
    if act != "delete":
        bob.page.get_by_role("link", name="To your rooms").click()
        expect(bob.page.get_by_role("link", name="Lobby")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("window", [PHONE, {"width": 1280, "height": 800}])
def test_a_room_is_made_closed_and_left(enters, space, scripts, window):
    for name in ("Ann", "Bob", "Carla"):
        space.caller(name)
    ann: Person = enters(space, "Ann", java_script_enabled=scripts, viewport=window)
    page = ann.opens("/rooms/others").page
    page.get_by_role("main").get_by_role("link", name="New room").click()
    page.get_by_label("Name").fill("Reading circle")
    bob, choice = page.get_by_label("Bob"), page.get_by_label("Chosen people")
    expect(bob).to_be_hidden()  # everybody comes in
    page.get_by_role("button", name="Make the room").click()
    expect(page.get_by_role("heading", name="Reading circle")).to_be_visible()
    page.get_by_role("link", name="About this room").click()
    choice.check()
    bob.check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Two people").click()
    expect(page.locator(".people b")).to_have_text(["Ann you", "Bob"])
    page.get_by_label("Carla").check()
    page.get_by_role("button", name="Bring them in").click()
    expect(page.locator(".people b")).to_have_text(["Ann you", "Bob", "Carla"])
    page.locator("summary", has_text="Carla").click()
    page.get_by_role("button", name="Remove Carla").click()
    expect(page.locator(".people b")).to_have_text(["Ann you", "Bob"])


def test_who_is_muted_keeps_what_was_typed_and_reads_on(enters, space):
    dora = enters(space, "Dora").opens()
    space.owner.post(f"/people/{number(space, 'Dora')}/mute", end="week")
    dora.may_hear("status of 403")
    dora.says("may I?")
    expect(dora.problem).to_have_text("You were muted, so you can read but not write.")
    expect(dora.box).to_have_value("may I?")
    space.owner.says("think about it")
    dora.sees("think about it")


def test_a_conversation_begins_at_the_page_of_a_person(enters, space):
    space.caller("Carla")
    ann = enters(space, "Ann").opens(f"/people/{number(space, 'Carla')}")
    ann.page.get_by_role("button", name="Write directly").click()
    expect(ann.page.get_by_role("heading", name="Carla", exact=True)).to_be_visible()
    ann.says("for you alone")
    ann.sees("for you alone")
    carla = enters(space, "Carla", viewport=PHONE).opens("/rooms")
    carla.page.get_by_role("link", name=re.compile("Ann *1 for you")).click()
    carla.sees("for you alone")


def test_writing_to_somebody_by_keyboard_alone(enters, space):
    space.caller("Bob")
    ann = enters(space, "Ann").opens("/direct/new")
    ann.page.get_by_label("Bob").focus()
    ann.page.keyboard.press("Space")
    ann.page.get_by_role("button", name="Open the conversation").focus()
    ann.page.keyboard.press("Enter")
    expect(ann.page.get_by_role("heading", name="Bob", exact=True)).to_be_visible()
    ann.says("between us")
    ann.sees("between us")
