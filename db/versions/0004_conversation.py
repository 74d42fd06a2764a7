"""Replies, mentions, reactions, pins, drafts; what was there before an edit; zones of readers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

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
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name)


def _unique(table, *columns):
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _where(which):
    return {f"{it}_where": sa.text(which) for it in ("sqlite", "postgresql")}


def _id(name, nullable=False):
    return sa.Column(name, Id, nullable=nullable)


def _text(name, default=None, nullable=False):
    return sa.Column(name, sa.Text, nullable=nullable, server_default=default)


def _number(name, default):
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=default)


def _moment(name, nullable=False):
    return sa.Column(name, Moment, nullable=nullable)


def upgrade():
    """What people do with messages besides reading them."""
    op.add_column("space", _number("people_version", "0"))
    op.add_column("rooms", _number("head", "0"))
    op.add_column("rooms", _number("pins", "0"))
    op.add_column("people", _text("zone", nullable=True))
    op.add_column("people", _text("language", nullable=True))
    shortcuts = sa.Column("shortcuts", sa.Boolean, nullable=False, server_default=sa.true())
    op.add_column("people", shortcuts)
    op.add_column("people", _number("told", "0"))
    op.add_column("people", _id("muted_by", True))
    _messages()
    _beside_messages()


def _messages():
    op.add_column("messages", _id("reply_to", True))
    apart = sa.Column("apart", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("messages", apart)
    op.add_column("messages", _number("replies", "0"))
    op.add_column("messages", _text("mentions", "[]"))
    op.add_column("messages", _moment("pinned_at", True))
    op.add_column("messages", _id("pinned_by", True))
    op.create_index("ix_messages_reply_to", "messages", ["reply_to"])
    pinned = _where("pinned_at IS NOT NULL")
    op.create_index("ix_messages_pinned", "messages", ["room_id"], **pinned)
    op.create_index("ix_messages_room_id_posted_at", "messages", ["room_id", "posted_at"])


def _beside_messages():
    _table(
        "reactions",
        _id("message_id"),
        _id("person_id"),
        _text("emoji"),
        _moment("made_at"),
        _refers("reactions", "message_id", "messages"),
        _refers("reactions", "person_id", "people"),
        _unique("reactions", "message_id", "person_id", "emoji"),
    )
    _table(
        "versions",
        _id("message_id"),
        _text("text"),
        _moment("until"),
        _refers("versions", "message_id", "messages"),
    )
    op.create_index("ix_versions_message_id", "versions", ["message_id"])
    _table(
        "notices",
        _id("person_id"),
        _id("message_id"),
        _id("by_id"),
        _text("kind"),
        _moment("made_at"),
        _id("room_id"),
        sa.Column("made", sa.BigInteger, nullable=True),
        _unique("notices", "message_id", "person_id", "by_id", "kind"),
    )
    for columns in (["person_id", "room_id", "made"], ["person_id", "id"]):
        op.create_index(f"ix_notices_{'_'.join(columns)}", "notices", columns)
    beside = _where("made IS NULL")
    op.create_index("ix_notices_beside", "notices", ["person_id", "id"], **beside)
    _table(
        "drafts",
        _id("person_id"),
        _id("room_id"),
        _text("text"),
        _moment("saved_at"),
        _refers("drafts", "person_id", "people"),
        _refers("drafts", "room_id", "rooms"),
        _unique("drafts", "person_id", "room_id"),
    )
    op.create_index("ix_drafts_room_id", "drafts", ["room_id"])
