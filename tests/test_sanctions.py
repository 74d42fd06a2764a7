"""Who may not write or not come in, and who has which role: down only, and an owner is left."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from parley.store import tables
from parley.store.errors import Forbidden, Wrong
from parley.talk import log, logins, people, revocations, roles, sanctions, spaces
from tests.meeting import Meeting, at_once


def does(meeting: Meeting, act: Callable, who: people.Person, *more: Any) -> int:
    """Somebody does that; returns the number of the revocation."""
    with meeting.db.writing() as c:
        return act(c, who, *more)


def now(meeting: Meeting, who: people.Person) -> people.Person:
    """The person, as they are now."""
    with meeting.db.reading() as c:
        return people.get(c, who.id)


def moderator(meeting: Meeting) -> people.Person:
    """Ann, as a moderator."""
    does(meeting, sanctions.give_role, meeting.miriam, meeting.ann, roles.MODERATOR)
    return now(meeting, meeting.ann)


def logged(meeting: Meeting) -> list[str]:
    """The acts in the log, the oldest first."""
    with meeting.db.reading() as c:
        return [entry.act for entry in log.read(c, meeting.miriam, None)[0]][::-1]


ALL = [
    (sanctions.mute, "day"),
    (sanctions.unmute,),
    (sanctions.remove, "day"),
    (sanctions.ban,),
    (sanctions.readmit,),
]


# --- muting


def test_who_is_muted_reads_but_does_not_write(meeting):
    does(meeting, sanctions.mute, meeting.miriam, meeting.bob, "hour")
    bob = now(meeting, meeting.bob)
    assert bob.is_muted and not bob.is_out
    with pytest.raises(Forbidden, match="You were muted"):
        meeting.says(bob, "hello")
    does(meeting, sanctions.unmute, meeting.miriam, bob)
    assert meeting.says(now(meeting, bob), "hello")


@pytest.mark.parametrize(
    ("end", "after"),
    [("hour", timedelta(hours=1)), ("day", timedelta(days=1)), ("week", timedelta(days=7))],
)
def test_it_ends_when_it_was_said_to(meeting, end, after):
    does(meeting, sanctions.mute, meeting.miriam, meeting.bob, end)
    until = now(meeting, meeting.bob).muted_until
    assert until
    assert abs(until - datetime.now(UTC) - after) < timedelta(minutes=1)


def test_without_an_end_it_lasts(meeting):
    does(meeting, sanctions.remove, meeting.miriam, meeting.bob, "none")
    bob = now(meeting, meeting.bob)
    assert bob.out_until == sanctions.FOREVER and bob.is_out and bob.banned_at is None


def test_an_end_that_is_over_gives_all_back(meeting):
    does(meeting, sanctions.remove, meeting.miriam, meeting.bob, "hour")
    with meeting.db.writing() as c:
        over = datetime.now(UTC) - timedelta(seconds=1)
        c.execute(update(tables.people).values(out_until=over, muted_until=over))
    bob = now(meeting, meeting.bob)
    assert not bob.is_out and not bob.is_muted


def test_another_end_is_refused_and_nothing_happens(meeting):
    for act in (sanctions.mute, sanctions.remove):
        with pytest.raises(Wrong):
            does(meeting, act, meeting.miriam, meeting.bob, "century")
    assert now(meeting, meeting.bob) == meeting.bob
    assert logged(meeting) == []


# --- who may do it to whom


@pytest.mark.parametrize("act", ALL, ids=lambda act: act[0].__name__)
def test_it_goes_down_only_and_never_to_oneself(meeting, act):
    does_it, *more = act
    ann = moderator(meeting)
    allowed = [(meeting.miriam, ann), (meeting.miriam, meeting.bob), (ann, meeting.bob)]
    refused = [
        (meeting.bob, ann),
        (meeting.bob, meeting.bob),
        (ann, meeting.miriam),
        (ann, ann),
        (meeting.miriam, meeting.miriam),
    ]
    for who, whom in refused:
        with pytest.raises(Forbidden):
            does(meeting, does_it, who, whom, *more)
    assert not any(now(meeting, one).is_out for one in (meeting.miriam, ann, meeting.bob))
    assert logged(meeting) == ["made {person} a moderator"]
    for who, whom in allowed[::-1]:
        does(meeting, does_it, who, whom, *more)


def test_what_counts_is_the_role_at_that_moment(meeting):
    before = moderator(meeting)
    does(meeting, sanctions.give_role, meeting.miriam, before, roles.MEMBER)
    with pytest.raises(Forbidden):
        does(meeting, sanctions.mute, before, meeting.bob, "day")
    does(meeting, sanctions.give_role, meeting.miriam, meeting.bob, roles.OWNER)
    with pytest.raises(Forbidden):
        does(meeting, sanctions.remove, moderator(meeting), meeting.bob, "day")


# --- removing, banning, readmitting


def test_whom_an_owner_put_out_no_moderator_lets_in_again_by_any_way(meeting):
    ann = moderator(meeting)
    for act in ((sanctions.remove, "day"), (sanctions.ban,)):
        does_it, *more = act
        does(meeting, does_it, meeting.miriam, meeting.bob, *more)
        for undoes, *how in ALL:  # also an hour in place of a day
            with pytest.raises(Forbidden, match="Miriam put Bob out"):
                does(meeting, undoes, ann, meeting.bob, *how)
        assert now(meeting, meeting.bob).is_out
        does(meeting, sanctions.readmit, meeting.miriam, meeting.bob)
        does(meeting, does_it, ann, meeting.bob, *more)
        does(meeting, sanctions.readmit, ann, meeting.bob)
    assert not now(meeting, meeting.bob).is_out


def test_whom_an_owner_muted_no_moderator_lets_write_sooner(meeting):
    ann = moderator(meeting)
    does(meeting, sanctions.mute, meeting.miriam, meeting.bob, "day")
    for act in ((sanctions.unmute,), (sanctions.mute, "hour")):
        with pytest.raises(Forbidden, match="Miriam muted Bob"):
            does(meeting, act[0], ann, meeting.bob, *act[1:])
    does(meeting, sanctions.remove, ann, meeting.bob, "hour")
    does(meeting, sanctions.readmit, ann, meeting.bob)
    assert now(meeting, meeting.bob).is_muted
    does(meeting, sanctions.unmute, meeting.miriam, meeting.bob)
    does(meeting, sanctions.mute, ann, meeting.bob, "day")
    does(meeting, sanctions.unmute, ann, meeting.bob)
    assert not now(meeting, meeting.bob).is_muted


def test_what_a_former_moderator_did_others_of_that_role_take_back(meeting):
    ann = moderator(meeting)
    does(meeting, sanctions.ban, ann, meeting.bob)
    does(meeting, sanctions.give_role, meeting.miriam, ann, roles.OWNER)
    does(meeting, sanctions.give_role, meeting.miriam, ann, roles.MODERATOR)
    does(meeting, sanctions.readmit, now(meeting, ann), meeting.bob)
    assert not now(meeting, meeting.bob).is_out


def test_a_removal_is_a_revocation_of_the_person(meeting):
    for act in ((sanctions.remove, meeting.bob, "day"), (sanctions.ban, meeting.bob)):
        does_it, *more = act
        number = does(meeting, does_it, meeting.miriam, *more)
        with meeting.db.reading() as c:
            newest = revocations.since(c, number - 1)
        assert [one.scope for one in newest] == [(None, meeting.bob.id, None)]


def test_the_browsers_of_the_banned_are_kept_but_sign_nobody_in(meeting):
    with meeting.db.writing() as c:
        tokens = [logins.begin(c, meeting.bob.id, f"browser {n}") for n in range(2)]
        logins.begin(c, meeting.ann.id, "another's")
    does(meeting, sanctions.ban, meeting.miriam, meeting.bob)
    with meeting.db.reading() as c:
        rows = c.execute(select(tables.logins.c.person_id, tables.logins.c.expires_at)).all()
        known = logins.find(c, tokens[0])
        assert known and known.person.banned_at and known.person.is_out
    ended = {row.person_id for row in rows if row.expires_at <= datetime.now(UTC)}
    assert len(rows) == 3 and ended == {meeting.bob.id}
    does(meeting, sanctions.readmit, meeting.miriam, meeting.bob)
    with meeting.db.reading() as c:
        assert not people.get(c, meeting.bob.id).is_out
        assert [logins.find(c, token) for token in tokens] == [None, None], "they sign in anew"


def test_who_was_removed_is_told_by_whom_and_until_when(meeting):
    does(meeting, sanctions.remove, meeting.miriam, meeting.bob, "week")
    with meeting.db.reading() as c:
        space, bob = spaces.find(c), people.get(c, meeting.bob.id)
        out = sanctions.told(c, bob, space)
    assert out.title == "You were removed from Class 7b"
    assert out.told.startswith("Miriam did this just now. What you wrote there stays. You can ")
    assert out.sentence == f"{out.title}. {out.told}"
    does(meeting, sanctions.ban, meeting.miriam, meeting.bob)
    with meeting.db.reading() as c:
        out = sanctions.told(c, people.get(c, meeting.bob.id), space)
    assert out.title == "You were banned from Class 7b"
    assert out.told == "Miriam did this just now. What you wrote there stays."


def test_who_is_out_is_not_counted(meeting):
    does(meeting, sanctions.remove, meeting.miriam, meeting.bob, "day")
    with meeting.db.reading() as c:
        assert people.count(c) == 2


# --- roles


def test_an_owner_gives_and_takes_roles(meeting):
    for role in (roles.MODERATOR, roles.OWNER, roles.MEMBER):
        number = does(meeting, sanctions.give_role, meeting.miriam, meeting.bob, role)
        assert now(meeting, meeting.bob).role == role and number
    assert logged(meeting) == [
        "made {person} a moderator",
        "made {person} an owner",
        "made {person} a member",
    ]
    with pytest.raises(Wrong):
        does(meeting, sanctions.give_role, meeting.miriam, meeting.bob, "king")


def test_nobody_else_gives_roles(meeting):
    for who in (moderator(meeting), meeting.bob):
        for whom in (who, meeting.bob, meeting.miriam):
            with pytest.raises(Forbidden, match="Only an owner gives"):
                does(meeting, sanctions.give_role, who, whom, roles.OWNER)


def test_the_last_owner_cannot_become_less(meeting):
    miriam, ann = meeting.miriam, meeting.ann
    with pytest.raises(Forbidden, match="Miriam is the only owner"):
        does(meeting, sanctions.give_role, miriam, miriam, roles.MEMBER)
    does(meeting, sanctions.give_role, miriam, miriam, roles.OWNER)
    does(meeting, sanctions.give_role, miriam, ann, roles.OWNER)
    does(meeting, sanctions.remove, miriam, ann, "day")
    with pytest.raises(Forbidden):  # an owner who is out cannot open the door
        does(meeting, sanctions.give_role, miriam, miriam, roles.MEMBER)
    with pytest.raises(Forbidden):
        does(meeting, sanctions.give_role, ann, miriam, roles.MEMBER)
    does(meeting, sanctions.readmit, miriam, ann)
    with pytest.raises(Forbidden):  # nor one with neither a password nor a browser
        does(meeting, sanctions.give_role, miriam, miriam, roles.MEMBER)
    with meeting.db.writing() as c:
        logins.begin(c, ann.id, "Firefox")
    does(meeting, sanctions.give_role, miriam, miriam, roles.MEMBER)
    assert now(meeting, miriam).role == roles.MEMBER


@pytest.mark.parametrize(
    "act",
    [(sanctions.give_role, roles.MEMBER), (sanctions.remove, "none"), (sanctions.ban,)],
    ids=["demote", "remove", "ban"],
)
def test_of_two_owners_who_do_it_to_each_other_at_once_one_is_left(meeting, act):
    does_it, *more = act
    miriam, ann = meeting.miriam, meeting.ann
    for _ in range(5):
        does(meeting, sanctions.give_role, miriam, ann, roles.OWNER)
        results = at_once(
            partial(does, meeting, does_it, miriam, ann, *more),
            partial(does, meeting, does_it, ann, miriam, *more),
        )
        assert sorted(type(one).__name__ for one in results) == ["Forbidden", "int"]
        both = now(meeting, miriam), now(meeting, ann)
        left = [one for one in both if one.is_owner and not one.is_out]
        assert len(left) == 1
        miriam, ann = left[0], next(one for one in both if one.id != left[0].id)
        does(meeting, sanctions.readmit, miriam, ann)


def test_two_owners_who_step_down_at_once_leave_one(meeting):
    does(meeting, sanctions.give_role, meeting.miriam, meeting.ann, roles.OWNER)
    results = at_once(
        *(
            partial(does, meeting, sanctions.give_role, who, who, roles.MEMBER)
            for who in (meeting.miriam, meeting.ann)
        )
    )
    assert sorted(type(one).__name__ for one in results) == ["Forbidden", "int"]
    both = now(meeting, meeting.miriam), now(meeting, meeting.ann)
    assert [one.is_owner for one in both].count(True) == 1
