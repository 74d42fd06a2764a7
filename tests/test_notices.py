"""What is for whom, and when it is new: on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, update

from parley.store import tables
from parley.talk import direct, leaving, memberships, messages, notices, people, rooms, unread
from parley.talk.clock import FOREVER
from tests.databases import questions
from tests.meeting import Meeting

OF, SAID = tables.notices.c, tables.messages.c


def told(meeting, who: people.Person) -> list[str]:
    """What is for them, the newest first: who, how, and + where it is new."""
    with meeting.db.reading() as c:
        found, *_ = notices.newest(c, people.get(c, who.id))
    return [f"{one.by} {one.kind}{' +' if one.is_new else ''}" for one in found]


def counted(meeting, who: people.Person) -> tuple[int, int]:
    """Of the Lobby: what is unread and for them; and what is new on their page of notices."""
    with meeting.db.reading() as c:
        found = unread.listed(c, people.get(c, who.id))
    return found.room(rooms.LOBBY).mentions, found.news


def answers(meeting, who: people.Person, message: messages.Message, apart: bool = False) -> None:
    """Somebody replies."""
    reply = meeting.says(who, "a reply")
    with meeting.db.writing() as c:
        row = {"reply_to": message.id, "apart": apart}
        c.execute(update(tables.messages).where(SAID.id == reply.id).values(row))
        notices.tell(c, messages.get(c, reply.id))


def reacts(meeting, who: people.Person, message: messages.Message, emoji: str) -> None:
    with meeting.db.writing() as c:
        row = {"message_id": message.id, "person_id": who.id, "emoji": emoji}
        c.execute(insert(tables.reactions).values(row | {"made_at": datetime.now(UTC)}))
        notices.reacted(c, message, who)


def takes_back(meeting, who: people.Person, message: messages.Message, emoji: str) -> None:
    of = tables.reactions.c
    with meeting.db.writing() as c:
        theirs = of.message_id == message.id, of.person_id == who.id, of.emoji == emoji
        c.execute(delete(tables.reactions).where(*theirs))
        notices.unreacted(c, message, who)


def reads(meeting, who: people.Person, revision: int) -> None:
    with meeting.db.writing() as c:
        memberships.has_seen(c, who.id, rooms.LOBBY, revision)


def looks(meeting, who: people.Person) -> None:
    """Look at the page of notices."""
    with meeting.db.writing() as c:
        me = people.get(c, who.id)
        found, *_ = notices.newest(c, me)
        notices.read(c, me.id, found[0].id)


# ---- Who is told ----


def test_who_is_named_is_told_and_nobody_else(meeting):
    meeting.says(meeting.ann, "@Bob and @Ann, hello")
    assert told(meeting, meeting.bob) == ["Ann mention +"]
    assert told(meeting, meeting.miriam) == [], "not named"
    assert told(meeting, meeting.ann) == [], "not of oneself"
    assert (counted(meeting, meeting.bob), counted(meeting, meeting.miriam)) == ((1, 1), (0, 0))


def test_everyone_is_told_but_who_calls(meeting):
    meeting.says(meeting.ann, "@everyone")
    assert told(meeting, meeting.bob) == []
    meeting.says(meeting.miriam, "@everyone and @Bob")
    assert told(meeting, meeting.bob) == ["Miriam mention +"], "once, by name"
    assert told(meeting, meeting.ann) == ["Miriam everyone +"]
    assert told(meeting, meeting.miriam) == []


def test_who_is_answered_is_told_as_of_a_mention(meeting):
    message = meeting.says(meeting.bob, "a question")
    answers(meeting, meeting.ann, message)
    answers(meeting, meeting.bob, message)
    assert told(meeting, meeting.bob) == ["Ann reply +"]
    assert counted(meeting, meeting.bob) == (1, 1)


def test_who_gets_reactions_is_told_once_of_each_person(meeting):
    message = meeting.says(meeting.bob, "cake")
    for who, emoji in ((meeting.ann, "👍"), (meeting.ann, "🎉"), (meeting.bob, "👍")):
        reacts(meeting, who, message, emoji)
    assert told(meeting, meeting.bob) == ["Ann reaction +"]
    with meeting.db.reading() as c:
        [[notice], _, _, more] = notices.newest(c, meeting.bob)
    assert (notice.emoji, notice.text, more) == ("👍 🎉", "cake", False)
    assert counted(meeting, meeting.bob) == (0, 1), "nothing of it is unread in the room"
    takes_back(meeting, meeting.ann, message, "👍")
    assert told(meeting, meeting.bob) == ["Ann reaction +"]
    takes_back(meeting, meeting.ann, message, "🎉")
    assert told(meeting, meeting.bob) == []
    assert counted(meeting, meeting.bob) == (0, 0)


def test_nobody_hears_of_whom_they_have_blocked(meeting):
    message = meeting.says(meeting.bob, "cake")
    with meeting.db.writing() as c:
        direct.block(c, meeting.bob, meeting.ann)
    meeting.says(meeting.ann, "@Bob")
    reacts(meeting, meeting.ann, message, "👍")
    with meeting.db.writing() as c:
        direct.unblock(c, meeting.bob, meeting.ann)
    assert told(meeting, meeting.bob) == [], "not afterwards, either"
    meeting.says(meeting.ann, "@Bob again")
    assert counted(meeting, meeting.bob) == (1, 1)
    with meeting.db.writing() as c:
        direct.block(c, meeting.bob, meeting.ann)
    assert (told(meeting, meeting.bob), counted(meeting, meeting.bob)) == ([], (0, 0))


def test_who_is_out_of_the_room_is_told_nothing_of_it(meeting):
    meeting.says(meeting.ann, "@Bob")
    with meeting.db.writing() as c:
        memberships.remove(c, rooms.LOBBY, meeting.bob.id, FOREVER, meeting.miriam.id)
    meeting.says(meeting.miriam, "@everyone")
    assert told(meeting, meeting.bob) == []
    with meeting.db.reading() as c:
        assert unread.listed(c, meeting.bob).news == 0
    with meeting.db.writing() as c:
        memberships.bring(c, rooms.LOBBY, [meeting.bob.id])
    assert told(meeting, meeting.bob) == ["Ann mention +"], "not of what was said meanwhile"


# ---- What changes ----


def test_an_edit_tells_others_and_takes_back(meeting):
    message = meeting.says(meeting.miriam, "@Bob")
    looks(meeting, meeting.bob)
    meeting.edits(meeting.miriam, message, "@Bob and @Ann")
    assert told(meeting, meeting.bob) == ["Miriam mention"], "as it was"
    assert told(meeting, meeting.ann) == ["Miriam mention +"]
    meeting.edits(meeting.miriam, message, "@everyone")
    assert told(meeting, meeting.bob) == ["Miriam everyone"]
    meeting.edits(meeting.miriam, message, "@Ann")
    assert (told(meeting, meeting.bob), told(meeting, meeting.ann)) == ([], ["Miriam mention +"])
    meeting.edits(meeting.miriam, message, "nobody")
    assert told(meeting, meeting.ann) == []


def test_an_edit_leaves_replies_and_reactions_as_they_are(meeting):
    message = meeting.says(meeting.bob, "cake")
    reacts(meeting, meeting.ann, message, "👍")
    answers(meeting, meeting.ann, message)
    meeting.edits(meeting.bob, message, "cake for @Miriam")
    meeting.edits(meeting.bob, message, "cake")
    assert told(meeting, meeting.bob) == ["Ann reply +", "Ann reaction +"]


def test_a_deletion_hides_and_a_return_shows(meeting):
    message = meeting.says(meeting.ann, "@Bob")
    meeting.removes(meeting.ann, message)
    assert (told(meeting, meeting.bob), counted(meeting, meeting.bob)) == ([], (0, 0))
    meeting.restores(meeting.ann, message)
    assert told(meeting, meeting.bob) == ["Ann mention +"]
    assert counted(meeting, meeting.bob) == (1, 1)


@pytest.mark.parametrize("take_away", [True, False])
def test_of_who_left_for_good_stays_what_they_said_if_it_stays(meeting, take_away):
    message = meeting.says(meeting.bob, "cake")
    reacts(meeting, meeting.ann, message, "👍")
    meeting.says(meeting.ann, "@Bob")
    meeting.says(meeting.bob, "@Ann")
    with meeting.db.writing() as c:
        leaving.leave(c, meeting.ann, take_away)
        assert not c.scalar(select(OF.id).where(OF.person_id == meeting.ann.id))
    stays = ["Former member mention +", "Former member reaction +"]
    assert told(meeting, meeting.bob) == ([] if take_away else stays)


# ---- What is new ----


def test_what_was_read_in_its_room_is_not_new_and_a_look_at_the_page_reads_all(meeting):
    message = meeting.says(meeting.bob, "cake")
    said = meeting.says(meeting.ann, "@Bob one")
    reacts(meeting, meeting.miriam, message, "👍")
    meeting.says(meeting.ann, "@Bob two")
    assert counted(meeting, meeting.bob) == (2, 3)
    reads(meeting, meeting.bob, said.made)
    assert counted(meeting, meeting.bob) == (1, 2)
    assert told(meeting, meeting.bob) == ["Ann mention +", "Miriam reaction +", "Ann mention"]
    looks(meeting, meeting.bob)
    assert counted(meeting, meeting.bob) == (1, 0), "in the room it is unread still"
    assert told(meeting, meeting.bob) == ["Ann mention", "Miriam reaction", "Ann mention"]
    meeting.says(meeting.ann, "@Bob three")
    assert counted(meeting, meeting.bob) == (2, 1)


def test_a_reply_that_stands_apart_is_read_by_the_page_alone(meeting):
    message = meeting.says(meeting.bob, "a question")
    answers(meeting, meeting.ann, message, apart=True)
    assert counted(meeting, meeting.bob) == (0, 1)
    reads(meeting, meeting.bob, 99)
    assert told(meeting, meeting.bob) == ["Ann reply +"]
    looks(meeting, meeting.bob)
    assert counted(meeting, meeting.bob) == (0, 0)


def test_the_mark_only_goes_on(meeting):
    meeting.says(meeting.ann, "@Bob")
    looks(meeting, meeting.bob)
    with meeting.db.writing() as c:
        notices.read(c, meeting.bob.id, 0)
    assert counted(meeting, meeting.bob) == (1, 0)


def test_each_room_counts_its_own_and_up_to_a_hundred(meeting):
    with meeting.db.writing() as c:
        garden = rooms.get(c, meeting.ann, rooms.make(c, meeting.ann, "Garden"))
        for _ in range(103):
            messages.post(c, garden, meeting.ann, messages.draft("@Bob", ""))
    meeting.says(meeting.ann, "@Bob")
    with meeting.db.reading() as c:
        found = unread.listed(c, meeting.bob)
    assert [room.mentions for room in found.all] == [1, 100]
    assert unread.up_to_most(found.news) == unread.up_to_most(found.all[1].for_you) == "99+"


def test_mentions_only_calls_with_something_for_oneself(meeting):
    with meeting.db.writing() as c:
        unread.set_notify(c, meeting.bob, rooms.LOBBY, "mentions")
    meeting.says(meeting.ann, "hello")

    def calling(level: str = "") -> tuple[int, int]:
        with meeting.db.writing() as c:
            if level:
                unread.set_notify(c, meeting.bob, rooms.LOBBY, level)
            found = unread.listed(c, meeting.bob)
        return found.calling, found.room(rooms.LOBBY).for_you

    assert calling() == (0, 0)
    meeting.says(meeting.ann, "@Bob")
    assert calling() == (1, 1)
    assert [calling("mute"), calling("hide"), calling("all")] == [(0, 0), (0, 0), (1, 1)]


# ---- Pages of it ----


def test_they_come_fifty_at_a_time(meeting):
    for number in range(60):
        meeting.says(meeting.ann, f"@Bob {number}")
    with meeting.db.reading() as c:
        first, *_, more = notices.newest(c, meeting.bob)
        second, *_, no_more = notices.newest(c, meeting.bob, first[-1].id)
    assert (len(first), more, len(second), no_more) == (50, True, 10, False)
    assert [one.text for one in (first + second)] == [f"@Bob {n}" for n in range(59, -1, -1)]


def test_a_conversation_is_called_as_its_reader_sees_it(meeting):
    with meeting.db.writing() as c:
        talk = rooms.get(c, meeting.ann, direct.start(c, meeting.ann, [meeting.bob.id]))
        messages.post(c, talk, meeting.ann, messages.draft("@Bob", ""))
    with meeting.db.reading() as c:
        [[notice], where, *_] = notices.newest(c, meeting.bob)
    room = where[notice.room_id]
    assert (room.name, room.is_direct) == ("Ann", True)


def test_to_call_ten_people_asks_no_more_than_to_call_two(sqlite):
    meeting = Meeting(sqlite)
    with questions(meeting.db) as asked:
        meeting.says(meeting.miriam, "@everyone")
    few = len(asked)
    with meeting.db.writing() as c:
        for number in range(8):
            people.join(c, f"Person {number}", None)
    with questions(meeting.db) as asked:
        meeting.says(meeting.miriam, "@everyone")
    assert len(asked) <= few
