"""Films and sounds in a real browser: they play, from anywhere in them, and nothing jumps."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests import reels
from tests.browser.content import film, noise
from tests.browser.people import PATIENCE, Person
from tests.browser.test_noscript import listed

pytestmark = pytest.mark.browser

IS_AT = "([media, second]) => media.currentTime > second && !media.seeking"


def is_past(person: Person, media: Locator, second: float) -> None:
    """Wait until it has played, or been moved, beyond this second."""
    handle = media.element_handle()
    person.page.wait_for_function(IS_AT, arg=[handle, second], timeout=PATIENCE)


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
def test_a_film_plays_by_keyboard_and_nothing_jumps(ann, space, kind):
    space.caller("Bob").says(f"a {kind}", (f"garden.{kind}", film(1, (480, 270), kind)))
    shown = ann.sees(f"a {kind}")
    media = shown.get_by_label("Film by Bob: garden.")
    before = shown.bounding_box()
    assert media.evaluate("film => film.readyState") == 0  # not a byte of it before one wants it
    media.focus()
    ann.page.keyboard.press("Space")
    is_past(ann, media, 0.3)
    sides = media.evaluate("film => [film.videoWidth, film.videoHeight, film.duration]")
    assert sides == [480, 270, pytest.approx(12, abs=0.1)]
    assert shown.bounding_box() == before


def test_one_can_go_anywhere_in_a_film_without_waiting_for_all_of_it(ann, space):
    noisy = Image.open(io.BytesIO(noise(3 * 900**2)))
    shots = [noisy.crop((n, n, n + 320, n + 240)) for n in range(0, 500, 9)]
    long = reels.reel("mp4", 20, (320, 240), audio="", shots=shots * 9)
    assert len(long) > 5_000_000
    parts: list[str] = []
    ann.page.on("response", lambda it: parts.append(it.headers.get("content-range", "")))
    space.caller("Bob").says("a long one", ("long.mp4", long))
    media = ann.sees("a long one").locator("video")
    media.evaluate("film => { film.currentTime = 18; film.muted = true; film.play(); }")
    is_past(ann, media, 18.5)
    begins = [int(part.split()[1].split("-")[0]) for part in parts if part]
    assert max(begins) > len(long) / 2


def test_a_sound_plays(ann, space):
    for kind in ("m4a", "mp3", "ogg", "wav", "flac"):
        space.caller("Bob").says(f"a sound, {kind}", (f"bees.{kind}", reels.reel(kind, 4)))
        media = ann.sees(f"a sound, {kind}").get_by_label("Recording by Bob: bees.")
        media.focus()
        ann.page.keyboard.press("Space")
        is_past(ann, media, 0.2)
        media.evaluate("sound => { sound.currentTime = 3; }")
        is_past(ann, media, 3)


def test_a_film_held_upright_stands_upright(ann, space):
    turned = film(2, (480, 270), "mov", rotation=-90)
    space.caller("Bob").says("held upright", ("up.mov", turned))
    media = ann.sees("held upright").locator("video")
    wide, high = media.evaluate("film => [film.clientWidth, film.clientHeight]")
    media.evaluate("film => { film.muted = true; film.play(); }")
    is_past(ann, media, 0.2)
    assert media.evaluate("film => [film.videoWidth, film.videoHeight]") == [270, 480]
    assert media.evaluate("film => [film.clientWidth, film.clientHeight]") == [wide, high]
    assert high > wide


def test_a_film_goes_on_while_others_react_to_it(ann, space):
    said = space.caller("Bob").says("react to it", ("garden.mp4", film(3, (480, 270))))
    media = ann.sees("react to it").locator("video")
    media.evaluate("film => { film.muted = true; film.play(); }")
    is_past(ann, media, 0.3)
    space.owner.post(f"/messages/{said['id']}/reactions", emoji="🎉")
    expect(ann.message("react to it").locator(".reaction a:visible")).to_contain_text("🎉 1")
    at = media.evaluate("film => film.currentTime")
    assert at > 0.3
    is_past(ann, media, at + 0.3)


def test_a_film_opens_large_and_plays_there(ann, space):
    space.caller("Bob").says("see it large", ("garden.mp4", film(5, (480, 270))))
    ann.sees("see it large").get_by_role("link", name="Large view").click()
    media = ann.page.locator("#viewer video")
    media.evaluate("film => { film.muted = true; film.play(); }")
    is_past(ann, media, 0.3)
    ann.page.keyboard.press("Escape")
    expect(media).to_be_hidden()


def test_without_scripts_the_player_is_there(space, enters):
    space.caller("Bob").says("no scripts", ("garden.mp4", film(4, (480, 270))))
    ann = enters(space, "Ann", java_script_enabled=False).opens()
    media = listed(ann, "no scripts").locator("video")
    expect(media).to_be_visible()
    expect(media).to_have_attribute("controls", "")
    expect(listed(ann, "no scripts").get_by_role("link", name="garden.mp4")).to_be_visible()


def test_in_the_player_arrow_keys_are_the_player_s(ann, space):
    said = space.caller("Bob").says("two", ("one.mp4", film(5)), ("two.mp4", film(6)))
    ann.sees("two").get_by_role("link", name="Large view").first.click()
    media = ann.page.locator("#viewer video")
    media.focus()
    ann.page.keyboard.press("ArrowRight")
    ann.page.wait_for_timeout(300)
    assert ann.page.url.endswith(f"/files/{said['files'][0]['id']}")
    ann.page.get_by_role("button", name="Close").focus()
    ann.page.keyboard.press("ArrowRight")
    ann.waits_on(f"() => location.pathname == '/files/{said['files'][1]['id']}'")
