"""The list of rooms at the side: its counts, its fragment, and what one does in it."""

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from parley.talk import direct, messages, people, rooms
from parley.web import parts
from tests.visitor import HTMX, JSON, Visitor, fill, soup, words

ANN, BOB = 2, 3


@pytest.fixture
def garden(app: Flask, bob: Visitor) -> int:
    """A second open room; its id."""
    with parts(app).db.writing() as c:
        return rooms.make(c, people.get(c, 1), "Garden")


def rows(page: BeautifulSoup) -> list[str]:
    """What the list says of each room."""
    return [words(one) for one in page.select("#side li:not(.others) > a[href^='/rooms/']")]


def asks(visitor: Visitor, query: str = "room=1&title=Lobby", tag: str = "") -> BeautifulSoup:
    """The fragment that an open page asks for; what it tells is written down at once."""
    answer = visitor.gets(f"/side?{query}", **HTMX, If_None_Match=f'"{tag}"')
    parts(visitor.app).marks.write()
    assert answer.status_code == 200
    return soup(answer)


def says(app: Flask, room_id: int, *said: str, author: int = ANN) -> None:
    with parts(app).db.writing() as c:
        person = people.get(c, author)
        for text in said:
            messages.post(c, rooms.get(c, person, room_id), person, messages.draft(text, ""))


# ---- Counts ----


def test_it_works(ann, bob, garden, app):
    says(app, garden, "one", "two")
    page = bob.page("/rooms/1")
    assert rows(page) == ["Lobby", "Garden 2 unread"]
    link = page.select_one("#side a.unread")
    assert link["href"] == f"/rooms/{garden}#new"
    assert link.select_one(".count > .hidden"), "the count is said in words"
    assert page.select_one("nav#side")["aria-label"] == "Rooms"
    assert words(page.title) == "(1) Lobby – Class 7b"
    assert rows(ann.page("/rooms/1")) == ["Lobby", "Garden"]


def test_opening_a_room_reads_it_and_the_others_keep_their_counts(ann, bob, garden, app):
    says(app, garden, "one")
    says(app, 1, "two")
    assert rows(bob.page("/people")) == ["Lobby 1 unread", "Garden 1 unread"]
    assert rows(bob.page("/rooms/1")) == ["Lobby", "Garden 1 unread"]
    page = bob.page("/people")
    assert rows(page) == ["Lobby", "Garden 1 unread"]
    assert words(page.title) == "(1) People – Class 7b"
    bob.page(f"/rooms/{garden}")
    assert words(bob.page("/people").title) == "People – Class 7b"


@pytest.mark.parametrize("path", ["/rooms/1?before=30", "/rooms/1?around=20", "/rooms/1/list"])
def test_who_sees_another_place_of_the_room_has_not_read_it(ann, bob, app, path):
    fill(app, ANN, *map(str, range(60)))
    bob.page(path)
    assert rows(bob.page("/people")) == ["Lobby 60 unread"]


def test_a_part_of_a_page_reads_nothing(ann, bob, app):
    fill(app, ANN, "one")
    assert bob.gets("/rooms/1", **HTMX).status_code == 200
    assert bob.gets("/rooms/1", **JSON).status_code == 200
    assert rows(bob.page("/people")) == ["Lobby 1 unread"]


def test_what_is_not_written_down_keeps_no_page_waiting(ann, bob, app):
    fill(app, ANN, "one")
    with parts(app).db.writing():
        page = bob.page("/rooms/1")
    assert rows(page) == ["Lobby"]
    assert rows(bob.page("/people")) == ["Lobby 1 unread"]


# ---- The fragment ----


def test_the_list_asks_for_itself(ann, bob, garden, app):
    side = bob.page("/rooms/1").select_one("#side")
    assert side["hx-get"] == "/side?room=1&title=Lobby"
    assert side["hx-trigger"].startswith("every 10s")
    tag = re.search(r'"\\"(\w+)\\""', side["hx-headers"])[1]
    same = bob.gets(side["hx-get"] + "&seen=0", **HTMX, If_None_Match=f'"{tag}"')
    assert (same.status_code, same.data) == (304, b"")
    says(app, garden, "one")
    told = asks(bob, "room=1&title=Lobby&seen=0", tag)
    assert words(told.title) == "(1) Lobby – Class 7b"
    assert rows(told) == ["Lobby", "Garden 1 unread"]
    assert told.select_one("[aria-current]")["href"] == "/rooms/1"
    assert tag not in told.select_one("#side")["hx-headers"]


def test_the_page_of_people_stays_the_one_that_is_open(ann, bob):
    side = bob.page("/people").select_one("#side")
    told = asks(bob, side["hx-get"].partition("?")[2])
    assert told.select_one("[aria-current]")["href"] == "/people"
    assert words(told.title) == "People – Class 7b"
    assert str(told.select_one("#side")) == str(side), "the same bytes as in the page"


def test_what_the_open_page_has_is_read_and_shows_no_count(ann, bob, app):
    bob.page("/rooms/1")
    fill(app, ANN, "one", "two")
    assert rows(asks(bob)) == ["Lobby 2 unread"], "a hidden tab says no revision"
    assert words(asks(bob).title) == "(1) Lobby – Class 7b"
    assert rows(asks(bob, "room=1&title=Lobby&seen=1")) == ["Lobby"]
    assert rows(asks(bob, "at=/people&title=People")) == ["Lobby 1 unread"]
    assert rows(asks(bob, "room=1&title=Lobby&seen=999")) == ["Lobby"]
    assert rows(asks(bob, "at=/people&title=People")) == ["Lobby"]
    fill(app, ANN, "three")
    assert rows(asks(bob, "at=/people&title=People")) == ["Lobby 1 unread"], "999 was too far"


def test_nobody_reads_in_a_room_that_is_not_theirs(ann, bob, app):
    with parts(app).db.writing() as c:
        closed = rooms.make(c, people.get(c, ANN), "Closed", kind="closed")
    says(app, closed, "secret")
    assert rows(asks(bob, f"room={closed}&title=x&seen=1")) == ["Lobby"]
    for path in (f"/rooms/{closed}/read", f"/rooms/{closed}/notify", "/messages/1/unread"):
        assert bob.client.post(path, data={"level": "mute"}).status_code == 404
    assert rows(ann.page("/people")) == ["Lobby", "Closed"]


def test_a_stranger_is_led_to_the_door(stranger):
    assert stranger.gets("/side?room=1", **HTMX).headers["HX-Redirect"] == "/login"


def test_the_title_is_text(ann):
    told = asks(ann, "at=/x&title=</title><b>bold")
    assert not told.select("b") and "<b>bold" in words(told.title)


def test_a_list_of_many_rooms_and_people_takes_few_queries(ann, app, queries):
    with parts(app).db.writing() as c:
        me = people.get(c, ANN)
        for number in range(40):
            person = people.join(c, f"Person {number}", None)
            direct.start(c, me, [person.id])
            rooms.make(c, person, f"Room {number}")
    with queries() as asked:
        assert ann.gets("/side?room=1&title=Lobby", **HTMX).status_code == 200
    assert len(asked) == 4  # who asks, the space, the rooms, the faces
    with queries() as asked:
        ann.page("/rooms/1")
    assert len(asked) <= 12


# ---- What one does in it ----


def test_the_page_of_rooms_has_a_menu_for_each(ann, bob, garden, app):
    says(app, garden, "one")
    page = bob.page("/rooms")
    assert rows(page) == ["Lobby", "Garden 1 unread"]
    menu = page.select_one(f"#menu-{garden}")
    assert page.select_one(f"[popovertarget=menu-{garden}]")["aria-label"] == "More about Garden"
    acts = ["Mark as read", "Mentions only", "Mute", "Hide"]
    assert [words(one) for one in menu.select("button")] == acts
    assert "One room has something new for you." in words(page)
    assert not bob.page("/people").select("#side form, #side [popover]")
    told = asks(bob, page.select_one("#side")["hx-get"].partition("?")[2])
    assert str(told.select_one("#side")) == str(page.select_one("#side"))


def test_one_room_or_all_are_marked_as_read(ann, bob, garden, app):
    says(app, garden, "one")
    says(app, 1, "two")
    assert bob.client.post(f"/rooms/{garden}/read").location == "/rooms"
    assert rows(bob.page("/people")) == ["Lobby 1 unread", "Garden"]
    says(app, garden, "three")
    form = bob.page("/rooms").select_one("#side form.read")
    assert bob.client.post(form["action"]).location == "/rooms"
    page = bob.page("/rooms")
    assert rows(page) == ["Lobby", "Garden"]
    assert not page.select("#side form.read"), "nothing is left to be marked"


def test_muted_is_neither_bold_nor_in_the_title_and_hidden_is_only_on_its_page(
    ann, bob, garden, app
):
    says(app, garden, "one")
    assert bob.client.post(f"/rooms/{garden}/notify", data={"level": "mute"}).status_code == 303
    page = bob.page("/rooms/1")
    assert rows(page) == ["Lobby", "Garden 1 unread"]
    assert not page.select("#side .unread")
    assert words(page.title) == "Lobby – Class 7b"
    answer = bob.client.post(f"/rooms/{garden}/notify", data={"level": "hide"}, headers=JSON)
    assert answer.get_json() == {"room": garden, "notify": "hide"}
    assert rows(bob.page("/rooms/1")) == ["Lobby"]
    page = bob.page("/rooms")
    assert rows(page) == ["Lobby", "Garden 1 unread"]
    assert words(page.select_one("#hidden-title")) == "Hidden"
    assert bob.client.post(f"/rooms/{garden}/notify", data={"level": "loud"}).status_code == 422
    bob.client.post(f"/rooms/{garden}/notify", data={"level": "all"})
    assert page.select("#hidden-title") and not bob.page("/rooms").select("#hidden-title")


def test_unread_from_a_message_leaves_the_room(ann, bob):
    first, second = ann.posts("one"), ann.posts("two")
    assert bob.sees("two")
    form = bob.page(f"/rooms/1?around={second['id']}").select_one("form[action$='/unread']")
    assert bob.client.post(form["action"]).location == "/rooms"
    assert rows(bob.page("/rooms")) == ["Lobby 1 unread"]
    answer = bob.client.post(f"/messages/{first['id']}/unread", headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/rooms"
    assert rows(bob.page("/rooms")) == ["Lobby 2 unread"]


def test_unread_again_outlives_what_an_open_page_had_told(ann, bob, app):
    message = ann.posts("one")
    bob.gets("/side?room=1&seen=1", **HTMX)
    bob.client.post(f"/messages/{message['id']}/unread")
    parts(app).marks.write()
    assert rows(bob.page("/rooms")) == ["Lobby 1 unread"]


# ---- The line ----


def line(page: BeautifulSoup) -> tuple[list[str], list[str]]:
    """The words above and below the line."""
    new = page.select_one("#scroll .new")
    assert words(new) == "New"
    above, below = new.find_all_previous(class_="words"), new.find_all_next(class_="words")
    return [words(one) for one in above][::-1], [words(one) for one in below]


def test_a_line_stands_at_the_first_unread_once(ann, bob):
    ann.posts("old")
    bob.page("/rooms/1")
    bob.posts("mine")
    ann.posts("one")
    ann.posts("two")
    page = bob.page("/rooms/1")
    assert line(page) == (["old", "mine"], ["one", "two"])
    assert page.select_one("#messages .new")["id"] == "new"
    assert not bob.page("/rooms/1").select(".new")
    assert line(ann.page("/rooms/1")) == (["old"], ["mine", "one", "two"])


def test_the_line_is_not_in_the_messages(ann, bob):
    ann.posts("one")
    with_line = bob.page("/rooms/1").select_one(".message")
    without = bob.page("/rooms/1").select_one(".message")
    assert str(with_line) == str(without)


def test_with_more_than_fits_the_room_opens_around_the_line(ann, bob, app):
    fill(app, ANN, *[f"word {number}." for number in range(40)])
    bob.page("/rooms/1")
    fill(app, ANN, *[f"news {number}." for number in range(80)])
    page = bob.page("/rooms/1")
    above, below = line(page)
    assert above[-1] == "word 39." and below[0] == "news 0."
    assert page.select("#past") and not page.select("#messages"), "this is not the end"
    assert rows(page) == ["Lobby 80 unread"]
    newest = page.select(".newer a")[1]
    assert words(newest) == "To the newest"
    page = bob.page(newest["href"])
    assert words(page.select("#messages .words")[-1]) == "news 79."
    assert rows(page) == ["Lobby"]


def test_without_scripts_the_list_in_the_page_has_the_line(ann, bob):
    ann.posts("old")
    bob.page("/rooms/1")
    ann.posts("one")
    frame = bob.page("/rooms/1").select_one("noscript iframe")
    assert frame["src"].endswith("#new")
    assert line(bob.page(frame["src"])) == (["old"], ["one"])
    listed = bob.gets(frame["src"])
    assert listed.headers["Refresh"] == "60; url=/rooms/1/list", "time to read"
    assert soup(listed).select_one(".newer a")["href"] == "/rooms/1?end"
    frame = bob.page("/rooms/1").select_one("noscript iframe")
    assert frame["src"] == "/rooms/1/list"


# ---- What is for oneself ----


def test_what_is_for_oneself_is_counted_apart_and_said_in_words(ann, bob, garden, app):
    says(app, garden, "one", "two", "@Bob")
    page = bob.page("/people")
    assert rows(page) == ["Lobby", "Garden 3 unread, 1 for you"]
    counts = page.select("#side li a[href^='/rooms/'] .count")
    assert [one["class"] for one in counts] == [["count"], ["count", "for-you"]]
    says(app, 1, "@Bob")
    assert rows(bob.page("/people")) == ["Lobby 1 for you", "Garden 3 unread, 1 for you"]
    assert rows(bob.page("/rooms/1")) == ["Lobby", "Garden 3 unread, 1 for you"]
    assert rows(ann.page("/people")) == ["Lobby", "Garden"]


def test_mentions_only_is_bold_and_in_the_title_with_something_for_oneself(ann, bob, garden, app):
    bob.client.post(f"/rooms/{garden}/notify", data={"level": "mentions"})
    says(app, garden, "one")
    page = bob.page("/people")
    assert rows(page) == ["Lobby", "Garden 1 unread"]
    assert not page.select("#side a.unread") and words(page.title) == "People – Class 7b"
    says(app, garden, "@Bob")
    page = bob.page("/people")
    assert rows(page) == ["Lobby", "Garden 2 unread, 1 for you"]
    assert page.select("#side a.unread[href^='/rooms/']")
    assert words(page.title) == "(1) People – Class 7b"


def test_in_the_room_on_view_a_mention_shows_no_count(ann, bob, garden, app):
    bob.page("/rooms/1")
    fill(app, ANN, "@Bob")
    told = asks(bob, "room=1&title=Lobby&seen=1")
    assert rows(told) == ["Lobby", "Garden"]
    assert words(told.select_one("#side a[href='/for-you']")) == "For you"


def test_the_list_costs_no_question_more_for_what_is_for_oneself(ann, bob, garden, app, queries):
    with queries() as asked:
        bob.gets("/side?room=1&title=Lobby", **HTMX)
    before = len(asked)
    says(app, garden, *["@Bob"] * 120)
    says(app, 1, *["@Bob"] * 5)
    with queries() as asked:
        assert rows(asks(bob, "at=/people&title=x")) == ["Lobby 5 for you", "Garden 99+ for you"]
    assert len(asked) == before
