"""One-time keys: who gives one to whom, how long it is good, and that it opens once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing
from parley.talk import keys, logins, people
from tests.meeting import Meeting, at_once

ROLES = {"Olaf": "owner", "Mo": "moderator", "Mia": "moderator"}


@pytest.fixture
def everybody(meeting) -> dict[str, people.Person]:
    """By name: two owners, two moderators, two members."""
    with meeting.db.writing() as c:
        for name, role in ROLES.items():
            people.join(c, name, None, role)
        return {person.name: person for person in people.everyone(c)}


def make(meeting: Meeting, by: people.Person, person: people.Person) -> str:
    with meeting.db.writing() as c:
        return keys.make(c, by, person)


def use(meeting: Meeting, token: str) -> people.Person:
    with meeting.db.writing() as c:
        return keys.use(c, token)


def is_good(meeting: Meeting, token: str) -> bool:
    """Whether the page shows somebody; the button must agree."""
    try:
        with meeting.db.reading() as c:
            keys.find(c, token)
    except Missing as refused:
        assert refused.sentence == keys.SPENT
        with pytest.raises(Missing):
            use(meeting, token)
        return False
    return True


def set_all(meeting: Meeting, table, **values) -> None:
    with meeting.db.writing() as c:
        c.execute(update(table).values(**values))


@pytest.mark.parametrize(
    ("by", "allowed"),
    [
        ("Miriam", {"Olaf", "Mo", "Mia", "Ann", "Bob", "Miriam"}),
        ("Mo", {"Ann", "Bob", "Mo"}),
        ("Ann", {"Ann"}),
    ],
)
def test_who_may_give_whom_a_key(meeting, everybody, by, allowed):
    given = set()
    for name, person in everybody.items():
        try:
            make(meeting, everybody[by], person)
            given.add(name)
        except Forbidden:
            pass
    assert given == allowed


def test_a_key_lets_in_whom_it_is_for_and_only_once(meeting):
    token = make(meeting, meeting.miriam, meeting.ann)
    assert len(token) >= 43, "256 bits"
    assert use(meeting, token) == meeting.ann
    assert not is_good(meeting, token)


def test_of_many_at_once_one_gets_in(meeting):
    token = make(meeting, meeting.miriam, meeting.ann)
    results = at_once(*[lambda: use(meeting, token)] * 6)
    assert sorted(type(one).__name__ for one in results) == ["Missing"] * 5 + ["Person"]


def test_only_the_hash_of_a_key_is_kept(meeting):
    token = make(meeting, meeting.miriam, meeting.ann)
    with meeting.db.reading() as c:
        row = c.execute(select(tables.keys)).one()
    assert token not in map(str, row)
    assert not is_good(meeting, row.token_hash)


@pytest.mark.parametrize("token", ["", "forged", "\0", "\ud800", "a" * 10_000])
def test_a_forged_key_opens_nothing(meeting, token):
    make(meeting, meeting.miriam, meeting.ann)
    assert not is_good(meeting, token)


@pytest.mark.parametrize(
    ("by", "life"), [("miriam", timedelta(hours=24)), ("ann", timedelta(minutes=10))]
)
def test_a_key_is_good_for_a_day_and_ones_own_for_ten_minutes(meeting, by, life):
    token = make(meeting, getattr(meeting, by), meeting.ann)
    with meeting.db.reading() as c:
        row = c.execute(select(tables.keys)).one()
    assert row.expires_at - row.made_at == life
    assert is_good(meeting, token)
    set_all(meeting, tables.keys, expires_at=datetime.now(UTC))
    assert not is_good(meeting, token)


@pytest.mark.parametrize(
    "change",
    [
        {"out_until": datetime.now(UTC) + timedelta(hours=1)},
        {"banned_at": datetime.now(UTC)},
        {"left_at": datetime.now(UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_for_who_is_not_here_any_more_there_is_no_key(meeting, change):
    token = make(meeting, meeting.miriam, meeting.ann)
    set_all(meeting, tables.people, **change)
    assert not is_good(meeting, token)
    with meeting.db.reading() as c:
        gone = people.get(c, meeting.ann.id)
    with pytest.raises(Missing):
        make(meeting, meeting.miriam, gone)


@pytest.mark.parametrize(
    "change",
    [
        {"out_until": datetime.now(UTC) + timedelta(hours=1)},
        {"banned_at": datetime.now(UTC)},
        {"left_at": datetime.now(UTC)},
        {"role": "member"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_is_good_only_while_who_gave_it_could_give_it(meeting, everybody, change):
    token = make(meeting, everybody["Mo"], meeting.ann)
    own = make(meeting, meeting.bob, meeting.bob)
    assert is_good(meeting, token)
    with meeting.db.writing() as c:
        mo = tables.people.c.id == everybody["Mo"].id
        c.execute(update(tables.people).where(mo).values(change))
    assert not is_good(meeting, token)
    assert is_good(meeting, own)


def test_a_key_to_a_member_does_not_open_the_door_of_who_became_an_owner(meeting, everybody):
    token = make(meeting, everybody["Mo"], meeting.ann)
    with meeting.db.writing() as c:
        ann = tables.people.c.id == meeting.ann.id
        c.execute(update(tables.people).where(ann).values(role="owner"))
    assert not is_good(meeting, token)


def test_who_was_removed_for_a_time_that_is_over_gets_in(meeting):
    set_all(meeting, tables.people, out_until=datetime.now(UTC) - timedelta(seconds=1))
    assert is_good(meeting, make(meeting, meeting.miriam, meeting.ann))


def test_the_log_says_who_gave_a_key_to_whom(meeting):
    make(meeting, meeting.miriam, meeting.ann)
    make(meeting, meeting.bob, meeting.bob)  # nobody else's business
    with meeting.db.reading() as c:
        log = c.execute(select(tables.log.c.by_id, tables.log.c.act, tables.log.c.person_id))
        assert log.all() == [(meeting.miriam.id, "gave a key", meeting.ann.id)]


@pytest.mark.parametrize(("by", "frees"), [("miriam", True), ("ann", False)])
def test_a_key_of_somebody_else_frees_from_the_password_before(meeting, by, frees):
    token = make(meeting, getattr(meeting, by), meeting.ann)
    with meeting.db.writing() as c:
        keys.use(c, token)
        login = logins.find(c, logins.begin(c, meeting.ann.id, "Firefox"))
        other = logins.find(c, logins.begin(c, meeting.ann.id, "Firefox"))
        keys.opened(c, token, login.id)
        assert keys.frees(c, login.id) is frees
        assert not keys.frees(c, other.id)
    set_all(meeting, tables.keys, used_at=datetime.now(UTC) - keys.FREES)
    with meeting.db.reading() as c:
        assert not keys.frees(c, login.id)


def test_keys_of_long_ago_are_forgotten(meeting):
    make(meeting, meeting.miriam, meeting.ann)
    set_all(meeting, tables.keys, expires_at=datetime.now(UTC) - timedelta(hours=25))
    make(meeting, meeting.miriam, meeting.bob)
    with meeting.db.reading() as c:
        assert len(c.execute(select(tables.keys)).all()) == 1
