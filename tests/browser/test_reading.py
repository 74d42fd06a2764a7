"""Who reads is left in peace: nothing moves, wherever they are in the room."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.content import LOREM, lines, photo
from tests.browser.people import Person

pytestmark = pytest.mark.browser

WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.push([entry.value, entry.sources.map((source) => source.node?.className)]);
    }).observe({ type: "layout-shift", buffered: true });
"""
# Where a message stands in the window, noted at every frame.
WATCH_MESSAGE = """(id) => {
    window.tops = [];
    const note = () => {
      tops.push(document.getElementById(id).getBoundingClientRect().top);
      watching = requestAnimationFrame(note);
    };
    let watching = requestAnimationFrame(note);
    window.watched = () => { cancelAnimationFrame(watching); return [...new Set(tops)]; };
}"""
IN_THE_MIDDLE = """() => {
    const { top, height } = document.querySelector("#scroll").getBoundingClientRect();
    const away = (one) => {
      const its = one.getBoundingClientRect();
      return Math.abs(its.top + its.height / 2 - top - height / 2);
    };
    const all = [...document.querySelectorAll("#scroll .message")];
    return all.sort((one, other) => away(one) - away(other))[0]?.id;
}"""


@pytest.fixture(scope="module")
def said(space) -> list[str]:
    """120 messages of many lengths by two people."""
    return lines(space, 120, "Dan", "Eve")


@pytest.fixture
def reader(said, ann: Person) -> Person:
    """Ann, who has scrolled up by some screens."""
    ann.is_held()
    scroll(ann, -1100)
    return ann


def scroll(person: Person, by: float) -> None:
    """By so many pixels, as a wheel does, and until it has come to rest."""
    person.page.locator("#scroll").hover()
    person.page.mouse.wheel(0, by)
    person.waits_on(
        """() => {
            const now = document.querySelector('#scroll').scrollTop;
            const rests = window.scrolledTo === now;
            window.scrolledTo = now;
            return rests;
        }""",
        polling=60,
    )


def moves(person: Person, while_: Callable[[], None]) -> float:
    """By how many pixels the message in the middle has moved at most, in any frame."""
    chosen = person.page.evaluate(IN_THE_MIDDLE)
    assert chosen
    person.page.evaluate(WATCH_MESSAGE, chosen)
    while_()
    person.page.wait_for_timeout(150)
    tops = person.page.evaluate("() => watched()")
    return max(tops) - min(tops)


def test_the_list_opens_at_its_end(said, ann):
    assert ann.texts()[-1] == said[-1]
    assert at_the_end(ann)


def test_new_messages_move_nothing_while_reading_above(reader, space):
    def others_write():
        for number in range(4):
            space.caller("Dan").says(f"while you read {number} {LOREM * number}")
        space.caller("Eve").says("and a photo while you read", photo(1))
        expect(reader.message("and a photo while you read")).to_have_count(1)

    assert moves(reader, others_write) == 0


def test_edits_out_of_sight_move_nothing(reader, space):
    above, below = out_of_sight(reader)
    authors = {f"message-{one['id']}": one["author"]["name"] for one in space.owner.reads()}

    def others_edit():
        for chosen in (above, below):
            number = int(chosen.rpartition("-")[2])
            for words in (f"edited {number} {LOREM * 3}", f"again {number}"):
                space.caller(authors[chosen]).edits({"id": number}, words)
                expect(reader.page.locator(f"#{chosen}")).to_contain_text(words.strip())

    assert moves(reader, others_edit) == 0


def test_a_deletion_out_of_sight_moves_nothing(reader, space):
    above, _ = out_of_sight(reader)
    authors = {f"message-{one['id']}": one["author"]["name"] for one in space.owner.reads()}

    def another_deletes():
        space.caller(authors[above]).deletes({"id": int(above.rpartition("-")[2])})
        expect(reader.page.locator(f"#{above} .gone")).to_have_count(1)

    assert moves(reader, another_deletes) == 0


def out_of_sight(person: Person) -> list[str]:
    """The ids of the nearest messages above and below what is on view."""
    return person.page.evaluate(
        """() => {
            const frame = document.querySelector("#scroll").getBoundingClientRect();
            const all = [...document.querySelectorAll(".message")];
            const box = (message) => message.getBoundingClientRect();
            return [all.findLast((message) => box(message).bottom < frame.top).id,
              all.find((message) => box(message).top > frame.bottom).id];
        }"""
    )


def test_who_is_at_the_end_stays_there(said, ann, space):
    ann.is_held()
    for number in range(3):
        space.caller("Dan").says(f"to the end {number} {LOREM * 3}")
    ann.sees("to the end 2")
    assert at_the_end(ann)
    space.caller("Dan").says("a photo at the end", photo(2))
    image = ann.sees("a photo at the end").locator("img")
    ann.waits_on("image => image.complete && image.naturalWidth > 0", image.element_handle())
    assert at_the_end(ann)
    ann.says("and my own")
    ann.sees("and my own")
    assert at_the_end(ann)


def at_the_end(person: Person) -> bool:
    """Whether the last message is on view, whole."""
    return person.page.evaluate(
        """() => {
            const frame = document.querySelector("#scroll").getBoundingClientRect();
            const last = [...document.querySelectorAll(".message")].at(-1).getBoundingClientRect();
            return last.bottom <= frame.bottom && frame.bottom - last.bottom < 40;
        }"""
    )


def test_scrolling_up_brings_every_message_once_and_moves_nothing(own_space, enters):
    said = lines(own_space, 120, "Dan", "Eve", seed=2)
    ann = enters(own_space, "Ann").opens()
    ann.is_held()
    link = ann.page.get_by_role("link", name="Older messages")
    loads = 0
    while link.count():
        shown = len(ann.messages())
        # The wheel moves the list on purpose; what loads then must not move it any more.
        answer = held_back(ann)
        while not answer:
            scroll(ann, -600)
        scroll(ann, -60)

        def the_answer_comes(held=answer, shown=shown):
            held[0].continue_()
            expect(ann.page.locator(".message")).not_to_have_count(shown)

        assert moves(ann, the_answer_comes) == 0
        ann.page.unroute("**/rooms/1?before=*")
        loads += 1
    assert loads == 2
    assert ann.texts() == said
    kept = own_space.owner.reads()
    assert ann.messages() == [(f"message-{one['id']}", one["text"]) for one in kept]


def held_back(person: Person) -> list:
    """Requests for older messages, which wait here until they are let go."""
    held: list = []
    person.page.route("**/rooms/1?before=*", lambda route: held.append(route))
    return held


def test_the_first_view_does_not_shift_while_its_photos_load(own_space, enters):
    for number, sizes in enumerate(([(960, 640)], [(420, 1200)], [(640, 960), (960, 640)])):
        own_space.owner.says(f"photos {number}", *(photo(number, size) for size in sizes))
    own_space.owner.says("small", photo(9, (90, 60)))
    ann = enters(own_space, "Ann")
    ann.page.add_init_script(WATCH_SHIFTS)
    slow = lambda route: (time.sleep(0.15), route.continue_())  # noqa: E731
    ann.page.route("**/files/**", slow)
    ann.opens()
    assert_all_loaded(ann)
    assert ann.page.evaluate("() => shifts") == []


def test_a_photo_that_arrives_does_not_shift_what_is_there(own_space, enters):
    own_space.owner.says("before it")
    ann = enters(own_space, "Ann")
    ann.page.add_init_script(WATCH_SHIFTS)
    ann.page.route("**/files/**", lambda route: (time.sleep(0.15), route.continue_()))
    ann.opens()
    ann.is_held()
    own_space.owner.says("here it is", photo(3, (640, 960)))
    message = ann.sees("here it is")
    there = message.bounding_box()
    ann.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    ann.page.evaluate("() => { shifts.length = 0 }")  # that the list makes room is no shift
    assert_all_loaded(ann)
    assert ann.page.evaluate("() => shifts") == []
    assert message.bounding_box() == there


def assert_all_loaded(person: Person) -> None:
    """Scroll every picture into view and wait until it is seen."""
    for image in person.page.locator(".photo img").all():
        image.scroll_into_view_if_needed()
        person.waits_on("image => image.complete && image.naturalWidth > 0", image.element_handle())
