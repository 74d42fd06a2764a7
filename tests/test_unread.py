"""What is unread, for whom, and in which order rooms are listed: on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from parley.store import tables
from parley.store.errors import Busy, Wrong
from parley.talk import direct, feed, leaving, memberships, messages, people, rooms, unread
from parley.talk.marks import Marks
from tests.meeting import Meeting

OF = tables.memberships.c


def listed(meeting: Meeting, who: people.Person) -> unread.List:
    with meeting.db.reading() as c:
        return unread.listed(c, who)


def counts(meeting: Meeting, who: people.Person) -> dict[str, str]:
    """The counts of all rooms that have one."""
    found = (room for room in listed(meeting, who).all if room.unread)
    return {room.name: unread.up_to_most(room.unread) for room in found}


def make(meeting: Meeting, name: str, kind: str, *others: people.Person) -> int:
    with meeting.db.writing() as c:
        if kind == rooms.DIRECT:
            return direct.start(c, meeting.ann, [person.id for person in others])
        room_id = rooms.make(c, meeting.ann, name, kind=kind)
        memberships.bring(c, room_id, [person.id for person in others])
        return room_id


def says(meeting: Meeting, who: people.Person, room_id: int, *said: str) -> list[messages.Message]:
    with meeting.db.writing() as c:
        room = rooms.get(c, who, room_id)
        return [messages.post(c, room, who, messages.draft(text, "")) for text in said]


def reads(meeting: Meeting, who: people.Person, room_id: int, revision: int) -> None:
    with meeting.db.writing() as c:
        memberships.has_seen(c, who.id, room_id, revision)


def opens(meeting: Meeting, who: people.Person) -> tuple[feed.Stretch, int | None]:
    """What the Lobby shows to who comes in."""
    with meeting.db.reading() as c:
        mine = unread.listed(c, who).room(rooms.LOBBY)
        new, is_near = unread.first(c, who, rooms.LOBBY, mine.seen)
        assert new is None or feed.is_near_end(c, meeting.room, new) == is_near
        return feed.newest(c, meeting.room) if is_near else feed.around(c, meeting.room, new), new


# ---- Counting ----


def test_what_others_said_since_is_unread_and_ones_own_is_not(meeting):
    assert counts(meeting, meeting.bob) == {}
    meeting.says(meeting.ann, "one")
    meeting.says(meeting.bob, "two")
    meeting.says(meeting.miriam, "three")
    assert counts(meeting, meeting.bob) == {"Lobby": "2"}
    assert counts(meeting, meeting.ann) == {"Lobby": "2"}
    reads(meeting, meeting.bob, rooms.LOBBY, 1)
    assert counts(meeting, meeting.bob) == {"Lobby": "1"}
    reads(meeting, meeting.bob, rooms.LOBBY, 3)
    assert counts(meeting, meeting.bob) == {}


def test_what_was_deleted_is_not_unread_and_an_edit_or_a_return_is_nothing_new(meeting):
    message = meeting.says(meeting.ann, "one")
    meeting.says(meeting.ann, "two")
    meeting.removes(meeting.ann, message)
    assert counts(meeting, meeting.bob) == {"Lobby": "1"}
    reads(meeting, meeting.bob, rooms.LOBBY, 3)
    meeting.restores(meeting.ann, message)
    meeting.edits(meeting.ann, message, "otherwise")
    assert counts(meeting, meeting.bob) == {}


def test_each_room_is_counted_by_itself_and_up_to_99(meeting):
    garden = make(meeting, "Garden", "open")
    says(meeting, meeting.ann, garden, *map(str, range(99)))
    meeting.says(meeting.ann, "hello")
    assert counts(meeting, meeting.bob) == {"Lobby": "1", "Garden": "99"}
    says(meeting, meeting.ann, garden, "one", "two", "three")
    assert counts(meeting, meeting.bob) == {"Lobby": "1", "Garden": "99+"}
    assert listed(meeting, meeting.bob).room(garden).unread == 100  # no further
    assert listed(meeting, meeting.bob).calling == 2


def test_from_here_on_unread_again_also_before_what_had_been_read(meeting):
    said = [meeting.says(meeting.ann, text) for text in ("one", "two", "three")]
    reads(meeting, meeting.bob, rooms.LOBBY, 3)
    with meeting.db.writing() as c:
        unread.again_from(c, meeting.bob, said[1])
    assert counts(meeting, meeting.bob) == {"Lobby": "2"}
    assert opens(meeting, meeting.bob)[1] == said[1].id
    assert counts(meeting, meeting.miriam) == {"Lobby": "3"}, "only for who asked"


def test_all_is_read_in_every_room(meeting):
    garden = make(meeting, "Garden", "open")
    says(meeting, meeting.ann, garden, "one")
    meeting.says(meeting.ann, "two")
    with meeting.db.writing() as c:
        unread.read_all(c, meeting.bob)
    assert counts(meeting, meeting.bob) == {}
    assert counts(meeting, meeting.miriam) == {"Lobby": "1", "Garden": "1"}
    says(meeting, meeting.ann, garden, "three")
    assert counts(meeting, meeting.bob) == {"Garden": "1"}


# ---- Which rooms, and in which order ----


def test_rooms_stand_in_their_order_and_direct_ones_by_their_newest_message(meeting):
    make(meeting, "Garden", "closed", meeting.bob)
    one = make(meeting, "direct", "direct", meeting.bob)
    two = make(meeting, "direct", "direct", meeting.bob, meeting.miriam)
    says(meeting, meeting.ann, two, "first")
    says(meeting, meeting.ann, one, "second")
    found = listed(meeting, meeting.bob)
    assert [room.name for room in found.rooms] == ["Lobby", "Garden"]
    assert [room.name for room in found.direct] == ["Ann", "Ann, Miriam"]
    assert [one.id for one in found.direct[1].others] == [meeting.ann.id, meeting.miriam.id]
    says(meeting, meeting.ann, two, "third")
    assert [room.id for room in listed(meeting, meeting.bob).direct] == [two, one]
    assert listed(meeting, meeting.miriam).room(one) is None


def test_what_is_archived_or_taken_away_is_not_listed(meeting):
    garden = make(meeting, "Garden", "open")
    with meeting.db.writing() as c:
        archived = update(tables.rooms).where(tables.rooms.c.id == garden)
        c.execute(archived.values(archived_at=datetime.now(UTC)))
        theirs = (OF.person_id == meeting.bob.id, OF.room_id == rooms.LOBBY)
        until = datetime.now(UTC) + timedelta(minutes=1)
        c.execute(update(tables.memberships).where(*theirs).values(out_until=until))
    assert listed(meeting, meeting.bob).all == []
    assert [room.name for room in listed(meeting, meeting.ann).all] == ["Lobby"]


def test_a_conversation_of_two_with_somebody_blocked_is_left_out(meeting):
    two = make(meeting, "direct", "direct", meeting.bob)
    three = make(meeting, "direct", "direct", meeting.bob, meeting.miriam)
    says(meeting, meeting.ann, two, "hello")
    with meeting.db.writing() as c:
        row = {"person_id": meeting.bob.id, "blocked_id": meeting.ann.id}
        c.execute(insert(tables.blocks).values(row))
    assert [room.id for room in listed(meeting, meeting.bob).direct] == [three]
    assert listed(meeting, meeting.bob).calling == 0
    assert {room.id for room in listed(meeting, meeting.ann).direct} == {two, three}


def test_a_conversation_with_a_former_member_says_so(meeting):
    two = make(meeting, "direct", "direct", meeting.bob)
    make(meeting, "direct", "direct", meeting.bob, meeting.miriam)
    with meeting.db.writing() as c:
        leaving.leave(c, meeting.bob, False)
        names = [room.name for room in unread.listed(c, meeting.ann).direct]
        assert set(names) == {"Former member", "Former member, Miriam"}
        assert direct.named(c, meeting.ann, [rooms.get(c, meeting.ann, two)])[0].name in names


def test_a_muted_room_does_not_call_and_a_hidden_one_stands_apart(meeting):
    garden = make(meeting, "Garden", "open")
    says(meeting, meeting.ann, garden, "one")
    for level, calling in (("mute", 0), ("hide", 0), ("all", 1)):
        with meeting.db.writing() as c:
            unread.set_notify(c, meeting.bob, garden, level)
        found = listed(meeting, meeting.bob)
        assert found.calling == calling
        assert found.room(garden).unread == 1
        assert [room.name for room in found.hidden] == (["Garden"] if level == "hide" else [])
        assert len(found.rooms) + len(found.hidden) == 2
    assert listed(meeting, meeting.miriam).calling == 1
    with meeting.db.writing() as c, pytest.raises(Wrong):
        unread.set_notify(c, meeting.bob, garden, "loud")


# ---- Opening ----


def test_a_room_opens_at_its_end_and_says_where_the_new_begins(meeting):
    said = [meeting.says(meeting.ann, str(number)) for number in range(60)]
    reads(meeting, meeting.bob, rooms.LOBBY, said[49].made)
    meeting.removes(meeting.ann, said[50])
    stretch, new = opens(meeting, meeting.bob)
    assert new == said[51].id
    assert not stretch.newer and stretch.messages[-1].id == said[-1].id
    assert opens(meeting, meeting.ann)[1] is None, "one's own is not new"


def test_with_more_than_fits_it_opens_around_the_first_unread(meeting):
    said = [meeting.says(meeting.ann, str(number)) for number in range(90)]
    reads(meeting, meeting.bob, rooms.LOBBY, said[29].made)
    stretch, new = opens(meeting, meeting.bob)
    assert new == said[30].id
    assert stretch.older and stretch.newer
    assert said[29].id in [message.id for message in stretch.messages]
    assert new in [message.id for message in stretch.messages]


# ---- The tag ----


def test_the_tag_is_another_as_soon_as_the_list_is_and_no_sooner(meeting):
    direct = make(meeting, "direct", "direct", meeting.bob)
    make(meeting, "direct", "direct", meeting.bob, meeting.miriam)
    says(meeting, meeting.ann, direct, *map(str, range(120)))
    known = {listed(meeting, meeting.bob).tag(("Class 7b",))}

    def changes() -> bool:
        tag = listed(meeting, meeting.bob).tag(("Class 7b",))
        is_new = tag not in known
        known.add(tag)
        return is_new

    says(meeting, meeting.ann, direct, "more than 99 anyway")
    assert not changes()
    message = meeting.says(meeting.ann, "hello")
    assert changes()
    meeting.edits(meeting.ann, message, "good evening")
    assert not changes()
    with meeting.db.writing() as c:
        people.describe(c, meeting.ann, "Anna", "", None)
    assert changes()
    with meeting.db.writing() as c:
        unread.set_notify(c, meeting.bob, direct, "mute")
    assert changes()
    assert listed(meeting, meeting.bob).tag(("Class 8b",)) not in known
    garden = make(meeting, "Garden", "open")
    assert changes()
    with meeting.db.writing() as c:
        closed = update(tables.rooms).where(tables.rooms.c.id == garden)
        c.execute(closed.values(kind="announcement"))
    assert changes()


# ---- Marks ----


def test_marks_are_written_together_only_go_on_and_can_be_forgotten(meeting):
    said = [meeting.says(meeting.miriam, str(number)) for number in range(3)]
    marks = Marks(meeting.db)
    marks.note(meeting.bob.id, rooms.LOBBY, said[2].made)
    marks.note(meeting.bob.id, rooms.LOBBY, said[0].made)
    marks.note(meeting.ann.id, rooms.LOBBY, said[1].made)
    marks.write()
    assert counts(meeting, meeting.bob) == {}
    assert counts(meeting, meeting.ann) == {"Lobby": "1"}
    marks.note(meeting.ann.id, rooms.LOBBY, said[2].made)
    marks.forget(meeting.ann.id, rooms.LOBBY)
    marks.write()
    assert counts(meeting, meeting.ann) == {"Lobby": "1"}


def test_marks_write_themselves_and_do_not_wait_for_a_busy_database(meeting, monkeypatch):
    monkeypatch.setattr("parley.talk.marks.SOON", 0.01)
    meeting.says(meeting.miriam, "hello")
    marks = Marks(meeting.db)
    marks.note(meeting.bob.id, rooms.LOBBY, 1)
    marks._timer.join(20)
    assert counts(meeting, meeting.bob) == {}

    def busy(patience):
        raise Busy()

    monkeypatch.setattr(meeting.db, "writing", busy)
    marks.note(meeting.ann.id, rooms.LOBBY, 1)
    marks.write()
    assert counts(meeting, meeting.ann) == {"Lobby": "1"}
