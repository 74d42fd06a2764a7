"""The pages of join links: the list, making one more, one shown large, and who comes in."""

from sqlalchemy import event, insert, select

from parley.store import tables
from parley.talk import people, rooms
from parley.web import parts
from tests.callers import Caller, Space
from tests.meeting import at_once
from tests.servers import running
from tests.visitor import HTMX, JSON, PASSWORD, Visitor, beside, change, soup, words

ANN = 2


def cards(visitor: Visitor, label: str) -> list[str]:
    """What stands on the cards of one part of the list."""
    for entry in visitor.page("/links").select(".entry"):
        if words(entry.h2) == label:
            return [words(one.p) for one in entry.select("li")]
    return []


def test_a_link_is_made_and_shown_large(miriam, stranger):
    form = {"name": "The parents", "lasts": "week", "most": "30"}
    answer = miriam.client.post("/links", data=form)
    assert (answer.status_code, answer.location) == (303, "/links/2")
    page = miriam.page("/links/2")
    assert words(page.h1) == "Join Class 7b"
    assert page.select_one("[role=img] svg.qr path")
    path = "/join/" + words(page.select_one(".address")).rpartition("/join/")[2]
    assert stranger.client.post(path, data={"name": "Xenia"}).location == "/"
    assert cards(miriam, "Open")[0].startswith("One person has used it, 30 may. It opens until")
    assert len(cards(miriam, "Open")) == 2, "the first stays"
    with parts(miriam.app).db.reading() as c:
        log = c.execute(select(tables.log.c.by_id, tables.log.c.act, tables.log.c.words)).all()
    assert log == [(1, "made a link", "The parents")]


def test_a_revoked_link_is_listed_as_over_and_shows_no_code(miriam):
    miriam.client.post("/links/1/revoke")
    assert cards(miriam, "Open") == [] and len(cards(miriam, "Over")) == 1
    assert "No link is open, so nobody can join." in words(miriam.page("/links").main)
    page = miriam.page("/links/1")
    assert "This link does not open any more." in words(page.main)
    assert not page.select("[role=img], .address")


def test_what_was_typed_wrong_is_said_beside_it_and_kept(miriam):
    form = {"name": "Parents", "lasts": "day", "most": "some"}
    answer = miriam.client.post("/links", data=form)
    page = soup(answer)
    assert answer.status_code == 422
    assert beside(page, "most") == "A number from 1 to 10,000, or nothing for any number."
    assert page.select_one("#name")["value"] == "Parents"
    assert page.select_one("#lasts option[selected]")["value"] == "day"
    fragment = miriam.client.post("/links", data=form, headers=HTMX)
    assert not soup(fragment).body and beside(soup(fragment), "most").startswith("A number")
    assert cards(miriam, "Open") == cards(miriam, "Open")[:1]


def test_a_link_may_lead_into_closed_rooms(miriam, app, stranger):
    with parts(app).db.writing() as c:
        staff = rooms.make(c, people.get(c, 1), "Staff", kind="closed")
    [choice] = miriam.page("/links").select("fieldset label")
    assert words(choice) == "Staff" and choice.input["value"] == str(staff)
    miriam.client.post("/links", data={"rooms": [str(staff)]})
    assert "It leads into Staff ." in cards(miriam, "Open")[0]
    stranger.client.post(miriam.link(), data={"name": "Xenia"})
    assert words(stranger.page(f"/rooms/{staff}").h1) == "Staff"


def test_a_moderator_makes_links_for_members_alone(miriam, ann, app):
    change(app, tables.people, ANN, role="moderator")
    assert not ann.page("/links").select("#role")
    assert ann.client.post("/links", data={"role": "moderator"}).status_code == 403
    assert ann.client.post("/links").location == "/links/2"
    miriam.client.post("/links", data={"role": "moderator"})
    assert "They become moderators." in cards(miriam, "Open")[0]
    assert ann.client.get("/links/3").status_code == 404
    assert ann.client.post("/links/3/revoke").status_code == 404


def test_members_and_strangers_make_and_see_no_links(ann, stranger):
    for method, path in (
        *(("GET", "/links"), ("POST", "/links")),
        *(("GET", "/links/1"), ("POST", "/links/1/revoke")),
    ):
        answer = ann.client.open(path, method=method)
        assert answer.status_code == 403
        assert "Only owners and moderators make links." in words(soup(answer).main)
        assert stranger.client.open(path, method=method).location.startswith("/login")


def test_a_program_makes_a_link(miriam):
    answer = miriam.client.post("/links", headers=JSON)
    assert answer.status_code == 201
    assert answer.get_json() == {"id": 2, "code": miriam.link().rpartition("/")[2]}


def test_in_a_closed_place_the_list_says_so_and_links_look_like_nothing(miriam, app, stranger):
    path = miriam.link()
    change(app, tables.space, 1, joining="closed")
    assert "Class 7b is closed: no link opens" in words(miriam.page("/links").main)
    assert stranger.client.get(path).data == stranger.client.get("/nothing").data
    assert stranger.client.post(path, data={"name": "Xenia"}).status_code == 404


def test_the_browser_of_somebody_banned_finds_no_link(miriam, ann, bob, app):
    path = miriam.link()
    ann.signs_out()
    bob.signs_out()
    change(app, tables.people, ANN, banned_at=tables.people.c.joined_at)
    assert ann.client.get(path).data == ann.client.get("/nothing").data
    assert ann.client.post(path, data={"name": "Not Ann"}).status_code == 404
    assert bob.client.post(path, data={"name": "Bob again"}).location == "/", "others may"
    change(app, tables.people, ANN, banned_at=None)
    assert ann.client.post(path, data={"name": "Ann again"}).location == "/"


def test_the_list_asks_as_often_for_many_links_as_for_few(miriam, app):
    db = parts(app).db
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
    miriam.page("/links")
    few = len(asked)
    with db.writing() as c:
        row = {"made_by": 1, "made_at": people.get(c, 1).joined_at}
        c.execute(insert(tables.links), [row | {"code": f"code{number}"} for number in range(200)])
    asked.clear()
    miriam.page("/links")
    assert len(asked) == few <= 12


def test_thirty_behind_one_address_join_in_the_same_minute(tmp_path):
    with running(tmp_path / "instance") as server:
        space = Space(server)
        names = [f"Pupil {number}" for number in range(30)]

        def join(name: str) -> Caller:
            password = PASSWORD if name.endswith("0") else ""  # hashing takes its time
            return Caller(server).signs_in(space.link, name=name, password=password)

        came = at_once(*[lambda name=name: join(name) for name in names])
        assert [type(one) for one in came] == [Caller] * 30, came
        page = space.owner.get("/people")
    assert all(name in page for name in names)


def test_rooms_and_times_that_are_none_are_refused_in_words_and_the_rest_is_kept(miriam):
    for wrong in ({"rooms": "9" * 5000}, {"rooms": "1; 2"}, {"lasts": "year"}, {"rooms": "\0"}):
        answer = miriam.client.post("/links", data={"name": "Parents"} | wrong)
        page = soup(answer)
        assert (answer.status_code, page.select_one("#name")["value"]) == (422, "Parents")
        assert page.select_one("#form .wrong").text.startswith("Choose ")
