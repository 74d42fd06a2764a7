"""What pages have at their side and nothing has changed since, answered without Flask."""

import asyncio

import pytest

from parley.aside import Aside
from parley.talk import direct, people, rooms, unread
from parley.waiting import WaitingRoom
from parley.web import parts
from parley.web.feed import Feed
from tests.corpus import picture
from tests.test_side import says
from tests.visitor import HTMX, Visitor, fill, soup

ANN, BOB = 2, 3


class Page:
    """An open page whose list asks through everything that stands in front of Flask."""

    def __init__(self, visitor: Visitor, query: str):
        self.visitor, self.query, self.tag = visitor, query, ""
        own = parts(visitor.app)
        self.aside = Aside(self._flask, WaitingRoom(Feed(visitor.app), None, 0, 4, 10), own.lists)

    async def _flask(self, scope, receive, send) -> None:
        asked = f"/side?{scope['query_string'].decode()}"
        answer = self.visitor.gets(asked, **HTMX, If_None_Match=f'"{self.tag}"')
        self.tag = answer.headers["ETag"].strip('"').partition(":")[0]
        self.counts = [one.get_text() for one in soup(answer).select(".count")]
        await send({"type": "http.response.start", "status": f"flask {answer.status_code}"})

    def asks(self, seen: int | None = None) -> str:
        """Who answers, and what: "304" is an answer without Flask."""
        own, said = parts(self.visitor.app), []
        with own.db.reading() as c:
            self.aside.waiting.revisions = dict(tuple(row) for row in rooms.revisions(c))
        cookie = self.visitor.client.get_cookie("parley").value
        more = "" if seen is None else f"&seen={seen}"
        headers = {"cookie": f"parley={cookie}", "if-none-match": f'"{self.tag}"'}
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "path": "/side", "method": "GET", "headers": pairs}
        scope["query_string"] = f"{self.query}{more}".encode()

        async def send(event):
            said.append(event)

        asyncio.run(self.aside(scope, None, send))
        own.marks.write()
        return str(said[0]["status"])


@pytest.fixture
def garden(app, bob) -> int:
    with parts(app).db.writing() as c:
        return rooms.make(c, people.get(c, 1), "Garden")


@pytest.fixture
def lobby(ann, bob, garden) -> Page:
    """Bob at the end of the Lobby."""
    page = Page(bob, "room=1&title=Lobby")
    assert [page.asks(0), page.asks(0)] == ["flask 200", "304"]
    return page


@pytest.fixture
def elsewhere(ann, bob, garden) -> Page:
    """Bob at another page."""
    page = Page(bob, "at=/people&title=People")
    assert [page.asks(), page.asks()] == ["flask 200", "304"]
    return page


def test_what_is_said_in_another_room_is_told(elsewhere, app):
    fill(app, ANN, "hello")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["1 unread"])
    assert elsewhere.asks() == "304"
    fill(app, ANN, "hello")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["2 unread"])


def test_beyond_99_nothing_more_is_told_until_it_is_read(lobby, elsewhere, app):
    fill(app, ANN, *map(str, range(120)))
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["99+ unread"])
    fill(app, ANN, "more")
    assert elsewhere.asks() == "304"
    assert lobby.asks(121) == "304", "nothing changes beside the room itself"
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", [])


def test_what_is_said_in_the_room_on_view_is_read_without_being_told(lobby, elsewhere, app):
    fill(app, ANN, "one", "two")
    assert lobby.asks(1) == "304"
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["1 unread"])
    assert lobby.asks(999) == "304"
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", [])
    fill(app, ANN, "three")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["1 unread"]), "999 was too far"


def test_a_page_that_is_hidden_is_told(lobby, app):
    fill(app, ANN, "one")
    assert (lobby.asks(), lobby.counts) == ("flask 200", ["1 unread"])
    assert lobby.asks() == "304"
    assert (lobby.asks(1), lobby.counts) == ("flask 200", [])


def test_what_one_does_elsewhere_is_told(elsewhere, bob, app):
    fill(app, ANN, "one")
    elsewhere.asks()
    bob.page("/rooms/1")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", [])
    bob.client.post("/messages/1/unread")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["1 unread"])
    bob.client.post("/rooms/1/notify", data={"level": "hide"})
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", [])


def test_what_others_change_is_told(lobby, ann, app):
    with parts(app).db.writing() as c:
        conversation = direct.start(c, people.get(c, ANN), [BOB])
    ann.submits("/people/me", {"name": "Anna", "about": ""}, "photo")
    assert [lobby.asks(0), lobby.asks(0)] == ["flask 200", "304"]
    says(app, conversation, "for you")
    assert (lobby.asks(0), lobby.counts) == ("flask 200", ["1 for you"])


def test_a_message_that_was_deleted_is_told(elsewhere, ann):
    message = ann.posts("one")
    elsewhere.asks()
    ann.deletes(message)
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", [])


def test_who_was_signed_out_asks_flask(lobby, monkeypatch):
    lobby.aside.waiting.revocation = 1
    monkeypatch.setattr(lobby.aside.waiting, "_revoked", {(None, BOB, None): 1})
    assert lobby.asks(0) == "flask 304"


def test_it_is_not_believed_for_long_nor_from_another_browser(lobby, monkeypatch, miriam):
    other = Page(miriam, lobby.query)
    other.tag = lobby.tag
    assert other.asks(0) == "flask 200"
    monkeypatch.setattr("parley.talk.lists.TRUST", -1)
    parts(lobby.visitor.app).lists.forget_all()
    assert [lobby.asks(0), lobby.asks(0)] == ["flask 304", "flask 304"]


def test_what_changed_while_a_list_was_read_is_not_forgotten(elsewhere, bob, ann, app, monkeypatch):
    read = unread.listed

    def slow(*what):
        found = read(*what)
        monkeypatch.undo()
        ann.submits("/people/me", {"name": "Anna", "about": ""}, "photo")
        with parts(app).db.writing() as c:
            rooms.make(c, people.get(c, 1), "Shed")
        return found

    bob.client.post("/rooms/1/notify", data={"level": "mute"})
    monkeypatch.setattr(unread, "listed", slow)
    assert elsewhere.asks() == "flask 200"
    assert [elsewhere.asks(), elsewhere.asks()] == ["flask 200", "304"]


def test_a_mark_that_could_not_be_written_is_told_again(lobby, elsewhere, app):
    fill(app, ANN, "one")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["1 unread"])
    with parts(app).db.writing():
        assert lobby.asks(1) == "304"
    assert lobby.asks(1) == "flask 304"
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", [])


def test_what_the_space_shows_in_the_list_is_told(elsewhere, miriam):
    miriam.submits("/space", {}, "photo", ("us.png", picture("PNG")))
    assert [elsewhere.asks(), elsewhere.asks()] == ["flask 200", "304"]
    miriam.client.post("/space", data={"makes_rooms": "moderator"})
    assert elsewhere.asks() == "flask 200"


# ---- What is for oneself ----


def test_a_mention_is_told_also_beyond_what_is_counted(elsewhere, ann, app):
    fill(app, ANN, *map(str, range(101)))
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["99+ unread"])
    fill(app, ANN, "one more")
    assert elsewhere.asks() == "304", "it does not matter how many more"
    ann.posts("@Bob")
    assert elsewhere.asks() == "flask 200"
    assert elsewhere.counts == ["1 new", "99+ unread,", "1 for you"]
    assert elsewhere.asks() == "304"


def test_a_change_of_ones_own_message_is_told_beside_its_room_too(lobby, bob):
    message = bob.posts("cake")
    lobby.asks(1)
    assert lobby.asks(1) == "304"
    bob.edits(message, "more cake")
    assert lobby.asks(1).startswith("flask")


def test_everyone_is_told(elsewhere, miriam):
    miriam.posts("@everyone")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["1 new", "1 for you"])


def test_the_page_of_notices_is_read_at_once(elsewhere, ann, bob):
    ann.posts("@Bob")
    elsewhere.asks()
    bob.page("/for-you")
    assert (elsewhere.asks(), elsewhere.counts) == ("flask 200", ["1 for you"])
