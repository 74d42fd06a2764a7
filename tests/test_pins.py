"""Pinned messages: a count in the room's head, a mark at the message, a page with all of them."""

import pytest
from sqlalchemy import func, select, update

from parley.store import tables
from parley.store.errors import Forbidden, Wrong
from parley.talk import direct, feed, leaving, messages, people, pins, roles, rooms, upkeep
from tests.meeting import Meeting, at_once
from tests.test_company_rules import does, made
from tests.visitor import HTMX, JSON, soup, words


def pinned(meeting: Meeting, who, message, act=pins.pin) -> messages.Message:
    """Somebody pins, as one transaction."""
    with meeting.db.writing() as c:
        messages.lock(c, message.id)
        return act(c, messages.get(c, message.id), who)


def counted(meeting: Meeting, room_id: int = rooms.LOBBY) -> tuple[int, int]:
    """As the room says, and as its messages do."""
    of = tables.messages.c
    here = select(func.count()).where(of.room_id == room_id, of.pinned_at.is_not(None))
    with meeting.db.reading() as c:
        found = rooms.find(c, room_id)
        assert found
        return found.pins, c.scalar(here) or 0


# ---- The rules ----


def test_a_message_is_pinned_and_unpinned(meeting):
    said = meeting.says(meeting.ann, "We meet at nine")
    now = pinned(meeting, meeting.miriam, said)
    assert now.pinned_at and now.pinned_by == meeting.miriam.id
    assert (meeting.room.revision, meeting.room.head, counted(meeting)) == (2, 2, (1, 1))
    now = pinned(meeting, meeting.miriam, said, pins.unpin)
    assert (now.pinned_at, now.pinned_by) == (None, None)
    assert (meeting.room.revision, meeting.room.head, counted(meeting)) == (3, 3, (0, 0))


def test_what_is_so_already_changes_nothing(meeting):
    said = meeting.says(meeting.ann, "We meet at nine")
    assert pinned(meeting, meeting.miriam, said, pins.unpin) == said
    first = pinned(meeting, meeting.miriam, said)
    assert pinned(meeting, meeting.miriam, said) == first and meeting.room.revision == 2


def test_members_pin_only_in_rooms_that_they_made(meeting):
    said = meeting.says(meeting.ann, "mine")
    for act in (pins.pin, pins.unpin):
        with pytest.raises(Forbidden, match="pin here"):
            pinned(meeting, meeting.ann, said, act)
    room = made(meeting)
    said = does(meeting, messages.post, room, meeting.bob, messages.draft("hello", ""))
    assert pinned(meeting, meeting.ann, said).pinned_at
    with pytest.raises(Forbidden):
        pinned(meeting, meeting.bob, said, pins.unpin)


def test_in_a_conversation_everybody_pins(meeting):
    room_id = does(meeting, direct.start, meeting.ann, [meeting.bob.id])
    with meeting.db.reading() as c:
        room = rooms.get(c, meeting.ann, room_id)
    said = does(meeting, messages.post, room, meeting.ann, messages.draft("hello", ""))
    assert pinned(meeting, meeting.bob, said).pinned_at


def test_nothing_is_pinned_in_an_archived_room_nor_a_deleted_message(meeting):
    room = made(meeting)
    said = does(meeting, messages.post, room, meeting.ann, messages.draft("hello", ""))
    does(meeting, upkeep.mark, meeting.ann, room, "archive")
    with pytest.raises(Forbidden, match="archived"):
        pinned(meeting, meeting.miriam, said)
    gone = meeting.removes(meeting.ann, meeting.says(meeting.ann, "oops"))
    with pytest.raises(Forbidden, match="deleted"):
        pinned(meeting, meeting.miriam, gone)


def test_a_deletion_unpins_and_its_undo_does_not_pin(meeting):
    said = meeting.says(meeting.ann, "We meet at nine")
    pinned(meeting, meeting.miriam, said)
    gone = meeting.removes(meeting.ann, said)
    assert (gone.pinned_at, counted(meeting)) == (None, (0, 0))
    assert meeting.news(2).head
    assert not meeting.restores(meeting.ann, gone).pinned_at and counted(meeting) == (0, 0)


def test_who_leaves_with_their_messages_leaves_no_pin(meeting):
    for who in (meeting.ann, meeting.bob):
        pinned(meeting, meeting.miriam, meeting.says(who, "hello"))
    does(meeting, leaving.leave, meeting.ann, True)
    assert counted(meeting) == (1, 1) and meeting.news(4).head


def test_fifty_are_the_most(meeting):
    said = [meeting.says(meeting.ann, f"{number}") for number in range(51)]
    for message in said[:50]:
        pinned(meeting, meeting.miriam, message)
    with pytest.raises(Wrong, match="50 messages are pinned"):
        pinned(meeting, meeting.miriam, said[50])
    pinned(meeting, meeting.miriam, said[7], pins.unpin)
    pinned(meeting, meeting.miriam, said[50])
    found = meeting.reads(pins.listed)
    assert [one.text for one in found] == ["50", *(f"{n}" for n in range(49, -1, -1) if n != 7)]


def test_the_count_is_exact_whoever_pins_at_once(meeting):
    said = [meeting.says(meeting.ann, f"{number}") for number in range(4)]
    with meeting.db.writing() as c:
        c.execute(update(tables.people).values(role=roles.MODERATOR))
        bob = people.get(c, meeting.bob.id)
    found = at_once(
        *(lambda one=one: pinned(meeting, meeting.miriam, one) for one in said),
        *(lambda one=one: pinned(meeting, bob, one) for one in said),
    )
    assert not [wrong for wrong in found if isinstance(wrong, Exception)]
    assert (counted(meeting), meeting.room.revision) == ((4, 4), 8)
    at_once(
        *(lambda one=one: pinned(meeting, bob, one, pins.unpin) for one in said[:2]),
        *(lambda one=one: meeting.removes(meeting.ann, one) for one in said[1:3]),
    )
    assert counted(meeting) == (1, 1)


# ---- The head of an open page ----


def test_a_page_is_told_what_stands_above_its_messages_once_it_is_another(meeting):
    room = made(meeting)

    def news(after: int) -> feed.News:
        with meeting.db.reading() as c:
            return feed.news(c, rooms.get(c, meeting.ann, room.id), after)

    assert not news(0)
    does(meeting, upkeep.describe, meeting.ann, room, ("Beds", "", "open"))
    assert news(0) and news(0).head and not news(0).new and not news(1)
    does(meeting, messages.post, room, meeting.ann, messages.draft("hello", ""))
    assert news(1).new and not news(1).head and news(0).head
    does(meeting, upkeep.mark, meeting.miriam, room, "lock")
    assert news(2).head


# ---- The pages ----


@pytest.fixture
def message(miriam, ann) -> dict:
    """Ann's, in the Lobby."""
    return ann.posts("We meet at nine")


def test_it_works(miriam, ann, bob, message):
    assert bob.page("/rooms/1").select_one("#pins").has_attr("hidden")
    answer = miriam.client.post("/messages/1/pin")
    assert (answer.status_code, answer.location) == (303, "/rooms/1?around=1#message-1")
    page = bob.page("/rooms/1")
    assert words(page.select_one("#pins:not([hidden])")) == "1 pinned"
    assert words(page.select_one("#message-1 .edited")) == "pinned"
    page = bob.page(page.select_one("#pins")["href"])
    assert words(page.h1) == "Pinned in Lobby"
    assert "We meet at nine" in words(page.select_one("#pinned .message"))
    assert page.select_one("#pinned .row a")["href"] == "/messages/1"
    assert not page.select("#pinned form") and miriam.page("/rooms/1/pins").select("#pinned form")
    miriam.client.post("/messages/1/unpin")
    assert words(bob.page("/rooms/1/pins").select_one(".blank h2")) == "Nothing pinned"


def test_an_open_page_is_told_by_the_feed(miriam, bob, message):
    bob.polls()
    assert miriam.client.post("/messages/1/pin", headers=JSON).get_json()["pinned"]
    news = bob.polls()
    assert words(news.select_one("#pins[hx-swap-oob]")) == "1 pinned"
    assert news.select_one("#room-head[hx-swap-oob] h1").text == "Lobby"
    assert words(news.select_one("#message-1 .edited")) == "pinned"
    miriam.posts("more")
    assert not bob.polls().select("#pins, #room-head")


def test_the_answer_lets_the_list_at_the_side_renew_itself(miriam, bob, message):
    assert "HX-Trigger" not in bob.gets("/rooms/1/feed?after=0", **HTMX).headers
    miriam.client.post("/rooms/1/settings", data={"name": "Hall", "topic": "", "kind": "open"})
    answer = bob.gets("/rooms/1/feed?after=1", **HTMX)
    assert answer.headers["HX-Trigger"] == '{"side":{"target":"body"}}'
    assert soup(answer).select_one("#room-head h1").text == "Hall"
    side = bob.gets("/side?room=1&title=Lobby", **HTMX).text
    assert " Hall – Class 7b</title>" in side


def test_a_conversation_keeps_the_name_that_it_has_for_each(ann, bob):
    room = ann.client.post("/direct", data={"people": "3"}, headers=JSON).get_json()["room"]
    path = f"/rooms/{room}"
    said = ann.client.post(f"{path}/messages", data={"text": "x"}, headers=JSON).get_json()
    bob.client.post(f"/messages/{said['id']}/pin")
    news = soup(ann.gets(f"{path}/feed?after=1", **HTMX))
    assert not news.select("#room-head") and words(news.select_one("#pins")) == "1 pinned"
    assert words(ann.page(f"{path}/pins").h1) == "Pinned in Bob"


def test_the_menu_offers_it_to_who_may(miriam, ann, message):
    def offered(visitor):
        menu = soup(visitor.gets("/messages/1", **HTMX))
        return [words(one) for one in menu.select("li") if "in" in words(one).split()[0]]

    assert offered(ann) == [] and offered(miriam) == ["Pin"]
    miriam.client.post("/messages/1/pin")
    assert offered(ann) == [] and offered(miriam) == ["Unpin"]
