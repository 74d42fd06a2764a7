"""Which browser belongs to whom."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from parley.store import tables
from parley.talk import logins
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
        logins.renew(c, login)
    login = find(meeting, ann_s)
    assert not login.needs_renewal
    assert login.expires_at - datetime.now(UTC) > timedelta(days=399)
