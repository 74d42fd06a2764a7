"""The space, its people and logins, rooms with their revision, messages and files."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def _table(name, *columns):
    op.create_table(
        name,
        sa.Column("id", Id, autoincrement=True, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sqlite_autoincrement=True,
    )


def _refers(table, column, to):
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def upgrade():
    """Make everything."""
    _table(
        "space",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
    )
    _table(
        "people",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False, server_default=""),
        sa.Column("picture", sa.Text, nullable=True),
        sa.Column("joined_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("before_at", Moment, nullable=True),
        sa.UniqueConstraint("folded", name="uq_people_folded"),
    )
    _table(
        "logins",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        _refers("logins", "person_id", "people"),
        sa.UniqueConstraint("token_hash", name="uq_logins_token_hash"),
    )
    op.create_index("ix_logins_person_id", "logins", ["person_id"])
    _table(
        "links",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("made_by", Id, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False, server_default="0"),
        _refers("links", "made_by", "people"),
        sa.UniqueConstraint("code", name="uq_links_code"),
    )
    _table(
        "rooms",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False, server_default=""),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("made_by", Id, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
        _refers("rooms", "made_by", "people"),
    )
    _table(
        "messages",
        sa.Column("room_id", Id, nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("follows", sa.Boolean, nullable=False),
        sa.Column("posted_at", Moment, nullable=False),
        sa.Column("previous_at", Moment, nullable=True),
        sa.Column("edited_at", Moment, nullable=True),
        sa.Column("deleted_at", Moment, nullable=True),
        _refers("messages", "room_id", "rooms"),
        _refers("messages", "author_id", "people"),
        sa.UniqueConstraint("author_id", "key", name="uq_messages_author_id_key"),
        sa.UniqueConstraint("room_id", "made", name="uq_messages_room_id_made"),
    )
    op.create_index("ix_messages_room_id_revision", "messages", ["room_id", "revision"])
    op.create_index("ix_messages_room_id_id", "messages", ["room_id", "id"])
    _table(
        "files",
        sa.Column("message_id", Id, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=True),
        sa.Column("height", sa.Integer, nullable=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("large", sa.Text, nullable=True),
        sa.Column("thumb", sa.Text, nullable=True),
        _refers("files", "message_id", "messages"),
    )
    op.create_index("ix_files_message_id", "files", ["message_id"])
