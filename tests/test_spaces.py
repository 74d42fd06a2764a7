"""The space is made once."""

import pytest

from parley.store.errors import Missing, Wrong
from parley.talk import links, people, rooms, spaces
from tests.meeting import Meeting, at_once


def found(db, name="Class 7b", owner="Miriam"):
    with db.writing() as c:
        return spaces.found(c, name, "Europe/Berlin", owner, "kept")


def test_there_is_none_on_a_new_installation(database):
    with database.reading() as c:
        assert spaces.find(c) is None


def test_it_is_made_with_an_owner_a_lobby_and_a_link(database):
    miriam = found(database, " Class  7b ")
    assert miriam.is_owner and miriam.has_password
    with database.reading() as c:
        assert spaces.find(c) == spaces.Space(1, "Class 7b", "Europe/Berlin", "en", 0, "Miriam")
        [lobby] = rooms.seen_by(c, miriam)
        assert (lobby.id, lobby.name, lobby.revision) == (rooms.LOBBY, "Lobby", 0)
        assert links.current(c, miriam).host == "Miriam"


def test_a_second_is_never_made(meeting):
    with pytest.raises(Missing):
        found(meeting.db, "Another", "Eve")
    with meeting.db.reading() as c:
        assert spaces.find(c).name == "Class 7b"
        assert people.by_name(c, "Eve") is None


def test_of_many_who_make_it_at_once_one_does(database):
    owners = ["Miriam", "Eve", "Mallory", "Trent"]
    results = at_once(*[lambda owner=owner: found(database, owner=owner) for owner in owners])
    assert sorted(type(result).__name__ for result in results) == ["Missing"] * 3 + ["Person"]
    with database.reading() as c:
        [person] = people.everyone(c)
        [lobby] = rooms.seen_by(c, person)
        assert (spaces.find(c).owner, lobby.id) == (person.name, rooms.LOBBY)


@pytest.mark.parametrize(
    ("name", "owner", "field"),
    [("", "Miriam", "space"), ("a" * 61, "Miriam", "space"), ("Class 7b", "...", "name")],
)
def test_what_cannot_be_named_is_not_made_in_part(database, name, owner, field):
    with pytest.raises(Wrong) as refused:
        found(database, name, owner)
    assert refused.value.field == field
    with database.reading() as c:
        assert (spaces.find(c), people.count(c)) == (None, 0)
    assert Meeting(database).room.id == rooms.LOBBY


def test_the_owner_s_new_name_is_the_space_s_too(meeting):
    with meeting.db.writing() as c:
        people.describe(c, meeting.miriam, "Miriam Okafor", "", None)
        assert spaces.find(c).owner == "Miriam Okafor"
