"""Direct rooms: the same people, the same room."""

import pytest
from sqlalchemy import event, func, insert, select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing, Wrong
from parley.talk import company, direct, messages, people, rooms, sanctions
from tests.meeting import Meeting, at_once
from tests.test_company_rules import does, present


def started(meeting: Meeting, who: people.Person, *others: people.Person) -> int:
    return does(meeting, direct.start, who, [one.id for one in others])


def more(meeting: Meeting, count: int) -> list[people.Person]:
    with meeting.db.writing() as c:
        return [people.join(c, f"Guest {number}", None) for number in range(count)]


def blocks(meeting: Meeting, who: people.Person, whom: people.Person) -> None:
    row = {"person_id": who.id, "blocked_id": whom.id}
    does(meeting, lambda c: c.execute(insert(tables.blocks).values(row)))


def seen(meeting: Meeting, who: people.Person, room_id: int) -> rooms.Room:
    with meeting.db.reading() as c:
        return direct.named(c, who, [rooms.get(c, who, room_id)])[0]


def test_the_same_people_always_get_the_same_room(meeting):
    ann, bob, miriam = meeting.ann, meeting.bob, meeting.miriam
    pair = started(meeting, ann, bob)
    assert started(meeting, bob, ann) == started(meeting, ann, bob, ann) == pair
    assert present(meeting, seen(meeting, ann, pair)) == ["Ann", "Bob"]
    three = started(meeting, ann, bob, miriam)
    assert three != pair and started(meeting, miriam, ann, bob) == three
    with pytest.raises(Missing):
        seen(meeting, miriam, pair)


def test_two_who_begin_at_once_get_one_room(meeting):
    ann, bob = meeting.ann, meeting.bob
    acts = [lambda: started(meeting, ann, bob), lambda: started(meeting, bob, ann)] * 4
    found = at_once(*acts)
    assert len(set(found)) == 1 and isinstance(found[0], int), found
    with meeting.db.reading() as c:
        kinds = c.scalar(select(func.count()).where(tables.rooms.c.kind == "direct"))
        assert kinds == 1


def test_each_sees_the_names_and_pictures_of_the_others_with_one_question(meeting):
    ann, bob, miriam = meeting.ann, meeting.bob, meeting.miriam
    with meeting.db.writing() as c:
        c.execute(update(tables.people).where(tables.people.c.id == bob.id).values(picture="abc"))
    pair, three = started(meeting, ann, bob), started(meeting, miriam, ann, bob)
    assert seen(meeting, ann, pair).name == "Bob" and seen(meeting, bob, pair).name == "Ann"
    assert seen(meeting, ann, three).name == "Bob, Miriam"
    assert seen(meeting, bob, three).name == "Ann, Miriam"
    assert seen(meeting, ann, pair).others == (rooms.Other(bob.id, "Bob", "abc"),)
    asked = []
    with meeting.db.reading() as c:
        listed = rooms.seen_by(c, ann)
        event.listen(c, "before_cursor_execute", lambda *what: asked.append(what[2]))
        names = [room.name for room in direct.named(c, ann, listed)]
        assert names == ["Lobby", "Bob", "Bob, Miriam"] and len(asked) == 1
        assert direct.named(c, ann, listed[:1]) == listed[:1] and len(asked) == 1


def test_nobody_and_too_many_are_refused(meeting):
    for others in ([], [meeting.ann], more(meeting, 8)):
        with pytest.raises(Wrong) as refused:
            started(meeting, meeting.ann, *others)
        assert refused.value.field == "people"
    with pytest.raises(Wrong):
        does(meeting, direct.start, meeting.ann, [4711])


def test_eight_are_not_too_many(meeting):
    assert started(meeting, meeting.ann, *more(meeting, 7))


def test_a_closed_room_of_two_is_no_conversation(meeting):
    with meeting.db.writing() as c:
        room_id = rooms.make(c, meeting.ann, "Two", kind="closed", chosen=[meeting.bob.id])
        assert rooms.get(c, meeting.ann, room_id).people_ids == []
    assert started(meeting, meeting.ann, meeting.bob) != room_id


def test_who_has_left_the_space_is_not_written_to(meeting):
    gone = update(tables.people).where(tables.people.c.id == meeting.bob.id)
    does(meeting, lambda c: c.execute(gone.values(left_at=meeting.bob.joined_at)))
    with pytest.raises(Wrong):
        started(meeting, meeting.ann, meeting.bob)


def test_where_members_do_not_write_directly_moderators_do(meeting):
    room_id = started(meeting, meeting.ann, meeting.bob)
    does(meeting, lambda c: c.execute(update(tables.space).values(writes_direct="moderator")))
    with pytest.raises(Forbidden, match="directly"):
        started(meeting, meeting.ann, meeting.miriam)
    assert started(meeting, meeting.miriam, meeting.ann)
    with meeting.db.reading() as c:
        room = rooms.get(c, meeting.ann, room_id)
        assert "directly" in rooms.why_not(c, meeting.ann, room)


def test_there_members_answer_where_a_moderator_is_among_them(meeting):
    ann, bob, miriam = meeting.ann, meeting.bob, meeting.miriam
    does(meeting, lambda c: c.execute(update(tables.space).values(writes_direct="moderator")))
    three = started(meeting, miriam, ann, bob)

    def why_not(room_id: int) -> str:
        with meeting.db.reading() as c:
            return rooms.why_not(c, ann, rooms.get(c, ann, room_id))

    assert why_not(started(meeting, miriam, ann)) == "" and why_not(three) == ""
    does(meeting, sanctions.give_role, miriam, bob, "moderator")
    does(meeting, company.leave, miriam, seen(meeting, miriam, three))
    assert why_not(three) == "", "there is another"
    does(meeting, company.leave, bob, seen(meeting, bob, three))
    assert "directly" in why_not(three)


@pytest.mark.parametrize("blocker", ["ann", "bob"])
def test_a_block_ends_it_both_ways_and_does_not_tell_whose_it_is(meeting, blocker):
    ann, bob = meeting.ann, meeting.bob
    both = (ann, bob) if blocker == "ann" else (bob, ann)
    blocks(meeting, *both)
    for who, whom in ((ann, bob), (bob, ann)):
        with pytest.raises(Forbidden) as refused:
            started(meeting, who, whom)
        assert refused.value.sentence == rooms.OUT_OF_REACH
        with pytest.raises(Forbidden):
            started(meeting, who, whom, meeting.miriam)
    assert started(meeting, ann, meeting.miriam)


def test_who_is_blocked_later_can_read_and_write_nothing_more(meeting):
    ann, bob, miriam = meeting.ann, meeting.bob, meeting.miriam
    pair, three = started(meeting, ann, bob), started(meeting, ann, bob, miriam)
    blocks(meeting, bob, ann)
    assert started(meeting, ann, bob) == pair
    with meeting.db.writing() as c:
        for who in (ann, bob):
            room = rooms.get(c, who, pair)
            with pytest.raises(Forbidden, match=rooms.OUT_OF_REACH):
                messages.post(c, room, who, messages.draft("hello", ""))
        others = rooms.get(c, ann, three)
        assert messages.post(c, others, ann, messages.draft("hello", ""))


def test_who_leaves_a_conversation_of_three_comes_back_when_it_begins_again(meeting):
    ann, bob, miriam = meeting.ann, meeting.bob, meeting.miriam
    room_id = started(meeting, ann, bob, miriam)
    does(meeting, company.leave, bob, seen(meeting, bob, room_id))
    assert present(meeting, seen(meeting, ann, room_id)) == ["Ann", "Miriam"]
    assert started(meeting, ann, bob, miriam) == room_id
    assert present(meeting, seen(meeting, ann, room_id)) == ["Ann", "Bob", "Miriam"]
