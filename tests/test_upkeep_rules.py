"""Looking after a room: name, kind, archive, lock, end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing, Wrong
from parley.talk import company, direct, messages, people, rooms, sanctions, upkeep
from parley.talk.clock import FOREVER
from parley.talk.uploads import Upload
from tests.meeting import Meeting
from tests.test_company_rules import does, log, made, present, removal, voided


def described(meeting: Meeting, who, room: rooms.Room, kind: str, *staying: int, name="Garden"):
    return does(meeting, upkeep.describe, who, room, (name, "", kind), staying)


def as_it_is(meeting: Meeting, room: rooms.Room) -> rooms.Room:
    with meeting.db.reading() as c:
        found = rooms.find(c, room.id)
        assert found
        return found


def test_its_maker_gives_it_another_name_and_topic(meeting):
    room = made(meeting)
    assert does(meeting, upkeep.describe, meeting.ann, room, (" Beds ", "who waters", "open")) == 0
    found = as_it_is(meeting, room)
    assert (found.name, found.topic, found.kind) == ("Beds", "who waters", "open")
    assert log(meeting) == [(meeting.ann.id, "changed {room}", None, room.id)]


def test_two_rooms_may_have_one_name(meeting):
    first, second = made(meeting), made(meeting)
    assert first.id != second.id and first.name == second.name


@pytest.mark.parametrize(
    ("name", "topic", "kind", "field"),
    [("", "", "open", "name"), ("Beds", "a" * 251, "open", "topic"), ("Beds", "", "direct", "kind"),
     ("Beds", "", "", "kind")],
)  # fmt: skip
def test_what_cannot_be_said_of_a_room_changes_nothing(meeting, name, topic, kind, field):
    room = made(meeting)
    with pytest.raises(Wrong) as refused:
        does(meeting, upkeep.describe, meeting.ann, room, (name, topic, kind))
    assert refused.value.field == field
    assert as_it_is(meeting, room) == room


def test_who_did_not_make_it_changes_nothing(meeting):
    room = made(meeting)
    for act in (
        lambda: described(meeting, meeting.bob, room, "closed", meeting.ann.id),
        lambda: does(meeting, upkeep.mark, meeting.bob, room, "archive"),
        lambda: does(meeting, upkeep.mark, meeting.bob, room, "lock"),
        lambda: does(meeting, upkeep.mark, meeting.ann, room, "lock"),  # moderators lock
        lambda: does(meeting, upkeep.delete_all, meeting.ann, room, "Garden"),  # owners delete
    ):
        with pytest.raises(Forbidden):
            act()
    assert as_it_is(meeting, room) == room and log(meeting) == []


def test_a_room_that_is_closed_keeps_who_was_chosen_and_the_others_are_out(meeting):
    room = made(meeting)
    with meeting.db.writing() as c:
        carla = people.join(c, "Carla", None)
    assert described(meeting, meeting.ann, room, "closed", meeting.bob.id) == 1
    assert present(meeting, room) == ["Ann", "Bob"]
    assert voided(meeting) == [(None, None, room.id)]
    told = removal(meeting, room, carla)
    assert (told.room, told.by, told.until) == ("Garden", None, FOREVER)
    with pytest.raises(Missing):
        does(meeting, company.enter, carla, room.id)


def test_who_closes_a_room_says_who_stays(meeting):
    room = made(meeting)
    for staying in ([], [meeting.ann.id]):
        with pytest.raises(Wrong) as refused:
            described(meeting, meeting.ann, room, "closed", *staying)
        assert refused.value.field == "people"
    assert len(present(meeting, room)) == 3 and as_it_is(meeting, room).kind == "open"


@pytest.mark.parametrize("kind", ["open", "announcement"])
def test_when_it_opens_all_are_in_it_but_who_was_removed_by_somebody(meeting, kind):
    room = made(meeting)
    with meeting.db.writing() as c:
        people.join(c, "Carla", None)
    does(meeting, company.remove, meeting.ann, room, meeting.bob.id, FOREVER)
    described(meeting, meeting.ann, room, "closed", meeting.miriam.id)
    assert present(meeting, room) == ["Ann", "Miriam"]
    described(meeting, meeting.ann, as_it_is(meeting, room), kind)
    assert present(meeting, room) == ["Ann", "Carla", "Miriam"]
    assert removal(meeting, room, meeting.bob).by == "Ann"


def test_who_saves_a_room_that_was_closed_meanwhile_opens_it_for_all(meeting):
    room = made(meeting)
    described(meeting, meeting.ann, room, "closed", meeting.bob.id)
    described(meeting, meeting.ann, room, "open")  # `room` is as their page still shows it
    assert present(meeting, room) == ["Ann", "Bob", "Miriam"]


def test_from_open_to_announcement_everybody_stays(meeting):
    room = made(meeting)
    assert described(meeting, meeting.ann, room, "announcement") == 0
    assert len(present(meeting, room)) == 3 and voided(meeting) == []


def test_an_archived_room_can_be_read_and_comes_back(meeting):
    room = made(meeting)
    does(meeting, upkeep.mark, meeting.ann, room, "archive")
    archived = as_it_is(meeting, room)
    assert datetime.now(UTC) >= archived.archived_at
    with meeting.db.reading() as c:
        assert "archived" in rooms.why_not(c, meeting.miriam, archived)
        assert company.elsewhere(c, meeting.bob) == []
    does(meeting, upkeep.mark, meeting.miriam, archived, "unarchive")
    assert replace(as_it_is(meeting, room), revision=0, head=0) == room
    assert [act for _, act, *_ in log(meeting)] == ["archived {room}", "brought back {room}"]


def test_a_locked_room_is_for_moderators_until_it_is_unlocked(meeting):
    room = made(meeting)
    does(meeting, upkeep.mark, meeting.miriam, room, "lock")
    locked = as_it_is(meeting, room)
    with meeting.db.reading() as c:
        assert "write here" in rooms.why_not(c, meeting.ann, locked)
        assert not rooms.why_not(c, meeting.miriam, locked)
    does(meeting, upkeep.mark, meeting.miriam, locked, "unlock")
    assert replace(as_it_is(meeting, room), revision=0, head=0) == room
    assert [act for _, act, *_ in log(meeting)] == ["locked {room}", "unlocked {room}"]


def test_what_was_said_is_not_changed_where_one_may_not_write(meeting):
    message = meeting.says(meeting.ann, "hello")
    does(meeting, upkeep.mark, meeting.miriam, meeting.room, "lock")
    with pytest.raises(Forbidden, match="write here"):
        meeting.edits(meeting.ann, message, "something else")
    assert meeting.removes(meeting.ann, message).deleted_at


def full(meeting: Meeting) -> rooms.Room:
    """A room with everything that can hang on one."""
    room = made(meeting)
    photo = Upload("a.png", "image/png", 3, "aa", "aa", 1, 1, None, None)
    with meeting.db.writing() as c:
        said = messages.post(c, room, meeting.bob, messages.draft("look, @Ann", "", [photo]))
        link = c.scalar(select(tables.links.c.id))
        c.execute(insert(tables.link_rooms).values(link_id=link, room_id=room.id))
        now = datetime.now(UTC)
        c.execute(
            insert(tables.reports).values(
                message_id=said.id, by_id=meeting.ann.id, reason="", made_at=now
            )
        )
    return room


def test_a_deleted_room_takes_everything_with_it_and_nothing_else(meeting):
    kept = meeting.says(meeting.ann, "stays")
    room = full(meeting)
    assert does(meeting, upkeep.delete_all, meeting.miriam, room, " garden ") == 1
    assert voided(meeting) == [(None, None, room.id)]
    of = tables.messages.c
    with meeting.db.reading() as c:
        assert rooms.find(c, room.id) is None
        assert list(c.scalars(select(of.id))) == [kept.id]
        for table in (tables.files, tables.reports, tables.link_rooms, tables.notices):
            assert c.scalar(select(func.count()).select_from(table)) == 0
        assert list(c.scalars(select(tables.memberships.c.room_id).distinct())) == [rooms.LOBBY]
    assert log(meeting) == [(meeting.miriam.id, "deleted {room}", None, room.id)]


def test_a_post_on_its_way_into_a_deleted_room_finds_none(meeting):
    room = made(meeting)
    does(meeting, upkeep.delete_all, meeting.miriam, room, "Garden")
    with pytest.raises(Missing):
        does(meeting, messages.post, room, meeting.ann, messages.draft("late", ""))


def deserted(meeting: Meeting, who) -> list[str]:
    with meeting.db.reading() as c:
        return [room.name for room in company.deserted(c, who)]


def test_a_closed_room_that_all_have_left_an_owner_deletes_without_having_read_it(meeting):
    room = made(meeting, "closed", meeting.bob)
    does(meeting, company.leave, meeting.ann, room)
    assert deserted(meeting, meeting.miriam) == [], "Bob is in it"
    for who in (meeting.miriam, meeting.ann):
        with pytest.raises(Missing):
            does(meeting, upkeep.find, who, room.id)
    does(meeting, sanctions.remove, meeting.miriam, meeting.bob, "day")
    assert deserted(meeting, meeting.miriam) == [], "he comes back"
    does(meeting, sanctions.ban, meeting.miriam, meeting.bob)
    assert deserted(meeting, meeting.miriam) == ["Garden"] and deserted(meeting, meeting.ann) == []
    with pytest.raises(Missing):
        does(meeting, rooms.get, meeting.miriam, room.id)
    with pytest.raises(Missing):
        does(meeting, upkeep.find, meeting.ann, room.id)
    found = does(meeting, upkeep.find, meeting.miriam, room.id)
    does(meeting, upkeep.delete_all, meeting.miriam, found, "Garden")
    assert deserted(meeting, meeting.miriam) == []


def test_who_deletes_a_room_types_its_name(meeting):
    room = full(meeting)
    with pytest.raises(Wrong) as refused:
        does(meeting, upkeep.delete_all, meeting.miriam, room, "Gardens")
    assert refused.value.field == "name"
    assert as_it_is(meeting, room) and voided(meeting) == []


def test_the_lobby_stays(meeting):
    room, ann = meeting.room, meeting.ann.id
    for act in (
        lambda: does(meeting, upkeep.mark, meeting.miriam, room, "archive"),
        lambda: does(meeting, upkeep.delete_all, meeting.miriam, room, "Lobby"),
        lambda: described(meeting, meeting.miriam, room, "closed", ann, name="Lobby"),
    ):
        with pytest.raises(Forbidden, match="Lobby"):
            act()
    assert as_it_is(meeting, room) == room


def test_a_conversation_stays_what_it_is(meeting):
    room_id = does(meeting, direct.start, meeting.miriam, [meeting.ann.id])
    with meeting.db.reading() as c:
        room = rooms.get(c, meeting.miriam, room_id)
    for act in (
        lambda: described(meeting, meeting.miriam, room, "open"),
        lambda: does(meeting, upkeep.mark, meeting.miriam, room, "archive"),
        lambda: does(meeting, upkeep.mark, meeting.miriam, room, "lock"),
        lambda: does(meeting, upkeep.delete_all, meeting.miriam, room, room.name),
        lambda: does(meeting, company.add, meeting.miriam, room, [meeting.bob.id]),
        lambda: does(meeting, company.remove, meeting.miriam, room, meeting.ann.id, FOREVER),
        lambda: does(meeting, company.leave, meeting.miriam, room),
    ):
        with pytest.raises(Forbidden, match="conversation"):
            act()
    assert as_it_is(meeting, room) == room and present(meeting, room) == ["Ann", "Miriam"]


def test_who_made_it_and_when_is_known(meeting):
    room = made(meeting)
    with meeting.db.reading() as c:
        assert room.made_by == meeting.ann.id
        assert rooms.made_at(c, room) <= datetime.now(UTC)


def test_who_is_muted_says_nothing_by_the_names_of_rooms_either(meeting):
    room = made(meeting)
    with meeting.db.writing() as c:
        until = datetime.now(UTC) + timedelta(hours=1)
        c.execute(update(tables.people).values(muted_until=until))
        ann = people.get(c, meeting.ann.id)
        assert not company.may_change(ann, room)
        for act in (
            lambda: rooms.make(c, ann, "Loud"),
            lambda: upkeep.describe(c, ann, room, ("Loud", "", "open")),
            lambda: company.add(c, ann, room, [meeting.bob.id]),
        ):
            with pytest.raises(Forbidden, match="You were muted"):
                act()
