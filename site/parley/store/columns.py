"""What a column of the tables can hold, the same in both databases, and how one is described.

None is empty unless that is said (`nullable`).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

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


ident = partial(sa.Column, type_=Id, nullable=False)
text = partial(sa.Column, type_=sa.Text, nullable=False)
moment = partial(sa.Column, type_=UTCDateTime, nullable=False)
number = partial(sa.Column, type_=sa.BigInteger, nullable=False)
flag = partial(sa.Column, type_=sa.Boolean, nullable=False)


def refers(name: str, to: str, nullable: bool = False, **options: Any) -> sa.Column:
    """The id of a row in another table, `to` as in "people.id"."""
    return sa.Column(name, Id, sa.ForeignKey(to), nullable=nullable, **options)


def where(which: str) -> dict[str, Any]:
    """Of an index: which rows it has."""
    return {f"{it}_where": sa.text(which) for it in ("sqlite", "postgresql")}
