"""What a role may do."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from parley.store.errors import Forbidden
from parley.talk import roles


@dataclass(frozen=True)
class Somebody:
    id: int
    role: str


OWNER, MODERATOR, MEMBER = (Somebody(n, role) for n, role in enumerate(reversed(roles.RANK), 1))

# Written down by hand: owner, moderator, member; and the member who made the thing.
EXPECTED = {
    "change the space": "yes no no no",
    "give roles": "yes no no no",
    "read the log": "yes no no no",
    "delete a room": "yes no no no",
    "invite": "yes yes no no",
    "give a key": "yes yes no no",
    "sanction": "yes yes no no",
    "read reports": "yes yes no no",
    "lock a room": "yes yes no no",
    "write anywhere": "yes yes no no",
    "change a room": "yes yes no yes",
    "call everyone": "yes yes no no",
    "announce": "yes yes no yes",
    "pin a message": "yes yes no yes",
    "see earlier": "yes yes no yes",
    "delete a message": "yes yes no yes",
}
SPACE = {"make rooms", "send files", "write directly"}  # as the space says


def test_each_role_may_do_what_is_written_here():
    assert set(EXPECTED) | SPACE == set(roles.ACTS)
    for act, expected in EXPECTED.items():
        found = [roles.may(person, act) for person in (OWNER, MODERATOR, MEMBER)]
        found.append(roles.may(MEMBER, act, maker=MEMBER.id))
        assert " ".join("yes" if one else "no" for one in found) == expected, act


def test_what_the_space_decides_follows_the_space():
    for act in SPACE:
        assert roles.may(MEMBER, act, least=roles.MEMBER)
        assert not roles.may(MEMBER, act, least=roles.MODERATOR)
        assert roles.may(MODERATOR, act, least=roles.MODERATOR)


def test_who_may_not_is_told_why():
    for act in EXPECTED:
        with pytest.raises(Forbidden) as refused:
            roles.must(Somebody(9, roles.MEMBER), act)
        assert refused.value.sentence.endswith(".")
    roles.must(OWNER, "give roles")


def test_sanctions_go_down_only_and_never_to_oneself():
    other = Somebody(8, roles.OWNER)
    assert roles.is_over(OWNER, MODERATOR) and roles.is_over(OWNER, other)
    assert roles.is_over(MODERATOR, MEMBER)
    assert not roles.is_over(OWNER, OWNER)
    assert not roles.is_over(MODERATOR, Somebody(7, roles.MODERATOR))
    assert not roles.is_over(MODERATOR, OWNER)
    assert not roles.is_over(MEMBER, Somebody(6, roles.MEMBER))


def test_a_sanction_lasts_until_its_end():
    now = datetime.now(UTC)
    assert roles.lasts(now + timedelta(seconds=30))
    assert not roles.lasts(now - timedelta(seconds=30)) and not roles.lasts(None)
