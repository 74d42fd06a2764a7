"""Posting, editing, deleting: each change with the room's next revision."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from parley.store import tables
from parley.store.errors import Conflict, Forbidden, Missing, Refused, Wrong
from parley.talk import messages, people, reading, rooms
from parley.talk.uploads import Upload
from tests.meeting import Meeting, at_once

PLAN = Upload("plan.pdf", "application/pdf", 7, "0a" * 32, "1b" * 32)
BEANS = Upload("beans.jpg", "image/jpeg", 9, "2c" * 32, "3d" * 32, 800, 600, "4e" * 32, "5f" * 32)


def count(meeting: Meeting) -> int:
    with meeting.db.reading() as c:
        return c.scalar(select(func.count()).select_from(tables.messages))


def make_older(meeting: Meeting, message: messages.Message, **moments: timedelta) -> None:
    """Let it have happened that long ago."""
    values = {name: datetime.now(UTC) - passed for name, passed in moments.items()}
    with meeting.db.writing() as c:
        c.execute(update(tables.messages).where(tables.messages.c.id == message.id).values(values))


def in_room(meeting: Meeting, name: str) -> rooms.Room:
    with meeting.db.writing() as c:
        return rooms.get(c, meeting.miriam, rooms.make(c, meeting.miriam, name))


def post_in(meeting: Meeting, room: rooms.Room, words: str, key: str = "") -> messages.Message:
    with meeting.db.writing() as c:
        return messages.post(c, room, meeting.ann, messages.draft(words, key))


# --- posting


def test_a_message_is_kept_as_it_was_said(meeting):
    said = meeting.says(meeting.ann, "hello\r\nthere")
    assert (said.text, said.author, said.author_id) == ("hello\nthere", "Ann", meeting.ann.id)
    assert (said.made, said.revision, said.room_id) == (1, 1, rooms.LOBBY)
    assert said.edited_at is said.deleted_at is said.previous_at is None
    assert datetime.now(UTC) - said.posted_at < timedelta(seconds=10)
    with meeting.db.reading() as c:
        assert messages.get(c, said.id) == said


def test_a_message_can_be_files_alone(meeting):
    said = meeting.says(meeting.ann, "", "", PLAN, BEANS)
    assert said.text == ""
    assert [(file.name, file.size, file.is_photo) for file in said.files] == [
        ("plan.pdf", 7, False),
        ("beans.jpg", 9, True),
    ]
    assert (said.files[1].width, said.files[1].height) == (800, 600)
    assert all(file.message_id == said.id for file in said.files)


@pytest.mark.parametrize("words", ["", " \n ", "a" * 10_001])
def test_nothing_and_too_much_are_refused(words):
    with pytest.raises(Wrong) as refused:
        messages.draft(words, "")
    assert refused.value.field == "text"


def test_what_is_undone_leaves_no_message_and_no_revision(meeting):
    with pytest.raises(KeyError), meeting.db.writing() as c:
        messages.post(c, meeting.room, meeting.ann, messages.draft("oops", "", [PLAN]))
        raise KeyError
    assert (count(meeting), meeting.room.revision) == (0, 0)
    assert meeting.says(meeting.ann, "hello").revision == 1


def test_nobody_posts_in_a_room_that_is_not_there(meeting):
    with pytest.raises(Missing):
        post_in(meeting, rooms.Room(4711, "", "", 0), "hello")


# --- groups


@pytest.mark.parametrize(
    ("passed", "follows"),
    [
        (timedelta(minutes=4, seconds=50), True),
        (timedelta(minutes=5, seconds=1), False),
        (timedelta(minutes=-1), False),  # the clock was set back
    ],
)
def test_within_five_minutes_a_person_s_messages_stand_together(meeting, passed, follows):
    first = meeting.says(meeting.ann, "one")
    make_older(meeting, first, posted_at=passed)
    second = meeting.says(meeting.ann, "two")
    assert not first.follows
    assert second.follows is follows
    assert second.previous_at == second.previous_at.astimezone(UTC) != None  # noqa: E711


def test_another_person_begins_a_new_group(meeting):
    meeting.says(meeting.ann, "one")
    assert not meeting.says(meeting.bob, "two").follows
    assert not meeting.says(meeting.ann, "three").follows


def test_another_room_is_no_neighbour(meeting):
    meeting.says(meeting.ann, "one")
    other = post_in(meeting, in_room(meeting, "Garden"), "two")
    assert (other.follows, other.previous_at) == (False, None)


# --- keys


def test_the_same_again_is_the_same_message(meeting):
    first = meeting.says(meeting.ann, "hello", "key-1", PLAN)
    assert meeting.says(meeting.ann, "hello\r\n", "key-1", PLAN) == first
    assert (count(meeting), meeting.room.revision) == (1, 1)


def test_a_retry_is_told_what_the_message_is_now(meeting):
    first = meeting.says(meeting.ann, "helo", "key-1")
    edited = meeting.edits(meeting.ann, first, "hello")
    assert meeting.says(meeting.ann, "helo", "key-1") == edited
    gone = meeting.removes(meeting.ann, edited)
    assert meeting.says(meeting.ann, "helo", "key-1") == gone
    with pytest.raises(Conflict):  # the key stands for what was sent first
        meeting.says(meeting.ann, "hello", "key-1")


@pytest.mark.parametrize(
    ("words", "uploads"),
    [
        ("other", [PLAN]),
        ("hello", []),
        ("hello", [BEANS]),
        ("hello", [PLAN, BEANS]),
        ("hello", [Upload("plan.pdf", "application/pdf", 7, "0a" * 32, "ff" * 32)]),
        ("hello", [Upload("other.pdf", "application/pdf", 7, "0a" * 32, "1b" * 32)]),
    ],
)
def test_a_key_is_not_taken_for_something_else(meeting, words, uploads):
    meeting.says(meeting.ann, "hello", "key-1", PLAN)
    with pytest.raises(Conflict) as refused:
        meeting.says(meeting.ann, words, "key-1", *uploads)
    assert refused.value.field == "key"
    assert (count(meeting), meeting.room.revision) == (1, 1)


def test_a_photo_that_is_sent_again_is_the_same_though_it_was_made_anew(meeting):
    first = meeting.says(meeting.ann, "", "key-1", BEANS)
    again = Upload("beans.jpg", "image/jpeg", 10, "6a" * 32, BEANS.sent, 800, 600, "", "")
    assert meeting.says(meeting.ann, "", "key-1", again) == first


def test_a_key_belongs_to_its_author(meeting):
    first = meeting.says(meeting.ann, "hello", "key-1")
    assert meeting.says(meeting.bob, "other", "key-1").id != first.id


def test_a_key_belongs_to_its_room(meeting):
    meeting.says(meeting.ann, "hello", "key-1")
    with pytest.raises(Conflict):
        post_in(meeting, in_room(meeting, "Garden"), "hello", "key-1")


def test_a_key_in_two_rooms_at_once_is_taken_in_one(meeting):
    places = [in_room(meeting, name) for name in ("Garden", "Kitchen", "Attic", "Cellar")]
    posts = [lambda room=room: post_in(meeting, room, "hello", "key-1") for room in places]
    results = at_once(*posts)
    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["Conflict"] * 3 + ["Message"]
    assert count(meeting) == 1


def test_without_a_key_the_same_words_are_two_messages(meeting):
    assert meeting.says(meeting.ann, "hello").id != meeting.says(meeting.ann, "hello").id


def test_a_key_has_at_most_64_characters(meeting):
    meeting.says(meeting.ann, "hello", "k" * 64)
    with pytest.raises(Wrong) as refused:
        messages.draft("hello", "k" * 65)
    assert refused.value.field == "key"


@pytest.mark.parametrize("key", ["nul\0", "\ud800", "ключ 🌻", "' OR 1=1 --"])
def test_any_text_can_be_a_key(meeting, key):
    assert meeting.says(meeting.ann, "hello", key) == meeting.says(meeting.ann, "hello", key)


def test_the_server_s_own_keys_differ_and_fit():
    keys = {messages.new_key() for _ in range(100)}
    assert len(keys) == 100
    assert max(map(len, keys)) <= messages.KEY


def test_twenty_who_post_with_one_key_at_once_get_one_message(meeting):
    results = at_once(*[lambda: meeting.says(meeting.ann, "hello", "key-1", PLAN)] * 20)
    assert len(results) == 20
    assert set(results) == {results[0]}
    assert isinstance(results[0], messages.Message)
    assert (count(meeting), meeting.room.revision, len(results[0].files)) == (1, 1, 1)


# --- editing, deleting, bringing back


def test_an_edit_is_a_change_that_is_marked(meeting):
    said = meeting.says(meeting.ann, "helo")
    meeting.says(meeting.bob, "hi")
    edited = meeting.edits(meeting.ann, said, "hello\r\n")
    assert (edited.text, edited.made, edited.revision) == ("hello", 1, 3)
    assert edited.edited_at is not None
    assert edited.posted_at == said.posted_at


def test_an_edit_that_changes_nothing_is_no_change(meeting):
    said = meeting.says(meeting.ann, "hello")
    assert meeting.edits(meeting.ann, said, "hello\n\n") == said
    assert meeting.room.revision == 1


@pytest.mark.parametrize("words", ["", "a" * 10_001])
def test_an_edit_keeps_the_limits_of_a_message(meeting, words):
    said = meeting.says(meeting.ann, "hello")
    with pytest.raises(Wrong):
        meeting.edits(meeting.ann, said, words)
    assert meeting.room.revision == 1


def test_the_words_beside_a_photo_can_be_taken_away(meeting):
    said = meeting.says(meeting.ann, "beans", "", BEANS)
    edited = meeting.edits(meeting.ann, said, "")
    assert (edited.text, len(edited.files)) == ("", 1)


def test_a_deletion_leaves_a_tombstone_and_is_one_change(meeting):
    said = meeting.says(meeting.ann, "oops")
    gone = meeting.removes(meeting.ann, said)
    assert (gone.id, gone.made, gone.revision) == (said.id, 1, 2)
    assert gone.deleted_at is not None and gone.may_be_restored
    assert meeting.removes(meeting.ann, said) == gone
    assert (count(meeting), meeting.room.revision) == (1, 2)


def test_a_deletion_can_be_undone(meeting):
    said = meeting.says(meeting.ann, "hello", "", BEANS)
    back = meeting.restores(meeting.ann, meeting.removes(meeting.ann, said))
    assert (back.text, back.files, back.deleted_at) == ("hello", said.files, None)
    assert (back.made, back.revision) == (1, 3)
    assert meeting.restores(meeting.ann, back) == back
    assert meeting.room.revision == 3


@pytest.mark.parametrize(
    ("passed", "possible"),
    [(timedelta(minutes=9, seconds=50), True), (timedelta(minutes=10), False)],
)
def test_a_deletion_can_be_undone_for_ten_minutes(meeting, passed, possible):
    gone = meeting.removes(meeting.ann, meeting.says(meeting.ann, "hello"))
    make_older(meeting, gone, deleted_at=passed)
    with meeting.db.reading() as c:
        assert messages.get(c, gone.id).may_be_restored is possible
    if possible:
        assert meeting.restores(meeting.ann, gone).deleted_at is None
    else:
        with pytest.raises(Forbidden, match="ten minutes have passed"):
            meeting.restores(meeting.ann, gone)
        assert meeting.room.revision == 2


def test_what_is_deleted_cannot_be_edited(meeting):
    gone = meeting.removes(meeting.ann, meeting.says(meeting.ann, "hello"))
    with pytest.raises(Forbidden):
        meeting.edits(meeting.ann, gone, "other")


def test_only_who_wrote_it_can_change_it(meeting):
    said, other = meeting.says(meeting.ann, "hello"), meeting.bob
    for act in (
        lambda: meeting.edits(other, said, "mine now"),
        lambda: meeting.removes(other, said),
        lambda: meeting.restores(other, said),
    ):
        with pytest.raises(Forbidden):
            act()
    assert (meeting.room.revision, count(meeting)) == (1, 1)


def test_an_owner_deletes_it_and_alone_brings_it_back(meeting):
    said = meeting.says(meeting.ann, "hello")
    with pytest.raises(Forbidden):
        meeting.edits(meeting.miriam, said, "mine now")
    gone = meeting.removes(meeting.miriam, said)
    assert (gone.deleted_by, gone.revision) == (meeting.miriam.id, 2)
    assert meeting.removes(meeting.ann, gone).deleted_by == meeting.miriam.id
    with pytest.raises(Forbidden, match="Only who deleted"):
        meeting.restores(meeting.ann, gone)
    back = meeting.restores(meeting.miriam, gone)
    assert (back.deleted_at, back.deleted_by, back.revision) == (None, None, 3)


def test_of_two_who_delete_it_at_once_one_did(meeting):
    for number in range(1, 6):
        said = meeting.says(meeting.ann, f"hello {number}")
        ann, miriam = at_once(
            lambda said=said: meeting.removes(meeting.ann, said),
            lambda said=said: meeting.removes(meeting.miriam, said),
        )
        assert ann.deleted_by == miriam.deleted_by
        assert ann.revision == miriam.revision == meeting.room.revision == 2 * number


@pytest.mark.parametrize("message_id", [0, 4711, 10**18 - 1, 2**63 - 1])
def test_a_message_that_is_not_there_is_missing(meeting, message_id):
    with meeting.db.reading() as c, pytest.raises(Missing):
        messages.get(c, message_id)


def test_a_message_shows_its_author_as_they_are_now(meeting):
    said = meeting.says(meeting.ann, "hello")
    with meeting.db.writing() as c:
        people.describe(c, meeting.ann, "Ann Lee", "", "0a1b")
        found = messages.get(c, said.id)
    assert (found.author, found.picture) == ("Ann Lee", "0a1b")


# --- all at once


def test_writers_at_once_never_share_or_skip_a_revision(meeting):
    def writes(who):
        changes = []
        for number in range(4):
            said = meeting.says(who, f"{who.name} {number}")
            changes.append(said.revision)
            changes.append(meeting.edits(who, said, f"{who.name} {number}!").revision)
            changes.append(meeting.removes(who, said).revision)
        return changes

    writers = [meeting.ann, meeting.bob, meeting.miriam] * 2
    results = at_once(*[lambda who=who: writes(who) for who in writers])
    assert not [result for result in results if isinstance(result, Refused | Exception)]
    revisions = [revision for changes in results for revision in changes]
    assert sorted(revisions) == list(range(1, 6 * 12 + 1))
    assert all(changes == sorted(changes) for changes in results)
    assert meeting.room.revision == 72


def test_messages_at_once_stand_in_the_order_of_their_revisions(meeting):
    at_once(*[lambda who=who: meeting.says(who, "hi") for who in [meeting.ann, meeting.bob] * 8])
    with meeting.db.reading() as c:
        found = reading.read(c)
    assert [message.made for message in found] == list(range(1, 17))
    assert [message.previous_at for message in found][1:] == [
        message.posted_at for message in found
    ][:-1]


def test_an_edit_and_a_deletion_at_once_are_two_changes_and_it_stays_deleted(meeting):
    said = meeting.says(meeting.ann, "hello")
    for _ in range(5):
        results = at_once(
            lambda: meeting.edits(meeting.ann, said, f"hello {meeting.room.revision}"),
            lambda: meeting.removes(meeting.ann, said),
        )
        assert isinstance(results[1], messages.Message)
        with meeting.db.reading() as c:
            assert messages.get(c, said.id).deleted_at is not None
        meeting.restores(meeting.ann, said)
