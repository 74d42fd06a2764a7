"""The page of all that is for one person, its link at the side, and names to choose from."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import insert

from parley.store import tables
from parley.talk import direct, messages, notices, people
from parley.web import parts
from tests.test_side import rows, says
from tests.visitor import HTMX, JSON, Visitor, fill, soup, words

MIRIAM, ANN, BOB = 1, 2, 3


def listed(page: BeautifulSoup) -> list[str]:
    """What the page says of each, without when."""
    return [words(one) for one in page.select(".notice > span:last-child")]


def link(page: BeautifulSoup) -> str:
    """The link to the page at the side, with its count."""
    return words(page.select_one("#side a[href='/for-you']"))


def gives(app: Flask, who: int, message: dict[str, Any], emoji: str) -> None:
    """Somebody reacts."""
    with parts(app).db.writing() as c:
        person = people.get(c, who)
        row = {"message_id": message["id"], "person_id": who, "emoji": emoji}
        c.execute(insert(tables.reactions).values(row | {"made_at": datetime.now(UTC)}))
        notices.reacted(c, messages.get(c, message["id"]), person)


def test_it_works(ann, bob, app):
    fill(app, ANN, "@Bob can you take\n\nTuesday?", "hello")
    assert link(bob.page("/people")) == "For you 1 new"
    page = bob.page("/for-you")
    assert listed(page) == ["new Ann mentioned you in Lobby @Bob can you take Tuesday?"]
    [notice] = page.select(".notice")
    assert bob.client.get(notice["href"]).location.endswith("#message-1")
    assert page.select_one(".entry time")["datetime"].endswith("Z")
    assert words(page.select_one("h1")) == "For you"


def test_nothing_yet(bob):
    page = bob.page("/for-you")
    assert words(page.select_one(".blank h2")) == "Nothing for you yet"
    assert link(page) == "For you"


def test_each_kind_says_what_it_is(miriam, ann, bob, app):
    message = bob.posts("cake")
    gives(app, ANN, message, "👍")
    gives(app, MIRIAM, message, "🎉")
    miriam.posts("@everyone")
    assert listed(bob.page("/for-you")) == [
        "new Miriam called everyone in Lobby @everyone",
        "new Miriam gave you 🎉 in Lobby cake",
        "new Ann gave you 👍 in Lobby cake",
    ]


def test_a_conversation_and_a_photo_are_said_in_words(ann, bob, app):
    with parts(app).db.writing() as c:
        talk = direct.start(c, people.get(c, ANN), [BOB])
    says(app, talk, "@Bob")
    message = bob.posts("", ("a.txt", b"notes"))
    gives(app, ANN, message, "👍")
    assert listed(bob.page("/for-you")) == [
        "new Ann gave you 👍 in Lobby a.txt",
        "new Ann mentioned you in your conversation with Ann @Bob",
    ]


def test_looking_at_it_reads_all_and_a_part_or_a_program_reads_nothing(ann, bob, app):
    fill(app, ANN, "@Bob")
    for headers in (HTMX, JSON):
        assert bob.gets("/for-you", **headers).status_code == 200
        assert link(bob.page("/people")) == "For you 1 new"
    page = bob.page("/for-you")
    assert len(page.select(".notice.unread")) == 1
    assert link(page) == "For you", "they stand before one's eyes"
    assert rows(page) == ["Lobby 1 for you"], "in its room it is unread still"
    assert link(bob.page("/people")) == "For you"
    assert not bob.page("/for-you").select(".notice.unread")


def test_what_was_read_in_its_room_is_listed_and_not_new(ann, bob, app):
    fill(app, ANN, "@Bob")
    bob.page("/rooms/1")
    page = bob.page("/for-you")
    assert (link(page), len(page.select(".notice")), len(page.select(".unread"))) == (
        "For you",
        1,
        0,
    )


def test_fifty_at_a_time_with_a_link_to_the_older(ann, bob, app):
    fill(app, ANN, *(f"@Bob {number}" for number in range(60)))
    page = bob.page("/for-you")
    older = page.select_one("#notices p a")
    assert (len(page.select(".notice")), words(older)) == (50, "Older")
    page = bob.page(older["href"])
    assert listed(page)[-1].endswith("@Bob 0")
    assert not page.select("#notices p a[href*=before]")
    assert bob.gets("/for-you?before=x").status_code == 422


def test_for_a_program(ann, bob, app):
    fill(app, ANN, "@Bob")
    told = bob.gets("/for-you", **JSON).get_json()
    [one] = told["notices"]
    assert one.pop("time").endswith("Z")
    assert (told["more"], one) == (
        False,
        {
            "id": 1,
            "kind": "mention",
            "new": True,
            "by": {"id": ANN, "name": "Ann"},
            "message": 1,
            "text": "@Bob",
            "emoji": "",
            "room": {"id": 1, "name": "Lobby"},
        },
    )
    assert ann.posts("@bob")["mentions"] == [BOB]


def test_words_of_others_are_text(ann, bob, app):
    fill(app, ANN, "@Bob <b>bold</b>")
    assert not bob.page("/for-you").select(".said b")


# ---- In a message ----


def test_a_message_says_whom_it_names_and_the_stylesheet_who_one_is(miriam, ann, bob):
    for author, text in ((ann, "@Bob @miriam"), (miriam, "@everyone"), (ann, "nobody")):
        author.posts(text)
    page = bob.page("/rooms/1")
    named = [one.get("data-mention") for one in page.select(".message")]
    assert named == ["3 1", "everyone", None]
    rules = bob.gets("/me.css").text
    assert '[data-mention~="3"]' in rules and '[data-mention~="everyone"]' in rules


def test_an_edit_and_a_deletion_change_it(ann, bob):
    message = ann.posts("@Bob")
    bob.polls()
    ann.edits(message, "@Miriam")
    assert bob.polls().select_one(".message")["data-mention"] == "1"
    ann.deletes(message)
    assert "data-mention" not in bob.polls().select_one(".message").attrs


# ---- Names to choose from ----


def asks(visitor: Visitor, q: str) -> BeautifulSoup:
    answer = visitor.gets(f"/rooms/1/people/names?q={q}", **HTMX)
    assert answer.status_code == 200
    return soup(answer)


def test_names_are_options_of_the_list_at_the_box(miriam, ann, bob):
    found = asks(ann, "b")
    [option] = found.select("[role=option]")
    assert (option["data-name"], option["id"], words(option)) == ("Bob", "name-3", "B Bob")
    assert words(found.select_one("#names-said")) == "1 name fits. Choose with the arrow keys."
    assert [one["data-name"] for one in asks(miriam, "e").select("li")] == ["everyone"]
    assert not asks(ann, "x").select("li") and not words(asks(ann, "x"))
    assert ann.gets("/rooms/1/people/names?q=b", **JSON).get_json() == {
        "people": [{"id": BOB, "name": "Bob"}]
    }


@pytest.mark.parametrize("path", ["/rooms/1", "/messages/1/edit"])
def test_both_boxes_say_that_they_have_a_list(ann, path):
    ann.posts("hello")
    page = ann.page(path)
    box = page.select_one("textarea")
    assert page.select_one(f"#{box['aria-controls']}")["role"] == "listbox"
    assert (box["aria-autocomplete"], box["aria-haspopup"]) == ("list", "listbox")
