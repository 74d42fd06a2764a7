"""Files that wait in a tray until they are sent; a third preview, words, and what a player asks."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BACK = """
    INSERT INTO files (id, message_id, person_id, room_id, made_at,
        name, type, size, width, height, hash, large, thumb)
    SELECT it.id, message_id, author_id, room_id, posted_at,
        name, type, size, width, height, hash, large, thumb
    FROM files_before AS it JOIN messages ON messages.id = message_id ORDER BY it.id
"""
# Ids count on from the last one given out, also if that file is gone: browsers keep files by them.
LAST = {
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = 'files'",
    "postgresql": "SELECT pg_sequence_last_value(CAST('files_id_seq' AS regclass))",
}
COUNT_ON = {
    "sqlite": "INSERT INTO sqlite_sequence SELECT 'files', :last WHERE :last > 0",
    "postgresql": """
        SELECT setval(pg_get_serial_sequence('files', 'id'), greatest(:last, max(id)))
        FROM files_before
    """,
}
WAITING, DELETED = sa.text("message_id IS NULL"), sa.text("deleted_at IS NOT NULL")


def upgrade():
    """A file belongs to a person and a room from the start, to a message when that is sent."""
    c = op.get_bind()
    last = c.scalar(sa.text(LAST[c.dialect.name]))
    op.execute("CREATE TABLE files_before AS SELECT * FROM files")  # nothing refers to it
    op.drop_table("files")
    op.create_table(
        "files",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("room_id", Id, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text, nullable=True),
        sa.Column("place", sa.Integer, nullable=False, server_default="0"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("alt", sa.Text, nullable=False, server_default=""),
        sa.Column("width", sa.Integer, nullable=True),
        sa.Column("height", sa.Integer, nullable=True),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.Column("colour", sa.Text, nullable=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("huge", sa.Text, nullable=True),
        sa.Column("large", sa.Text, nullable=True),
        sa.Column("thumb", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("person_id", "key", name="uq_files_person_id_key"),
        *(_refers(f"{one}_id", to) for one, to in REFERRED.items()),
        sqlite_autoincrement=True,
    )
    c.execute(sa.text(COUNT_ON[c.dialect.name]), {"last": last})
    op.execute(BACK)
    op.drop_table("files_before")
    op.create_index("ix_files_message_id", "files", ["message_id"])
    op.create_index("ix_files_room_id_message_id", "files", ["room_id", "message_id"])
    where = {"sqlite_where": WAITING, "postgresql_where": WAITING}
    op.create_index("ix_files_waiting", "files", ["person_id", "room_id"], **where)
    # Whose files go, once the deletion can no longer be undone.
    where = {"sqlite_where": DELETED, "postgresql_where": DELETED}
    op.create_index("ix_messages_deleted", "messages", ["deleted_at"], **where)


REFERRED = {"message": "messages", "person": "people", "room": "rooms"}


def _refers(column, to):
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_files_{column}")
