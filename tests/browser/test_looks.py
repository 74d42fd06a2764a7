"""Every page and state can be seen, heard and reached with a keyboard; and the room is light."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.scenes import SCENES, Places, adjust, staged

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("axe.min.js").read_text()  # axe-core 4.14.1, from npm
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # what can differ between light and dark
# How each scene is looked at: from one to the next as little changes as can be.
LOOKS = [(1280, "light", RULES), (1280, "dark", OF_COLOURS), (360, "light", RULES)]
# Whatever something floats over can be scrolled from under it: the size of what is to be hit is
# taken without that, all else with it. A style sheet does it: a style of an element's own would be
# gone when the list at the side is renewed meanwhile.
FAULTS = """async (which) => {
    const still = new CSSStyleSheet();
    still.replaceSync(`.jump { display: none !important }
      #side > footer { position: static !important }`);
    const found = async (options, floats) => {
      document.adoptedStyleSheets = floats ? [] : [still];
      return (await axe.run({ resultTypes: ["violations"], ...options })).violations;
    };
    const size = which.includes("wcag22aa") ? await found({ runOnly: ["target-size"] }, false) : [];
    const rules = { "target-size": { enabled: false } };
    const all = [...size, ...await found({ runOnly: which, rules }, true)];
    return all.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
}"""


@pytest.fixture(scope="module")
def places(browser, tmp_path_factory) -> Iterator[Places]:
    """The three installations of the scenes."""
    with staged(tmp_path_factory.mktemp("places")) as found:
        yield found


@pytest.fixture
def visitor(browser, places, seats) -> Iterator[Callable[[str], Person]]:
    """`visitor(scene)`: whoever is in it, at the place where it plays."""

    def comes(name: str) -> Person:
        scene = SCENES[name]
        seat = f"{scene.who} at {scene.where}"
        if seat not in seats:
            seats[seat] = places.visitor(browser, scene, reduced_motion="reduce")
            # Sent once for all pages of this seat; in vain but where it is called.
            seats[seat].page.add_init_script(f"window.learnAxe = () => {{ {AXE} }}")
        adjust(seats[seat], "light", 1280)
        return seats[seat]

    yield comes
    for person in seats.values():
        person.is_content()


@pytest.mark.parametrize("name", SCENES)
def test_axe_finds_nothing_and_nothing_sticks_out(visitor, places, name):
    person = visitor(name)
    SCENES[name].play(person, places)
    person.page.wait_for_load_state()  # words can be there before the stylesheet is
    for frame in person.page.frames:
        frame.evaluate("() => { learnAxe() }")
    for width, theme, rules in LOOKS:
        adjust(person, theme, width)
        faults = person.page.evaluate(FAULTS, rules)
        assert not faults, (width, theme, faults)
    adjust(person, "light", 320)
    assert sticking_out(person) == []


def sticking_out(person: Person) -> list[str]:
    """What makes one scroll sideways, and what cannot be seen because it lies beyond the edge."""
    return person.page.evaluate(
        """() => {
            const zoomed = ":has(#zoom:checked) .stage";  // to be moved about
            const wide = [...document.querySelectorAll("*")].filter((element) =>
              element.scrollWidth > element.clientWidth && element.clientWidth
              && ["auto", "scroll"].includes(getComputedStyle(element).overflowX)
              && !["TEXTAREA", "PRE"].includes(element.tagName) && !element.matches(zoomed));
            const root = document.scrollingElement;
            if (root.scrollWidth > root.clientWidth) wide.push(root);
            const all = document.querySelectorAll("main *, nav *, dialog[open] *, :popover-open *");
            const beyond = [...all].filter((element) => {
              const { left, right } = element.getBoundingClientRect();
              return (left < -0.5 || right > innerWidth + 0.5)
                && !element.closest(`.hidden, svg, pre > *, ${zoomed}`)
                && element.checkVisibility({ visibilityProperty: true });
            });
            return [...wide, ...beyond].map((element) => element.outerHTML.slice(0, 120));
        }"""
    )


# ---- Weight


def test_the_first_view_of_a_room_is_light(browser, places):
    person = places.visitor(browser, SCENES["room"])  # who was never here before
    loaded = person.weighs()
    person.opens("/rooms/1?end")  # whatever was read before
    person.is_held()
    assert len(person.messages()) == 50
    counted = loaded()
    assert len(counted) <= 5, counted
    assert sum(counted.values()) <= 40_000, counted
    assert all(url.startswith(places.full.server.address) for url in counted)
    person.leaves()


# ---- Keyboard


def focused(person: Person) -> str:
    """What the keyboard is at: its name for people."""
    return person.page.evaluate(
        """() => {
            const at = document.activeElement;
            const label = at.labels?.[0]?.textContent;
            return (at.getAttribute("aria-label") || label || at.textContent).trim();
        }"""
    )


def test_the_first_tab_leads_to_the_box(visitor):
    person = visitor("room").opens()
    person.page.keyboard.press("Tab")
    assert focused(person) == "Skip to the message box"
    person.page.keyboard.press("Enter")
    expect(person.box).to_be_focused()
    person.page.keyboard.press("Control+A")  # over a draft from before
    person.page.keyboard.type("by keyboard alone")
    expect(person.box).to_have_value("by keyboard alone")


def test_tab_reaches_everything_and_the_focus_is_seen(visitor):
    person = visitor("room").opens()
    assert tabs_to(person, "All rooms|Lobby") and tabs_to(person, "Everyone")
    person.message("Look, the first tomato").locator(".who").focus()
    assert tabs_to(person, "More about this message by Mei Tanaka")
    assert tabs_to(person, "More about this message by Miriam Okonkwo")
    assert tabs_to(person, "Add photos or files")
    assert tabs_to(person, "Write to Lobby")
    assert tabs_to(person, "Send")


def tabs_to(person: Person, pattern: str) -> bool:
    """Press Tab until the focus is there; on the way it can always be seen."""
    for _ in range(20):
        person.page.keyboard.press("Tab")
        assert person.page.evaluate(
            """() => {
                const at = document.activeElement;
                const shown = at.name == "text" ? at.closest(".box") : at.closest("label") || at;
                const style = getComputedStyle(shown);
                return style.outlineStyle != "none" || style.boxShadow != "none";
            }"""
        ), focused(person)
        if re.match(pattern, focused(person)):
            return True
    return False


def test_the_menu_opens_with_enter_and_closes_with_esc(visitor):
    person = visitor("menu").opens()
    more = person.message("The volcano for Friday").locator(".more")
    more.focus()
    person.page.keyboard.press("Enter")
    menu = person.page.locator("#menu:popover-open")
    expect(menu).to_be_visible()
    person.page.keyboard.press("Tab")
    assert focused(person) == "👍 Good"
    person.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(more).to_be_focused()


def test_a_photo_opens_with_enter_and_closes_with_esc(visitor):
    person = visitor("photo-open").opens()
    link = person.message("Look, the first tomato").locator(".photo")
    link.focus()
    person.page.keyboard.press("Enter")
    viewer = person.page.get_by_role("dialog", name="Photo by Mei Tanaka")
    expect(viewer).to_be_visible()
    assert focused(person) == "Close"
    person.page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(link).to_be_focused()


def test_long_lines_of_code_are_scrolled_by_keyboard(visitor, places):
    person = visitor("room-written")
    SCENES["room-written"].play(person, places)
    message = person.message("def show(number)")
    message.locator(".when").focus()
    person.page.keyboard.press("Tab")
    code = message.locator("pre")
    expect(code).to_be_focused()
    for _ in range(5):
        person.page.keyboard.press("ArrowRight")
    person.page.wait_for_function("code => code.scrollLeft > 0", arg=code.element_handle())


# ---- Other needs


@pytest.mark.parametrize("wish", ["no-preference", "reduce"])
def test_movement_is_left_out_for_who_wishes_so(visitor, places, wish):
    person = visitor("menu")
    person.page.emulate_media(reduced_motion=wish)
    SCENES["menu"].play(person, places)
    moving = person.page.evaluate(
        """() => ["#menu", ".button", ".round", "dialog"].map((one) => document.querySelector(one))
          .some((one) => one && parseFloat(getComputedStyle(one).transitionDuration) > 0)"""
    )
    assert moving == (wish == "no-preference")
