"""Statements made ready for the driver: they must tell what SQLAlchemy tells."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, column, select, table, text
from sqlalchemy.exc import DBAPIError

from parley.store import tables
from parley.store.errors import Busy
from parley.store.prepared import Prepared
from parley.talk import people

LATE = select(tables.people).where(tables.people.c.seen_at >= bindparam("moment"))
LATE = LATE.order_by(tables.people.c.id).limit(bindparam("most"))


def test_rows_and_values_have_their_types(meeting):
    prepared, now = Prepared(LATE), datetime.now(UTC)
    with meeting.db.writing() as c:
        people.seen(c, [meeting.bob.id], now)
    for moment, most in ((now, 9), (meeting.ann.joined_at, 9), (meeting.ann.joined_at, 1)):
        values = {"moment": moment, "most": most}
        with meeting.db.reading() as c:
            known = [tuple(row) for row in c.execute(LATE, values)]
            assert prepared.all(c, **values) == known
            assert prepared.first(c, **values) == known[0]
    assert known[0][tables.people.c.keys().index("joined_at")].tzinfo is UTC


def test_nothing_found_is_none(meeting):
    with meeting.db.reading() as c:
        never = {"moment": datetime(2100, 1, 1, tzinfo=UTC), "most": 1}
        assert Prepared(LATE).all(c, **never) == []
        assert Prepared(LATE).first(c, **never) is None


def test_it_sees_what_its_own_transaction_has_written_and_one_moment_only(meeting):
    names = Prepared(select(tables.space.c.zone))
    with meeting.db.reading() as before:
        assert names.all(before) == [("Europe/Berlin",)]
        with meeting.db.writing() as c:
            c.execute(tables.space.update().values(zone="UTC"))
            assert names.all(c) == [("UTC",)]
        assert names.all(before) == [("Europe/Berlin",)]


def test_what_is_wrong_is_told_by_sqlalchemy(meeting):
    with pytest.raises(DBAPIError), meeting.db.reading() as c:
        Prepared(select(column("id")).select_from(table("nowhere"))).all(c)


def test_a_database_that_goes_away_is_told_plainly(meeting):
    if meeting.db.is_sqlite:  # a file does not go away
        return
    count = Prepared(select(tables.space.c.id))
    with pytest.raises(Busy), meeting.db.reading() as c:
        number = c.scalar(text("SELECT pg_backend_pid()"))
        with meeting.db.writing() as other:
            other.execute(text(f"SELECT pg_terminate_backend({number})"))
        count.all(c)
    with meeting.db.reading() as c:
        assert count.all(c) == [(1,)]
