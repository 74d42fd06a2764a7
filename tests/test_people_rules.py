"""People: names that are free, visits, passwords."""

import dataclasses
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from parley.store.errors import Missing, Wrong
from parley.talk import people, revocations
from tests.meeting import Meeting, at_once


def again(meeting: Meeting, person: people.Person) -> people.Person:
    with meeting.db.reading() as c:
        return people.get(c, person.id)


def describe(meeting: Meeting, person: people.Person, name="Ann", about="", picture=None):
    with meeting.db.writing() as c:
        people.describe(c, person, name, about, picture)
    return again(meeting, person)


def join(meeting: Meeting, name: str, password: str | None = None) -> people.Person:
    with meeting.db.writing() as c:
        return people.join(c, name, password)


def test_who_joins_is_a_member_and_here_now(meeting):
    carla = join(meeting, " Carla  Diaz ", "kept")
    assert (carla.name, carla.role, carla.about) == ("Carla Diaz", "member", "")
    assert carla.has_password and carla.is_here and not carla.is_owner
    assert carla.joined_at == carla.seen_at
    assert carla.before_at is None
    assert again(meeting, carla) == carla


def test_a_password_is_not_needed(meeting):
    assert not join(meeting, "Carla").has_password


@pytest.mark.parametrize("name", ["Ann", "ANN", " ann ", "ａｎｎ", "A\u200bnn"])
def test_a_name_is_taken_however_it_is_written(meeting, name):
    with pytest.raises(Wrong) as refused:
        join(meeting, name)
    assert "is already here. Add an initial or a nickname" in refused.value.sentence
    assert refused.value.field == "name"


def test_a_name_that_cannot_be_taken_leaves_nobody_behind(meeting):
    with pytest.raises(Wrong):
        join(meeting, "...")
    with meeting.db.reading() as c:
        assert people.count(c) == 3


def test_of_many_who_take_one_name_at_once_one_gets_it(meeting):
    names = ["Carla", "CARLA", "carla", "Ｃarla", "Carla ", "CArla"]
    results = at_once(*[lambda name=name: join(meeting, name) for name in names])
    assert sum(isinstance(result, people.Person) for result in results) == 1
    assert sum(isinstance(result, Wrong) for result in results) == 5


def test_nobody_is_missing(meeting):
    with meeting.db.reading() as c:
        for person_id in (0, 4711, 2**62, None):
            with pytest.raises(Missing):
                people.get(c, person_id)


def test_everyone_is_listed_by_name_however_it_is_written(meeting):
    join(meeting, "anna")
    join(meeting, "Zoë")
    with meeting.db.reading() as c:
        names = [person.name for person in people.everyone(c)]
        assert people.count(c) == 5
    assert names == ["Ann", "anna", "Bob", "Miriam", "Zoë"]


def test_a_person_is_found_by_their_name_however_it_is_written(meeting):
    with meeting.db.reading() as c:
        assert people.by_name(c, "MIRIAM") == (meeting.miriam.id, "kept")
        assert people.by_name(c, "ａｎｎ") == (meeting.ann.id, None)
        for name in ("", "Carla", "Ann\0", "\ud800", "%", "a" * 100_000):
            assert people.by_name(c, name) is None


def test_a_person_describes_themselves(meeting):
    ann = describe(meeting, meeting.ann, "Ann Lee", " likes\r\nbeans ", "0a1b")
    assert (ann.name, ann.about, ann.picture) == ("Ann Lee", "likes beans", "0a1b")
    with meeting.db.reading() as c:
        assert people.by_name(c, "ann lee") == (ann.id, None)
        assert people.by_name(c, "Ann") is None


def test_a_person_may_write_their_own_name_in_another_way(meeting):
    assert describe(meeting, meeting.ann, "ANN").name == "ANN"


def test_a_person_cannot_take_another_s_name(meeting):
    with pytest.raises(Wrong, match="bob is already here") as refused:
        describe(meeting, meeting.ann, "bob", "new line")
    assert refused.value.field == "name"
    assert again(meeting, meeting.ann) == meeting.ann


def test_of_two_who_take_one_name_at_once_one_keeps_their_own(meeting):
    results = at_once(
        lambda: describe(meeting, meeting.ann, "Carla"),
        lambda: describe(meeting, meeting.bob, "Carla"),
    )
    assert sorted(type(result).__name__ for result in results) == ["Person", "Wrong"]


@pytest.mark.parametrize("comes", [True, False])
def test_who_takes_a_name_waits_for_who_changes_the_space_and_holds_nothing_yet(meeting, comes):
    began = threading.Event()

    def changes() -> None:
        with meeting.db.writing() as c:
            revocations.add(c, person_id=meeting.bob.id)
            began.set()
            time.sleep(0.3)
            people.describe(c, meeting.bob, "Robert", "", None)

    def takes() -> people.Person:
        began.wait(5)
        return join(meeting, "Robert") if comes else describe(meeting, meeting.bob, "Bobby")

    first, second = at_once(changes, takes)
    assert first is None
    assert isinstance(second, Wrong) if comes else second.name == "Bobby"


@pytest.mark.parametrize("name", ["\u0410nn", "\u0410NN", "\u0412ob"])
def test_a_name_that_looks_like_another_is_taken(meeting, name):
    with pytest.raises(Wrong, match="is already here"):
        join(meeting, name)
    with pytest.raises(Wrong):
        describe(meeting, meeting.miriam, name)


def test_names_that_merely_resemble_each_other_are_two(meeting):
    for name in ("Ian", "Lan", "Neil", "Nell", "Anne"):
        assert join(meeting, name).name == name


def test_of_two_that_look_alike_at_once_one_gets_in(meeting):
    names = ["Ilan", "llan", "1lan"]
    results = at_once(*[lambda name=name: join(meeting, name) for name in names])
    assert sorted(type(result).__name__ for result in results) == ["Person", "Wrong", "Wrong"]


def test_a_line_about_oneself_has_an_end(meeting):
    with pytest.raises(Wrong) as refused:
        describe(meeting, meeting.ann, about="a" * 251)
    assert refused.value.field == "about"


def test_a_new_password_is_kept(meeting):
    with meeting.db.writing() as c:
        people.set_password(c, meeting.ann.id, "new")
    assert again(meeting, meeting.ann).has_password
    with meeting.db.reading() as c:
        assert people.by_name(c, "Ann") == (meeting.ann.id, "new")


@pytest.mark.parametrize(
    ("away", "before"),
    [(timedelta(minutes=29), None), (timedelta(minutes=31), "the last visit")],
)
def test_after_half_an_hour_away_it_is_a_new_visit(meeting, away, before):
    last = meeting.ann.seen_at
    now = last + away
    with meeting.db.writing() as c:
        people.seen(c, [meeting.ann.id], now)
    ann = again(meeting, meeting.ann)
    assert ann.seen_at == now
    assert ann.before_at == (last if before else None)


def test_when_somebody_was_last_here(meeting):
    now = datetime.now(UTC)
    hours = [now - timedelta(hours=hour) for hour in range(5)]
    ann = dataclasses.replace(meeting.ann, joined_at=hours[4], seen_at=now)
    assert people.last_here(ann, now) == hours[4]
    ann = dataclasses.replace(ann, before_at=hours[2])
    assert people.last_here(ann, now) == hours[2]
    ann = dataclasses.replace(ann, seen_at=hours[1])  # a new visit that is not noted yet
    assert people.last_here(ann, now) == hours[1]


def test_who_was_seen_two_minutes_ago_is_here_no_more(meeting):
    now = datetime.now(UTC)
    assert dataclasses.replace(meeting.ann, seen_at=now - timedelta(seconds=115)).is_here
    assert not dataclasses.replace(meeting.ann, seen_at=now - timedelta(seconds=121)).is_here
