"""What owners and moderators did, as sentences for owners."""

import re
from datetime import UTC, datetime

from parley.store.errors import Forbidden
from parley.talk import log, people, rooms
from parley.web import parts
from tests.meeting import Meeting
from tests.test_media import NOTES, PHOTO
from tests.visitor import Visitor, words


def sentences(visitor: Visitor, query: str = "") -> list[str]:
    """The entries on the page, from above to below."""
    found = [words(one) for one in visitor.page(f"/log{query}").select("ol .entry > div")]
    return [re.sub(r" ([.:])(?=\s|$)", r"\1", one) for one in found]


def notes(visitor: Visitor, act: str, **about) -> None:
    """Miriam did something."""
    with parts(visitor.app).db.writing() as c:
        log.note(c, people.get(c, 1), act, **about)


# --- the rule


def test_an_act_and_what_it_was_about_make_a_sentence(meeting: Meeting):
    with meeting.db.writing() as c:
        log.note(c, meeting.miriam, "muted {person} for a day", person_id=meeting.bob.id)
        log.note(c, meeting.miriam, "locked", room_id=rooms.LOBBY)
        log.note(c, meeting.miriam, "removed", person_id=meeting.bob.id, room_id=rooms.LOBBY)
        log.note(c, meeting.miriam, "muted {person} until {2026-05-21T06:02:30+00:00}", person_id=3)
        log.note(c, meeting.miriam, "changed the space", words="x" * 300)
        entries, more = log.read(c, meeting.miriam, None)
    assert [log.parts(entry) for entry in entries[::-1]] == [
        ["muted ", "{person}", " for a day"],
        ["locked in ", "{room}"],
        ["removed ", "{person}", " in ", "{room}"],
        ["muted ", "{person}", " until ", datetime(2026, 5, 21, 6, 2, 30, tzinfo=UTC)],
        ["changed the space"],
    ]
    assert entries[0].words == "x" * 200 and not more
    assert (entries[2].by, entries[2].person, entries[2].room) == ("Miriam", "Bob", "Lobby")


def test_it_is_read_by_pages(meeting: Meeting):
    with meeting.db.writing() as c:
        for number in range(log.PAGE + 2):
            log.note(c, meeting.miriam, f"act {number}")
        entries, more = log.read(c, meeting.miriam, None)
        assert len(entries) == log.PAGE and more
        rest, more = log.read(c, meeting.miriam, entries[-1].id)
    assert [entry.act for entry in rest] == ["act 1", "act 0"] and not more


def test_what_is_undone_is_not_noted(meeting: Meeting):
    try:
        with meeting.db.writing() as c:
            log.note(c, meeting.miriam, "an act")
            raise Forbidden
    except Forbidden:
        pass
    with meeting.db.reading() as c:
        assert log.read(c, meeting.miriam, None) == ([], False)


# --- the page


def test_an_owner_reads_what_was_done(miriam, ann, bob):
    said = ann.posts("nonsense " + "x" * 300)
    miriam.deletes(said)
    miriam.client.post("/people/3/mute", data={"end": "none"})
    miriam.client.post("/people/2/role", data={"role": "moderator"})
    page = miriam.page("/log")
    assert sentences(miriam) == [
        "Miriam made Ann a moderator.",
        "Miriam muted Bob.",
        f"Miriam deleted a message of Ann in Lobby. {said['text'][:200]}",
    ]
    links = [a["href"] for a in page.select("ol a")]
    assert links == [
        *("/people/1", "/people/2"),
        *("/people/1", "/people/3"),
        *("/people/1", "/people/2", "/rooms/1"),
    ]


def test_until_when_is_part_of_the_sentence(miriam, bob):
    miriam.client.post("/people/2/remove", data={"end": "day"})
    pattern = r"Miriam removed Bob until \w+day, \d+ \w+( \d{4})?, \d\d:\d\d\."
    assert re.fullmatch(pattern, sentences(miriam)[0])


def test_names_cannot_play_tricks(miriam):
    miriam.brings_in("{person} <b>in</b>")
    miriam.client.post("/people/2/mute", data={"end": "none"})
    assert sentences(miriam) == ["Miriam muted {person} <b>in</b>."]


def test_a_room_that_is_gone_or_not_ones_own_has_no_link(miriam, ann):
    with parts(miriam.app).db.writing() as c:
        closed = rooms.make(c, people.get(c, 2), "Garden", kind=rooms.CLOSED)
    notes(miriam, "locked {room}", room_id=closed)
    notes(miriam, "deleted {room}", room_id=99, words="Old room")
    assert sentences(miriam) == [
        "Miriam deleted a room that is gone. Old room",
        "Miriam locked Garden.",
    ]
    assert not miriam.page("/log").select("ol a[href^='/rooms']")


def test_a_photo_without_words_that_was_deleted_is_named(miriam, ann):
    miriam.deletes(ann.posts("", PHOTO, NOTES))
    assert sentences(miriam) == ["Miriam deleted a message of Ann in Lobby. garden.jpg, notes.txt"]


def test_words_of_a_room_are_for_those_only_who_are_in_it(miriam, ann, bob):
    with parts(miriam.app).db.writing() as c:
        closed = rooms.make(c, people.get(c, 2), "Garden", kind=rooms.CLOSED, chosen=[3])
    bob.client.post(f"/rooms/{closed}/messages", data={"text": "a secret"})
    miriam.client.post("/people/2/role", data={"role": "moderator"})
    ann.client.post("/messages/1/delete")
    assert sentences(miriam)[0] == "Ann deleted a message of Bob in Garden."
    ann.client.post(f"/rooms/{closed}/people", data={"people": "1"})
    assert sentences(miriam)[1] == "Ann deleted a message of Bob in Garden. a secret"


def test_older_entries_are_a_link_away(miriam):
    for number in range(52):
        notes(miriam, f"act {number}")
    older = miriam.page("/log").select_one("a[href^='/log?before']")
    assert words(older) == "Older entries"
    assert sentences(miriam, older["href"].removeprefix("/log"))[-1] == "Miriam act 0."
    assert not miriam.page(older["href"]).select("a[href^='/log?before']")
    assert miriam.gets("/log?before=x").status_code == 422


def test_an_empty_log_says_so(miriam):
    assert words(miriam.page("/log").select_one(".blank h2")) == "Nothing yet"


def test_only_owners_read_it(miriam, ann, bob, stranger):
    miriam.client.post("/people/2/role", data={"role": "moderator"})
    for visitor in (ann, bob):
        answer = visitor.gets("/log")
        assert answer.status_code == 403
        assert "Only owners read the log." in answer.text
        assert not visitor.page("/people").select("a[href='/log']")
    assert stranger.gets("/log").location.startswith("/login")
    assert miriam.page("/people").select("a[href='/log']")
