"""Somebody is let back in: the page with the key, and the door that it opens."""

import pytest
import segno
from bs4 import BeautifulSoup
from sqlalchemy import select

from parley.store import tables
from parley.web import parts
from tests.visitor import JSON, PASSWORD, Visitor, beside, change, soup, words

ANN = 2


def key(by: Visitor, person: str = str(ANN)) -> str:
    """The path that a key's page shows."""
    answer = by.client.post(f"/people/{person}/key")
    assert answer.status_code == 200, answer.text
    return "/enter/" + words(soup(answer).select_one(".address")).rpartition("/enter/")[2]


def test_the_owner_lets_somebody_in_who_has_lost_the_password(miriam, ann, app):
    path = key(miriam)
    phone = Visitor(app, "Ann")
    page = phone.page(path)
    assert words(page.h1) == "Come in, Ann"
    assert [words(one) for one in page.select("main button")] == ["Sign in as Ann"]
    assert phone.client.get("/rooms/1").location.startswith("/login"), "looking signs nobody in"

    assert phone.client.post(path).location == "/password"
    door = phone.page("/password")
    assert [one["id"] for one in door.select("form input[type=password]")] == ["password"]
    assert words(door.footer.a) == "Not now"
    assert phone.posts("back again")["author"]["name"] == "Ann"
    new = "five other plain words"
    assert phone.client.post("/password", data={"password": new}).location == "/people/me"
    assert Visitor(app, "Ann").signs_in(new).location == "/"
    assert ann.client.get("/rooms/1").location.startswith("/login"), "other devices are out"


def test_a_program_that_only_asks_for_the_head_of_the_page_uses_up_no_key(miriam, ann, app):
    path, phone = key(miriam), Visitor(app, "Ann")
    assert phone.client.head(path).status_code == 200
    assert phone.client.get("/rooms/1").location.startswith("/login")
    assert phone.client.post(path).location == "/password"


def test_the_key_is_shown_once_with_its_code(miriam, ann):
    answer = miriam.client.post(f"/people/{ANN}/key")
    assert answer.headers["Cache-Control"] == "no-store"
    page = soup(answer)
    assert words(page.h1) == "Let Ann in"
    assert "It opens once, within a day, and is not shown again." in words(page.main)
    address = words(page.select_one(".address"))
    drawn = BeautifulSoup(segno.make(address, error="m").svg_inline(border=2), "html.parser")
    assert page.select_one("[role=img] svg path")["d"] == drawn.path["d"]


def test_a_second_device_is_signed_in_from_the_first(ann, app):
    page = soup(ann.client.post("/people/me/key"))
    assert words(page.h1) == "Sign in on another device"
    assert "within ten minutes" in words(page.main)
    phone = Visitor(app, "Ann")
    assert phone.client.post(key(ann, "me")).location == "/"
    assert phone.sees("") is False and phone.client.get("/rooms/1").status_code == 200
    assert ann.client.get("/rooms/1").status_code == 200, "the first stays"
    asked = phone.client.post("/password", data={"password": "five other plain words"})
    assert beside(soup(asked), "old") == "That is not the password you have now."


def test_who_never_had_a_password_is_offered_one(miriam, app):
    miriam.brings_in("Dan", password="")
    phone = Visitor(app, "Dan")
    assert phone.client.post(key(miriam)).location == "/password"
    page = phone.page("/password")
    assert words(page.h1) == "A password of your own"
    assert "With it you can come back as Dan on any device." in words(page.main)


@pytest.mark.parametrize("path", ["/enter/forged", "/enter/" + "a" * 43])
def test_a_key_that_is_spent_or_forged_says_so_and_no_more(miriam, ann, stranger, path):
    spent = key(miriam)
    stranger.client.post(spent)
    stranger.signs_out()
    answers = [stranger.client.get(path), stranger.client.post(path), stranger.client.post(spent)]
    for answer in [*answers, stranger.client.get(spent)]:
        assert answer.status_code == 404
        assert "This link has been used, or its time is over." in words(soup(answer).main)
        assert answer.data == answers[0].data
    assert stranger.client.get("/rooms/1").location.startswith("/login")


def test_a_member_gives_no_key_and_a_moderator_none_to_an_owner(miriam, ann, bob):
    assert ann.client.post("/people/3/key").status_code == 403
    change(ann.app, tables.people, ANN, role="moderator")
    assert ann.client.post("/people/1/key").status_code == 403
    assert ann.client.post("/people/3/key").status_code == 200
    assert ann.client.post("/people/4711/key").status_code == 404


def test_a_browser_of_somebody_else_changes_hands(miriam, ann, bob, app):
    path = key(miriam)
    assert "Now it knows it as Bob , who is signed out here." in words(bob.page(path).main)
    bob.client.post(path)
    assert bob.posts("hello")["author"]["name"] == "Ann"
    with parts(app).db.reading() as c:
        ended = select(tables.logins.c.expires_at).where(tables.logins.c.person_id == 3)
        seen = select(tables.logins.c.expires_at).where(tables.logins.c.person_id == ANN)
        assert c.scalar(ended) < max(c.scalars(seen))
        assert c.scalar(select(tables.space.c.revocation)) == 1, "open polls end"


def test_programs_get_the_address_alone(miriam, ann, stranger):
    answer = miriam.client.post(f"/people/{ANN}/key", headers=JSON)
    assert answer.status_code == 201
    path = "/enter/" + answer.get_json()["address"].rpartition("/enter/")[2]
    assert stranger.client.post(path, headers=JSON).get_json() == {"person": ANN}


def test_strangers_give_no_keys(stranger):
    for path in ("/people/1/key", "/people/me/key"):
        assert stranger.client.post(path).location.startswith("/login")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/password", {"old": PASSWORD, "password": "five other plain words"}),
        ("/logout", {"everywhere": "yes"}),
    ],
)
def test_who_shuts_others_out_shuts_out_their_keys_too(miriam, ann, bob, stranger, path, form):
    made = [key(ann, "me"), key(miriam)]
    other = key(miriam, "3")
    assert ann.client.post(path, data=form).status_code == 303
    assert [stranger.client.post(one).status_code for one in made] == [404, 404]
    assert stranger.client.post(other).status_code == 303


# ---- The devices of one person ----


def devices(visitor: Visitor) -> list[str]:
    return [words(one) for one in visitor.page("/people/me").select("#devices li > span")]


def test_one_sees_where_one_is_signed_in_and_signs_a_device_out(ann, bob, app):
    phone = Visitor(app, "Ann")
    agent = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) Version/18.5 Safari/604.1"}
    phone.client.post("/login", data={"name": "Ann", "password": PASSWORD}, headers=agent)
    assert devices(ann) == [
        "Safari on an iPhone last here just now",
        "A browser this one here now",
    ] or devices(ann) == ["A browser this one here now", "Safari on an iPhone last here just now"]
    [form] = ann.page("/people/me").select('#devices li form[action^="/logins"]')
    assert words(form.button) == "Sign out Safari on an iPhone"
    assert bob.client.post(form["action"]).status_code == 404, "it is not Bob's"
    assert phone.client.get("/rooms/1").status_code == 200
    assert ann.client.post(form["action"]).location == "/people/me#devices"
    assert phone.client.get("/rooms/1").location.startswith("/login")
    assert devices(ann) == ["A browser this one here now"]
    assert ann.client.post(form["action"]).status_code == 404, "it is out already"


def test_a_device_that_is_signed_out_has_made_no_way_back_in(miriam, ann, app, stranger):
    phone = Visitor(app, "Ann")
    phone.signs_in()
    made, given = key(phone, "me"), key(miriam)
    [form] = ann.page("/people/me").select('#devices li form[action^="/logins"]')
    ann.client.post(form["action"])
    assert stranger.client.post(made).status_code == 404
    assert stranger.client.post(given).status_code == 303


def test_signing_out_this_very_device_leads_to_the_door(ann, app):
    with parts(app).db.reading() as c:
        login = c.scalar(select(tables.logins.c.id).where(tables.logins.c.person_id == ANN))
    assert ann.client.post(f"/logins/{login}/end").location == "/login"
    assert ann.client.get("/rooms/1").location.startswith("/login")
