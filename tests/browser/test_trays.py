"""Sending files: each goes up by itself, and what happens on the way loses and doubles nothing."""

import json
import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.content import BROKEN, UNREADABLE, landscape, noise, photo
from tests.browser.people import GONE, Person
from tests.browser.test_live import REFUSED, shown
from tests.browser.test_replies import PHONE
from tests.callers import Space

pytestmark = pytest.mark.browser


def lose_the_answer(route: Route) -> None:
    """The server has it, and who sent it never hears so."""
    route.fetch()
    route.abort()


def waiting(person: Person) -> Locator:
    """What is in the tray."""
    return person.page.locator("#tray > li:not(.upload)")


def uploads(person: Person) -> Locator:
    """What is on its way, or was cut."""
    return person.page.locator(".upload")


def kept(space: Space, name: str) -> list[str]:
    """What waits for that person on the server."""
    told = json.loads(space.caller(name).get("/rooms/1/tray", Accept="application/json"))
    return [one["name"] for one in told["files"]]


def sent(space: Space, text: str) -> list[tuple[str, str]]:
    """The files of the one message with these words: their names, and what is seen on them."""
    [message] = [one for one in space.owner.reads() if one["text"] == text]
    return [(one["name"], one["alt"]) for one in message["files"]]


def slows(person: Person, octets: int) -> None:
    """So many bytes a second go up from here; -1: as many as can."""
    tools = person.devtools()
    tools.send("Network.enable")
    how = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": octets}
    tools.send("Network.emulateNetworkConditions", how)


@pytest.fixture
def cleo(space, enters) -> Person:
    """In a browser of her own, with nothing in her tray."""
    cleo = space.caller("Cleo")
    for one in json.loads(cleo.get("/rooms/1/tray", Accept="application/json"))["files"]:
        cleo.post(f"/rooms/1/tray/{one['id']}/remove")
    return enters(space, "Cleo").opens("/rooms/1?end")


# ---- Ways in


def test_a_picked_file_goes_up_at_once_and_the_message_only_names_it(space, cleo, bob):
    cleo.picks(photo(1, (1200, 900)), ("beans.txt", b"blue beans"))
    expect(waiting(cleo)).to_have_count(2)
    shown(cleo, waiting(cleo).locator("img"))
    assert kept(space, "Cleo") == ["IMG_2001.jpg", "beans.txt"]
    with cleo.page.expect_request("**/rooms/1/messages") as posted:
        cleo.says("two things")
    assert len(posted.value.post_data_buffer or b"") < 2000
    message = bob.sees("two things")
    shown(bob, message.locator(".photo img"))
    expect(message.locator(".attachment")).to_contain_text("beans.txt")
    expect(cleo.page.locator(".tray li")).to_have_count(0)
    assert kept(space, "Cleo") == []


def test_a_pasted_photo_arrives(space, enters, bob):
    ann = enters(space, "Ann", permissions=["clipboard-read", "clipboard-write"]).opens()
    ann.page.evaluate(
        """async (octets) => {
            const picture = new Blob([new Uint8Array(octets)], { type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
        }""",
        list(landscape(3, (200, 100), "PNG")),
    )
    ann.box.fill("pasted")
    ann.page.keyboard.press("Control+v")
    ann.page.keyboard.press("Enter")
    image = bob.sees("pasted").locator(".photo img")
    expect(image).to_have_attribute("width", "200")
    shown(bob, image)


def test_words_from_an_office_program_are_pasted_as_words(space, enters):
    ann = enters(space, "Ann", permissions=["clipboard-read", "clipboard-write"]).opens()
    ann.page.evaluate(
        """async (octets) => {
            const picture = new Blob([new Uint8Array(octets)], { type: "image/png" });
            const words = new Blob(["a cell"], { type: "text/plain" });
            const both = { "text/plain": words, "image/png": picture };
            await navigator.clipboard.write([new ClipboardItem(both)]);
        }""",
        list(landscape(3, (200, 100), "PNG")),
    )
    ann.box.focus()
    ann.page.keyboard.press("Control+v")
    expect(ann.box).to_have_value("a cell")
    expect(ann.page.locator("#tray li")).to_have_count(0)


@pytest.mark.parametrize("where", ["#scroll", "#text"])
def test_dropped_photos_arrive(cleo, bob, where):
    dropped = cleo.page.evaluate_handle(
        """(octets) => {
            const dropped = new DataTransfer();
            for (const name of ["one.jpg", "two.jpg"])
                dropped.items.add(new File([new Uint8Array(octets)], name, { type: "image/jpeg" }));
            return dropped;
        }""",
        list(landscape(4, (300, 200))),
    )
    for event in ("dragenter", "dragover", "drop"):
        cleo.page.locator(where).dispatch_event(event, {"dataTransfer": dropped})
    expect(waiting(cleo)).to_have_count(2)
    cleo.says(f"dropped on {where}")
    expect(bob.sees(f"dropped on {where}").locator(".photo")).to_have_count(2)


def test_a_phone_offers_its_camera_and_every_button_can_be_hit(space, enters, bob):
    small = {"viewport": {"width": 360, "height": 740}}
    phone = enters(space, "Fay", **PHONE | small).opens()
    picker = phone.page.locator("#composer input[type=file]")
    assert picker.get_attribute("accept") is None  # then phones offer camera, photos and files
    assert picker.get_attribute("multiple") is not None
    phone.picks(photo(5), photo(6))
    expect(waiting(phone)).to_have_count(2)
    for button in phone.page.locator("#tray button").all():
        size = button.bounding_box()
        assert size and min(size["width"], size["height"]) >= 44
    one, two = (card.bounding_box() for card in waiting(phone).all())
    assert (
        one and two and one["y"] == two["y"]
    )  # beside each other: one a row would hide all but two of ten
    phone.page.get_by_role("button", name="Take out IMG_2006.jpg").tap()
    phone.page.get_by_role("button", name="Send", exact=True).tap()
    expect(bob.page.locator(".message").last.locator(".photo")).to_have_count(1)


def test_with_large_letters_a_phone_still_shows_whole_cards(space, enters):
    phone = enters(space, "Gus", **PHONE).opens()
    phone.page.evaluate("() => document.documentElement.style.fontSize = '200%'")
    phone.picks(photo(5), ("beans.txt", b"blue beans"))
    expect(waiting(phone)).to_have_count(2)
    tray = phone.page.locator("#tray")
    assert tray.evaluate("it => it.scrollWidth <= it.clientWidth")


# ---- What one does with it


def test_by_keyboard_it_is_described_moved_and_taken_out(space, cleo, bob):
    page = cleo.page
    cleo.picks(photo(1), photo(2), photo(3))
    expect(waiting(cleo)).to_have_count(3)
    page.get_by_label("What can be seen? IMG_2003.jpg").focus()
    page.keyboard.type("Hills at noon")
    page.keyboard.press("Tab")
    earlier = page.get_by_role("button", name="Move IMG_2003.jpg to the front")
    expect(earlier).to_be_focused()
    for names in (["IMG_2001.jpg", "IMG_2003.jpg", "IMG_2002.jpg"],
                  ["IMG_2003.jpg", "IMG_2001.jpg", "IMG_2002.jpg"]):  # fmt: skip
        page.keyboard.press("Enter")
        expect(waiting(cleo).locator("bdi")).to_have_text(names)
        expect(earlier).to_be_focused()
    page.get_by_role("button", name="Take out IMG_2001.jpg").press("Enter")
    expect(waiting(cleo)).to_have_count(2)
    page.get_by_label("What can be seen? IMG_2002.jpg").fill("Hills in the evening")
    cleo.says("in another order")
    expect(bob.sees("in another order").locator(".photo")).to_have_count(2)
    described = [("IMG_2003.jpg", "Hills at noon"), ("IMG_2002.jpg", "Hills in the evening")]
    assert sent(space, "in another order") == described


def test_the_tray_survives_a_reload_and_is_on_another_device(space, cleo, enters):
    cleo.picks(photo(1), photo(2))
    expect(waiting(cleo)).to_have_count(2)
    cleo.page.get_by_label("What can be seen? IMG_2001.jpg").fill("Hills")
    cleo.page.get_by_label("What can be seen? IMG_2001.jpg").blur()
    cleo.page.get_by_role("button", name="Move IMG_2002.jpg to the front").click()
    expect(waiting(cleo).locator("bdi")).to_have_text(["IMG_2002.jpg", "IMG_2001.jpg"])
    tablet = enters(space, "Cleo").opens()
    for device in (tablet, cleo.opens()):
        expect(waiting(device).locator("bdi")).to_have_text(["IMG_2002.jpg", "IMG_2001.jpg"])
        expect(device.page.get_by_label("What can be seen? IMG_2001.jpg")).to_have_value("Hills")
    tablet.says("sent from there")
    tablet.sees("sent from there")
    # What this page still shows is no longer here to be sent: it says so, and keeps the words.
    cleo.may_hear(REFUSED)
    cleo.says("sent from here")
    expect(cleo.problem).to_contain_text("no longer here")
    expect(waiting(cleo)).to_have_count(0)
    expect(cleo.box).to_have_value("sent from here")
    cleo.box.press("Enter")
    tablet.sees("sent from here")
    assert len(sent(space, "sent from there")) == 2 and not sent(space, "sent from here")


def test_ten_at_most_and_the_eleventh_says_so(space, cleo):
    cleo.may_hear(REFUSED)
    cleo.picks(*[(f"{number}.txt", b"%d" % number) for number in range(11)])
    expect(waiting(cleo)).to_have_count(10)
    expect(uploads(cleo).locator(".problem")).to_contain_text("10 files are the most")
    uploads(cleo).get_by_role("button", name="Take out").click()
    cleo.says("ten of them")
    cleo.sees("ten of them")
    assert [name for name, _ in sent(space, "ten of them")] == [f"{n}.txt" for n in range(10)]


def test_what_cannot_be_read_says_so_and_the_others_go_on(space, cleo, bob):
    cleo.may_hear(REFUSED)
    cleo.picks(photo(1), BROKEN, photo(2))
    expect(waiting(cleo)).to_have_count(2)
    expect(uploads(cleo).locator(".problem")).to_have_text(UNREADABLE)
    cleo.says("with a liar")
    expect(cleo.problem).to_contain_text("has not gone up")
    expect(cleo.box).to_have_value("with a liar")
    bob.sees_not("with a liar")
    uploads(cleo).get_by_role("button", name="Take out").click()
    cleo.box.press("Enter")
    expect(bob.sees("with a liar").locator(".photo")).to_have_count(2)
    expect(cleo.problem).to_have_text("")


def test_what_is_being_taken_out_is_not_sent_by_a_quick_enter(space, cleo, bob):
    cleo.picks(photo(1), photo(2))
    expect(waiting(cleo)).to_have_count(2)
    held: list[Route] = []
    cleo.page.route("**/remove", lambda route: held.append(route))
    cleo.page.get_by_role("button", name="Take out IMG_2001.jpg").click()
    cleo.says("without the first")
    expect(bob.sees("without the first").locator(".photo")).to_have_count(1)
    assert [name for name, _ in sent(space, "without the first")] == ["IMG_2002.jpg"]
    held[0].continue_()
    expect(cleo.page.locator(".tray li")).to_have_count(0)


def test_what_could_not_be_taken_out_stays_in_sight(space, cleo):
    cleo.may_hear("status of 503")
    cleo.picks(photo(1))
    expect(waiting(cleo)).to_have_count(1)
    said = '<p id="problem" class="problem" hx-swap-oob="true">The server is busy.</p>'
    busy = {"status": 503, "body": said, "content_type": "text/html"}
    cleo.page.route("**/remove", lambda route: route.fulfill(**busy), times=1)
    cleo.page.get_by_role("button", name="Take out IMG_2001.jpg").click()
    expect(cleo.problem).to_have_text("The server is busy.")
    expect(waiting(cleo)).to_have_count(1)
    cleo.page.get_by_role("button", name="Take out IMG_2001.jpg").click()
    expect(waiting(cleo)).to_have_count(0)
    assert kept(space, "Cleo") == []


def test_a_refused_message_keeps_its_tray(space, cleo, bob):
    cleo.may_hear(REFUSED)
    cleo.picks(photo(1))
    expect(waiting(cleo)).to_have_count(1)
    cleo.box.evaluate("box => box.removeAttribute('maxlength')")
    cleo.says("ü" * 10_001)
    expect(cleo.problem).to_contain_text("10,000 is the most")
    expect(waiting(cleo)).to_have_count(1)
    cleo.says("shorter, with the photo")
    expect(bob.sees("shorter, with the photo").locator(".photo")).to_have_count(1)


def test_the_page_of_a_message_has_the_same_tray(space, cleo):
    said = space.caller("Bob").says("Whose photo is the best?")
    cleo.picks(photo(1))
    expect(waiting(cleo)).to_have_count(1)
    cleo.opens(f"/messages/{said['id']}/thread")
    expect(waiting(cleo)).to_have_count(1)
    cleo.picks(photo(2))
    expect(waiting(cleo)).to_have_count(2)
    cleo.says("Mine, of course")
    expect(cleo.sees("Mine, of course").locator(".photo")).to_have_count(2)
    expect(waiting(cleo)).to_have_count(0)


# ---- On the way


def test_it_is_told_how_far_it_is_and_it_can_be_cancelled(space, cleo):
    slows(cleo, 200_000)
    cleo.picks(("large.png", noise(1_000_000)), ("small.txt", b"small"))
    far = "() => (({ value }) => value > 5 && value < 95)(document.querySelector('progress'))"
    cleo.waits_on(far)
    expect(uploads(cleo).first).to_contain_text(re.compile(r"\d+ % of 1\.0 MB"))  # nothing twice
    bar = cleo.page.get_by_role("progressbar", name="Sending").first
    assert 5 < float(bar.get_attribute("value") or bar.evaluate("bar => bar.value")) < 99
    cleo.page.get_by_role("button", name="Cancel").first.click()
    expect(waiting(cleo).locator("bdi")).to_have_text(["small.txt"])
    expect(uploads(cleo)).to_have_count(0)
    assert kept(space, "Cleo") == ["small.txt"]


def test_what_is_cancelled_while_the_server_works_on_it_does_not_stay(space, cleo, bob):
    cleo.picks(photo(50, (6000, 4000)), ("kept.txt", b"kept"))
    cleo.waits_on("() => document.querySelector('progress').value == 100")
    with cleo.page.expect_response("**/tray/remove"):
        cleo.page.get_by_role("button", name="Cancel").first.click()
    expect(uploads(cleo)).to_have_count(0)
    expect(waiting(cleo).locator("bdi")).to_have_text(["kept.txt"])
    assert kept(space, "Cleo") == ["kept.txt"]
    cleo.says("cancelled in time")
    bob.sees("cancelled in time")
    assert sent(space, "cancelled in time") == [("kept.txt", "")]


def test_what_has_come_though_its_answer_was_lost_can_be_taken_out(space, cleo):
    cleo.may_hear(GONE)
    cleo.page.route("**/rooms/1/tray", lose_the_answer, times=1)
    cleo.picks(photo(1))
    expect(uploads(cleo).locator(".problem")).to_contain_text("Try again")
    assert kept(space, "Cleo") == ["IMG_2001.jpg"]
    with cleo.page.expect_response("**/tray/remove"):
        uploads(cleo).get_by_role("button", name="Take out").click()
    expect(cleo.page.locator(".tray li")).to_have_count(0)
    assert kept(space, "Cleo") == []


def test_what_waits_for_its_turn_can_be_cancelled_and_never_goes_up(space, cleo):
    slows(cleo, 200_000)
    cleo.picks(("large.png", noise(300_000)), ("second.txt", b"second"), ("third.txt", b"third"))
    uploads(cleo).filter(has_text="second.txt").get_by_role("button", name="Cancel").click()
    expect(waiting(cleo).locator("bdi")).to_have_text(["large.png", "third.txt"])
    assert kept(space, "Cleo") == ["large.png", "third.txt"]


def test_what_is_sent_meanwhile_waits_and_carries_it(space, cleo, bob):
    slows(cleo, 200_000)
    cleo.picks(photo(1), ("large.png", noise(500_000)))
    cleo.waits_on("() => document.querySelector('progress')?.value > 5")
    cleo.says("with both of them")
    expect(cleo.box).to_have_value("")
    cleo.says("and this comes after it")
    expect(cleo.page.locator("#tray li")).to_have_count(0)
    bob.sees_not("with both of them")
    expect(bob.sees("with both of them").locator(".photo")).to_have_count(2)
    expect(bob.sees("and this comes after it").locator(".photo")).to_have_count(0)
    assert bob.texts()[-2:] == ["with both of them", "and this comes after it"]
    expect(cleo.page.locator(".tray li")).to_have_count(0)
    assert kept(space, "Cleo") == []


def test_what_is_written_while_a_reply_waits_for_its_upload_answers_nothing_else(space, cleo, bob):
    first, other = (space.caller("Bob").says(text)["id"] for text in ("which film?", "and when?"))
    cleo.opens(f"/rooms/1?reply_to={first}")
    slows(cleo, 200_000)
    cleo.picks(("large.png", noise(500_000)))
    cleo.says("this film")
    cleo.says("no reply at all")
    cleo.page.evaluate(
        "id => htmx.ajax('GET', `/rooms/1?reply_to=${id}`, { source: '#came', swap: 'none' })",
        other,
    )
    expect(cleo.page.locator("#replying [name=reply_to]")).to_have_value(str(other))
    bob.sees("no reply at all")
    expect(cleo.page.locator("#replying [name=reply_to]")).to_have_value(str(other))
    cleo.says("at noon")
    bob.sees("at noon")
    answers = {one["text"]: one["reply_to"] for one in space.owner.reads()}
    assert [answers[text] for text in ("this film", "no reply at all", "at noon")] == [
        first, None, other]  # fmt: skip
    expect(cleo.page.locator("#replying [name=reply_to]")).to_have_count(0)


def test_what_waits_for_its_upload_is_kept_as_a_draft_until_it_is_sent(space, cleo, enters, bob):
    def is_kept(it) -> bool:
        return it.url.endswith("/draft") and "the+film+of+the+day" in (it.post_data or "")

    tablet = enters(space, "Cleo")
    slows(cleo, 100_000)
    cleo.picks(("large.png", noise(800_000)))
    with cleo.page.expect_request(is_kept):
        cleo.box.press_sequentially("the film of the day")
    cleo.box.press_sequentially("!")
    cleo.box.press("Enter")
    cleo.page.wait_for_timeout(3200)  # until it is looked at again what is in the box: nothing
    expect(tablet.opens().box).to_have_value(re.compile("the film of the day!?"))
    bob.sees("the film of the day!")
    expect(tablet.opens().box).to_have_value("")


def test_a_file_that_is_chosen_after_sending_is_for_the_next_message(space, cleo, bob):
    slows(cleo, 200_000)
    cleo.picks(("large.png", noise(400_000)))
    cleo.says("the large one")
    cleo.picks(("small.txt", b"small"))
    expect(waiting(cleo).locator("bdi")).to_have_text(["small.txt"])
    bob.sees("the large one")
    cleo.says("the small one")
    bob.sees("the small one")
    assert [name for name, _ in sent(space, "the large one")] == ["large.png"]
    assert [name for name, _ in sent(space, "the small one")] == ["small.txt"]


@pytest.mark.parametrize("where", ["", "?around=%s", "?since=%s", "?around=%s, to its end"])
def test_what_is_sent_from_above_leads_to_the_end_with_its_files(space, cleo, where):
    chosen, bob = space.caller("Bob").says("said long ago"), space.caller("Bob")
    for number in range(60):
        bob.says(f"much later {number}")
    path, _, on = where.partition(", ")
    cleo.opens(f"/rooms/1{path % chosen['id'] if path else ''}")
    cleo.page.evaluate("() => { window.same = true }")
    while on and not cleo.page.locator("#messages").count():
        cleo.page.locator(".newer a").first.click()
    cleo.may_hear(REFUSED)
    slows(cleo, 200_000)
    cleo.picks(("large.png", noise(300_000)), BROKEN)
    cleo.says("from above")  # waits for both
    expect(cleo.problem).to_contain_text("has not gone up")
    expect(cleo.box).to_have_value("from above")
    expect(uploads(cleo).locator(".problem")).to_have_text(UNREADABLE)
    uploads(cleo).get_by_role("button", name="Take out").click()
    cleo.box.press("Enter")
    cleo.says("and one more")
    expect(cleo.sees("from above").locator(".photo")).to_have_count(1)
    expect(cleo.sees("and one more")).to_be_in_viewport()
    bob.says("said after that")
    expect(cleo.sees("said after that")).to_be_in_viewport()
    assert cleo.texts()[-3:] == ["from above", "and one more", "said after that"]
    for part in ("#history", "#messages", "#poll"):
        expect(cleo.page.locator(part)).to_have_count(1)
    expect(cleo.page.locator("#past, .acts, #above")).to_have_count(0)
    assert cleo.page.evaluate("() => window.same"), "the page was never loaded again"
    for text in ("from above", "and one more", "said after that"):  # for the next round
        [said] = [one for one in space.owner.reads() if one["text"] == text]
        space.owner.deletes(said)


def test_who_leaves_while_a_file_goes_up_is_asked(cleo):
    asked: list[str] = []
    cleo.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    cleo.box.click()
    cleo.box.fill("half a sentence")  # this alone waits on the server
    cleo.page.reload()
    assert asked == []
    slows(cleo, 100_000)
    cleo.box.click()
    cleo.picks(("large.png", noise(300_000)))
    cleo.page.reload()
    assert asked == ["beforeunload"]


# ---- What goes wrong on the way


def test_a_cut_upload_is_tried_again_by_its_button(space, cleo, bob):
    cleo.may_hear(GONE)
    cleo.page.route("**/rooms/1/tray", lambda route: route.abort(), times=1)
    cleo.picks(photo(1), photo(2))
    expect(waiting(cleo).locator("bdi")).to_have_text(["IMG_2002.jpg"])
    expect(uploads(cleo).locator(".problem")).to_contain_text("Try again")
    uploads(cleo).get_by_role("button", name="Try again").press("Enter")
    expect(waiting(cleo).locator("bdi")).to_have_text(["IMG_2001.jpg", "IMG_2002.jpg"])
    cleo.says("cut and tried again")
    expect(bob.sees("cut and tried again").locator(".photo")).to_have_count(2)
    assert sent(space, "cut and tried again")[0] == ("IMG_2001.jpg", "")


def test_an_upload_whose_answer_was_lost_is_there_once(space, cleo):
    cleo.may_hear(GONE)
    cleo.page.route("**/rooms/1/tray", lose_the_answer, times=1)
    cleo.picks(photo(1))
    uploads(cleo).get_by_role("button", name="Try again").click()
    expect(waiting(cleo)).to_have_count(1)
    assert kept(space, "Cleo") == ["IMG_2001.jpg"]


def test_a_foreign_answer_is_not_taken_for_a_file(space, cleo):
    cleo.page.route(
        "**/rooms/1/tray",
        lambda route: route.fulfill(status=200, body="<h1>Hotel</h1>", content_type="text/html"),
        times=1,
    )
    cleo.picks(photo(1))
    uploads(cleo).get_by_role("button", name="Try again").click()
    expect(waiting(cleo)).to_have_count(1)
    expect(cleo.page.get_by_text("Hotel")).to_have_count(0)


def test_headers_that_a_proxy_adds_do_no_harm(cleo):
    def adds(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"nel": '{"max_age": 60, "to": 1}'})

    cleo.page.route("**/rooms/1/tray", adds)
    cleo.picks(photo(1))
    expect(waiting(cleo)).to_have_count(1)


def test_a_message_whose_upload_was_cut_comes_back_and_is_sent_once(space, cleo, bob):
    cleo.may_hear(GONE, REFUSED)
    held: list[Route] = []
    cleo.page.route("**/rooms/1/tray", lambda route: held.append(route), times=1)
    cleo.picks(photo(1))
    cleo.says("wait for the photo")
    expect(cleo.box).to_have_value("")
    cleo.page.wait_for_timeout(100)
    held[0].abort()
    expect(cleo.problem).to_contain_text("has not gone up")
    expect(cleo.box).to_have_value("wait for the photo")
    uploads(cleo).get_by_role("button", name="Try again").click()
    expect(waiting(cleo)).to_have_count(1)
    cleo.box.press("Enter")
    expect(bob.sees("wait for the photo").locator(".photo")).to_have_count(1)
    assert len(sent(space, "wait for the photo")) == 1


def test_a_message_whose_answer_was_lost_is_sent_again_once_with_its_files(space, cleo, bob):
    cleo.may_hear(GONE)
    cleo.page.route("**/rooms/1/messages", lose_the_answer, times=1)
    cleo.picks(photo(1), photo(2))
    cleo.says("files that came once")  # while they go up: named by their keys, then by their ids
    expect(cleo.problem).to_contain_text("Not sent")
    expect(cleo.box).to_have_value("files that came once")
    expect(waiting(cleo)).to_have_count(2)
    cleo.box.press("Enter")
    expect(cleo.box).to_have_value("")
    expect(cleo.page.locator(".tray li")).to_have_count(0)
    cleo.says("and on it goes")
    bob.sees("and on it goes")
    assert len(sent(space, "files that came once")) == 2


def test_the_server_restarts_in_the_middle_and_a_reload_leaves_what_is_there(
    own_server, own_space, enters
):
    ann, bob = (enters(own_space, name).opens() for name in ("Ann", "Bob"))
    for person in (ann, bob):
        person.may_hear(GONE, "status of 4..")
    ann.picks(photo(1))
    expect(waiting(ann)).to_have_count(1)
    slows(ann, 200_000)
    ann.picks(("large.png", noise(500_000)))
    ann.waits_on("() => document.querySelector('progress')?.value > 5")
    own_server.kill()
    expect(uploads(ann).get_by_role("button", name="Try again")).to_be_visible()
    own_server.start()
    slows(ann, -1)
    uploads(ann).get_by_role("button", name="Try again").click()
    expect(waiting(ann)).to_have_count(2)
    slows(ann, 200_000)
    ann.picks(("never.png", noise(500_000)))
    ann.waits_on("() => document.querySelector('progress')?.value > 5")
    ann.opens()
    expect(waiting(ann).locator("bdi")).to_have_text(["IMG_2001.jpg", "large.png"])
    ann.says("both, after all that")
    expect(bob.sees("both, after all that").locator(".photo")).to_have_count(2)
