"""Which browser belongs to whom."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from parley.store import tables
from parley.store.errors import Missing, Wrong
from parley.talk import devices, logins, people, roles, sanctions
from tests.meeting import Meeting


@pytest.fixture
def ann_s(meeting: Meeting) -> str:
    """The token of Ann's browser."""
    return begin(meeting, meeting.ann.id)


def begin(meeting: Meeting, person_id: int, device: str = "Firefox") -> str:
    with meeting.db.writing() as c:
        return logins.begin(c, person_id, device)


def find(meeting: Meeting, token: str | None) -> logins.Login | None:
    with meeting.db.reading() as c:
        return logins.find(c, token)


def expire(meeting: Meeting, token: str, moment: datetime) -> None:
    found = find(meeting, token)
    with meeting.db.writing() as c:
        c.execute(
            update(tables.logins).where(tables.logins.c.id == found.id).values(expires_at=moment)
        )


def test_a_token_says_whose_browser_it_is(meeting, ann_s):
    login = find(meeting, ann_s)
    assert login.person == meeting.ann
    left = login.expires_at - datetime.now(UTC)
    assert timedelta(days=399, hours=23) < left <= timedelta(days=400)


def test_only_the_hash_of_a_token_is_kept(meeting, ann_s):
    assert len(ann_s) >= 43  # 256 random bits
    with meeting.db.reading() as c:
        row = c.execute(select(tables.logins)).one()
    assert ann_s not in map(str, row)
    assert find(meeting, row.token_hash) is None


@pytest.mark.parametrize("token", [None, "", "guessed", "\0", "a" * 10_000])
def test_another_token_is_nobody_s(meeting, ann_s, token):
    assert find(meeting, token) is None


def test_each_browser_has_a_token_of_its_own(meeting, ann_s):
    other = begin(meeting, meeting.ann.id)
    assert other != ann_s
    assert find(meeting, other).person == find(meeting, ann_s).person == meeting.ann


@pytest.mark.parametrize("device", ["", "a" * 1000, "nul\0 and \ud800"])
def test_whatever_a_browser_calls_itself_it_gets_in(meeting, device):
    assert find(meeting, begin(meeting, meeting.bob.id, device)).person == meeting.bob


def test_a_login_ends_when_its_time_is_over(meeting, ann_s):
    expire(meeting, ann_s, datetime.now(UTC) - timedelta(seconds=1))
    assert find(meeting, ann_s) is None


def test_signing_out_ends_this_browser_alone(meeting, ann_s):
    other = begin(meeting, meeting.ann.id)
    with meeting.db.writing() as c:
        logins.end(c, logins.find(c, ann_s))
    assert find(meeting, ann_s) is None
    assert find(meeting, other)


def test_the_others_of_a_person_are_signed_out_and_nobody_else(meeting, ann_s):
    other, bob_s = begin(meeting, meeting.ann.id), begin(meeting, meeting.bob.id)
    with meeting.db.writing() as c:
        logins.end_others(c, logins.find(c, ann_s))
    assert find(meeting, other) is None
    assert find(meeting, ann_s) and find(meeting, bob_s)


def test_a_login_is_renewed_once_a_week(meeting, ann_s):
    assert not find(meeting, ann_s).needs_renewal
    expire(meeting, ann_s, datetime.now(UTC) + timedelta(days=393, minutes=1))
    assert not find(meeting, ann_s).needs_renewal
    expire(meeting, ann_s, datetime.now(UTC) + timedelta(days=392, hours=23))
    login = find(meeting, ann_s)
    assert login.needs_renewal
    with meeting.db.writing() as c:
        logins.seen(c, login, datetime.now(UTC), renews=True)
    login = find(meeting, ann_s)
    assert not login.needs_renewal
    assert login.expires_at - datetime.now(UTC) > timedelta(days=399)


def test_a_login_that_ended_meanwhile_is_not_renewed(meeting, ann_s):
    login = find(meeting, ann_s)
    with meeting.db.writing() as c:
        logins.end(c, login)
        logins.seen(c, login, datetime.now(UTC), renews=True)
    assert find(meeting, ann_s) is None


# ---- The browser outlives its logins ----


def begin_at(meeting: Meeting, person: people.Person, browser: str) -> str:
    with meeting.db.writing() as c:
        return logins.begin(c, person.id, "Firefox", browser)


def end(meeting: Meeting, token: str) -> None:
    with meeting.db.writing() as c:
        logins.end(c, logins.find(c, token))


def is_known(meeting: Meeting, person: people.Person, browser: str) -> bool:
    with meeting.db.reading() as c:
        return logins.is_known(c, person.id, browser)


def test_a_browser_is_known_to_whom_it_belonged_also_after_a_sign_out(meeting):
    assert not is_known(meeting, meeting.ann, "ann's")
    end(meeting, begin_at(meeting, meeting.ann, "ann's"))
    assert is_known(meeting, meeting.ann, "ann's")
    assert not is_known(meeting, meeting.bob, "ann's")
    assert not is_known(meeting, meeting.ann, "another")


def test_no_browser_at_all_is_known_to_nobody(meeting):
    begin_at(meeting, meeting.ann, "")
    assert not is_known(meeting, meeting.ann, "")
    ban(meeting, meeting.ann)
    assert not is_banned(meeting, "")


def ban(meeting: Meeting, person: people.Person, lasts: bool = True) -> None:
    with meeting.db.writing() as c:
        banned = update(tables.people).where(tables.people.c.id == person.id)
        c.execute(banned.values(banned_at=datetime.now(UTC) if lasts else None))


def is_banned(meeting: Meeting, browser: str) -> bool:
    with meeting.db.reading() as c:
        return logins.is_banned_browser(c, browser)


def test_a_browser_of_somebody_banned_is_banned_until_they_are_not(meeting):
    end(meeting, begin_at(meeting, meeting.ann, "ann's"))
    begin_at(meeting, meeting.bob, "bob's")
    assert not is_banned(meeting, "ann's")
    ban(meeting, meeting.ann)
    assert is_banned(meeting, "ann's")
    assert not is_banned(meeting, "bob's") and not is_banned(meeting, "another")
    ban(meeting, meeting.ann, lasts=False)
    assert not is_banned(meeting, "ann's")


def test_signing_in_again_and_again_leaves_one_row_of_a_browser(meeting):
    for _ in range(5):
        end(meeting, begin_at(meeting, meeting.ann, "ann's"))
    begin_at(meeting, meeting.ann, "ann's")
    begin_at(meeting, meeting.ann, "phone")
    begin_at(meeting, meeting.bob, "ann's")
    with meeting.db.reading() as c:
        assert len(c.execute(select(tables.logins)).all()) == 3


def test_browsers_of_long_ago_are_forgotten(meeting):
    expire(meeting, begin_at(meeting, meeting.ann, "old"), datetime.now(UTC) - logins.LIFETIME)
    begin_at(meeting, meeting.ann, "new")
    assert not is_known(meeting, meeting.ann, "old")


def test_devices_are_those_that_are_signed_in_the_last_used_first(meeting):
    with meeting.db.writing() as c:
        tokens = [
            logins.begin(c, meeting.ann.id, name, name) for name in ("Firefox", "Lynx", "w3m")
        ]
        logins.begin(c, meeting.bob.id, "Bob's")
        logins.seen(c, logins.find(c, tokens[0]), datetime.now(UTC) + timedelta(minutes=1))
        logins.end(c, logins.find(c, tokens[1]))
        found = logins.devices_of(c, meeting.ann.id)
    assert [devices.in_words(one.device) for one in found] == ["Firefox", "w3m"]
    assert found[0].id == find(meeting, tokens[0]).id


def test_one_signs_out_ones_own_devices_only(meeting, ann_s):
    login = find(meeting, ann_s)
    with pytest.raises(Missing), meeting.db.writing() as c:
        logins.end_one(c, meeting.bob, login.id)
    with meeting.db.writing() as c:
        assert logins.end_one(c, meeting.ann, login.id) == 1
        with pytest.raises(Missing):
            logins.end_one(c, meeting.ann, login.id)
    assert find(meeting, ann_s) is None


# ---- An owner without a password ----


@pytest.fixture
def alone(meeting: Meeting, ann_s: str) -> people.Person:
    """Ann, the only owner, with two browsers and no password."""
    begin(meeting, meeting.ann.id)
    with meeting.db.writing() as c:
        sanctions.give_role(c, meeting.miriam, meeting.ann, roles.OWNER)
        sanctions.give_role(c, meeting.miriam, meeting.miriam, roles.MEMBER)
        return people.get(c, meeting.ann.id)


def signs_out(meeting: Meeting, who: people.Person, *, everywhere: bool = False) -> int:
    """The browser used first goes, or all of them; how many are left."""
    with meeting.db.writing() as c:
        login = logins.Login(logins.devices_of(c, who.id)[-1].id, who, *[datetime.now(UTC)] * 2)
        (logins.end_all if everywhere else logins.end)(c, login)
        return len(logins.devices_of(c, who.id))


def test_the_last_owner_without_a_password_keeps_one_browser(meeting, alone):
    with pytest.raises(Wrong, match="Set a password first"):
        signs_out(meeting, alone, everywhere=True)
    assert signs_out(meeting, alone) == 1, "the other one is left"
    with pytest.raises(Wrong):
        signs_out(meeting, alone)
    with pytest.raises(Wrong), meeting.db.writing() as c:
        logins.end_one(c, alone, logins.devices_of(c, alone.id)[0].id)
    with meeting.db.writing() as c:
        people.set_password(c, alone.id, "kept")
    assert signs_out(meeting, alone) == 0


def test_who_is_not_the_last_owner_signs_out_without_a_password(meeting, alone):
    begin(meeting, meeting.bob.id)
    with meeting.db.writing() as c:
        sanctions.give_role(c, alone, meeting.bob, roles.OWNER)
        bob = people.get(c, meeting.bob.id)
    assert signs_out(meeting, alone, everywhere=True) == 0
    with pytest.raises(Wrong):  # nobody is left to let them in again
        signs_out(meeting, bob)
    with meeting.db.writing() as c:
        sanctions.give_role(c, bob, meeting.miriam, roles.OWNER)
    assert signs_out(meeting, bob) == 0, "Miriam has a password"
