"""The server dies, the line is cut, the page was left: nothing is lost and nothing doubled."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.content import photo
from tests.browser.people import GONE
from tests.servers import until

pytestmark = pytest.mark.browser

EACH = 50  # messages of each page
AWAY = 5  # seconds
NOT_SENT = re.compile("^Not sent")
WORDS = "getComputedStyle(document.querySelector('.offline'), '::before')"
RECONNECTING = f"says => ({WORDS}.visibility == 'visible') == says"


def test_four_pages_write_while_the_server_is_killed_and_nothing_is_lost(
    own_server, own_space, enters
):
    window = {"width": 480, "height": 400}
    names = ("Ann", "Bob", "Cleo", "Dan")
    people = [enters(own_space, name, viewport=window).opens() for name in names]
    for person in people:
        person.may_hear(GONE)
        person.is_held()
    for place, person in enumerate(people):
        person.page.evaluate(WRITE, [place, EACH])
    people[0].waits_on("half => wrote > half", EACH // 2, polling=20)
    own_server.kill()
    time.sleep(AWAY)
    own_server.start()
    for person in people:
        person.waits_on("each => wrote == each", EACH)
        assert person.page.evaluate("refused") >= 1, "each page was refused: the fault was one"

    wanted = {f"{place}-{number:02}" for place in range(4) for number in range(1, EACH + 1)}
    for person in people:
        expect(person.page.locator(".message")).to_have_count(4 * EACH)
    first, *rest = [person.messages() for person in people]
    assert {text for _, text in first} == wanted
    assert rest == [first] * 3
    assert [id for id, _ in first] == [f"message-{one['id']}" for one in own_space.owner.reads()]


# Somebody in a hurry: types, presses Enter, waits until it is sent, and presses Enter again each
# time the words come back with "Not sent".
WRITE = """([place, each]) => {
    const form = document.querySelector("#composer");
    const pause = (time) => new Promise((go) => setTimeout(go, time));
    const enter = () => form.text.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    window.wrote = window.refused = 0;
    (async () => {
        for (let number = 1; number <= each; number++) {
            form.text.value = `${place}-${String(number).padStart(2, "0")}`;
            enter();
            for (;;) {
                await pause(20);
                if (form.classList.contains("htmx-request")) continue;
                if (!form.text.value) break;
                const said = form.querySelector("#problem").textContent;
                if (!said.startsWith("Not sent")) throw new Error(said);
                window.refused++;
                await pause(200);
                enter();
            }
            window.wrote = number;
        }
    })();
}"""


def test_a_message_whose_answer_was_lost_is_sent_again_once(ann, bob):
    ann.may_hear(GONE)

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    ann.page.route("**/rooms/1/messages", lose_the_answer, times=1)
    ann.picks(photo(1))
    ann.says("said once")
    expect(bob.sees("said once").locator(".photo")).to_have_count(1)
    expect(ann.problem).to_have_text(NOT_SENT)
    expect(ann.box).to_have_value("said once")
    ann.box.press("Enter")
    expect(ann.problem).to_have_text("")
    expect(ann.box).to_have_value("")
    ann.says("said next")
    for person in (ann, bob):
        person.sees("said next")
        person.sees("said once")
    assert ann.messages() == bob.messages()


def test_what_was_typed_meanwhile_stays_and_what_was_not_sent_comes_back_after_it(ann):
    ann.may_hear(GONE)
    held = []
    ann.page.route("**/rooms/1/messages", lambda route: held.append(route), times=1)
    ann.says("the first")
    ann.box.fill("the second, half wri")
    ann.waits_on("() => document.querySelector('#composer.htmx-request')")
    held[0].abort()
    expect(ann.problem).to_have_text("Not sent: the first")
    expect(ann.box).to_have_value("the second, half wri")
    ann.box.fill("")
    expect(ann.box).to_have_value("the first")
    expect(ann.problem).to_have_text(NOT_SENT)


def test_two_quick_messages_whose_answers_were_lost_are_there_once_each(ann, bob):
    ann.may_hear(GONE)
    held = []
    ann.page.route("**/rooms/1/messages", lambda route: held.append(route))
    ann.says("quick one")
    ann.waits_on("() => document.querySelector('#composer.htmx-request')")
    ann.says("quick two")
    held[0].fetch()  # the first is stored and only its answer lost, the second never arrives
    held[0].abort()
    until(lambda: ann.page.wait_for_timeout(20) or len(held) == 2)
    expect(ann.box).to_have_value("quick one")
    held[1].abort()
    expect(ann.problem).to_have_text("Not sent: quick two")
    ann.page.unroute("**/rooms/1/messages")
    ann.box.press("Enter")
    expect(ann.box).to_have_value("quick two")
    expect(ann.problem).to_have_text(NOT_SENT)
    ann.box.press("Enter")
    for person in (ann, bob):
        person.sees("quick two")
        person.sees("quick one")
    expect(ann.box).to_have_value("")
    assert ann.texts()[-2:] == bob.texts()[-2:] == ["quick one", "quick two"]


def test_a_reply_that_comes_back_is_still_one_after_another_message(space, ann, bob):
    ann.may_hear(GONE)
    asked = space.caller("Bob").says("who brings beans?")
    ann.opens(f"/rooms/1?reply_to={asked['id']}")
    held = []
    ann.page.route("**/rooms/1/messages", lambda route: held.append(route), times=1)
    ann.says("me, of course")
    ann.waits_on("() => document.querySelector('#composer.htmx-request')")
    ann.says("and it rains")
    held[0].fetch()  # its answer alone is lost
    held[0].abort()
    bob.sees("and it rains")
    expect(ann.box).to_have_value("me, of course")
    ann.box.press("Enter")
    expect(ann.box).to_have_value("")
    expect(ann.problem).to_have_text("")
    said = [(one["text"], one["reply_to"]) for one in space.owner.reads()][-2:]
    assert said == [("me, of course", asked["id"]), ("and it rains", None)]
    expect(ann.page.locator("#replying .replying")).to_have_count(0)


def test_after_a_refused_edit_the_words_stay_and_the_box_still_gives_back(ann, bob):
    ann.may_hear(GONE, "status of 403")
    ann.says("to be deleted elsewhere")
    ann.sees("to be deleted elsewhere")
    ann.does("Edit", "to be deleted elsewhere")
    editor = ann.page.get_by_role("textbox", name="Your message")
    number = ann.message("to be deleted elsewhere").get_attribute("id").rpartition("-")[2]
    ann.page.request.post(f"/messages/{number}/delete")
    editor.fill("other words")
    editor.press("Enter")
    expect(ann.page.locator("#edit-problem")).to_contain_text("deleted")
    expect(editor).to_have_value("other words")
    ann.page.get_by_role("link", name="Leave it as it was").click()
    ann.page.route("**/rooms/1/messages", lambda route: route.abort(), times=1)
    ann.says("precious words")
    expect(ann.problem).to_have_text(NOT_SENT)
    expect(ann.box).to_have_value("precious words")


def test_an_answer_of_somebody_else_sends_nothing(ann, bob):
    ann.page.route(
        "**/rooms/1/messages",
        lambda route: route.fulfill(status=200, body="<h1>Hotel</h1>", content_type="text/html"),
        times=1,
    )
    ann.says("not for the hotel")
    expect(ann.problem).to_have_text(NOT_SENT)
    expect(ann.box).to_have_value("not for the hotel")
    ann.box.press("Enter")
    for person in (ann, bob):
        person.sees("not for the hotel")


def test_reconnecting_is_said_while_the_server_is_away(own_server, own_space, enters):
    ann, bob = (enters(own_space, name).opens() for name in ("Ann", "Bob"))
    assert "Reconnecting" in ann.page.evaluate(f"() => {WORDS}.content")
    for person in (ann, bob):
        person.may_hear(GONE)
        person.is_held()
    own_server.kill()
    ann.waits_on(RECONNECTING, True)
    own_server.start()
    ann.waits_on(RECONNECTING, False)
    bob.is_held()
    bob.says("back again")
    ann.sees("back again")


def test_reconnecting_is_not_said_while_all_is_well(space, enters):
    ann = enters(space, "Ann")
    # Looked at from the first moment on, when the page has come and its stylesheet has not.
    ann.page.route("**/parley.css*", lambda route: (time.sleep(0.2), route.fallback()))
    ann.page.add_init_script(
        """const watch = () => {
            const line = document.querySelector(".offline");
            const words = line && getComputedStyle(line, "::before");
            window.said ||= words?.content.length > 6 && words.visibility == "visible";
            requestAnimationFrame(watch);
        };
        watch();
        document.addEventListener("readystatechange", watch);"""
    )
    ann.opens()
    ann.is_held()
    ann.says("all is well")
    ann.sees("all is well")
    ann.page.wait_for_timeout(700)
    assert not ann.page.evaluate("said")


def test_a_poll_is_held_not_asked_again_and_again(ann):
    ann.is_held()
    asked = []
    ann.page.on("request", lambda request: asked.append(request.url))
    ann.page.wait_for_timeout(1600)
    assert asked == []
    assert ann.page.evaluate(RECONNECTING, False)


def test_foreign_answers_to_a_poll_do_no_harm(ann, bob):
    ann.may_hear(GONE, "status of 502")
    foreign = [
        lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"),
        lambda route: route.fulfill(status=200, body="<h1>Hotel</h1>", content_type="text/html"),
        lambda route: route.fulfill(status=200, body=""),
        lambda route: route.abort(),
    ]
    met = []

    def meet(route):
        if len(met) == len(foreign):
            return route.continue_()
        met.append(route.request.url)
        return foreign[len(met) - 1](route)

    ann.page.route("**/rooms/1/feed*", meet)
    before = len(ann.messages())
    for text in ("after the hotel", "and more"):
        bob.says(text)
        ann.sees(text)
    assert len(met) == len(foreign)
    assert len(ann.messages()) == before + 2
    for text in ("Hotel", "Bad gateway"):
        expect(ann.page.get_by_text(text, exact=True)).to_have_count(0)


def test_who_comes_back_to_a_page_catches_up(ann, bob):
    for text in ("to be edited later", "to be deleted later"):
        bob.says(text)
        ann.sees(text)
    ann.page.get_by_role("link", name="Everyone").click()
    expect(ann.page.get_by_role("heading", name="People", level=1)).to_be_visible()
    bob.says("said while you were away")
    bob.sees("said while you were away")
    bob.does("Edit", "to be edited later")
    editor = bob.page.get_by_role("textbox", name="Your message")
    editor.fill("was edited")
    editor.press("Enter")
    bob.sees("was edited")
    bob.does("Delete", "to be deleted later")
    bob.sees_not("to be deleted later")
    ann.page.go_back()
    ann.sees("said while you were away")
    ann.sees("was edited")
    ann.sees_not("to be deleted later")
    bob.says("said after the return")
    ann.sees("said after the return")
    assert ann.messages() == bob.messages()


def test_a_frozen_page_catches_up_when_it_thaws(ann, bob):
    ann.is_held()
    tools = ann.devtools()
    tools.send("Page.setWebLifecycleState", {"state": "frozen"})
    for number in range(3):
        bob.says(f"while frozen {number}")
        bob.sees(f"while frozen {number}")
    tools.send("Page.setWebLifecycleState", {"state": "active"})
    for number in range(3):
        ann.sees(f"while frozen {number}")
    assert ann.messages() == bob.messages()


def test_too_much_missed_shows_the_list_anew_and_a_way_back(own_space, enters):
    ann = enters(own_space, "Ann").opens()
    ann.may_hear(GONE)
    ann.is_held()
    ann.box.fill("half a sent")
    ann.page.route("**/feed*", lambda route: route.abort())
    own_space.owner.says("seen before the line was cut")
    ann.sees("seen before the line was cut")
    for number in range(201):
        own_space.owner.says(f"missed {number:03}")
    ann.page.unroute("**/feed*")
    ann.sees("missed 200")
    assert len(ann.messages()) == 50
    expect(ann.box).to_have_value("half a sent")
    expect(ann.page.get_by_text("201 missed")).to_be_visible()
    ann.page.get_by_role("link", name="start there").click()
    expect(ann.sees("missed 000")).to_be_in_viewport()


def test_sigterm_ends_everything_at_once(own_server, own_space, enters):
    own_space.owner.says("so that a darkroom works", photo(1))
    people = [enters(own_space, name).opens() for name in ("Ann", "Bob", "Cleo")]
    for person in people:
        person.may_hear(GONE)
        person.is_held()
    assert own_server.stop() < 3  # not the 5 seconds that answers under way may take
    assert own_server.processes() == []
