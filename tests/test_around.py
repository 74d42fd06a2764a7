"""Getting around in a room: to a day, up and down from a message, to one's own last one."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from parley.store import tables
from parley.talk import clock, feed, messages, people, rooms
from tests.meeting import Meeting
from tests.visitor import HTMX, Visitor, change, fill, soup, words

MAY = datetime(2026, 5, 21, 0, 30, tzinfo=UTC)


def in_may(meeting: Meeting, *days: int) -> list[int]:
    """Messages at half past midnight UTC of days of May; their ids."""
    said = [meeting.says(meeting.ann, f"on day {day}").id for day in days]
    with meeting.db.writing() as c:
        for number, day in zip(said, days, strict=True):
            row = update(tables.messages).where(tables.messages.c.id == number)
            c.execute(row.values(posted_at=MAY.replace(day=day)))
    return said


@pytest.mark.parametrize(("day", "place"), [(1, 0), (21, 0), (22, 1), (25, 2), (26, None)])
def test_a_day_begins_with_its_first_message_or_the_next_one(meeting, day, place):
    said = in_may(meeting, 21, 24, 25)
    begins = clock.beginning(f"2026-05-{day:02}", "UTC")
    wanted = None if place is None else said[place]
    assert meeting.reads(feed.first_since, begins) == wanted


def test_midnight_itself_is_of_the_day_that_begins(meeting):
    said = in_may(meeting, 20, 21)
    with meeting.db.writing() as c:
        row = update(tables.messages).where(tables.messages.c.id == said[0])
        c.execute(row.values(posted_at=clock.beginning("2026-05-20", "UTC")))
    assert meeting.reads(feed.first_since, clock.beginning("2026-05-20", "UTC")) == said[0]


def test_a_day_of_another_room_is_none_here(meeting):
    [said] = in_may(meeting, 21)
    with meeting.db.writing() as c:
        other = rooms.make(c, meeting.ann, "Garden")
        row = update(tables.messages).where(tables.messages.c.id == said)
        c.execute(row.values(room_id=other))
    assert meeting.reads(feed.first_since, clock.beginning("2026-05-21", "UTC")) is None


def test_a_message_apart_is_on_no_day(meeting):
    said = in_may(meeting, 21, 22)
    with meeting.db.writing() as c:
        row = update(tables.messages).where(tables.messages.c.id == said[0])
        c.execute(row.values(apart=True))
    assert meeting.reads(feed.first_since, clock.beginning("2026-05-21", "UTC")) == said[1]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("2026-05-21", "2026-05-20T22:00:00+00:00"),
        ("2026-02-31", "2026-02-27T23:00:00+00:00"),
        ("2026-99-99", "2026-12-30T23:00:00+00:00"),
        ("0000-00-00", "1969-12-31T23:00:00+00:00"),
        ("9999-12-31", "8999-12-30T23:00:00+00:00"),
    ],
)
def test_a_day_begins_at_midnight_of_the_zone_and_is_one_that_there_is(said, wanted):
    assert clock.beginning(said, "Europe/Berlin").isoformat() == wanted


@pytest.mark.parametrize("said", ["", "today", "21.5.2026", "2026-05", "٢٠٢٦-٠٥-٢١", "1-2-3-4"])
def test_what_is_no_day_is_the_end(said):
    assert clock.beginning(said, "UTC") == clock.FOREVER


def test_the_last_of_ones_own_is_neither_deleted_nor_of_another(meeting):
    first, second = (meeting.says(meeting.ann, text) for text in ("first", "second"))
    meeting.says(meeting.bob, "third")
    assert last(meeting, meeting.ann) == second.id
    meeting.removes(meeting.ann, second)
    assert last(meeting, meeting.ann) == first.id
    assert last(meeting, meeting.miriam) is None


def test_the_last_of_ones_own_is_on_the_page_of_its_room(meeting):
    first = meeting.says(meeting.ann, "in the room")
    meeting.replies(meeting.ann, first, "on the page of a message", apart=True)
    with meeting.db.writing() as c:
        other = rooms.get(c, meeting.ann, rooms.make(c, meeting.ann, "Garden"))
        messages.post(c, other, meeting.ann, messages.draft("in another room", ""))
    assert last(meeting, meeting.ann) == first.id


def last(meeting: Meeting, who: people.Person) -> int | None:
    with meeting.db.reading() as c:
        return messages.last_of(c, who, rooms.get(c, who, rooms.LOBBY))


# ---- On pages


@pytest.fixture
def talk(app, ann) -> list[str]:
    """160 messages."""
    said = [f"line {number:03}" for number in range(160)]
    fill(app, 2, *said)
    return said


def below(person: Visitor, since: int, seen: int):
    """What htmx gets when a page that has the room up to a revision scrolls down."""
    return soup(person.gets(f"/rooms/1?since={since}&seen={seen}", **HTMX))


def said(page) -> list[str]:
    return [words(one) for one in page.select(".message .words")]


def test_a_day_leads_to_its_place_or_to_the_end(app, ann):
    number = ann.posts("in may")["id"]
    ann.posts("today")
    change(app, tables.messages, number, posted_at=MAY)
    to = ann.gets("/rooms/1?day=2026-05-21").location
    assert to == f"/rooms/1?around={number}#message-{number}"
    assert ann.gets("/rooms/1?day=8000-01-01").location == "/rooms/1?end"
    assert ann.gets("/rooms/1?day=soon").location == "/rooms/1?end"
    assert ann.page("/rooms/1/settings").select_one("input[type=date][name=day]")


def test_a_day_begins_at_midnight_where_its_reader_is(app, ann, bob):
    number = ann.posts("in the morning of Tokyo, the evening before elsewhere")["id"]
    change(app, tables.messages, number, posted_at=MAY.replace(day=20, hour=16))
    bob.client.post("/people/me", data={"name": "Bob", "zone": "Asia/Tokyo", "language": ""})
    ann.client.post("/people/me", data={"name": "Ann", "zone": "UTC", "language": ""})
    assert f"around={number}#" in bob.gets("/rooms/1?day=2026-05-21").location
    assert ann.gets("/rooms/1?day=2026-05-21").location == "/rooms/1?end"


def test_scrolling_down_brings_every_message_once_and_then_the_place_for_new_ones(talk, ann):
    page = ann.page("/rooms/1?around=20")
    seen = int(page.select_one("#poll [name=seen]")["value"])
    found, more = said(page), page.select_one(".newer a")["hx-get"]
    assert not page.select("#messages")
    while more:
        part = below(ann, int(more.rpartition("=")[2]), seen)
        found += said(part)
        newer = part.select_one(".newer a")
        assert bool(newer) != bool(part.select("#messages"))
        more = newer and newer["hx-get"]
    assert found == talk
    assert part.select_one("#poll")["hx-get"].endswith(f"after={seen}")


def test_what_the_page_does_not_know_yet_is_left_to_the_feed(talk, ann, bob):
    made = bob.posts("while she reads above")["made"]
    part = below(ann, made - 3, made - 1)
    assert said(part) == talk[-2:]
    assert part.select_one("#poll")["hx-get"].endswith(f"after={made - 1}")
    for known in (made - 1, made):
        nothing = below(ann, known, known)
        assert said(nothing) == [] and nothing.select("#messages")


def test_a_page_that_knows_little_is_at_its_end_soon(talk, ann):
    """However much has come since: all of that is for the feed."""
    page = ann.gets("/rooms/1/messages?after=0&limit=40", Accept="application/json").json
    first, last = (page["messages"][place]["made"] for place in (9, 29))
    part = below(ann, first, last)
    assert said(part) == talk[10:30]
    assert part.select("#messages") and not part.select(".newer")
    assert part.select_one("#poll")["hx-get"].endswith(f"after={last}")


def test_a_cursor_from_the_future_is_that_of_now(talk, ann):
    revision = ann.posts("the last")["made"]
    part = below(ann, revision - 1, revision + 1_000_000)
    assert said(part) == ["the last"]
    assert part.select_one("#poll")["hx-get"].endswith(f"after={revision}")


def test_a_page_of_the_past_says_how_much_came_since(talk, ann, bob):
    bob.posts("one more")
    assert ann.page("/rooms/1?around=20").select_one("#came").text == "1"
    assert ann.page("/rooms/1?end").select_one("#came").text == ""


def test_the_list_at_the_side_brings_the_number_of_what_came(ann, bob):
    ann.page("/rooms/1")
    bob.posts("while she reads above")
    reads_above = soup(ann.gets("/side?room=1", **HTMX)).select_one("#came")
    assert reads_above.text == "1" and reads_above["hx-swap-oob"]
    seen = ann.page("/rooms/1?end").select_one("#poll [name=seen]")["value"]
    assert soup(ann.gets(f"/side?room=1&seen={seen}", **HTMX)).select_one("#came").text == ""


def test_ones_last_message_comes_into_the_box(ann, bob):
    ann.posts("mine")
    bob.posts("not mine")
    block = soup(ann.gets("/rooms/1/last/edit", **HTMX))
    assert words(block.select_one("#editing textarea")) == "mine"
    assert words(ann.page("/rooms/1/last/edit").select_one("#editing textarea")) == "mine"


def test_who_has_said_nothing_stays_where_they_are(ann):
    assert ann.gets("/rooms/1/last/edit").location == "/rooms/1"
    answer = ann.gets("/rooms/1/last/edit", **HTMX)
    assert (answer.text, "HX-Redirect" in answer.headers) == ("", False)


def test_the_menu_has_the_address_to_be_copied(ann):
    number = ann.posts("hello")["id"]
    menu = soup(ann.gets(f"/messages/{number}", **HTMX))
    assert menu.select_one(".copies input")["value"] == f"http://localhost/messages/{number}"


# ---- From above


def test_who_writes_from_above_is_led_to_the_end(ann):
    first = ann.posts("said long ago")
    for number in range(60):
        ann.posts(f"much later {number}")
    [above] = ann.page(f"/rooms/1?around={first['id']}").select("#composer #above")
    assert not ann.page("/rooms/1?end").select("#above")
    assert ann.sends("without scripts", above=above["value"]).location == "/rooms/1?end"
    assert ann.sends("from the end").location == "/rooms/1"
    answer = soup(ann.sends("by htmx", above=above["value"], headers=HTMX))
    assert not answer.select(".message"), "only the poll writes into the list"
    news = soup(ann.gets(answer.select_one("#poll")["hx-get"], **HTMX))
    assert [one.select_one(".words").text.strip() for one in news.select(".message")][
        -1
    ] == "by htmx"
    assert len(news.select("#messages .message")) == 50 and not news.select("#history .note")
