"""The poll as an open page lives it: each change once, in order, and nothing lost."""

import gzip
import random
from copy import copy

import pytest
from bs4 import BeautifulSoup, Tag

from parley.talk import messages, people
from parley.talk.clock import Variant
from parley.web import parts
from parley.web.feed import Feed
from tests.corpus import picture
from tests.visitor import HTMX, JSON, Visitor, fill, soup, words

HERE = Variant("Europe/Berlin", "en")  # as the space
POLLER = "#poll[hx-swap-oob=true]"
BOB = 3
WORDS = [f"word {number}" for number in range(201)]


class OpenPage:
    """A page that stays open: what the poll brings is swapped in as htmx does it."""

    def __init__(self, visitor: Visitor, path: str = "/rooms/1"):
        self.visitor = visitor
        self.page = visitor.page(path)
        self.appended: list[str] = []
        self.follow(self.page)

    def follow(self, page: BeautifulSoup) -> None:
        """The next cursor is in the poller."""
        poller = page.select_one("#poll")
        self.visitor.cursor = int(poller["hx-get"].rpartition("after=")[2])

    def polls(self) -> BeautifulSoup:
        """Ask once and swap."""
        news = self.visitor.polls()
        for part in copy(news).find_all(recursive=False):
            how = str(part.get("hx-swap-oob"))
            if how.startswith("beforeend:"):
                self.append(part, how.partition(":")[2])
            elif how.startswith("delete "):
                assert not self.page.select("#past:has(~ #history)"), "this page has none"
            elif how in ("true", "outerMorph"):
                old = self.page.find(id=part["id"])
                if old:  # what is not on the page has no place
                    old.replace_with(part)
            else:
                raise AssertionError(f"not out of band: {part}")
        return news

    def append(self, part: Tag, target: str) -> None:
        """New messages, after what is there."""
        place = self.page.select_one(target)
        for one in part.find_all(recursive=False):
            if one.name == "article":
                assert one["id"] not in self.appended, "shown twice"
                self.appended.append(one["id"])
            if place:
                place.append(one)

    def shown(self) -> list[tuple]:
        """Every message and day line from above to below, as a person sees it."""
        return seen(self.page)


def seen(page: BeautifulSoup) -> list[tuple]:
    """Who said what on the page, with the day lines between."""
    return [
        (one.get("id"), sorted(one["class"]), words(one)) for one in page.select(".message, .day")
    ]


@pytest.fixture
def page(ann: Visitor) -> OpenPage:
    """Ann has the empty room open."""
    return OpenPage(ann)


# ---- One poll ----


def test_a_page_is_shown_when_its_list_is_whole(ann):
    [link] = ann.page("/rooms/1").select("head > link[rel=expect][blocking=render]")
    assert ann.page("/rooms/1").select(f"main:has(#messages):has(#composer) ~ {link['href']}")


def test_without_news_there_is_nothing_to_swap(page, ann):
    answer = ann.gets("/rooms/1/feed?after=0", **HTMX)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_another_says_arrives_once(page, bob):
    bob.posts("hello")
    news = page.polls()
    assert [words(one) for one in page.page.select("#messages .words")] == ["hello"]
    assert news.select_one(POLLER)["hx-get"] == "/rooms/1/feed?after=1"
    assert not news.select("#messages, #composer, textarea")
    assert not page.polls().select(".message")
    assert len(page.page.select(".message")) == 1


def test_the_answer_is_kept_by_no_cache(page, ann, bob):
    bob.posts("hello")
    answer = ann.gets("/rooms/1/feed?after=0", **HTMX)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_new_messages_come_in_order_with_their_day(page, ann, bob):
    for visitor, text in ((bob, "one"), (ann, "two"), (bob, "three")):
        visitor.posts(text)
    page.polls()
    assert page.shown() == OpenPage(ann).shown()
    assert [words(one) for one in page.page.select("#messages .words")] == ["one", "two", "three"]


def test_a_new_message_carries_no_swap_of_its_own(page, bob):
    bob.posts("hello")
    assert not page.polls().select_one(".message").has_attr("hx-swap-oob")


def test_an_edit_lands_in_its_place(page, bob):
    first, _ = bob.posts("frist"), bob.posts("second")
    page.polls()
    bob.edits(first, "first")
    news = page.polls()
    assert [one["hx-swap-oob"] for one in news.select(".message")] == ["outerMorph"]
    texts = [words(one) for one in page.page.select("#messages .words")]
    assert texts == ["first (edited)", "second"]


def test_a_deletion_leaves_a_tombstone_that_an_undo_finds(page, bob, miriam):
    message = bob.posts("oops")
    page.polls()
    bob.deletes(message)
    page.polls()
    assert "oops" not in words(page.page.main)
    assert "Bob deleted this message." in words(page.page.select_one("#message-1"))
    bob.restores(message)
    page.polls()
    assert words(page.page.select_one("#message-1 .words")) == "oops"


def test_what_happened_between_two_polls_comes_as_it_is_now(page, bob):
    message = bob.posts("one")
    bob.edits(message, "two")
    gone = bob.posts("gone")
    bob.deletes(gone)
    news = page.polls()
    assert [one["id"] for one in news.select(".message")] == ["message-1", "message-2"]
    assert "gone" not in words(news) and "one" not in words(news)
    assert page.shown() == OpenPage(page.visitor).shown()


def test_a_change_to_a_message_further_up_is_not_appended(ann, bob, app):
    fill(app, BOB, *WORDS[:52])
    page = OpenPage(ann)
    bob.edits({"id": 1}, "other")
    page.polls()
    assert page.shown() == OpenPage(ann).shown()


def test_a_page_elsewhere_takes_edits_and_nothing_new(ann, bob, app):
    fill(app, BOB, *WORDS[:60])
    page = OpenPage(ann)
    page.page = ann.page("/rooms/1?before=11")
    page.follow(page.page)
    bob.edits({"id": 4}, "other")
    bob.posts("new")
    page.polls()
    assert page.shown() == seen(ann.page("/rooms/1?before=11"))
    assert "other (edited)" in words(page.page.main)


# ---- Everything at once ----


@pytest.mark.parametrize("seed", range(3))
def test_each_change_reaches_each_page_exactly_once(ann, bob, seed):
    chance = random.Random(seed)
    pages = [OpenPage(ann), OpenPage(bob)]
    mine = {ann.name: [], bob.name: []}
    for number in range(50):
        who = chance.choice((ann, bob))
        act = chance.choices(("posts", "edits", "deletes", "restores"), (5, 3, 2, 2))[0]
        if act == "posts" and sum(map(len, mine.values())) < 45:
            mine[who.name].append(who.posts(f"word {number}"))
        elif act == "edits" and mine[who.name]:
            who.edits(chance.choice(mine[who.name]), f"other {number}")
        elif mine[who.name] and act != "posts":
            getattr(who, act)(chance.choice(mine[who.name]))
        for page in pages:
            if chance.random() < 0.3:
                page.polls()
    for page in pages:
        page.polls()
        fresh = OpenPage(page.visitor)
        assert page.shown() == fresh.shown()
        assert page.visitor.cursor == fresh.visitor.cursor
        ids = [int(name.removeprefix("message-")) for name in page.appended]
        assert ids == sorted(ids) and len(set(ids)) == len(ids) == sum(map(len, mine.values()))
        assert page.visitor.gets(f"/rooms/1/feed?after={fresh.visitor.cursor}").status_code == 204


# ---- Too far behind ----


def test_two_hundred_changes_come_one_by_one(page, bob, app):
    fill(app, BOB, *WORDS[:200])
    news = page.polls()
    assert not news.select("#messages")
    assert len(page.page.select("#messages .message")) == 200


def test_beyond_that_the_list_is_shown_anew_with_a_way_to_the_rest(page, app, ann, bob):
    fill(app, BOB, *WORDS)
    news = page.polls()
    assert news.select_one("#messages")["hx-swap-oob"] == "true"
    assert not news.select("#composer, #text"), "what is being written stays"
    texts = [words(one) for one in page.page.select("#messages .words")]
    assert texts == WORDS[-50:]
    assert page.page.select_one("#messages")["role"] == "log"

    missed = page.page.select_one("#history .note")
    assert words(missed) == "201 missed, start there"
    first = ann.page(missed.a["href"]).select(".message .words")[0]
    assert words(first) == "word 0"
    older = ann.page(page.page.select_one("#history .older a")["href"])
    assert words(older.select(".message .words")[-1]) == "word 150"

    bob.posts("and on")
    page.polls()
    assert words(page.page.select("#messages .words")[-1]) == "and on"


def test_very_many_that_were_missed_are_not_counted_to_the_end(page, app, bob, monkeypatch):
    monkeypatch.setattr("parley.talk.feed.MANY", 200)
    fill(app, BOB, *WORDS)
    page.polls()
    assert words(page.page.select_one("#history .note")) == "More than 200 missed, start there"


def test_many_edits_are_no_missed_messages(page, bob, app):
    fill(app, BOB, *WORDS)
    page.polls()
    with parts(app).db.writing() as c:
        author = people.get(c, BOB)
        for number in range(1, 202):
            messages.edit(c, messages.get(c, number), author, f"other {number}")
    news = page.polls()
    assert "missed" not in words(news)
    assert words(page.page.select("#messages .words")[-1]) == "other 201 (edited)"
    assert page.visitor.cursor == 402


@pytest.mark.parametrize("cursor", [3, 1_000_000, 2**63 - 1])
def test_a_cursor_from_the_future_gets_the_whole_list(page, ann, bob, cursor):
    bob.posts("one")
    bob.posts("two")
    ann.cursor = cursor
    page.polls()
    assert [words(one) for one in page.page.select("#messages .words")] == ["one", "two"]
    assert ann.cursor == 2
    assert "missed" not in words(page.page)


# ---- Who may ask ----


def test_a_page_of_somebody_who_left_is_led_away(page, ann, bob):
    bob.posts("secret")
    ann.signs_out()
    answer = ann.gets("/rooms/1/feed?after=0", **HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
    assert answer.data == b""
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_poll_of_a_room_that_is_not_there(ann):
    assert ann.gets("/rooms/99/feed?after=0", **HTMX).status_code == 404


def test_polling_notes_that_somebody_is_here(page, ann, miriam, app):
    ann.polls()
    assert "Ann" in words(miriam.page("/people").main)


def test_a_poll_that_asks_for_json_still_gets_fragments(page, ann, bob):
    bob.posts("hello")
    assert soup(ann.gets("/rooms/1/feed?after=0", **JSON)).select(".message")


# ---- Held by the waiting room ----


def asked(ann: Visitor, after: int = 0):
    """As the waiting room asks."""
    address = f"/rooms/1/feed?after={after}"
    holds = {"parley.holds": True}
    return ann.client.get(address, headers=HTMX, environ_overrides=holds, buffered=True)


def test_a_held_poll_gets_a_ticket_for_the_next_one_of_this_room_alone(app, ann):
    [told] = asked(ann).headers.get_all("Set-Cookie")
    assert "Path=/rooms/1/feed; " in told + " " and "HttpOnly" in told and "SameSite=Lax" in told
    ticket = parts(app).tickets.read(told.split(";")[0].partition("=")[2])
    assert (ticket.room_id, ticket.person_id, ticket.seen) == (1, 2, 0)
    assert "Set-Cookie" not in ann.gets("/rooms/1/feed?after=0", **HTMX).headers


def test_a_full_hold_ends_with_the_next_poller_alone(app):
    parts_of_it = BeautifulSoup(Feed(app).poller(1, 7), "html.parser").find_all(recursive=False)
    assert [part["id"] for part in parts_of_it] == ["poll"]
    assert parts_of_it[0]["hx-get"] == "/rooms/1/feed?after=7"
    assert parts_of_it[0].has_attr("data-held")


def test_what_is_shared_is_what_each_would_have_got(app, ann, bob):
    message = bob.posts("one", ("a.png", picture("png")))
    bob.posts("<b>two</b>")
    bob.edits(message, "three")
    found = Feed(app).read(1, [(HERE, after) for after in (0, 1, 3)], 0)
    for after in (0, 1):
        shared = found[HERE, after]
        assert shared.body == asked(ann, after).data
        assert gzip.decompress(shared.compressed) == shared.body
        assert (shared.revision, shared.revoked) == (3, [])
    assert found[HERE, 3].body == b""
    assert Feed(app).read(99, [(HERE, 0)], 0) == {}


def test_each_gets_the_times_that_they_read_as_if_they_had_asked(app, ann, bob):
    bob.posts("one")
    there = Variant("Asia/Tokyo", "ja")
    ann.client.post("/people/me", data={"name": "Ann", "zone": there.zone, "language": "ja"})
    found = Feed(app).read(1, [(HERE, 0), (there, 0)], 0)
    assert found[there, 0].body == asked(ann, 0).data != found[HERE, 0].body == asked(bob, 0).data
    assert [
        time["lang"] for time in BeautifulSoup(found[there, 0].body, "html.parser")("time")
    ] == [
        "ja",
        "ja",
    ], "of the day and of the message"


def test_whoever_has_chosen_otherwise_gets_a_ticket_for_it_with_the_page(app, ann, bob):
    def read() -> Variant:
        told = asked(ann).headers["Set-Cookie"]
        return parts(app).tickets.read(told.split(";")[0].partition("=")[2]).variant

    assert read() == HERE
    ann.client.post("/people/me", data={"name": "Ann", "zone": "Asia/Tokyo", "language": "ja"})
    assert read() == Variant("Asia/Tokyo", "ja")


def test_a_reading_tells_whose_tickets_are_void(app, ann, bob):
    bob.posts("hello")
    bob.signs_out()
    shared = Feed(app).read(1, [(HERE, 0)], 0)[HERE, 0]
    assert [one.number for one in shared.revoked] == [1]
    assert Feed(app).read(1, [(HERE, 0)], 1)[HERE, 0].revoked == []


def test_the_bulletin_says_each_change_after_it_is_there(app, page, ann, bob):
    heard = []

    def hear(room: int, revision: int) -> None:
        ann.polls()
        heard.append((room, revision, ann.cursor))

    parts(app).bulletin.listen(hear)
    message = bob.posts("one")
    bob.edits(message, "two")
    bob.edits(message, "two")  # nothing changed
    bob.deletes(message)
    bob.restores(message)
    assert heard == [(1, number, number) for number in (1, 2, 3, 4)]
