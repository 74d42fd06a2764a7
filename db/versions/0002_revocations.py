"""Who may no longer poll with a ticket given out earlier."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade():
    """Revocations, and the counter that numbers them in the order of their commits."""
    counter = sa.Column("revocation", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("space", counter)
    op.create_table(
        "revocations",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("login_id", Id, nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("room_id", Id, nullable=True),
        sa.Column("made_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revocations"),
        sa.UniqueConstraint("number", name="uq_revocations_number"),
        sqlite_autoincrement=True,
    )
