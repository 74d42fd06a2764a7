"""What the columns of the tables hold, the same on both databases."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class UTCDateTime(sa.TypeDecorator):
    """A moment in UTC: SQLite gives naive datetimes back, PostgreSQL aware ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect):
        """Take aware datetimes; SQLite keeps them without their zone."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect):
        """Give aware datetimes in UTC."""
        return value and value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Pairs(sa.TypeDecorator):
    """A few pairs of number and text, as JSON."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[tuple[int, str]] | None, dialect):
        """Take any sequence, or none."""
        return json.dumps(value or (), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect):
        """Give tuples."""
        return tuple((number, text) for number, text in json.loads(value or "[]"))
