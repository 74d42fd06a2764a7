"""The keys of a page, and the switch for those of one letter."""

from parley.talk import people
from tests.meeting import Meeting
from tests.test_media import PHOTO
from tests.visitor import HTMX, soup, words

LETTERS = ["/", "?", "n", "w"]


def keys(page) -> list[str]:
    """The letters that do something on a page."""
    return sorted(one["data-key"] for one in page.select("[data-key]") if len(one["data-key"]) == 1)


def test_somebody_switches_them_off_for_themselves_alone(meeting: Meeting):
    with meeting.db.writing() as c:
        people.set_shortcuts(c, meeting.ann, False)
        assert not people.get(c, meeting.ann.id).shortcuts
        assert people.get(c, meeting.bob.id).shortcuts


def test_the_keys_are_on_until_they_are_switched_off(ann):
    assert keys(ann.page("/rooms/1")) == LETTERS
    assert ann.client.post("/people/me/shortcuts").location == "/people/me#shortcuts"
    page = ann.page("/rooms/1")
    assert keys(page) == []
    assert page.select("[data-key=ArrowUp]")  # no letter, and only in the box
    assert not ann.page("/people/me").select("[name=shortcuts][checked]")
    ann.client.post("/people/me/shortcuts", data={"shortcuts": "yes"})
    assert keys(ann.page("/rooms/1")) == LETTERS
    assert ann.page("/people/me").select("[name=shortcuts][checked]")


def test_every_letter_that_is_told_does_something(ann):
    told = [one.text.lower() for one in ann.page("/shortcuts").select("main kbd")]
    large = keys(ann.page(f"/files/{ann.posts('', PHOTO)['files'][0]['id']}"))
    assert large == ["z"]
    assert sorted(one for one in told if len(one) == 1 and one != "↑") == LETTERS + large
    search = ann.page("/rooms/1").select_one("[data-key='/']")
    assert search["href"] == "/search?room=1"
    assert keys(ann.page("/people")) == ["/", "?"]


def test_all_of_them_are_on_a_page_and_in_a_layer(ann):
    assert "In the empty box" in words(ann.page("/shortcuts").select_one("main .keys"))
    layer = soup(ann.gets("/shortcuts", **HTMX))
    assert layer.select_one("#keys[popover] kbd")
    assert "?" in [one.text for one in layer.select("kbd")]
    ann.client.post("/people/me/shortcuts")
    left = [one.text for one in soup(ann.gets("/shortcuts", **HTMX)).select("kbd")]
    assert left == ["Enter", "Shift + Enter", "↑", "Esc", "← →", "Home End"]
    assert keys(ann.page(f"/files/{ann.posts('', PHOTO)['files'][0]['id']}")) == []
