"""Photos in a room, large, and in the gallery: in real browsers, on a desk and on a phone."""

import io
import re
import sqlite3
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.content import drawing, film, gif, photo
from tests.browser.people import Person
from tests.callers import Space

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
PICTURES = re.compile(r"/files/\d+/")
SIZES = [(96, 64), (64, 96), (80, 80), (160, 40), (40, 160)]
# What moved after the first paint, as browsers count it (Layout Instability, W3C).
SHIFTS = """window.shifts = [];
    const who = ({ node }) => node?.outerHTML?.slice(0, 90);
    const told = ({ value, sources }) => [value, ...sources.map(who)];
    new PerformanceObserver((list) => shifts.push(...list.getEntries().map(told)))
      .observe({ type: "layout-shift", buffered: true });"""


def album(space: Space, name: str, *counts: int) -> str:
    """A room with messages of so many photos, as if each had all previews; its address."""
    room, number = space.makes_room(name), 0
    for count in counts:
        photos = [photo(number + at, SIZES[(number + at) % 5]) for at in range(count)]
        space.owner.says(f"number {number}", *photos, room=room)
        number += count
    with closing(sqlite3.connect(space.server.data / "parley.db", timeout=5)) as c, c:
        colour = "printf('#%06x', abs(random()) % 16777216)"
        c.execute(f"UPDATE files SET huge = large, colour = {colour} WHERE room_id = ?", [room])
    return f"/rooms/{room}"


@pytest.fixture(scope="module")
def garden(space: Space) -> str:
    """A room with messages of one photo, of four, and of one."""
    return album(space, "Garden", 1, 4, 1)


def large(person: Person, words: str) -> None:
    """Wait until the large view shows that, and its address is there."""
    expect(person.page.get_by_role("dialog", name=words, exact=True)).to_be_visible()
    same = "() => document.querySelector('#viewer [download]').pathname.startsWith(%s + '/')"
    person.waits_on(same % "location.pathname")


def closed(person: Person) -> None:
    """Wait until it is gone."""
    expect(person.page.locator("#viewer")).to_be_hidden()


def at(person: Person, path: str) -> None:
    """Wait until the address is that."""
    expect(person.page).to_have_url(re.compile(f"{re.escape(path)}$"))


# ---- The large view ----


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desk", "phone"])
def test_the_large_view_with_keys_alone(enters, space, garden, window):
    bob = enters(space, "Bob", **window).opens(garden)
    keys, link = bob.page.keyboard, bob.message("number 1").locator(".photo").nth(1)
    bob.is_held()
    link.focus()
    keys.press("Enter")
    large(bob, "Photo 2 of 4 by Miriam Okonkwo")
    expect(bob.page.get_by_role("button", name="Close")).to_be_focused()
    opened = link.get_attribute("href")
    at(bob, opened)
    for key, name in (
        ("ArrowRight", "Photo 3 of 4 by Miriam Okonkwo"),
        ("ArrowRight", "Photo 4 of 4 by Miriam Okonkwo"),
        ("ArrowRight", "Photo by Miriam Okonkwo"),
        ("ArrowRight", "Photo by Miriam Okonkwo"),  # the last one
        ("ArrowLeft", "Photo 4 of 4 by Miriam Okonkwo"),
        ("Home", "Photo by Miriam Okonkwo"),
        ("ArrowRight", "Photo 1 of 4 by Miriam Okonkwo"),
        ("End", "Photo by Miriam Okonkwo"),
        ("ArrowLeft", "Photo 4 of 4 by Miriam Okonkwo"),
    ):
        keys.press(key)
        large(bob, name)
    expect(bob.page.get_by_role("button", name="Close")).to_be_focused()
    keys.press("z")
    whole = bob.page.get_by_role("img", name="Actual size")
    expect(whole).to_be_visible()
    for _ in range(3):
        keys.press("Tab")
    expect(whole).to_be_focused()
    keys.press("ArrowLeft")  # moves what is zoomed about
    large(bob, "Photo 4 of 4 by Miriam Okonkwo")
    for _ in range(3):
        keys.press("Shift+Tab")
    keys.press("z")
    expect(bob.page.locator(".whole")).to_be_hidden()
    for _ in range(3):
        keys.press("Tab")
    expect(bob.page.get_by_role("link", name="Photo before")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    large(bob, "Photo by Miriam Okonkwo")
    expect(bob.page.get_by_role("link", name="This is the last")).to_be_focused()
    keys.press("Escape")
    closed(bob)
    at(bob, garden)
    expect(link).to_be_focused()


def test_back_and_forward_lead_through_the_large_view_and_the_room_stays(enters, space, garden):
    bob = enters(space, "Bob").opens(garden)
    bob.is_held()
    bob.page.evaluate("() => { window.same = true }")
    bob.box.fill("half a sentence")
    bob.message("number 1").locator(".photo").first.click()
    large(bob, "Photo 1 of 4 by Miriam Okonkwo")
    bob.page.get_by_role("link", name="Next photo").click()
    large(bob, "Photo 2 of 4 by Miriam Okonkwo")
    second = bob.page.url
    bob.page.go_back()
    closed(bob)
    at(bob, garden)
    bob.page.go_forward()
    large(bob, "Photo 2 of 4 by Miriam Okonkwo")
    assert bob.page.url == second
    room = int(garden.rpartition("/")[2])
    space.owner.says("said meanwhile", room=room)
    expect(bob.message("said meanwhile")).to_have_count(1)  # behind it the room goes on
    bob.page.get_by_role("button", name="Close").click()
    closed(bob)
    at(bob, garden)
    expect(bob.box).to_have_value("half a sentence")
    assert bob.page.evaluate("() => window.same"), "the page was never loaded again"


def test_reloaded_it_is_the_page_of_that_photo_and_back_is_the_room(enters, space, garden):
    bob = enters(space, "Bob").opens(garden)
    bob.message("number 1").locator(".photo").first.click()
    large(bob, "Photo 1 of 4 by Miriam Okonkwo")
    bob.page.keyboard.press("ArrowRight")
    large(bob, "Photo 2 of 4 by Miriam Okonkwo")
    bob.page.reload()
    heading = bob.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Photo 2 of 4 by Miriam Okonkwo")
    bob.page.go_back()
    at(bob, garden)
    expect(bob.box).to_be_visible()
    bob.page.go_forward()
    large(bob, "Photo 2 of 4 by Miriam Okonkwo")
    bob.page.reload()
    bob.page.keyboard.press("ArrowRight")
    expect(heading).to_have_text("Photo 3 of 4 by Miriam Okonkwo")
    bob.page.get_by_role("link", name="Back to the room").click()
    expect(bob.message("number 1")).to_be_in_viewport()


def test_quick_presses_stay_in_the_large_view(enters, space, garden):
    bob = enters(space, "Bob").opens(garden)
    bob.is_held()
    bob.page.evaluate("() => { window.same = true }")
    bob.message("number 5").locator(".photo").click()
    large(bob, "Photo by Miriam Okonkwo")
    for _ in range(2):
        for key in ["ArrowLeft"] * 12 + ["ArrowRight"] * 12:  # as a key that is held down
            bob.page.keyboard.press(key)
            bob.page.wait_for_timeout(15)
    bob.page.wait_for_timeout(500)
    assert bob.page.evaluate("() => window.same"), "no page was loaded"
    bob.page.keyboard.press("Escape")
    closed(bob)
    at(bob, garden)


def test_with_ctrl_a_photo_opens_in_another_tab(enters, space, garden):
    bob = enters(space, "Bob").opens(garden)
    link = bob.message("number 1").locator(".photo").first
    with bob.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(
        "Photo 1 of 4 by Miriam Okonkwo"
    )
    closed(bob)
    at(bob, garden)


def test_closed_while_the_next_one_is_on_its_way_it_stays_closed(enters, space, garden):
    bob = enters(space, "Bob").opens(garden)
    bob.message("number 1").locator(".photo").first.click()
    large(bob, "Photo 1 of 4 by Miriam Okonkwo")
    held: list[Route] = []
    bob.page.route(re.compile(r"/files/\d+$"), lambda route: held.append(route))
    bob.page.keyboard.press("ArrowRight")
    bob.page.wait_for_timeout(100)
    assert len(held) == 1
    bob.page.keyboard.press("Escape")
    closed(bob)
    with bob.page.expect_response(held[0].request.url):
        held[0].continue_()
    bob.page.wait_for_timeout(200)
    closed(bob)
    at(bob, garden)


def test_a_film_plays_large_and_no_more_when_it_is_closed(enters, space):
    room = space.makes_room("Films")
    space.owner.says("smoke", ("smoke.mp4", film(1)), room=room)
    bob = enters(space, "Bob").opens(f"/rooms/{room}/photos")
    bob.page.get_by_role("link", name="Film by Miriam Okonkwo").click()
    large(bob, "Film by Miriam Okonkwo")
    video = bob.page.locator("#viewer video")
    video.evaluate("video => { window.video = video; video.muted = true; return video.play() }")
    bob.waits_on("() => !video.paused && video.currentTime > 0")
    bob.page.keyboard.press("Escape")
    closed(bob)
    bob.waits_on("() => video.paused && !video.isConnected")


def test_a_photo_large_fits_a_phone_and_zoomed_it_is_as_large_as_it_is(enters, space):
    room = space.makes_room("Wide")
    space.owner.says("wide", photo(1, (1500, 1000)), room=room)
    bob = enters(space, "Bob", **PHONE).opens(f"/rooms/{room}")
    bob.message("wide").locator(".photo").tap()
    shown, whole = bob.page.locator(".shown > img").first, bob.page.locator(".whole")
    expect(shown).to_be_visible()
    assert round(shown.bounding_box()["width"]) == 360
    shown.tap()
    expect(whole).to_be_visible()
    assert whole.bounding_box()["width"] == 1500
    bob.waits_on("() => document.querySelector('.whole').naturalWidth == 1500")
    stage = bob.page.locator(".stage")
    sides = "stage => [stage.scrollWidth, stage.scrollHeight, stage.scrollLeft]"
    assert stage.evaluate(sides) == [1500, 1000, (1500 - 360) / 2]  # its middle, and all of it
    stage.evaluate("stage => stage.scrollTo(500, 100)")
    assert stage.evaluate("stage => [stage.scrollLeft, stage.scrollTop]") == [500, 100]
    whole.tap()
    expect(whole).to_be_hidden()


def test_those_beside_it_are_there_before_they_are_asked_for(enters, space, garden):
    bob = enters(space, "Bob").opens(garden)
    asked: list[str] = []
    bob.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    bob.message("number 1").locator(".photo").nth(1).click()
    large(bob, "Photo 2 of 4 by Miriam Okonkwo")
    bob.waits_on(
        "() => [...document.querySelectorAll('#viewer img[hidden]')].every(i => i.complete)"
    )
    asked.clear()
    bob.page.keyboard.press("ArrowRight")
    large(bob, "Photo 3 of 4 by Miriam Okonkwo")
    bob.waits_on("() => document.querySelector('.shown img').complete")
    third = bob.page.url.rpartition("/")[2]
    assert not [path for path in asked if path.startswith(f"/files/{third}/")]


# ---- In a message ----


@pytest.mark.parametrize(("wish", "seen"), [("no-preference", "dance.gif"), ("reduce", "thumb")])
def test_a_gif_moves_in_its_message_unless_one_asks_for_less(enters, space, wish, seen):
    room = space.makes_room(f"Dances, {wish}")
    space.owner.says("alone", gif(), room=room)
    space.owner.says("with others", gif(), photo(1), photo(2), room=room)
    bob = enters(space, "Bob", reduced_motion=wish).opens(f"/rooms/{room}")
    for words in ("alone", "with others"):
        first = bob.message(words).locator(".photo").first
        bob.waits_on("() => [...document.images].every(it => it.complete)")
        image = first.locator("img")
        assert image.evaluate("it => it.currentSrc.split('/').pop()") == seen
        assert image.bounding_box() == first.bounding_box()  # as every other photo


def test_a_large_gif_moves_in_the_large_view_alone(enters, space):
    room = space.makes_room("Heavy")
    sent = space.owner.says("heavy", gif(), room=room)
    with closing(sqlite3.connect(space.server.data / "parley.db", timeout=5)) as c, c:
        c.execute("UPDATE files SET size = 2000001 WHERE message_id = ?", [sent["id"]])
    bob = enters(space, "Bob").opens(f"/rooms/{room}")
    bob.waits_on("() => [...document.images].every(it => it.complete)")
    image = bob.message("heavy").locator(".photo img")
    assert image.evaluate("it => it.currentSrc.split('/').pop()") == "thumb"


# ---- The gallery ----


def test_the_gallery_goes_on_by_itself_and_opens_in_its_own_order(own_space, enters):
    path = album(own_space, "Garden", *[10] * 7)
    bob = enters(own_space, "Bob").opens(path)
    bob.page.get_by_role("link", name="Photos").click()
    tiles = bob.page.locator(".gallery .photo")
    expect(tiles).to_have_count(60)
    bob.page.locator(".page").evaluate("page => page.scrollTo(0, page.scrollHeight)")
    expect(tiles).to_have_count(70)
    expect(bob.page.locator(".gallery")).to_have_count(1)  # all of this month
    tiles.nth(9).click()
    large(bob, "Photo 10 of 10 by Miriam Okonkwo")
    tenth = bob.page.url
    bob.page.keyboard.press("ArrowRight")
    large(bob, "Photo 1 of 10 by Miriam Okonkwo")
    at(bob, tiles.nth(10).get_attribute("href"))
    bob.page.reload()
    bob.page.get_by_role("link", name="Photo before").click()
    assert bob.page.url == tenth
    bob.page.get_by_role("link", name="Back to the photos").click()
    at(bob, f"{path}/photos")


def test_without_scripts_all_of_it_are_links(enters, space, garden):
    bob = enters(space, "Bob", java_script_enabled=False).opens(garden)
    bob.page.get_by_role("link", name="Photos").click()
    bob.page.locator(".gallery .photo").nth(1).click()
    heading = bob.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Photo 1 of 4 by Miriam Okonkwo")
    bob.page.get_by_role("link", name="Next photo").click()
    expect(heading).to_have_text("Photo 2 of 4 by Miriam Okonkwo")
    bob.page.locator(".shown").click()
    expect(bob.page.locator(".whole")).to_be_visible()
    bob.page.locator(".shown").click()
    bob.page.get_by_role("link", name="Back to the photos").click()
    expect(bob.page.locator(".gallery .photo")).to_have_count(6)


# ---- Other eyes ----

LONG = "Wilhelmina-Friederike von Habsburg-Lothr"


@pytest.mark.parametrize("size", ["100%", "200%"])
def test_a_long_name_and_large_letters_leave_room_for_photos(enters, space, size):
    room = space.makes_room(f"Long, {size}")
    space.caller(LONG).says("long", photo(1), photo(2), room=room)
    bob = enters(space, "Bob", **PHONE)
    bob.opens(f"/rooms/{room}/photos?from={space.ids()[LONG]}")
    grow = "size => document.documentElement.style.fontSize = size"
    bob.page.evaluate(grow, size)
    button = bob.page.get_by_role("button", name=f"From {LONG}")
    for part in (button, bob.page.locator(".gallery")):
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360, box
    button.tap()
    count = bob.page.locator("#from .soft")
    count.evaluate("it => it.textContent = '1112'")  # as if so many
    assert count.bounding_box()["height"] < 25 * int(size[:-1]) / 100
    bob.page.keyboard.press("Escape")
    bob.page.locator(".gallery .photo").first.tap()
    large(bob, f"Photo 1 of 2 by {LONG}")
    bob.page.evaluate(grow, size)
    assert bob.page.locator("#viewer header").bounding_box()["height"] < 740 / 2
    for button in bob.page.locator("#viewer header .round").all():
        assert button.bounding_box()["x"] + button.bounding_box()["width"] <= 360


@pytest.mark.parametrize("size", ["100%", "150%", "200%"])
def test_with_large_letters_a_room_keeps_its_name_its_buttons_and_its_files(enters, space, size):
    room = space.makes_room(f"Letters, {size}")
    said = space.owner.says("plans", ("beds.txt", b"beans"), ("walk.mp4", film(1)), room=room)
    space.owner.post(f"/messages/{said['id']}/pin")
    bob = enters(space, "Bob", **PHONE).opens(f"/rooms/{room}")
    grow = "size => document.documentElement.style.fontSize = size"
    bob.page.evaluate(grow, size)
    assert bob.page.locator(".top h1").bounding_box()["width"] > 60
    buttons = bob.page.locator(".top > a:visible")
    expect(buttons).to_have_count(5)
    for button in buttons.all():
        box = button.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["height"] >= 44
    lines = "it => it.getClientRects().length"
    assert bob.message("plans").locator(".attachment bdi").evaluate(lines) == 1
    bob.opens(f"/rooms/{room}/photos").page.evaluate(grow, size)
    told = bob.page.locator(".plays")
    assert told.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert told.bounding_box()["height"] < 30 * int(size[:-1]) / 100


def test_dark_lines_are_seen_where_the_reader_has_chosen_black(enters, space):
    room = space.makes_room("Contrast")
    space.owner.says("drawn", drawing(), room=room)
    bob = enters(space, "Bob", forced_colors="active", color_scheme="dark").opens(f"/rooms/{room}")
    behind = bob.message("drawn").locator(".photo")
    bob.waits_on("() => document.querySelector('.photo img').complete")
    assert lightness(behind) > 100
    behind.click()
    large(bob, "Photo by Miriam Okonkwo")
    bob.waits_on("() => document.querySelector('#viewer img.clear').complete")
    assert lightness(bob.page.locator("#viewer img.clear")) > 100


def lightness(drawn: Locator) -> int:
    """How light the drawing's upper corner is, where nothing is drawn: 0 is black, 255 white."""
    with Image.open(io.BytesIO(drawn.screenshot())) as im:
        return im.convert("L").getpixel((im.width * 3 // 4, im.height // 8))


# ---- Nothing moves, nothing is heavy ----


def shifts(page: Page) -> list:
    """What moved, until all pictures on view are there."""
    page.wait_for_function(
        """() => [...document.querySelectorAll(".photo img")].every((image) => image.complete
            || image.getBoundingClientRect().bottom < 0)"""
    )
    page.wait_for_timeout(300)
    return page.evaluate("() => shifts")


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desk", "phone"])
def test_nothing_moves_while_slow_pictures_arrive(enters, space, window):
    path = album(space, f"Slow {len(window)}", 10, 5, 3, 2, 1, 1, 9, 1)
    bob = enters(space, "Bob", **window)
    bob.page.add_init_script(SHIFTS)
    waiting: list[Route] = []
    slow = [True]
    bob.page.route(PICTURES, lambda it: waiting.append(it) if slow else it.continue_())
    bob.opens(path)
    expect(bob.message("number 31").locator(".photo")).to_have_count(1)
    bob.page.wait_for_timeout(300)
    places = "() => [...document.querySelectorAll('.photo, .when')].map(it => it.offsetTop)"
    before = bob.page.evaluate(places)
    assert len(waiting) >= 10
    slow.clear()
    for route in waiting:
        route.continue_()
    assert shifts(bob.page) == []
    assert bob.page.evaluate(places) == before


def test_a_picture_has_its_colour_until_it_is_there(enters, space, garden):
    bob = enters(space, "Bob")
    bob.page.route(PICTURES, lambda route: None)
    bob.opens(garden)
    for tile in bob.page.locator(".photo > svg").all():
        there = tile.evaluate(
            """svg => [svg.getAttribute("fill"), svg.firstChild.getBoundingClientRect(),
                svg.parentElement.getBoundingClientRect()].map(it => it.width ?? it)"""
        )
        assert re.fullmatch("#[0-9a-f]{6}", there[0]) and there[1] == there[2] > 30
    assert bob.page.locator(".photo > svg").count() == 6


@pytest.mark.parametrize("counts", [[1] * 50, [10] * 5], ids=["in 50 messages", "in 5 messages"])
def test_a_room_with_50_photos_is_light_and_nothing_moves(enters, space, counts):
    path = album(space, f"Photos in {len(counts)}", *counts)
    bob = enters(space, "Bob")
    bob.page.add_init_script(SHIFTS)
    loaded = bob.weighs()
    bob.opens(f"{path}?end")
    bob.is_held()
    expect(bob.page.locator(".photo")).to_have_count(50)
    assert shifts(bob.page) == []
    before = loaded()
    assert len(before) <= 5, before
    assert sum(before.values()) <= 40_000, before
