"""The column type for moments, and what all tables keep."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, text
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.columns import UTCDateTime
from parley.store.db import Database
from parley.store.tables import metadata
from tests.meeting import Meeting

moments = Table("moments", MetaData(), Column("moment", UTCDateTime))
NOON = datetime(2027, 7, 20, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def database(own_database) -> Database:
    """One of its own: its tables are changed here."""
    return own_database


@pytest.fixture
def keep(database):
    """Keep a moment and read it again."""
    moments.create(database.engine)

    def through(moment):
        with database.writing() as c:
            c.execute(insert(moments).values(moment=moment))
        with database.reading() as c:
            return c.scalar(select(moments.c.moment))

    return through


def test_a_moment_comes_back_as_it_was_in_utc(keep):
    found = keep(NOON)
    assert found == NOON
    assert found.tzinfo is UTC


def test_a_moment_of_another_zone_is_the_same_moment(keep):
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    found = keep(there)
    assert found == NOON
    assert found.utcoffset() == timedelta(0)


def test_no_moment_is_none(keep):
    assert keep(None) is None


def test_moments_are_compared_as_moments(keep, database):
    keep(NOON)
    there = timezone(timedelta(hours=-9))
    with database.reading() as c:
        later = select(moments.c.moment).where
        assert c.scalar(later(moments.c.moment > (NOON - timedelta(seconds=1)).astimezone(there)))
        assert not c.scalar(later(moments.c.moment > NOON.astimezone(there)))


def test_the_machine_s_zone_does_not_matter(keep, monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        assert keep(NOON) == NOON
    finally:
        monkeypatch.undo()
        time.tzset()


def test_every_moment_in_the_tables_is_of_this_type():
    kinds = {
        column.type.__class__
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_at")
    }
    assert kinds == {UTCDateTime}


def test_a_row_cannot_refer_to_nothing(database):
    meeting = Meeting(database)
    with pytest.raises(IntegrityError), database.writing() as c:
        c.execute(text("DELETE FROM people WHERE id = :id"), {"id": meeting.miriam.id})
    now, it = datetime.now(UTC), {"name": "a", "type": "b", "size": 1, "hash": "c"}
    it |= {"person_id": meeting.ann.id, "room_id": meeting.room.id, "made_at": now}
    with database.writing() as c:
        c.execute(insert(tables.files).values(it))
    with pytest.raises(IntegrityError), database.writing() as c:
        c.execute(insert(tables.files).values(it | {"message_id": 4711}))


def test_large_numbers_fit(database):
    meeting = Meeting(database)
    with database.writing() as c:
        c.execute(text("UPDATE rooms SET revision = :most"), {"most": 2**63 - 2})
    assert meeting.says(meeting.ann, "last").revision == 2**63 - 1
