"""What pages have at their side and nothing has changed since, answered without Flask."""

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
        self.aside = Aside(WaitingRoom(Feed(visitor.app), None, 0, 4, 10), own.lists)

    def _flask(self, asked: str) -> str:
        answer = self.visitor.gets(asked, **HTMX, If_None_Match=f'"{self.tag}"')
        self.tag = answer.headers["ETag"].strip('"').partition(":")[0]
        self.counts = [one.get_text() for one in soup(answer).select("#side .count")]
        return f"flask {answer.status_code}"

    def request(self, seen: int | None = None) -> bytes:
        """As a browser sends it."""
        cookie = self.visitor.client.get_cookie("parley").value
        more = "" if seen is None else f"&seen={seen}"
        first = f"GET /side?{self.query}{more} HTTP/1.1\r\nHost: here\r\nConnection: keep-alive\r\n"
        last = f'Cookie: a=b; parley={cookie}; ticket=c\r\nIf-None-Match: "{self.tag}"\r\n\r\n'
        return f"{first}{last}".encode()

    def asks(self, seen: int | None = None) -> str:
        """Who answers, and what: "304" is an answer without Flask."""
        own, request = parts(self.visitor.app), self.request(seen)
        with own.db.reading() as c:
            self.aside.waiting.revisions = dict(tuple(row) for row in rooms.revisions(c))
        answer = self.aside.same(request)
        said = answer.decode()[9:12] or self._flask(request.decode().split()[1])
        own.marks.write()
        return said


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


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (b"GET ", b"POST "),
        (b"/side?", b"/sides?"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"keep-alive", b"close"),
        (b"Host: here", b"Content-Length: 5"),  # what follows is no request then
        (b"Host: here", b"content-length : 5"),
        (b"Host: here", b"Transfer-Encoding: chunked"),
        (b"Host: here", b"Expect: 100-continue"),
        (b"Host: here", b"Host: here\r\n Content-Length: 5"),
        (b"&seen=0", b"&seen=0&seen=1"),
        (b"&seen=0", b"&seen=-1"),
        (b"&seen=0", b""),
        (b"parley=", b"parlay="),
        (b'If-None-Match: "', b'If-None-Match: "x'),
        (b"\r\n\r\n", b"\r\n"),
        (b"\r\n\r\n", b"\r\n\r\nG"),
    ],
)
def test_what_is_not_just_that_question_is_not_answered(lobby, words, instead):
    request = lobby.request(0)
    assert lobby.aside.same(request).endswith(b"\r\n\r\n")
    assert request.count(words) == 1
    assert lobby.aside.same(request.replace(words, instead)) == b""


def test_the_answer_is_whole(lobby):
    first, *lines = lobby.aside.same(lobby.request(0)).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if line)
    assert first == "HTTP/1.1 304 Not Modified"
    assert headers.pop("date").endswith("GMT")
    assert headers == {
        "etag": f'"{lobby.tag}"',
        "cache-control": "no-cache, private",
        "vary": "HX-Request-Type, Accept, Cookie",
    }


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
