"""The space's settings: what owners decide, and what follows."""

from datetime import UTC, datetime

import pytest

from parley.store import tables
from parley.store.errors import Forbidden, Wrong
from parley.talk import log, spaces
from parley.web import parts
from tests.corpus import picture
from tests.visitor import Visitor, beside, soup, words
from tests.visitor import change as put


def space(visitor: Visitor) -> spaces.Space:
    with parts(visitor.app).db.reading() as c:
        found = spaces.find(c)
        assert found
        return found


def change(meeting, who, **wanted) -> spaces.Space:
    with meeting.db.writing() as c:
        spaces.change(c, who, wanted)
        found = spaces.find(c)
        assert found
        return found


def test_an_owner_changes_what_was_given_and_nothing_else(meeting):
    found = change(meeting, meeting.miriam, name=" Class  8b ", accent="plum")
    assert (found.name, found.accent, found.zone) == ("Class 8b", "plum", "Europe/Berlin")
    assert found.makes_rooms == "member"


def test_nobody_else_does(meeting):
    with pytest.raises(Forbidden):
        change(meeting, meeting.ann, name="Ours now")


def test_what_cannot_be_taken_is_refused_with_its_field(meeting):
    for field, value in {
        "name": "",
        "welcome": "a" * 501,
        "zone": "Mars/Olympus",
        "language": "tlh",
        "accent": "gold",
        "joining": "maybe",
        "makes_rooms": "nobody",
        "sends_files": "",
        "writes_direct": "owner",
    }.items():
        with pytest.raises(Wrong) as refused:
            change(meeting, meeting.miriam, **{field: value})
        assert refused.value.field == field


def test_the_page_shows_and_keeps_everything(miriam, ann):
    page = miriam.page("/space")
    assert page.select_one("#zone option[selected]").get_text() == "Europe/Berlin"
    assert page.select_one("#language option[selected]").get_text() == "English"
    assert page.select_one("#language option[value=ja]")["lang"] == "ja"
    wanted = {
        "name": "Class 8b",
        "welcome": "Bring a pen.",
        "accent": "lake",
        "zone": "Asia/Tokyo",
        "language": "ja",
        "joining": "closed",
        "makes_rooms": "moderator",
        "sends_files": "moderator",
        "writes_direct": "moderator",
    }
    answer = miriam.submits("/space", wanted, "photo", ("us.png", picture("PNG")))
    assert (answer.status_code, answer.location) == (303, "/space")
    found = space(miriam)
    assert {name: getattr(found, name) for name in wanted} == wanted
    page = ann.page("/people")
    assert page.html["data-accent"] == "lake" and "Class 8b" in page.title.get_text()
    assert "Bring a pen." in words(ann.page("/about"))
    shown = Visitor(miriam.app).gets(f"/space/picture?{found.picture}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    miriam.client.post("/space", data={"no_photo": "yes"})
    assert space(miriam).picture is None
    assert miriam.gets("/space/picture").status_code == 404


def test_who_is_invited_is_welcomed_with_words_and_picture(miriam, stranger):
    assert stranger.page(miriam.link()).main.svg["class"] == ["mark"]
    form = {"welcome": "Bring a pen."}
    miriam.submits("/space", form, "photo", ("us.png", picture("PNG")))
    shown = stranger.page(miriam.link()).main
    assert "Bring a pen." in [words(one) for one in shown.select("p")]
    assert stranger.gets(shown.img["src"]).mimetype == "image/jpeg"


def test_a_wrong_field_is_said_beside_it_and_nothing_is_lost(miriam):
    answer = miriam.client.post("/space", data={"name": "Class 8b", "zone": "Mars/Olympus"})
    assert answer.status_code == 422
    page = soup(answer)
    assert "not known" in beside(page, "zone")
    assert page.select_one("#name")["value"] == "Class 8b"
    answer = miriam.submits("/space", {"name": "x"}, "photo", ("us.png", b"no picture"))
    assert answer.status_code == 422 and "could not be read" in beside(soup(answer), "photo")
    assert space(miriam).name == "Class 7b"


def test_what_people_write_is_in_the_space_s_language_and_what_parley_says_in_english(miriam, ann):
    ann.posts("hello", ("a.png", picture("PNG")))
    ann.edits(ann.posts("helo"), "hello")
    ann.deletes(ann.posts("bye"))
    page = ann.page("/rooms/1")
    assert page.html["lang"] == "en" and page.select_one("#text")["lang"] == "en"
    assert not page.select("#messages [lang=de]")
    miriam.client.post("/space", data={"language": "de"})
    page = ann.page("/rooms/1")
    assert page.html["lang"] == "en" and page.select_one("#text")["lang"] == "de"
    assert [one.get("lang") for one in page.select(".words")] == ["de", "de", None]
    assert page.select_one(".edited")["lang"] == page.select_one(".photos")["lang"] == "en"
    assert {time["lang"] for time in page.select("time")} == {"de"}
    assert miriam.page("/messages/1/report").textarea["lang"] == "de"


def test_times_follow_the_space_for_who_has_chosen_nothing(app, miriam, ann):
    message = ann.posts("good evening")
    moment = datetime(2026, 5, 21, 6, 2, 30, tzinfo=UTC)
    put(app, tables.messages, message["id"], posted_at=moment)
    assert words(ann.page("/rooms/1").select_one(".when")) == "08:02"
    miriam.client.post("/space", data={"zone": "Asia/Tokyo", "language": "ko"})
    time = ann.page("/rooms/1").select_one(".when time")
    assert (words(time), time["lang"]) == ("PM 3:02", "ko")
    miriam.client.post("/space", data={"language": "ar"})
    time = ann.page("/rooms/1").select_one(".when time")
    assert (time["lang"], time["dir"]) == ("ar", "rtl")


def test_members_are_told_whose_it_is(ann):
    for answer in (ann.gets("/space"), ann.client.post("/space", data={"name": "Ours"})):
        assert answer.status_code == 403
        assert "Only an owner" in words(soup(answer))


def test_who_is_invited_reads_the_words_of_welcome(miriam):
    path = miriam.link()
    miriam.client.post("/space", data={"welcome": "Bring <b>a pen</b>."})
    assert "Bring <b>a pen</b>." in words(Visitor(miriam.app).page(path).main)


def test_the_log_says_what_was_changed_and_only_that(meeting):
    change(meeting, meeting.miriam, name="Class 7b", joining="closed", picture="abc", welcome="")
    change(meeting, meeting.miriam, joining="closed", makes_rooms="moderator")
    change(meeting, meeting.miriam, joining="closed")
    with meeting.db.reading() as c:
        entries, _ = log.read(c, meeting.miriam, None)
    assert [(entry.by, entry.act, entry.words) for entry in entries[::-1]] == [
        ("Miriam", "changed the space", "joining: closed, picture"),
        ("Miriam", "changed the space", "makes rooms: moderator"),
    ]
