"""Trays: what waits in them, in which order, and that a message takes it along exactly once."""

import threading
import time
from dataclasses import replace

import pytest

from parley.store.errors import Conflict, Forbidden, Missing, Refused, TooLarge, Wrong
from parley.talk import company, media, messages, people, rooms, spaces, trays, upkeep
from parley.talk.reading import File
from tests.meeting import Meeting, at_once
from tests.test_messages_rules import BEANS, PLAN, in_room


def adds(meeting: Meeting, who: people.Person, key: str = "", upload=BEANS, room=None) -> File:
    """Somebody sends a file up."""
    with meeting.db.writing() as c:
        return trays.add(c, who, room or rooms.get(c, who, rooms.LOBBY), upload, key)


def waiting(meeting: Meeting, who: people.Person, room_id: int = rooms.LOBBY) -> list[File]:
    with meeting.db.reading() as c:
        return trays.of(c, who, room_id)


def ids(meeting: Meeting, who: people.Person) -> list[int]:
    return [one.id for one in waiting(meeting, who)]


def moves(meeting: Meeting, file: File, by: int, among=()) -> File | None:
    with meeting.db.writing() as c:
        return trays.move(c, meeting.ann, rooms.LOBBY, file.id, by, among)


def posts(meeting: Meeting, *tray: int | str, words="", key="", **more) -> messages.Message:
    return meeting.says(meeting.ann, words, key, tray=tray, **more)


# --- what waits


def test_what_is_sent_up_waits_for_its_sender_alone_in_that_room(meeting):
    file = adds(meeting, meeting.ann, "k-1")
    assert (file.message_id, file.person_id, file.room_id) == (None, meeting.ann.id, rooms.LOBBY)
    assert (file.name, file.width, file.alt, file.is_photo) == ("beans.jpg", 800, "", True)
    assert waiting(meeting, meeting.ann) == [file]
    garden = in_room(meeting, "Garden")
    assert waiting(meeting, meeting.bob) == waiting(meeting, meeting.ann, garden.id) == []


def test_its_sender_alone_can_look_at_it(meeting):
    file = adds(meeting, meeting.ann)
    with meeting.db.reading() as c:
        assert media.file(c, meeting.ann, file.id) == file
        for other in (meeting.bob, meeting.miriam):
            with pytest.raises(Missing):
                media.file(c, other, file.id)
    posts(meeting, file.id)
    with meeting.db.reading() as c:
        assert media.file(c, meeting.bob, file.id).message_id == 1


def test_the_same_key_is_the_same_file_also_when_it_has_been_posted(meeting):
    file = adds(meeting, meeting.ann, "k-1")
    assert adds(meeting, meeting.ann, "k-1") == file
    assert adds(meeting, meeting.bob, "k-1").id != file.id, "a key is its person's own"
    posts(meeting, file.id)
    assert adds(meeting, meeting.ann, "k-1").id == file.id
    assert waiting(meeting, meeting.ann) == []


def test_without_a_key_each_is_a_file_of_its_own(meeting):
    assert adds(meeting, meeting.ann).id != adds(meeting, meeting.ann).id


def test_one_key_sent_twenty_times_at_once_is_one_file(meeting):
    results = at_once(*[lambda: adds(meeting, meeting.ann, "k-1")] * 20)
    assert {one.id for one in results} == set(ids(meeting, meeting.ann))
    assert len(waiting(meeting, meeting.ann)) == 1


@pytest.mark.parametrize("key", ["k" * 65, "12345"])
def test_what_can_be_no_key_is_refused(meeting, key):
    with pytest.raises(Wrong) as refused:
        adds(meeting, meeting.ann, key)
    assert refused.value.field == "key"


def test_a_key_belongs_to_one_room(meeting):
    adds(meeting, meeting.ann, "k-1")
    with pytest.raises(Conflict):
        adds(meeting, meeting.ann, "k-1", room=in_room(meeting, "Garden"))


def test_a_key_sent_to_two_rooms_at_once_is_taken_in_one(meeting):
    places = [in_room(meeting, name) for name in ("Garden", "Kitchen", "Attic", "Cellar")]
    results = at_once(*[lambda it=it: adds(meeting, meeting.ann, "k-1", room=it) for it in places])
    kinds = sorted(type(one).__name__ for one in results)
    assert kinds == ["Conflict"] * 3 + ["File"]


def test_ten_wait_at_most_however_many_come_at_once(meeting):
    results = at_once(*[lambda: adds(meeting, meeting.ann)] * 14)
    assert sum(isinstance(one, Wrong) for one in results) == 4
    assert len(waiting(meeting, meeting.ann)) == 10
    with meeting.db.reading() as c, pytest.raises(Wrong, match="10 files are the most"):
        trays.must_take(c, meeting.ann, meeting.room, "member")
    posts(meeting, *ids(meeting, meeting.ann))
    adds(meeting, meeting.ann)


def test_who_may_not_send_files_or_write_there_is_told_before_the_work(meeting):
    with meeting.db.writing() as c:
        with pytest.raises(Forbidden, match="Only owners and moderators send files"):
            trays.must_take(c, meeting.ann, meeting.room, "moderator")
        trays.must_take(c, meeting.miriam, meeting.room, "moderator")
        shut = rooms.make(c, meeting.miriam, "News", kind=rooms.ANNOUNCEMENT)
        with pytest.raises(Forbidden):
            trays.must_take(c, meeting.ann, rooms.get(c, meeting.ann, shut), "member")


def test_who_leaves_while_a_file_goes_up_leaves_nothing_in_the_tray(meeting):
    garden = in_room(meeting, "Garden")

    def leaves(meeting=meeting):
        with meeting.db.writing() as c:
            company.leave(c, meeting.ann, garden)

    gone = threading.Thread(target=leaves)
    with meeting.db.writing() as c:
        trays.add(c, meeting.ann, garden, BEANS)
        gone.start()
        time.sleep(0.2)  # it waits for the commit
    gone.join()
    assert waiting(meeting, meeting.ann, garden.id) == []
    with pytest.raises(Missing):
        adds(meeting, meeting.ann, room=garden)
    assert waiting(meeting, meeting.ann, garden.id) == []


def test_a_room_that_is_deleted_while_a_file_goes_up_is_not_there(meeting):
    garden = in_room(meeting, "Garden")
    with meeting.db.writing() as c:
        upkeep.delete_all(c, meeting.miriam, garden, "Garden")
    with pytest.raises(Missing):
        adds(meeting, meeting.ann, "k-1", room=garden)


# --- its order, its words


def test_each_comes_behind_the_others_and_is_moved_among_them(meeting):
    first, second, third = (adds(meeting, meeting.ann) for _ in range(3))
    assert ids(meeting, meeting.ann) == [first.id, second.id, third.id]
    beside = moves(meeting, third, -1)
    assert beside and beside.id == second.id
    assert ids(meeting, meeting.ann) == [first.id, third.id, second.id]
    moves(meeting, first, 1)
    assert ids(meeting, meeting.ann) == [third.id, first.id, second.id]
    assert moves(meeting, third, -1) is moves(meeting, second, 1) is None
    fourth = adds(meeting, meeting.ann)
    assert ids(meeting, meeting.ann) == [third.id, first.id, second.id, fourth.id]


def test_it_changes_places_with_what_a_page_shows_beside_it(meeting):
    first, second, third = (adds(meeting, meeting.ann) for _ in range(3))
    beside = moves(meeting, third, -1, among=[first.id, third.id])
    assert beside and beside.id == first.id
    assert ids(meeting, meeting.ann) == [third.id, second.id, first.id]


def test_it_is_moved_in_the_order_of_the_page_which_an_upload_tried_again_leaves(meeting):
    second, third, first = (adds(meeting, meeting.ann) for _ in range(3))
    page = [first.id, second.id, third.id, first.id, 4711]
    beside = moves(meeting, second, -1, among=page)
    assert beside and beside.id == first.id
    assert ids(meeting, meeting.ann) == [second.id, first.id, third.id]


def test_what_can_be_seen_is_kept_on_one_line(meeting):
    file = adds(meeting, meeting.ann)
    with meeting.db.writing() as c:
        trays.describe(c, meeting.ann, rooms.LOBBY, file.id, " Beans,\r\n blue\tones ")
        with pytest.raises(Wrong) as refused:
            trays.describe(c, meeting.ann, rooms.LOBBY, file.id, "x" * 1001)
    assert refused.value.field == f"alt-{file.id}"
    assert waiting(meeting, meeting.ann)[0].alt == "Beans, blue ones"


def test_nobody_else_moves_describes_or_removes_it(meeting):
    file, other = adds(meeting, meeting.ann), adds(meeting, meeting.ann)
    before = waiting(meeting, meeting.ann)
    with meeting.db.writing() as c:
        assert trays.move(c, meeting.bob, rooms.LOBBY, other.id, -1, []) is None
        trays.describe(c, meeting.bob, rooms.LOBBY, file.id, "mine")
        trays.remove(c, meeting.bob, rooms.LOBBY, file.id)
    assert waiting(meeting, meeting.ann) == before


def test_what_was_posted_is_neither_described_nor_removed_by_a_page_that_still_shows_it(meeting):
    said = posts(meeting, adds(meeting, meeting.ann).id)
    [file] = said.files
    with meeting.db.writing() as c:
        trays.describe(c, meeting.ann, rooms.LOBBY, file.id, "later")
        trays.remove(c, meeting.ann, rooms.LOBBY, file.id)
        assert messages.get(c, said.id).files == (file,)


# --- posting


def test_a_message_takes_along_what_it_names_in_that_order_with_its_words(meeting):
    first, second, third = (adds(meeting, meeting.ann, f"k-{n}") for n in range(3))
    alts = {third.id: " the third ", first.id: ""}
    said = posts(meeting, third.id, "k-0", words="two of three", alts=alts)
    assert [(one.id, one.place, one.alt) for one in said.files] == [
        (third.id, 0, "the third"),
        (first.id, 1, ""),
    ]
    with meeting.db.reading() as c:
        assert messages.get(c, said.id).files == said.files
    assert ids(meeting, meeting.ann) == [second.id]


def test_files_that_come_with_the_message_follow_those_of_the_tray(meeting):
    file = adds(meeting, meeting.ann)
    said = meeting.says(meeting.ann, "", "", PLAN, tray=[file.id])
    assert [(one.name, one.place) for one in said.files] == [("beans.jpg", 0), ("plan.pdf", 1)]


def test_a_reply_apart_takes_it_along_too(meeting):
    said = meeting.says(meeting.bob, "which beans?")
    file = adds(meeting, meeting.ann)
    reply = posts(meeting, file.id, reply_to=said.id, apart=True)
    assert [one.id for one in reply.files] == [file.id]


@pytest.mark.parametrize("named", ["id", "key"])
def test_the_same_again_is_the_same_message_by_whichever_name(meeting, named):
    file = adds(meeting, meeting.ann, "k-1")
    first = posts(meeting, "k-1", key="m-1", words="beans")
    again = file.id if named == "id" else "k-1"
    assert posts(meeting, again, key="m-1", words="beans") == first
    for other in ((), (adds(meeting, meeting.ann).id,)):
        with pytest.raises(Conflict):
            posts(meeting, *other, key="m-1", words="beans")
    assert meeting.room.revision == 1


def test_twenty_who_post_it_at_once_with_one_key_get_one_message(meeting):
    file = adds(meeting, meeting.ann)
    results = at_once(*[lambda: posts(meeting, file.id, key="m-1")] * 20)
    assert set(results) == {results[0]} and len(results[0].files) == 1


def test_of_two_messages_at_once_one_has_it_and_the_other_is_refused_whole(meeting):
    for number in range(1, 6):
        file, other = adds(meeting, meeting.ann), adds(meeting, meeting.ann)
        results = at_once(
            lambda file=file: posts(meeting, file.id, words="one"),
            lambda file=file, other=other: posts(meeting, other.id, file.id, words="two"),
        )
        refused = [one for one in results if isinstance(one, Refused)]
        assert [one.field for one in refused] == ["tray"]
        assert meeting.room.revision == number, "nothing of it was written"
        with meeting.db.writing() as c:
            trays.remove(c, meeting.ann, rooms.LOBBY, other.id)


def test_what_is_removed_while_it_is_posted_is_one_or_the_other(meeting):
    for _ in range(5):
        file = adds(meeting, meeting.ann)

        def removes(file=file):
            with meeting.db.writing() as c:
                trays.remove(c, meeting.ann, rooms.LOBBY, file.id)

        said, _ = at_once(lambda file=file: posts(meeting, file.id, words="with it"), removes)
        assert isinstance(said, Wrong) or [one.id for one in said.files] == [file.id]
        assert waiting(meeting, meeting.ann) == []


@pytest.mark.parametrize("whose", ["nobody", "another's", "another room's", "gone", "posted"])
def test_what_is_not_in_ones_tray_there_is_not_posted(meeting, whose):
    file = adds(meeting, meeting.ann)
    mine = adds(meeting, meeting.ann)
    if whose == "nobody":
        file = replace(file, id=4711)
    elif whose == "another's":
        file = adds(meeting, meeting.bob)
    elif whose == "another room's":
        file = adds(meeting, meeting.ann, room=in_room(meeting, "Garden"))
    elif whose == "gone":
        with meeting.db.writing() as c:
            trays.remove(c, meeting.ann, rooms.LOBBY, file.id)
    else:
        posts(meeting, file.id)
    before = meeting.room.revision
    with pytest.raises(Wrong, match="no longer here") as refused:
        posts(meeting, mine.id, file.id, words="both", key="m-2")
    assert refused.value.field == "tray"
    assert meeting.room.revision == before
    assert mine.id in ids(meeting, meeting.ann), "what is refused leaves all where it was"
    assert posts(meeting, mine.id, words="both", key="m-2").files, "and the key free"


def test_an_upload_that_has_not_arrived_is_not_posted(meeting):
    adds(meeting, meeting.bob, "k-1")
    with pytest.raises(Wrong, match="has not gone up"):
        posts(meeting, "k-1", words="with it")
    assert meeting.room.revision == 0


def test_who_may_send_files_is_asked_at_the_post_but_not_of_what_was_posted(meeting):
    first, second = adds(meeting, meeting.ann), adds(meeting, meeting.ann)
    said = posts(meeting, first.id, key="m-1")
    with meeting.db.writing() as c:
        spaces.change(c, meeting.miriam, {"sends_files": "moderator"})
    for files in ({"tray": [second.id]}, {"uploads": [PLAN]}):
        with meeting.db.writing() as c, pytest.raises(Forbidden, match="send files here"):
            messages.post(c, meeting.room, meeting.ann, messages.draft("", "", **files))
    assert ids(meeting, meeting.ann) == [second.id]
    assert posts(meeting, first.id, key="m-1") == said, "only its answer was lost"
    posts(meeting, words="words alone")


def test_a_message_has_ten_files_at_most_wherever_they_come_from(meeting):
    with pytest.raises(TooLarge):
        messages.draft("", "", [PLAN], tray=list(range(1, 11)))
