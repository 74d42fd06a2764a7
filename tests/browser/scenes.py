"""Every page and state of Parley, each a scene that can be played: for axe, for photos."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.content import BROKEN, UNREADABLE, a_week, albums, noise, photo, rooms
from tests.browser.people import GONE, Person
from tests.callers import Space
from tests.servers import Server

THEMES = ("light", "dark")
WIDTHS = {360: 740, 1280: 800}  # and their heights


class Places:
    """Three installations: a new one, one whose room is empty, one with a week of talk."""

    def __init__(self, new: Server, empty: Server, full: Server):
        self.new, self.empty, self.full = new, Space(empty), Space(full)
        albums_at = f"/rooms/{albums(self.full)}"
        a_week(self.full)
        self.unread = self._unread()
        self.said = self.full.owner.reads()
        self.rooms = rooms(self.full)
        self.rooms["albums"] = albums_at

    def _unread(self) -> dict[str, int]:
        """More rooms than the Lobby, with something unread for Jo; their ids."""
        rooms = {
            "Maths and puzzles": ("open",),
            "A trip to the botanical garden for all who want to come": ("open",),
            "Class council": ("closed", "Jo"),
            "Mei": ("direct", "Jo"),
            "Many": ("direct", "Jo", "Mei Tanaka", "Yusuf Al-Amin"),
        }
        found = {name: self.full.makes_room(name, *how) for name, how in rooms.items()}
        for name in ("Maths and puzzles", "Class council", "Mei", "Maths and puzzles"):
            self.full.owner.says("Hello to this room", room=found[name])
        self.called = self.full.owner.says("Hello @Jo", room=found["Maths and puzzles"])
        return found

    def message(self, words: str) -> dict[str, Any]:
        """The message that has these words."""
        return next(one for one in self.said if words in one["text"])

    def visitor(self, browser: Browser, scene: "Scene", **options: Any) -> Person:
        """Whoever is in the scene, in front of a browser."""
        if scene.where == "new":
            return Person(browser, self.new, **options)
        space: Space = getattr(self, scene.where)
        cookie = space.caller(scene.who).token if scene.who else ""
        return Person(browser, space.server, cookie, **options)


@contextmanager
def staged(folder: Path) -> Iterator[Places]:
    """The places, for as long as the block lasts."""
    servers = [Server(folder / name) for name in ("new", "empty", "full")]
    try:
        yield Places(*(server.start() for server in servers))
    finally:
        for server in servers:
            server.kill()
    assert not [wrong for server in servers for wrong in server.complaints()]


@dataclass(frozen=True)
class Scene:
    """Where it plays, who is in it (nobody: a stranger), and how it comes to be."""

    where: str
    who: str
    play: Callable[[Person, Places], None]


SCENES: dict[str, Scene] = {}


def scene(who: str = "Jo", where: str = "full"):
    """Add a scene, named as its function."""

    def add(play: Callable[[Person, Places], None]) -> Callable[[Person, Places], None]:
        SCENES[play.__name__.replace("_", "-")] = Scene(where, who, play)
        return play

    return add


def at(path: str) -> Callable[[Person, Places], None]:
    """A scene that is one address."""
    return lambda person, places: person.opens(path) and None


SCENES |= {
    "welcome": Scene("new", "", at("/welcome")),
    "room-empty": Scene("empty", "Miriam Okonkwo", at("/rooms/1")),
    "login": Scene("full", "", at("/login")),
    "about": Scene("full", "", at("/about")),
    "rooms": Scene("full", "Jo", at("/rooms")),
    "room": Scene("full", "Jo", at("/rooms/1")),
    "people-of-the-owner": Scene("full", "Miriam Okonkwo", at("/people")),
    "people": Scene("full", "Jo", at("/people")),
    "person": Scene("full", "Jo", at("/people/3")),
    "me": Scene("full", "Jo", at("/people/me")),
    "me-who-blocks": Scene("full", "Jo", at("/people/4")),
    "people-of-a-moderator": Scene("full", "Mei Tanaka", at("/people")),
    "person-to-look-after": Scene("full", "Miriam Okonkwo", at("/people/2")),
    "person-muted": Scene("full", "Miriam Okonkwo", at("/people/6")),
    "person-out": Scene("full", "Mei Tanaka", at("/people/7")),
    "log": Scene("full", "Miriam Okonkwo", at("/log")),
    "log-empty": Scene("empty", "Miriam Okonkwo", at("/log")),
    "reports": Scene("full", "Miriam Okonkwo", at("/reports")),
    "for-you-empty": Scene("empty", "Miriam Okonkwo", at("/for-you")),
    "reports-empty": Scene("empty", "Miriam Okonkwo", at("/reports")),
    "password": Scene("full", "Jo", at("/password")),
    "space": Scene("full", "Miriam Okonkwo", at("/space")),
    "keys": Scene("full", "Jo", at("/shortcuts")),
    "leave-for-good": Scene("full", "Jo", at("/people/me/leave")),
    "search": Scene("full", "Jo", at("/search?room=1")),
    "search-found": Scene("full", "Jo", at("/search?q=the+bean*&by=best")),
    "search-photos": Scene("full", "Jo", at("/search?has=photo")),
    "search-in-parts": Scene("full", "Jo", at("/search?q=omato")),
    "search-nothing": Scene("full", "Jo", at("/search?q=strign")),
}


@scene("", "new")
def welcome_from_afar(person, places):
    person.may_hear("status of 403")
    person.context.set_extra_http_headers({"X-Forwarded-For": "192.0.2.1"})
    person.opens("/welcome")
    person.context.set_extra_http_headers({})


@scene("", "new")
def welcome_wrong(person, places):
    person.may_hear("status of 422")
    person.opens("/welcome")
    person.page.get_by_label("What is this place called?").fill("Class 7b")
    person.page.get_by_label("Your name").fill("Miriam")
    person.page.get_by_label("Password").fill("short")
    person.page.get_by_role("button", name="Open the doors").click()
    expect(person.page.locator(".wrong")).to_be_visible()


@scene("")
def join(person, places):
    person.opens(places.full.link)


@scene("")
def join_wrong(person, places):
    person.may_hear("status of 422")
    person.joins(places.full.link, "Mei Tanaka")
    expect(person.page.locator(".wrong")).to_be_visible()


@scene("")
def login_wrong(person, places):
    person.may_hear("status of 422")
    person.opens("/login")
    person.page.get_by_label("Name").fill("Jo")
    person.page.get_by_label("Password").fill("not this one")
    person.page.get_by_role("button", name="Sign in").click()
    expect(person.page.locator(".wrong")).to_be_visible()


@scene()
def rooms_menu(person, places):
    person.opens("/rooms")
    person.page.get_by_role("button", name="More about Maths and puzzles", exact=True).click()
    expect(person.page.locator(":popover-open")).to_be_visible()


@scene()
def rooms_muted_and_hidden(person, places):
    jo = places.full.caller("Jo")
    for name, level in (("Maths and puzzles", "mute"), ("Class council", "hide")):
        jo.post(f"/rooms/{places.unread[name]}/notify", level=level)
    person.opens("/rooms")
    for name in ("Maths and puzzles", "Class council"):
        jo.post(f"/rooms/{places.unread[name]}/notify", level="all")


@scene()
def room_with_new(person, places):
    last = places.message("It is smaller than my thumb")["id"]
    places.full.caller("Jo").post(f"/messages/{last}/unread")
    person.opens("/rooms/1#new")
    expect(person.page.locator(".new")).to_be_in_viewport()


@scene()
def room_with_photos(person, places):
    person.opens(f"/rooms/1?around={places.message('Three from the shed')['id']}")
    person.message("Three from the shed").scroll_into_view_if_needed()


@scene()
def room_with_its_keys(person, places):
    person.opens("/rooms/1")
    person.page.locator("#scroll").focus()
    person.page.keyboard.press("?")
    expect(person.page.locator("#keys:popover-open")).to_be_visible()


@scene()
def room_read_above(person, places):
    person.opens("/rooms/1")
    person.page.locator("#scroll").evaluate("list => list.scrollBy(0, -900)")
    expect(person.page.get_by_role("link", name="Newest")).to_be_visible()


@scene()
def room_with_a_draft(person, places):
    jo = places.full.caller("Jo")
    jo.post(f"/rooms/{places.unread['Class council']}/draft", text="half a sent")
    person.opens("/rooms")
    council = person.page.get_by_role("link", name="Class council Draft")
    expect(council).to_be_visible()


@scene()
def room_with_an_exact_time(person, places):
    person.opens("/rooms/1")
    person.box.press("Shift+Tab")
    person.page.locator(".message.follows .when").last.focus()


@scene()
def room_around_a_message(person, places):
    chosen = places.message("The volcano for Friday")["id"]
    person.opens(f"/rooms/1?around={chosen}#message-{chosen}")


def stands_still(route) -> None:
    """The list as it is, but not renewing itself: whoever looks at it longer would lose it."""
    answer = route.fetch()
    passing = {"refresh", "content-encoding", "content-length"}
    kept = {name: value for name, value in answer.headers.items() if name not in passing}
    route.fulfill(status=answer.status, headers=kept, body=answer.body())


@scene()
def list_alone(person, places):
    person.page.route("**/rooms/1/list", stands_still)
    person.opens("/rooms/1/list")


@scene()
def room_without_scripts(person, places):
    # axe is a script, so the page is made what it is without any, rather than scripts forbidden.
    def without(route):
        answer = route.fetch()
        html = re.sub(r"<script[^>]*></script>|</?noscript>", "", answer.text())
        route.fulfill(response=answer, body=html)

    person.page.route("**/rooms/1", without)
    person.page.route("**/rooms/1/list", stands_still)
    person.opens()
    person.page.unroute("**/rooms/1")
    expect(person.page.frame_locator(".list").locator(".message").last).to_be_visible()


@scene()
def menu(person, places):
    person.opens("/rooms/1?end")
    message = person.message("The volcano for Friday")
    message.scroll_into_view_if_needed()
    message.hover()
    message.locator(".more").click()
    expect(person.page.locator("#menu:popover-open")).to_be_visible()


@scene()
def replying(person, places):
    menu(person, places)
    person.page.locator("#menu").get_by_role("link", name="Reply", exact=True).click()
    expect(person.page.get_by_text("Replying to Jo")).to_be_visible()


@scene()
def replies(person, places):
    person.opens(f"/messages/{places.message('I bring the beans')['id']}/thread")


@scene()
def room_with_replies(person, places):
    person.opens(f"/rooms/1?around={places.message('Where is the gate')['id']}")
    person.message("Behind the bicycles").scroll_into_view_if_needed()


@scene("Mei Tanaka")
def menu_of_a_moderator(person, places):
    menu(person, places)


@scene()
def report(person, places):
    person.opens(f"/messages/{places.message('The volcano for Friday')['id']}/report")


@scene()
def report_wrong(person, places):
    person.may_hear("status of 422")
    report(person, places)
    person.page.locator("#reason").evaluate("field => field.removeAttribute('maxlength')")
    person.page.get_by_label("What is wrong with it").fill("It is rude. " * 50)
    person.page.get_by_role("button", name="Report it").click()
    expect(person.page.locator(".wrong")).to_be_visible()


@scene()
def reported(person, places):
    person.opens(f"/messages/{places.message('Whoever waters bed 3')['id']}/report")
    expect(person.page.get_by_text("You reported this message")).to_be_visible()


@scene("Noa Ben-David")
def removed(person, places):
    person.may_hear("status of 403")
    person.opens("/rooms/1")


@scene("Sione Tupou")
def banned(person, places):
    person.may_hear("status of 403")
    person.opens("/rooms/1")


@scene()
def edit(person, places):
    menu(person, places)
    person.page.locator("#menu").get_by_role("link", name="Edit").click()
    expect(person.page.get_by_role("textbox", name="Your message")).to_be_visible()


@scene()
def names_offered(person, places):
    person.opens()
    person.box.press_sequentially("Has anybody seen @m")
    expect(person.page.locator("#names [role=option]")).to_have_count(2)
    person.box.press("ArrowDown")


@scene()
def for_you(person, places):
    for words in ("Hello", "@Jo can you take Tuesday for me? I have the dentist. " * 4):
        places.full.owner.edits(places.called, words)
    person.opens("/for-you")
    expect(person.page.locator(".notice .badge")).to_be_visible()


@scene()
def photo_open(person, places):
    person.opens()
    person.message("Look, the first tomato").locator(".photo").click()
    expect(person.page.locator("#viewer .stage img").first).to_be_visible()


@scene()
def photo_large(person, places):
    person.opens(f"{places.rooms['albums']}/photos")
    person.page.locator(".photo").nth(5).click()
    expect(person.page.locator("#viewer .shown img").first).to_be_visible()


@scene()
def photo_zoomed(person, places):
    photo_large(person, places)
    person.page.keyboard.press("z")
    expect(person.page.locator("#viewer .whole")).to_be_visible()


@scene()
def film_large(person, places):
    person.opens(f"{places.rooms['films']}/photos")
    person.page.locator(".photo").last.click()
    expect(person.page.locator("#viewer video")).to_be_visible()


def grid(words: str) -> Callable[[Person, Places], None]:
    """A scene that shows the photos of one message."""

    def play(person: Person, places: Places) -> None:
        person.opens(places.rooms["albums"])
        person.message(words).scroll_into_view_if_needed()

    return play


@scene()
def gallery_from_whom(person, places):
    person.opens(f"{places.rooms['albums']}/photos")
    person.page.get_by_role("button", name="From everybody").click()
    expect(person.page.locator("#from:popover-open")).to_be_visible()


@scene()
def photo_alone(person, places):
    person.opens(f"/files/{places.message('Before and after')['files'][0]['id']}")


def opens_with_an_empty_tray(person: Person, places: Places) -> None:
    """Whatever the scene before has left in it."""
    jo = places.full.caller("Jo")
    for file in json.loads(jo.get("/rooms/1/tray", Accept="application/json"))["files"]:
        jo.post(f"/rooms/1/tray/{file['id']}/remove")
    person.opens("/rooms/1?end")


@scene()
def room_tray(person, places):
    opens_with_an_empty_tray(person, places)
    beans = "a rather long name of a document about beans.pdf", b"%PDF-"
    person.picks(photo(1), photo(2, (640, 960)), beans)
    expect(person.page.locator("#tray > li:not(.upload)")).to_have_count(3)
    person.page.get_by_label("What can be seen? IMG_2001.jpg").fill("Hills behind the school")
    person.box.fill("Half a sentence\nand another one, longer than the box is wide on a phone")


@scene()
def room_sending(person, places):
    """One file is there, one is going up, one waits, one was cut, and a message waits for two."""
    person.may_hear(GONE, "status of 422")
    room_tray(person, places)
    tools = person.devtools()
    tools.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
    tools.send("Network.emulateNetworkConditions", slow)
    person.picks(("sports day.png", noise(900_000)))
    person.box.press("Enter")
    person.picks(BROKEN, photo(4))
    person.waits_on("() => document.querySelector('progress').value > 3")


@scene()
def refused(person, places):
    person.may_hear("status of 4..")
    opens_with_an_empty_tray(person, places)
    person.picks(photo(1), BROKEN)
    expect(person.page.locator("#tray .problem:not(:empty)")).to_have_text(UNREADABLE)
    person.says("With these words")
    expect(person.problem).to_have_text(re.compile("has not gone up"))


@scene()
def me_wrong(person, places):
    person.may_hear("status of 422")
    person.opens("/people/me")
    person.page.get_by_label("Name").fill("Mei Tanaka")
    person.page.get_by_role("button", name="Save", exact=True).click()
    expect(person.page.locator(".wrong")).to_be_visible()


@scene()
def leaving(person, places):
    person.opens("/people/me")
    person.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(person.page.get_by_role("heading", name="Before you go")).to_be_visible()


@scene("Miriam Okonkwo")
def invitation_with_its_code(person, places):
    person.opens("/people")
    person.page.get_by_text("Code to photograph").click()


@scene("Miriam Okonkwo")
def links(person, places):
    person.opens("/links")
    person.page.get_by_label("Whom is it for?").fill("The parents")
    person.page.get_by_label("How many may use it?").fill("30")
    person.page.get_by_role("button", name="Make the link").click()
    expect(person.page.locator(".address")).to_be_visible()
    person.opens("/links")


@scene("Miriam Okonkwo")
def links_wrong(person, places):
    person.may_hear("status of 422")
    person.opens("/links")
    person.page.get_by_label("How many may use it?").fill("some")
    person.page.get_by_role("button", name="Make the link").click()
    expect(person.page.locator(".wrong")).to_be_visible()


@scene("Miriam Okonkwo")
def link_large(person, places):
    person.opens("/links/1")


@scene()
def key(person, places):
    person.opens("/people/me")
    person.page.get_by_role("button", name="Sign in on another device").click()
    expect(person.page.locator(".address")).to_be_visible()


@scene()
def key_opened(person, places):
    key(person, places)
    address = person.page.locator(".address").inner_text()
    person.opens("/enter/" + address.rpartition("/enter/")[2])


@scene()
def missing(person, places):
    person.may_hear("status of 404")
    person.opens("/rooms/99")


@scene()
def who_reacted(person, places):
    person.opens("/rooms/1?end")
    chip = person.message("It is smaller than my thumb").locator(".reaction a:visible").first
    chip.focus()
    person.page.keyboard.press("Shift+Tab")
    person.page.keyboard.press("Tab")
    expect(chip.locator(".from")).to_have_css("clip-path", "none")


@scene()
def react_wrong(person, places):
    person.may_hear("status of 422")
    person.opens(f"/messages/{places.message('The volcano for Friday')['id']}")
    acts = person.page.get_by_role("region", name="This message")
    acts.get_by_label("Any emoji").evaluate("field => field.form.removeAttribute('hx-post')")
    acts.get_by_label("Any emoji").fill("nice")
    person.page.evaluate("() => document.querySelector('.any').submit()")
    expect(person.page.get_by_role("heading", name="React to a message")).to_be_visible()


@scene("Mei Tanaka")
def pins(person, places):
    person.opens("/rooms/1/pins")


@scene()
def versions(person, places):
    person.opens(f"/messages/{places.message('The volcano for Friday')['id']}/versions")


# ---- Rooms


def in_room(name: str, path: str = "") -> Callable[[Person, Places], None]:
    """A scene that is one address of a room."""
    return lambda person, places: person.opens(places.rooms[name] + path) and None


SCENES |= {
    "room-new": Scene("full", "Jo", at("/rooms/new")),
    "rooms-others": Scene("full", "Jo", at("/rooms/others")),
    "rooms-others-of-the-owner": Scene("full", "Miriam Okonkwo", at("/rooms/others")),
    "direct-new": Scene("full", "Jo", at("/direct/new")),
    "room-direct": Scene("full", "Jo", in_room("few")),
    "room-written": Scene("full", "Jo", in_room("written")),
    "room-with-films": Scene("full", "Jo", in_room("films")),
    "room-archived": Scene("full", "Jo", in_room("archived")),
    "room-announcements": Scene("full", "Jo", in_room("announcements")),
    "room-settings": Scene("full", "Jo", in_room("garden", "/settings")),
    "room-settings-of-others": Scene("full", "Jo", in_room("announcements", "/settings")),
    "room-settings-of-the-owner": Scene("full", "Miriam Okonkwo", in_room("open", "/settings")),
    "room-people-of-others": Scene("full", "Jo", in_room("announcements", "/people")),
    "room-delete": Scene("full", "Miriam Okonkwo", in_room("garden", "/delete")),
    "room-removed": Scene("full", "Jo", in_room("out", "/removed")),
    "room-without-pins": Scene("full", "Jo", in_room("garden", "/pins")),
    "room-grid": Scene("full", "Jo", grid("10 of them")),
    "room-grid-of-five": Scene("full", "Jo", grid("5 of them")),
    "room-grid-of-three": Scene("full", "Jo", grid("3 of them")),
    "room-grid-of-odd-shapes": Scene("full", "Jo", grid("Tall")),
    "room-grid-of-plans": Scene("full", "Jo", grid("Plans")),
    "gallery": Scene("full", "Jo", in_room("albums", "/photos")),
    "gallery-files": Scene("full", "Jo", in_room("albums", "/photos?show=files")),
    "gallery-of-films": Scene("full", "Jo", in_room("films", "/photos")),
    "gallery-empty": Scene("full", "Jo", in_room("garden", "/photos")),
}


@scene()
def room_new_wrong(person, places):
    person.may_hear("status of 422")
    person.opens("/rooms/new")
    person.page.get_by_label("Name").fill("   ")
    person.page.get_by_label("Chosen people").check()
    person.page.get_by_label("Mei Tanaka").check()
    person.page.get_by_role("button", name="Make the room").click()
    expect(person.page.locator(".wrong")).to_be_visible()


@scene()
def room_closing(person, places):
    person.may_hear("status of 422")
    person.opens(f"{places.rooms['open']}/settings")
    person.page.get_by_label("Chosen people").check()
    person.page.get_by_role("button", name="Save", exact=True).click()
    expect(person.page.locator(".wrong")).to_be_visible()


@scene()
def room_people(person, places):
    person.opens(f"{places.rooms['garden']}/people")
    person.page.locator("summary").last.click()
    expect(person.page.get_by_role("button", name="Remove Yusuf Al-Amin")).to_be_visible()


def adjust(person: Person, theme: str, width: int) -> None:
    """Turn the light on or off and make the window that wide."""
    window = {"width": width, "height": WIDTHS.get(width, 740)}
    if person.theme != theme:
        person.page.emulate_media(color_scheme=theme)
        person.theme = theme
    if person.page.viewport_size != window:
        person.page.set_viewport_size(window)
