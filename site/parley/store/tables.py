"""The tables, described once for SQLite and PostgreSQL. db/versions/ is their history."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator):
    """A moment in UTC: SQLite gives naive datetimes back, PostgreSQL aware ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect):
        """Take aware datetimes only; SQLite keeps them without their zone."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect):
        """Give aware datetimes in UTC."""
        return value and (
            value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        )


def _table(name: str, *columns, **options) -> Table:
    # AUTOINCREMENT: otherwise the id of a deleted newest row is given out again, and
    # addresses of files and cached pages then name something else.
    key = Column("id", Id, primary_key=True, autoincrement=True)
    return Table(name, metadata, key, *columns, sqlite_autoincrement=True, **options)


def _moment(name: str, **options) -> Column:
    return Column(name, UTCDateTime, **{"nullable": False, **options})


def _text(name: str, **options) -> Column:
    return Column(name, Text, **{"nullable": False, **options})


def _refers(name: str, to: str, **options) -> Column:
    return Column(name, Id, ForeignKey(to), **{"nullable": False, **options})


space = _table(
    "space",
    _text("name"),
    _text("zone"),
    _text("language"),
    _moment("made_at"),
)

people = _table(
    "people",
    _text("name"),
    _text("folded", unique=True),  # one name, however it is written
    _text("password", nullable=True),  # none: known by their browsers only
    _text("role"),
    _text("about", server_default=""),
    _text("picture", nullable=True),  # content hash
    _moment("joined_at"),
    _moment("seen_at"),
    _moment("before_at", nullable=True),  # when the visit before this one ended
)

logins = _table(
    "logins",
    _refers("person_id", "people.id"),
    _text("token_hash", unique=True),
    _text("device"),
    _moment("made_at"),
    _moment("seen_at"),
    _moment("expires_at"),
    Index("ix_logins_person_id", "person_id"),
)

links = _table(
    "links",
    _text("code", unique=True),
    _refers("made_by", "people.id"),
    _moment("made_at"),
    Column("uses", Integer, nullable=False, server_default="0"),
)

rooms = _table(
    "rooms",
    _text("name"),
    _text("topic", server_default=""),
    _text("kind"),
    _refers("made_by", "people.id"),
    _moment("made_at"),
    Column("revision", BigInteger, nullable=False, server_default="0"),
)

messages = _table(
    "messages",
    _refers("room_id", "rooms.id"),
    _refers("author_id", "people.id"),
    Column("made", BigInteger, nullable=False),  # the room's revision at posting
    Column("revision", BigInteger, nullable=False),  # ... at the last change
    _text("key", nullable=True),
    _text("digest"),  # what the key stands for, as first sent
    _text("text"),
    Column("follows", Boolean, nullable=False),  # the same person, within five minutes
    _moment("posted_at"),
    _moment("previous_at", nullable=True),  # of the message before it: is this a new day?
    _moment("edited_at", nullable=True),
    _moment("deleted_at", nullable=True),
    UniqueConstraint("author_id", "key"),
    UniqueConstraint("room_id", "made"),
    Index("ix_messages_room_id_revision", "room_id", "revision"),
    Index("ix_messages_room_id_id", "room_id", "id"),
)

files = _table(
    "files",
    _refers("message_id", "messages.id"),
    _text("name"),
    _text("type"),
    Column("size", BigInteger, nullable=False),
    Column("width", Integer, nullable=True),
    Column("height", Integer, nullable=True),
    _text("hash"),
    _text("large", nullable=True),  # content hashes of the previews
    _text("thumb", nullable=True),
    Index("ix_files_message_id", "message_id"),
)
