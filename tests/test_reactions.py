"""Reactions: given and taken back, exact under races, shown to everybody alike."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from parley.store import tables
from parley.store.errors import Forbidden, Wrong
from parley.talk import direct, messages, people, reactions, reading, rooms, upkeep
from parley.talk.reactions import one
from tests.meeting import Meeting, at_once
from tests.test_company_rules import does, made
from tests.visitor import HTMX, JSON, Visitor, soup, words

HEART = "\u2764\ufe0f"
UP, PARTY = "👍", "🎉"


@pytest.fixture
def said(meeting: Meeting) -> messages.Message:
    """Ann's, in the Lobby."""
    return meeting.says(meeting.ann, "The beans are up")


def reacts(meeting: Meeting, who, message, emoji=UP, wanted: bool | None = None):
    """Somebody reacts, as one transaction."""
    with meeting.db.writing() as c:
        messages.lock(c, message.id)
        return reactions.react(c, messages.get(c, message.id), who, emoji, wanted)


def given(message: reading.Message) -> dict[str, list[str]]:
    """Who gave it what."""
    return {one.emoji: [name for _, name in one.people] for one in message.reactions}


# ---- The rules ----


def test_a_reaction_is_given_and_taken_back(meeting, said):
    assert given(reacts(meeting, meeting.bob, said)) == {UP: ["Bob"]}
    assert given(reacts(meeting, meeting.ann, said)) == {UP: ["Bob", "Ann"]}
    assert given(reacts(meeting, meeting.bob, said)) == {UP: ["Ann"]}
    assert given(reacts(meeting, meeting.ann, said)) == {}


def test_each_is_a_change_of_the_message_that_pages_are_told(meeting, said):
    first = reacts(meeting, meeting.bob, said)
    assert (first.revision, first.made) == (2, 1) and meeting.room.revision == 2
    news = meeting.news(1)
    assert (news.new, news.changed, news.head) == ([], [first], False)


@pytest.mark.parametrize("wanted", [True, False])
def test_what_is_so_already_changes_nothing(meeting, said, wanted):
    reacts(meeting, meeting.bob, said, wanted=True)
    before = reacts(meeting, meeting.bob, said, wanted=wanted)
    again = reacts(meeting, meeting.bob, said, wanted=wanted)
    assert again == before and meeting.room.revision == before.revision


def test_one_emoji_is_one_however_it_is_written(meeting, said):
    reacts(meeting, meeting.bob, said, " \u2764 ")
    assert given(reacts(meeting, meeting.ann, said, HEART)) == {HEART: ["Bob", "Ann"]}


@pytest.mark.parametrize("typed", [UP, HEART, "👍🏽", "👨‍👩‍👧", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"])
def test_any_single_emoji_is_one(typed):
    assert one(typed) == typed


@pytest.mark.parametrize("typed", ["", "a", "1", ":)", ":heart:", UP * 2, f"{UP}a", "\0", "<b>",
                                   "\ufe0f", "\u200d", "x" * 100_000])  # fmt: skip
def test_what_is_not_one_emoji_is_refused(meeting, said, typed):
    with pytest.raises(Wrong, match="Choose one emoji") as refused:
        reacts(meeting, meeting.bob, said, typed)
    assert refused.value.field == "emoji" and meeting.room.revision == 1


def test_twenty_different_ones_are_the_most(meeting, said):
    some = [chr(0x1F600 + number) for number in range(21)]
    for emoji in some[:20]:
        reacts(meeting, meeting.bob, said, emoji)
    with pytest.raises(Wrong, match="20 different"):
        reacts(meeting, meeting.ann, said, some[20])
    assert len(given(reacts(meeting, meeting.ann, said, some[0]))) == 20


def test_a_deleted_message_takes_none_and_an_undone_deletion_has_its_own_back(meeting, said):
    reacts(meeting, meeting.bob, said)
    gone = meeting.removes(meeting.ann, said)
    with pytest.raises(Forbidden, match="deleted"):
        reacts(meeting, meeting.miriam, gone)
    assert given(meeting.restores(meeting.ann, gone)) == {UP: ["Bob"]}


def test_who_is_muted_does_not_react(meeting, said):
    with meeting.db.writing() as c:
        until = datetime.now(UTC) + timedelta(hours=1)
        c.execute(update(tables.people).values(muted_until=until))
        bob = people.get(c, meeting.bob.id)
    with pytest.raises(Forbidden, match="muted"):
        reacts(meeting, bob, said)


@pytest.mark.parametrize(("act", "told"), [("archive", "archived"), ("lock", "write here")])
def test_where_nobody_writes_nobody_reacts(meeting, act, told):
    room = made(meeting)
    said = does(meeting, messages.post, room, meeting.ann, messages.draft("hello", ""))
    does(meeting, upkeep.mark, meeting.miriam, room, act)
    with pytest.raises(Forbidden, match=told):
        reacts(meeting, meeting.bob, said)


def test_who_only_reads_announcements_reacts_to_them(meeting):
    room = made(meeting)
    does(meeting, upkeep.describe, meeting.ann, room, ("News", "", rooms.ANNOUNCEMENT))
    with meeting.db.reading() as c:
        room = rooms.get(c, meeting.ann, room.id)
    said = does(meeting, messages.post, room, meeting.ann, messages.draft("hello", ""))
    with pytest.raises(Forbidden):
        does(meeting, messages.post, room, meeting.bob, messages.draft("no", ""))
    assert given(reacts(meeting, meeting.bob, said)) == {UP: ["Bob"]}


def test_who_is_blocked_does_not_react_in_a_conversation(meeting):
    room_id = does(meeting, direct.start, meeting.ann, [meeting.bob.id])
    with meeting.db.reading() as c:
        room = rooms.get(c, meeting.ann, room_id)
    said = does(meeting, messages.post, room, meeting.ann, messages.draft("hello", ""))
    does(meeting, direct.block, meeting.ann, meeting.bob)
    with pytest.raises(Forbidden, match="cannot write to each other"):
        reacts(meeting, meeting.bob, said)


# ---- At once ----


def test_two_people_give_the_same_emoji_at_once(meeting, said):
    found = at_once(*(lambda who=who: reacts(meeting, who, said)
                      for who in (meeting.ann, meeting.bob, meeting.miriam)))  # fmt: skip
    assert sorted(message.revision for message in found) == [2, 3, 4]
    with meeting.db.reading() as c:
        assert sorted(given(messages.get(c, said.id))[UP]) == ["Ann", "Bob", "Miriam"]


def test_one_person_gives_it_on_two_devices_at_once(meeting, said):
    found = at_once(*[lambda: reacts(meeting, meeting.bob, said, wanted=True)] * 4)
    assert {given(message)[UP][0] for message in found} == {"Bob"}
    assert meeting.room.revision == 2
    with meeting.db.reading() as c:
        assert len(c.execute(select(tables.reactions)).all()) == 1


def test_toggled_an_even_number_of_times_at_once_it_is_as_before(meeting, said):
    at_once(*[lambda: reacts(meeting, meeting.bob, said)] * 4)
    assert meeting.room.revision == 5
    with meeting.db.reading() as c:
        assert given(messages.get(c, said.id)) == {}


# ---- The page ----


@pytest.fixture
def message(miriam, ann) -> dict:
    """Ann's, and the only one."""
    return ann.posts("The beans are up")


def sends(visitor: Visitor, message: dict, emoji: str = UP, headers=None, **more: str):
    """Send the form."""
    form = {"emoji": emoji} | more
    return visitor.client.post(f"/messages/{message['id']}/reactions", data=form, headers=headers)


def chips(page) -> list[tuple[str, str]]:
    """Who gave it, for the style sheet, and the words of the first link."""
    return [(chip["data-people"], words(chip.a)) for chip in page.select(".reaction")]


def test_it_works(ann, bob, message):
    answer = sends(bob, message)
    assert (answer.status_code, answer.location) == (303, "/rooms/1?around=1#message-1")
    sends(ann, message)
    sends(bob, message, PARTY)
    assert chips(ann.page("/rooms/1")) == [
        ("3 2", "👍 2 from Bob and Ann – give it too"),
        ("3", "🎉 1 from Bob – give it too"),
    ]


def test_all_get_the_same_bytes_and_a_style_sheet_says_what_is_mine(ann, bob, message):
    sends(bob, message)
    mine, theirs = (str(one.page("/rooms/1").select_one(".reactions")) for one in (ann, bob))
    assert mine == theirs
    links = soup(bob.client.get("/rooms/1")).select(".reaction a")
    assert [link["hx-vals"] for link in links] == [
        '{"emoji": "\\ud83d\\udc4d", "set": "yes"}', '{"emoji": "\\ud83d\\udc4d", "set": "no"}'
    ]  # fmt: skip
    assert [link["href"] for link in links] == ["/messages/1"] * 2
    rules = bob.gets("/me.css").text
    assert '.reaction[data-people~="3"] .give:not(:focus-visible)' in rules
    assert '.reaction:not([data-people~="3"]) .take:not(:focus-visible)' in rules


def test_an_open_page_is_told(ann, bob, message):
    ann.polls()
    sends(bob, message)
    (news,) = ann.polls().select("article[hx-swap-oob=outerMorph]")
    assert chips(news) == [("3", "👍 1 from Bob – give it too")]


def test_a_program_says_what_it_wants(ann, bob, message):
    for _ in range(2):
        told = sends(bob, message, headers=JSON, set="yes").get_json()
        assert told["reactions"] == [{"emoji": UP, "people": [3]}] and told["revision"] == 2
    assert sends(bob, message, headers=JSON).get_json()["reactions"] == []
    assert sends(bob, message, headers=JSON, set="no").get_json()["revision"] == 3
    answer = sends(bob, message, "x", headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json() == {"error": "Choose one emoji.", "field": "emoji"}


def test_a_deleted_message_shows_none_to_programs_either(ann, bob, message):
    sends(bob, message)
    ann.deletes(message)
    assert not ann.page("/rooms/1").select(".reaction")
    found = bob.gets("/rooms/1/messages?after=0", **JSON).get_json()["messages"]
    assert found[0]["reactions"] == [] and sends(bob, message).status_code == 403


def test_the_menu_begins_with_reactions_and_takes_back_ones_own(ann, bob, message):
    sends(bob, message, PARTY)
    menu = soup(bob.gets("/messages/1", **HTMX)).select_one("#menu")
    assert menu.find(True)["class"] == ["react"]
    assert [button["value"] for button in menu.select(".quick button")][:2] == [UP, HEART]
    assert "🎉 from Bob" in words(menu)
    (back,) = [form for form in menu.select("li form") if "Take back" in words(form)]
    sent = {field["name"]: field["value"] for field in back.select("input")}
    assert sent == {"emoji": PARTY, "set": "no"}
    closes = bob.client.post(back["action"], data=sent, headers=HTMX)
    assert closes.headers["HX-Trigger"] == "posted" and soup(closes).select_one("#menu[popover]")
    assert not bob.page("/rooms/1").select(".reaction")


def test_what_is_no_emoji_is_told_beside_the_field(ann, bob, message):
    answer = sends(bob, message, "nice")
    page = soup(answer)
    assert answer.status_code == 422
    note = page.select_one("[name=emoji][list]")["aria-describedby"]
    assert words(page.select_one(f"#{note}")) == "Choose one emoji."
    assert "The beans are up" in words(page.main)
    told = soup(sends(bob, message, "nice", headers=HTMX)).find(True)
    assert (told["id"], told["hx-swap-oob"]) == (note, "true")


def test_many_names_are_counted(miriam, ann, bob, message):
    for visitor in (ann, bob, miriam, *(miriam.brings_in(name) for name in ("Cleo", "Dan"))):
        sends(visitor, message)
    (chip,) = chips(bob.page("/rooms/1"))
    assert chip[1] == "👍 5 from Ann , Bob , Miriam and 2 others – give it too"


def test_who_may_not_see_the_room_does_not_react(ann, bob):
    room = ann.client.post("/rooms", data={"name": "Shed", "kind": "closed"}, headers=JSON)
    path = f"/rooms/{room.get_json()['room']}/messages"
    hidden = ann.client.post(path, data={"text": "secret"}, headers=JSON).get_json()
    assert sends(bob, hidden).data == sends(bob, {"id": 4711}).data
    assert sends(bob, hidden).status_code == 404
