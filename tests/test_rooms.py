"""The page of a room: its shape, its stretches, its days and groups; the list alone; the JSON."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from parley.store import tables
from parley.talk import people, rooms
from parley.web import parts
from tests.visitor import HTMX, JSON, Visitor, change, fill, soup, words

ANN, BOB = 2, 3


@pytest.fixture
def long_talk(app: Flask, ann: Visitor, bob: Visitor) -> list[str]:
    """120 messages; the words of all of them, in order."""
    said = [f"word {number}." for number in range(1, 121)]
    fill(app, ANN, *said)
    return said


def said_in(page: BeautifulSoup, where: str = "main") -> list[str]:
    """The words of the messages there."""
    return [words(one) for one in page.select(f"{where} .message .words")]


def lines(page: BeautifulSoup) -> list[str]:
    """What one reads from above to below: day lines, and the words of messages."""
    return [words(one) for one in page.select("#scroll .day, #scroll .message .words")]


# ---- Its shape ----


def test_it_works(ann, bob):
    ann.posts("hello")
    assert bob.room() == ["hello"]


def test_the_page_is_built_for_everyone(ann):
    page = ann.page("/rooms/1")
    assert page.html["lang"] == "en"
    assert [words(h1) for h1 in page.select("h1")] == ["Lobby"]
    assert words(page.title) == "Lobby – Class 7b"
    assert len(page.select("main")) == 1
    assert page.select_one("nav")["aria-label"] == "Rooms"
    assert page.select_one("nav [aria-current=page]").get_text(strip=True) == "Lobby"
    log = page.select_one("main [role=log]")
    assert log["aria-label"] == "Messages"
    skip = page.select_one("a.skip")
    assert page.select_one(skip["href"]).name == "textarea"
    assert "maximum-scale" not in str(page.select_one("meta[name=viewport]")), "one may zoom"


@pytest.mark.parametrize("path", ["/rooms/1", "/rooms", "/people", "/people/1", "/people/me"])
def test_every_control_has_a_name_and_every_id_is_there_once(miriam, path):
    miriam.posts("hello", ("notes.txt", b"notes"))
    page = miriam.page(path)
    for control in page.select("input:not([type=hidden]), textarea, select"):
        labels = page.select(f"label[for={control['id']}]") if control.has_attr("id") else []
        named = control.get("aria-label") or labels or control.find_parent("label")
        assert named, control
    for act in page.select("a[href], button"):
        hidden = act.get("aria-hidden") == "true" and act.get("tabindex") == "-1"
        assert hidden or act.get("aria-label") or words(act), act
    for image in page.select("img"):
        assert image.has_attr("alt") and image.has_attr("width") and image.has_attr("height")
    ids = [one["id"] for one in page.select("[id]")]
    assert len(ids) == len(set(ids))
    # What opens only when it is filled brings its own name along.
    for one in page.select(":is([aria-labelledby], [aria-describedby]):not(dialog:empty)"):
        for name in (one.get("aria-labelledby") or one["aria-describedby"]).split():
            assert page.select_one(f"#{name}")
    assert len(page.select("h1")) == len(page.select("main")) == 1


def test_the_page_shows_nothing_of_another_site(ann):
    page = ann.page("/rooms/1")
    for name in ("src", "href", "action", "hx-get", "hx-post"):
        for one in page.select(f"[{name}]"):
            assert one[name].startswith(("/", "#")) and not one[name].startswith("//"), one
    assert not page.select("style, [style], script:not([src]), [onclick]")


def test_an_empty_room_says_what_to_do(ann, miriam):
    page = ann.page("/rooms/1")
    assert words(page.select_one(".blank h2")) == "Nothing said yet"
    assert "Two people can read this room." in words(page.select_one(".blank"))
    assert not page.select(".blank a")
    assert miriam.page("/rooms/1").select_one(".blank a")["href"] == "/people#invite"


def test_a_room_with_messages_does_not_say_that_it_is_empty(ann):
    ann.posts("hello")
    assert "Nothing said yet" not in words(ann.page("/rooms/1").main)
    assert "Nothing said yet" not in words(ann.page("/rooms/1/list").main)


def test_a_message_says_who_and_when(ann, bob, app):
    message = ann.posts("hello")
    moment = datetime(2026, 5, 21, 6, 2, 30, tzinfo=UTC)
    change(app, tables.messages, message["id"], posted_at=moment)
    shown = bob.page("/rooms/1").select_one(f"#message-{message['id']}")
    assert words(shown.select_one(".who")) == "Ann"
    assert shown.select_one(".who")["href"] == f"/people/{ANN}"
    time = shown.time
    assert (time["datetime"], words(time)) == ("2026-05-21T06:02:30Z", "08:02")
    assert time["title"] == "Thursday, 21 May 2026, 08:02 CEST"
    more = shown.select_one("a.more")
    assert more["href"] == f"/messages/{message['id']}"
    assert more["aria-label"] == "More about this message by Ann, 08:02"


def test_the_same_message_is_the_same_bytes_for_everybody(ann, bob, miriam):
    ann.posts("hello", ("notes.txt", b"notes"))
    pages = [somebody.page("/rooms/1").select_one(".message") for somebody in (ann, bob, miriam)]
    assert len({str(page) for page in pages}) == 1


# ---- Where it stands: the end, or elsewhere ----


def test_the_page_ends_at_the_newest_message(ann, long_talk):
    page = ann.page("/rooms/1")
    assert said_in(page, "#messages") == long_talk[-50:]
    assert said_in(page, "#history") == []
    assert page.select_one("#composer").has_attr("hx-post")
    assert words(page.select_one("#history .older a")) == "Older messages"
    assert not page.select(".newer")


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("?before=71", 21, 70),
        ("?around=60", 35, 84),
        ("?since=60", 61, 110),
        ("?before=999999", 71, 120),
    ],
)
def test_a_page_elsewhere_has_no_place_for_what_is_new(ann, long_talk, query, first, last):
    page = ann.page(f"/rooms/1{query}")
    assert said_in(page) == long_talk[first - 1 : last]
    assert not page.select("#messages, [role=log]")
    newer = page.select(".newer a")
    assert [words(link) for link in newer] == ["Newer messages", "To the newest"]
    onward = said_in(ann.page(newer[0]["href"]))
    assert onward == (long_talk[last : last + 50] or long_talk[-50:])
    assert said_in(ann.page(newer[1]["href"])) == long_talk[-50:]


@pytest.mark.parametrize("query", ["?around=118", "?since=70", "?since=120", "?since=999"])
def test_a_page_that_reaches_the_end_takes_what_is_new(ann, long_talk, query):
    page = ann.page(f"/rooms/1{query}")
    assert said_in(page, "#messages")[-1] == long_talk[-1]
    assert not page.select(".newer")


def test_a_page_around_a_message_says_what_can_be_done_with_it(ann, bob):
    message = ann.posts("hello")
    acts = ann.page(f"/rooms/1?around={message['id']}").select_one("[aria-label='This message']")
    assert {"Edit", "Delete"} < {words(act) for act in acts.select("li")}
    acts = bob.page(f"/rooms/1?around={message['id']}").select_one("[aria-label='This message']")
    offered = [words(act) for act in acts.select("li")]
    everybodys = ["Replies", "Copy link", "About Ann"]
    assert offered == ["Reply", *everybodys, "Mark unread from here", "Report"]


def test_the_whole_room_can_be_paged_and_each_message_comes_once(ann, long_talk):
    page = ann.page("/rooms/1")
    read = said_in(page)
    while link := page.select_one(".older a"):
        page = ann.page(link["href"])
        read = said_in(page) + read
    assert read == long_talk


def test_htmx_pages_the_room_just_so(ann, long_talk):
    page = ann.page("/rooms/1")
    read = lines(page)
    while link := page.select_one(".older a"):
        assert link["hx-target"] == "closest .older"
        answer = ann.gets(link["hx-get"], **HTMX)
        page = soup(answer)
        assert not page.html and not page.select("#poll, #composer"), "the stretch alone"
        # What takes the place of the link brings the day of its own first message.
        here = [words(one) for one in page.select(".day, .message .words")]
        read = here + read[read.index(next(one for one in read if one in long_talk)) :]
    assert [one for one in read if one in long_talk] == long_talk
    day_lines = [one for one in read if one not in long_talk]
    assert len(day_lines) == len(set(day_lines)), "each day is said once"
    assert read[0] == day_lines[0]


def test_since_goes_through_what_was_missed(ann, long_talk):
    page = ann.page("/rooms/1?since=10")
    read = said_in(page)
    while link := page.select_one(".newer a"):
        page = ann.page(link["href"])
        read += said_in(page)
    assert read == long_talk[10:]


def test_a_message_of_another_room_is_not_here(ann, app):
    with parts(app).db.writing() as c:
        attic = rooms.make(c, people.get(c, 1), "Attic")
    message = ann.posts("hello")
    assert ann.gets(f"/rooms/{attic}?around={message['id']}").status_code == 404
    assert ann.page(f"/rooms/{attic}").select(".message") == []
    named = [words(one) for one in ann.page("/rooms").select("nav li > a[href^='/rooms/']")]
    assert named[:2] == ["Lobby", "Attic"]


# ---- Days and groups ----


def days_as(app: Flask, visitor: Visitor, *said: tuple[str, str]) -> list[str]:
    """The lines of the page after all this was said."""
    before = None
    for moment, text in said:
        message, now = visitor.posts(text), datetime.fromisoformat(moment).replace(tzinfo=UTC)
        change(app, tables.messages, message["id"], posted_at=now, previous_at=before)
        before = now
    return lines(visitor.page("/rooms/1"))


def test_each_day_begins_with_a_line(ann, app):
    assert days_as(
        app,
        ann,
        ("2025-05-20T08:00", "one"),
        ("2025-05-20T20:00", "two"),
        ("2025-05-21T08:00", "three"),
        ("2025-07-01T08:00", "four"),
    ) == [
        *("Tuesday, 20 May 2025", "one", "two"),
        *("Wednesday, 21 May 2025", "three"),
        *("Tuesday, 1 July 2025", "four"),
    ]


def test_days_begin_at_midnight_in_the_space_and_not_in_utc(ann, app):
    assert days_as(
        app,
        ann,
        ("2025-01-10T22:59", "before midnight in Berlin"),
        ("2025-01-10T23:01", "after midnight in Berlin"),
        ("2025-01-11T00:01", "after midnight in Greenwich"),
        ("2025-07-10T21:59", "before midnight in summer"),
        ("2025-07-10T22:01", "after midnight in summer"),
    ) == [
        *("Friday, 10 January 2025", "before midnight in Berlin"),
        *("Saturday, 11 January 2025", "after midnight in Berlin", "after midnight in Greenwich"),
        *("Thursday, 10 July 2025", "before midnight in summer"),
        *("Friday, 11 July 2025", "after midnight in summer"),
    ]


def test_days_begin_where_the_space_says(ann, app):
    change(app, tables.space, 1, zone="America/New_York")
    said = days_as(app, ann, ("2025-01-11T04:59", "late"), ("2025-01-11T05:01", "early"))
    assert said == ["Friday, 10 January 2025", "late", "Saturday, 11 January 2025", "early"]
    assert [words(time) for time in ann.page("/rooms/1").select(".when time")] == ["23:59", "00:01"]


def test_a_page_within_a_day_says_which_day_it_is(ann, long_talk):
    page = ann.page("/rooms/1")
    first = lines(page)[0]
    assert first not in long_talk
    assert page.select_one(".day time")["datetime"].endswith("Z")


def test_messages_of_one_person_within_five_minutes_stand_together(ann, bob, app):
    def say(visitor: Visitor, minutes: float) -> bool:
        """Whether it stands together with the one before, which was said so long ago."""
        newest = ann.page("/rooms/1").select(".message")[-1]["id"].removeprefix("message-")
        past = datetime.now(UTC) - timedelta(minutes=minutes)
        change(app, tables.messages, int(newest), posted_at=past)
        visitor.posts("word")
        return "follows" in ann.page("/rooms/1").select(".message")[-1]["class"]

    ann.posts("first")
    assert say(ann, 0)
    assert say(ann, 4.9)
    assert not say(ann, 5.1)
    assert say(ann, 1)
    assert not say(bob, 1)
    assert not say(ann, 1)
    assert not say(ann, -10), "a clock that stepped back says nothing"


def test_a_group_still_says_who_speaks_to_those_who_listen(ann):
    ann.posts("one")
    ann.posts("two")
    followed = ann.page("/rooms/1").select(".message")[1]
    assert "follows" in followed["class"]
    assert words(followed.select_one(".who")) == "Ann"


# ---- Coming back ----


def test_who_comes_back_is_told_when_they_were_here(ann, app):
    assert not ann.page("/rooms/1").select(".greeting")
    change(app, tables.people, ANN, seen_at=datetime.now(UTC) - timedelta(minutes=40))
    assert words(ann.page("/rooms/1").select_one(".greeting")) == (
        "You were last here 40 minutes ago."
    )
    assert not ann.page("/rooms/1").select(".greeting"), "it is said once"


def test_who_comes_back_by_the_short_address_is_greeted_too(ann, app):
    change(app, tables.people, ANN, seen_at=datetime.now(UTC) - timedelta(minutes=40))
    assert ann.gets("/").status_code == 303
    assert ann.page("/rooms/1").select_one(".greeting")


def test_a_short_break_is_not_a_visit(ann, app):
    change(app, tables.people, ANN, seen_at=datetime.now(UTC) - timedelta(minutes=29))
    assert not ann.page("/rooms/1").select(".greeting")


# ---- The list alone ----


def test_the_list_alone_renews_itself_inside_the_room(ann):
    ann.posts("hello")
    framed = ann.page("/rooms/1").select_one("noscript iframe")
    assert framed["src"] == "/rooms/1/list" and framed["title"]
    answer = ann.gets(framed["src"])
    assert int(answer.headers["Refresh"]) == 5
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    page = soup(answer)
    assert page.base["target"] == "_top", "links leave the frame"
    assert said_in(page) == ["hello"]
    assert not page.select("form, textarea, script, iframe")
    assert len(page.select("h1")) == len(page.select("main")) == 1


def test_the_list_of_an_empty_room_says_so(ann):
    assert "Nothing said yet" in words(ann.page("/rooms/1/list").main)


def test_the_list_follows_the_page_elsewhere(ann, long_talk):
    page = ann.page("/rooms/1?around=60")
    answer = ann.gets(page.select_one("noscript iframe")["src"])
    assert "Refresh" not in answer.headers, "who reads above is left in peace"
    framed = soup(answer)
    assert said_in(framed) == said_in(page)
    assert [words(link) for link in framed.select(".newer a")] == [
        "Newer messages",
        "To the newest",
    ]


def test_without_scripts_one_can_page_back_from_the_list(ann, long_talk):
    page = ann.page("/rooms/1/list")
    assert ann.page(page.select_one(".older a")["href"]).select(".message")


# ---- For programs ----


def listed(visitor: Visitor, query: str = "") -> dict:
    answer = visitor.gets(f"/rooms/1/messages{query}", **JSON)
    assert answer.status_code == 200
    return answer.get_json()


def test_a_program_reads_messages(ann, bob, app):
    message = ann.posts("hello <b>")
    change(app, tables.messages, 1, posted_at=datetime(2026, 5, 21, 6, 2, 30, tzinfo=UTC))
    assert listed(bob) == {
        "messages": [
            {
                "id": message["id"],
                "room": 1,
                "made": 1,
                "revision": 1,
                "author": {"id": ANN, "name": "Ann"},
                "time": "2026-05-21T06:02:30Z",
                "text": "hello <b>",
                "html": '<p dir="auto">hello &lt;b&gt;</p>',
                "edited": False,
                "deleted": False,
                "mentions": [],
                "reply_to": None,
                "apart": False,
                "replies": 0,
                "reactions": [],
                "pinned": False,
                "files": [],
            }
        ],
        "revision": 1,
        "more": False,
    }


def test_a_program_follows_the_room_and_misses_nothing(ann, bob, long_talk):
    after, heard, more = 0, {}, True
    while more:
        answer = listed(bob, f"?after={after}&limit=50")
        revisions = [message["revision"] for message in answer["messages"]]
        assert revisions == sorted(revisions)
        heard |= {message["id"]: message["text"] for message in answer["messages"]}
        after, more = revisions[-1], answer["more"]
    assert list(heard.values()) == long_talk
    assert after == answer["revision"] == 120
    assert listed(bob, "?after=120") == {"messages": [], "revision": 120, "more": False}


def test_a_deleted_message_comes_as_a_tombstone(ann, bob):
    first, second = ann.posts("secret", ("notes.txt", b"notes")), ann.posts("other")
    ann.deletes(first)
    ann.edits(second, "another")
    stone, changed = listed(bob, "?after=2")["messages"]
    assert (stone["id"], stone["deleted"], stone["revision"]) == (first["id"], True, 3)
    assert (stone["text"], stone["html"], stone["files"]) == ("", "", [])
    assert (changed["text"], changed["edited"], changed["made"]) == ("another", True, 2)


def test_a_program_reads_backwards(ann, long_talk):
    answer = listed(ann, "?before=21&limit=15")
    assert [message["text"] for message in answer["messages"]] == long_talk[5:20]
    assert answer["more"] is True
    answer = listed(ann, "?before=6&limit=15")
    assert [message["text"] for message in answer["messages"]] == long_talk[:5]
    assert answer["more"] is False


def test_how_much_a_program_gets_at_once(ann, long_talk):
    assert [message["text"] for message in listed(ann)["messages"]] == long_talk[-50:]
    assert len(listed(ann, "?limit=7")["messages"]) == 7
    assert len(listed(ann, "?after=0&limit=100000")["messages"]) == 120
    assert listed(ann, "?after=0&limit=119")["more"] is True
    assert listed(ann, "?after=0&limit=120")["more"] is False


def test_browsers_are_led_to_the_room(ann):
    for accept in ("text/html,*/*", "*/*"):
        answer = ann.gets("/rooms/1/messages", Accept=accept)
        assert (answer.status_code, answer.location) == (303, "/rooms/1")
        assert "Accept" in answer.headers["Vary"]


def test_the_front_door_leads_to_the_last_room_visited_that_one_is_still_in(miriam, ann):
    assert ann.gets("/").location == "/rooms/1"
    made = miriam.client.post("/rooms", data={"name": "Garden", "kind": "open"}, headers=JSON)
    garden = f"/rooms/{made.get_json()['room']}"
    ann.page(garden)
    assert ann.gets("/").location == garden
    said = {"text": "new here", "key": "a key"}
    miriam.client.post(f"{garden}/messages", data=said)
    assert ann.gets("/").location == f"{garden}#new"
    ann.client.post(f"{garden}/leave")
    assert ann.gets("/").location == "/rooms/1"
    miriam.client.post("/rooms/1/people/2/remove", data={"until": ""})
    assert ann.gets("/").location == "/rooms"
