"""Revocations: numbered in the order of their commits, kept for longer than a ticket lives."""

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from parley.store import tables
from parley.talk import logins, revocations, spaces


def added(database, **named: int) -> int:
    """One more."""
    with database.writing() as c:
        return revocations.add(c, **named)


def test_they_count_up_and_name_what_is_void(meeting, database):
    assert [added(database, login_id=3), added(database, person_id=2, room_id=1)] == [1, 2]
    with database.reading() as c:
        assert spaces.find(c).revocation == 2
        assert [one.scope for one in revocations.since(c, 0)] == [(3, None, None), (None, 2, 1)]
        assert [one.number for one in revocations.since(c, 1)] == [2]


def test_a_transaction_that_fails_takes_no_number(meeting, database):
    try:
        with database.writing() as c:
            revocations.add(c, login_id=3)
            raise RuntimeError
    except RuntimeError:
        pass
    assert added(database, login_id=4) == 1


def test_old_ones_go(meeting, database):
    added(database, login_id=3)
    with database.writing() as c:
        long_ago = datetime.now(UTC) - revocations.KEPT - timedelta(seconds=1)
        c.execute(update(tables.revocations).values(made_at=long_ago))
    added(database, login_id=4)
    with database.reading() as c:
        assert [one.number for one in revocations.since(c, 0)] == [2]
        assert c.scalar(select(func.count()).select_from(tables.revocations)) == 1


def test_who_sees_a_number_has_seen_all_before_it(meeting, database):
    seen: list[list[int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            with database.reading() as c:
                seen.append([one.number for one in revocations.since(c, 0)])

    def add() -> None:
        for number in range(15):
            added(database, login_id=number)

    reader = threading.Thread(target=look)
    writers = [threading.Thread(target=add) for _ in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen)
    assert added(database, login_id=99) == 61


def test_signing_out_is_one(meeting, database):
    with database.writing() as c:
        token = logins.begin(c, 2, "a browser")
        login = logins.find(c, token)
        assert logins.end(c, login) == 1
        assert logins.find(c, token) is None
        assert [one.scope for one in revocations.since(c, 0)] == [(login.id, None, None)]
