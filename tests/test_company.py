"""The pages of who is in a room: bringing, removing, leaving, coming back."""

import pytest

from parley.web import parts
from tests.visitor import HTMX, JSON, Visitor, soup, words

MIRIAM, ANN, BOB = 1, 2, 3
LISTED = "ul.people > li > a b bdi"


def make(visitor: Visitor, kind: str = "open", *people: int, name: str = "School garden") -> str:
    """Make a room as its form does; returns its address."""
    form = {"name": name, "topic": "beds", "kind": kind, "people": [str(one) for one in people]}
    answer = visitor.client.post("/rooms", data=form)
    assert answer.status_code == 303, answer.text
    return answer.location


def posts(visitor: Visitor, path: str, **form) -> int:
    """Press a button."""
    return visitor.client.post(path, data=form).status_code


def listed(visitor: Visitor, room: str) -> list[str]:
    return [words(one) for one in visitor.page(f"{room}/people").select(LISTED)]


def test_it_works(ann, bob, miriam):
    room = make(ann)
    assert listed(bob, room) == ["Ann", "Bob", "Miriam"]
    page = bob.page(f"{room}/people")
    assert [words(one) for one in page.select("h1")] == ["People in School garden"]
    assert "Three people can read this room" in words(page.main)
    assert not page.select("main form"), "Bob has nothing to decide here"


def test_the_room_leads_to_its_people_and_counts_them(ann, bob):
    room = make(ann, "closed", BOB)
    faces = bob.page(room).select_one(".top .faces:not(#pins)")
    assert faces["href"] == f"{room}/people"
    assert words(faces) == "2 people in this room"


def test_people_are_brought_in(ann, bob, miriam):
    room = make(ann, "closed")
    assert bob.gets(room).status_code == 404
    offered = ann.page(f"{room}/people").select(".chooser label")
    assert [words(one).split()[-1] for one in offered] == ["Bob", "Miriam"]
    assert posts(ann, f"{room}/people", people=[str(BOB)]) == 303
    assert bob.gets(room).status_code == 200
    assert listed(ann, room) == ["Ann", "Bob"]


def test_nobody_chosen_is_said_beside_the_list(ann, bob):
    room = make(ann, "closed")
    answer = ann.client.post(f"{room}/people", data={})
    assert answer.status_code == 422
    page = soup(answer)
    assert words(page.select_one("#people-note")) == "Choose who comes in."
    assert page.select_one(".chooser")["aria-describedby"] == "people-note"


@pytest.mark.parametrize("people", ["x", "-1", "9" * 30, "²"])
def test_what_is_no_person_is_refused(ann, people):
    room = make(ann, "closed")
    assert posts(ann, f"{room}/people", people=people) == 422


def test_hundreds_of_people_fit_into_a_form(ann, bob):
    room = make(ann, "closed", BOB, *range(1000, 2000))
    assert listed(ann, room) == ["Ann", "Bob"]


def test_who_was_removed_is_told_what_happened(ann, bob, miriam):
    room = make(ann)
    assert posts(miriam, f"{room}/people/{BOB}/remove", until="") == 303
    assert listed(ann, room) == ["Ann", "Miriam"]
    assert bob.gets(room).status_code == bob.gets(f"{room}/people").status_code == 404
    page = bob.page(f"{room}/removed")
    assert words(page.h1) == "You were removed from School garden"
    told = "Miriam did this just now. What you wrote there stays; you can no longer read along."
    assert told in words(page.main)
    assert words(page.select_one("form button")) == "Write to Miriam"
    assert page.select_one("a.button")["href"] == "/rooms"
    assert posts(bob, f"{room}/join") == 404


def test_a_removal_with_an_end_says_so(ann, bob):
    room = make(ann)
    assert posts(ann, f"{room}/people/{BOB}/remove", until="day") == 303
    assert "You are back in it on " in words(bob.page(f"{room}/removed").main)
    assert posts(ann, f"{room}/people/{BOB}/remove", until="a while") == 422


def test_nothing_happened_to_all_others(ann, bob, stranger):
    room = make(ann, "closed")
    for here, nowhere in ((f"{room}/removed", "/rooms/99/removed"), (room, "/rooms/99")):
        answer = bob.gets(here)
        assert (answer.status_code, answer.data) == (404, bob.gets(nowhere).data)
    answer = ann.gets(f"{room}/removed")
    assert (answer.status_code, answer.location) == (303, room)
    assert stranger.gets(f"{room}/removed").status_code == 303


def test_from_a_room_that_was_deleted_an_open_page_is_led_on(ann, bob, miriam):
    room = make(ann)
    assert posts(miriam, f"{room}/delete", name="School garden") == 303
    page = bob.page(f"{room}/removed", 404)
    assert "The room was deleted, or you are not in it any more." in words(page.main)
    assert page.select_one("main a[href='/rooms']")


def test_the_open_page_of_who_was_removed_goes_to_where_it_is_told_why(ann, bob):
    room = make(ann)
    posts(ann, f"{room}/people/{BOB}/remove", until="")
    answer = bob.gets(f"{room}/feed?after=0", **HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (404, f"{room}/removed")
    assert answer.data == bob.gets("/nothing", **HTMX).data
    assert answer.headers["Cache-Control"] == "no-store"
    hidden, nowhere = make(ann, "closed"), "/rooms/99"
    for path in (hidden, nowhere):
        answer = bob.gets(f"{path}/feed?after=0", **HTMX)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (404, f"{path}/removed")
    assert bob.gets(f"{hidden}/feed?after=0").data == bob.gets("/nothing").data


@pytest.mark.parametrize("act", ["remove", "leave", "close", "delete"])
def test_what_takes_a_room_away_ends_the_polls_at_once(app, ann, bob, miriam, act):
    room, heard = make(ann), []
    before = bob.gets(f"{room}/feed?after=0", **HTMX).status_code
    parts(app).bulletin.listen(
        lambda *notice: heard.append((notice, bob.gets(f"{room}/feed?after=0", **HTMX).status_code))
    )
    settings = {"name": "School garden", "topic": "", "kind": "closed", "people": str(MIRIAM)}
    who, path, form = {
        "remove": (ann, f"/people/{BOB}/remove", {}),
        "leave": (bob, "/leave", {}),
        "close": (ann, "/settings", settings),
        "delete": (miriam, "/delete", {"name": "School garden"}),
    }[act]
    assert posts(who, room + path, **form) == 303
    changed = [((2, 1), 404)] if act == "close" else []  # who stays is told of the settings
    assert (before, heard) == (204, [*changed, ((0, 1), 404)])  # after the commit, and once


def test_one_leaves_and_comes_back(ann, bob):
    room = make(ann)
    assert room not in str(bob.page("/rooms/others").main)
    answer = bob.client.post(f"{room}/leave")
    assert (answer.status_code, answer.location) == (303, "/rooms")
    assert bob.gets(room).status_code == bob.gets(f"{room}/removed").status_code == 404
    join = bob.page("/rooms/others").select_one(f"form[action='{room}/join']")
    assert words(join.button) == "Join School garden"
    answer = bob.client.post(join["action"])
    assert (answer.status_code, answer.location) == (303, room)
    assert bob.gets(room).status_code == 200
    assert "You are in every open room." in words(bob.page("/rooms/others").main)


def test_the_archive_is_among_the_other_rooms(ann, bob):
    room = make(ann)
    assert "Nothing is archived." in words(bob.page("/rooms/others").main)
    assert posts(ann, f"{room}/archive") == 303
    link = bob.page("/rooms/others").select_one(f"main a[href='{room}']")
    assert words(link) == "School garden"


def test_who_may_not_remove_has_no_button_and_is_told_so(ann, bob, miriam):
    room = make(ann)
    forms = ann.page(f"{room}/people").select("details form")
    assert [one["action"] for one in forms] == [f"{room}/people/{BOB}/remove"]
    for path in (f"/people/{MIRIAM}/remove", f"/people/{ANN}/remove"):
        assert posts(ann, room + path) == 403
    answer = bob.client.post(f"{room}/people/{ANN}/remove")
    assert answer.status_code == 403 and "Only who made the room" in answer.text


def test_programs_are_answered_in_json(ann, bob):
    room = make(ann)
    number = int(room.rpartition("/")[2])
    answer = ann.client.post(f"{room}/people/{BOB}/remove", headers=JSON)
    assert answer.get_json() == {"person": BOB}
    answer = ann.client.post(f"{room}/people", data={"people": str(BOB)}, headers=JSON)
    assert answer.get_json() == {"room": number}
    for act in ("leave", "join"):
        answer = bob.client.post(f"{room}/{act}", headers=JSON)
        assert answer.get_json() == {"room": number}, act
    answer = bob.client.post(f"{room}/people", data={"people": "1"}, headers=JSON)
    assert answer.status_code == 403 and answer.get_json()["error"]


def test_who_was_removed_from_the_lobby_is_led_to_the_other_rooms(ann, bob, miriam):
    assert bob.client.get("/").location == "/rooms/1"
    assert posts(miriam, f"/rooms/1/people/{BOB}/remove") == 303
    assert bob.client.get("/").location == "/rooms"
    assert bob.page("/rooms/1", 404).select_one("a[href='/rooms']")
