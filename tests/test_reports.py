"""A member tells of a message; owners and moderators look at it."""

import pytest

from parley.talk import messages, people, rooms
from parley.web import parts
from tests.test_media import NOTES, PHOTO
from tests.visitor import JSON, beside, soup, typed, words


@pytest.fixture
def message(ann):
    """Ann's, the first in the Lobby."""
    return ann.posts("nonsense")


def test_it_works(miriam, bob, message):
    page = bob.page("/messages/1/report")
    assert "nonsense" in words(page.select_one(".card"))
    answer = bob.client.post("/messages/1/report", data={"reason": "It is rude"})
    assert (answer.status_code, answer.location) == (303, "/messages/1/report")
    assert "You reported this message just now." in words(bob.page("/messages/1/report").main)
    (card,) = miriam.page("/reports").select("ol .card")
    assert "nonsense" in words(card) and "Bob reported this just now: It is rude" in words(card)
    assert card.select_one("a[href='/messages/1']")
    assert words(miriam.page("/people").select_one("a[href='/reports']")) == "One open report"

    answer = miriam.client.post("/reports/1/close")
    assert (answer.status_code, answer.location) == (303, "/reports")
    assert "Closed just now." in words(miriam.page("/reports").main)
    assert not miriam.page("/reports").select("form")
    assert words(miriam.page("/people").select_one("a[href='/reports']")) == "No open reports"


def test_it_is_the_same_when_it_is_sent_again(miriam, bob, message):
    for _ in range(2):
        answer = bob.client.post("/messages/1/report", headers=JSON)
        assert (answer.status_code, answer.get_json()) == (200, {"message": 1})
    assert len(miriam.page("/reports").select("ol .card")) == 1


def test_a_reason_that_is_too_long_is_kept(bob, message):
    answer = bob.client.post("/messages/1/report", data={"reason": "x" * 501})
    assert answer.status_code == 422
    assert beside(soup(answer), "reason") == "That is 501 characters; 500 is the most."
    assert typed(soup(answer)) == "x" * 501


def test_what_one_does_not_see_one_does_not_report(miriam, ann, bob, stranger, app):
    with parts(app).db.writing() as c:
        person = people.get(c, 2)
        room = rooms.get(c, person, rooms.make(c, person, "Garden", kind=rooms.CLOSED))
        hidden = messages.post(c, room, person, messages.draft("secret", ""))
    path = f"/messages/{hidden.id}/report"
    assert bob.gets(path).data == bob.gets("/nothing").data
    assert bob.client.post(path).status_code == 404
    assert stranger.gets(path).location.startswith("/login")
    ann.client.post(path)
    card = miriam.page("/reports").select_one("ol .card")
    assert "secret" in words(card) and not card.select("a[href^='/messages']")
    assert "Garden" not in words(card), "the name of a room that she does not see"


def test_a_photo_is_seen_by_whom_it_was_reported_to(miriam, ann, bob, app):
    with parts(app).db.writing() as c:
        room = rooms.make(c, people.get(c, 2), "Garden", kind=rooms.CLOSED, chosen=[3])
    sent = ann.submits(f"/rooms/{room}/messages", {}, "files", PHOTO, NOTES, headers=JSON)
    photo, notes = sent.get_json()["files"]
    paths = [photo["thumb"], photo["url"], notes["url"]]
    assert {miriam.gets(path).status_code for path in paths} == {404}
    bob.client.post(f"/messages/{sent.get_json()['id']}/report")
    card = miriam.page("/reports").select_one("ol .card")
    assert [one["src"] for one in card.select("img")] == paths[:1]
    assert [one["href"] for one in card.select("blockquote a")] == paths[1:]
    assert {miriam.gets(path).status_code for path in paths} == {200}
    assert miriam.gets(f"/files/{photo['id']}").status_code == 404, "what stands beside it was not"
    cleo = miriam.brings_in("Cleo", password="")
    assert {cleo.gets(path).status_code for path in paths} == {404}
    ann.deletes(sent.get_json())
    assert {miriam.gets(path).status_code for path in paths} == {404}
    card = miriam.page("/reports").select_one("ol .card")
    assert not card.select("img") and "garden.jpg , notes.txt" in words(card)


def test_reports_are_for_owners_and_moderators(miriam, ann, bob, stranger, message):
    bob.client.post("/messages/1/report")
    assert bob.gets("/reports").status_code == 403
    assert bob.client.post("/reports/1/close").status_code == 403
    assert not bob.page("/people").select("a[href='/reports']")
    assert stranger.gets("/reports").location.startswith("/login")
    assert stranger.client.post("/reports/1/close").location.startswith("/login")
    miriam.client.post("/people/3/role", data={"role": "moderator"})
    assert bob.page("/reports").select("ol .card")
    assert bob.client.post("/reports/1/close").status_code == 303
    assert bob.client.post("/reports/99/close").status_code == 404


def test_without_reports_the_page_says_so(miriam):
    assert words(miriam.page("/reports").select_one(".blank h2")) == "No reports"


def test_what_does_not_fit_on_a_page_is_behind_a_link(miriam, ann, bob, message, monkeypatch):
    monkeypatch.setattr("parley.talk.reports.PAGE", 1)
    ann.posts("more nonsense")
    for number in (1, 2):
        bob.client.post(f"/messages/{number}/report")
    page = miriam.page("/reports")
    assert "more nonsense" in words(page.select_one("ol"))
    (link,) = page.select("a[href*='before']")
    assert words(link) == "Older reports"
    page = miriam.page(link["href"])
    assert "more" not in words(page.select_one("ol")) and not page.select("a[href*='before']")
