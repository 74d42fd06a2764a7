"""Whom a text names, and who is offered while a name is typed: on both databases."""

import time

import pytest

from parley.talk import direct, mentions, people, roles, rooms, sanctions
from parley.talk.clock import FOREVER
from parley.talk.memberships import remove
from tests.databases import questions
from tests.meeting import Meeting


def joins(meeting, name: str, role: str = roles.MEMBER) -> people.Person:
    with meeting.db.writing() as c:
        return people.join(c, name, None, role)


def named(meeting, words: str, author: people.Person | None = None) -> list[tuple[int, str]]:
    """Whom Ann, if nobody else, names in the Lobby."""
    with meeting.db.reading() as c:
        author = people.get(c, (author or meeting.ann).id)
        return list(mentions.find(c, author, rooms.get(c, author, rooms.LOBBY), words))


def offered(meeting, typed: str, person: people.Person | None = None) -> list[str]:
    """The names that Ann, if nobody else, can choose from."""
    with meeting.db.reading() as c:
        me = person or meeting.ann
        return [one.name for one in mentions.offer(c, me, meeting.room, typed)]


# ---- Names in a text ----


def test_a_name_after_an_at_sign_is_meant_in_any_case_as_it_was_typed(meeting):
    bob, miriam = meeting.bob.id, meeting.miriam.id
    assert named(meeting, "@Bob, look") == [(bob, "Bob")]
    assert named(meeting, "(@BOB) and @miriam's bike") == [(bob, "BOB"), (miriam, "miriam")]
    assert named(meeting, "@bob @bob @Bob") == [(bob, "bob"), (bob, "Bob")]
    assert named(meeting, "Bob, @ Bob, @Bobby, bob@bob.example, @nobody") == []
    assert named(meeting, "@Ann") == [(meeting.ann.id, "Ann")]


def test_names_have_spaces_and_the_longest_that_fits_is_meant(meeting):
    lee, dots = joins(meeting, "Bob Lee"), joins(meeting, "J. R.")
    assert named(meeting, "@Bob Lee is here") == [(lee.id, "Bob Lee")]
    assert named(meeting, "@Bob leeward") == [(meeting.bob.id, "Bob")]
    assert named(meeting, "@bob  lee") == [(lee.id, "bob  lee")]
    assert named(meeting, "@Bob\nLee") == [(meeting.bob.id, "Bob")]
    assert named(meeting, "@J. R. says so") == [(dots.id, "J. R.")]


@pytest.mark.parametrize(
    ("name", "words", "typed"),
    [
        ("梅田", "@梅田さん、見て", "梅田"),
        ("梅田", "見て@梅田", "梅田"),
        ("สมชาย", "@สมชายครับ", "สมชาย"),
        ("김민수", "@김민수야", "김민수"),
        ("Zoë", "@ZOE\u0308!", "ZOE\u0308"),
        ("Straße", "@STRASSE", "STRASSE"),
        ("ليلى حداد", "مرحبا @ليلى حداد", "ليلى حداد"),
    ],
)
def test_in_any_script(meeting, name, words, typed):
    assert named(meeting, words) == []
    assert named(meeting, words) == [] == named(meeting, typed)
    person = joins(meeting, name)
    assert named(meeting, words) == [(person.id, typed)]


def test_code_and_addresses_name_nobody(meeting):
    assert named(meeting, "`@Bob` and\n```\n@Bob\n```\nand https://example.org/@Bob") == []
    assert named(meeting, "`code` @Bob `code`") == [(meeting.bob.id, "Bob")]


def test_only_who_is_in_the_room_is_named(meeting):
    with meeting.db.writing() as c:
        remove(c, rooms.LOBBY, meeting.bob.id, FOREVER, meeting.miriam.id)
    assert named(meeting, "@Bob @Miriam") == [(meeting.miriam.id, "Miriam")]
    with meeting.db.writing() as c:
        garden = rooms.get(c, meeting.ann, rooms.make(c, meeting.ann, "Garden", kind="closed"))
        assert mentions.find(c, meeting.ann, garden, "@Miriam") == ()


def test_who_was_removed_from_the_space_is_not_named(meeting):
    with meeting.db.writing() as c:
        sanctions.remove(c, meeting.miriam, meeting.bob, "none")
    assert named(meeting, "@Bob") == []
    assert offered(meeting, "b") == []


def test_everyone_is_called_by_owners_and_moderators_only(meeting):
    assert named(meeting, "@everyone come") == []
    assert named(meeting, "@Everyone come", meeting.miriam) == [(0, "Everyone")]
    assert named(meeting, "@everyone", joins(meeting, "Mo", roles.MODERATOR)) == [(0, "everyone")]
    assert not roles.may(meeting.ann, "call everyone")


def test_a_text_costs_one_question_or_none(sqlite):
    meeting = Meeting(sqlite)
    with questions(meeting.db) as asked:
        named(meeting, "nobody at all")
    without = len(asked)
    with questions(meeting.db) as asked:
        named(meeting, "@Bob and @Miriam and @everyone " * 100)
    assert len(asked) == without + 1


@pytest.mark.parametrize("words", ["@" * 10_000, "@a " * 3333, "@" + "a. " * 3333, "`" * 10_000])
def test_hostile_words_are_looked_through_in_no_time(meeting, words):
    began = time.process_time()
    assert named(meeting, words) == []
    assert time.process_time() - began < 1


def test_a_message_keeps_whom_it_names_and_an_edit_names_others(meeting):
    message = meeting.says(meeting.ann, "@Bob")
    assert message.mentions == ((meeting.bob.id, "Bob"),)
    assert meeting.edits(meeting.ann, message, "@miriam").mentions == (
        (meeting.miriam.id, "miriam"),
    )
    assert meeting.edits(meeting.ann, message, "nobody").mentions == ()


# ---- Names to choose from ----


def test_names_are_offered_that_begin_so_or_have_a_word_that_does(meeting):
    for name in ("Mei Tanaka", "Tom", "Emil", "Al_x"):
        joins(meeting, name)
    assert offered(meeting, "m") == ["Mei Tanaka", "Miriam"]
    assert offered(meeting, "ME") == ["Mei Tanaka"]
    assert offered(meeting, "t") == ["Tom", "Mei Tanaka"], "whose first word it is comes first"
    assert offered(meeting, "mei tan") == ["Mei Tanaka"]
    assert offered(meeting, "mei ") == ["Mei Tanaka"]
    assert offered(meeting, "tom ") == [], "a finished word is not offered again"
    assert offered(meeting, "%") == offered(meeting, "me_") == []
    assert offered(meeting, "a") == ["Al_x"], "not oneself"
    assert offered(meeting, "e") == ["Emil"]
    assert offered(meeting, "e", meeting.miriam) == ["everyone", "Emil"]


def test_eight_at_most_are_offered(meeting):
    for number in range(12):
        joins(meeting, f"Person {number}")
    assert len(offered(meeting, "")) == len(offered(meeting, "p")) == 8


def test_in_a_conversation_its_people_are_offered(meeting):
    with meeting.db.writing() as c:
        talk = rooms.get(c, meeting.ann, direct.start(c, meeting.ann, [meeting.bob.id]))
        assert [one.name for one in mentions.offer(c, meeting.ann, talk, "")] == ["Bob"]
