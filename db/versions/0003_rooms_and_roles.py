"""Who is in which room and has read how far; ways in, and what moderators do."""

import sqlalchemy as sa
from alembic import op

from parley.talk import lookalikes

revision = "0003"
down_revision = "0002"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

EVERYONE_IS_IN_EVERY_ROOM = """
    INSERT INTO memberships (room_id, person_id, seen, joined_at)
    SELECT rooms.id, people.id, rooms.revision, people.joined_at FROM rooms CROSS JOIN people
"""


def _table(name, *columns):
    op.create_table(
        name,
        sa.Column("id", Id, autoincrement=True, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sqlite_autoincrement=True,
    )


def _refers(table, column, to, **options):
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, **options)


def _text(name, default=None):
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _number(name, nullable=False):
    return sa.Column(name, Id, nullable=nullable)


def _moment(name, nullable=False):
    return sa.Column(name, Moment, nullable=nullable)


def upgrade():
    """Memberships, rooms of several kinds, sanctions, links with conditions, reports, the log."""
    _rooms()
    _people()
    _doors()
    _moderation()


def _rooms():
    op.add_column("rooms", _moment("archived_at", True))
    op.add_column("rooms", _moment("locked_at", True))
    op.add_column("rooms", sa.Column("pair", sa.Text, nullable=True))
    op.create_index("ix_rooms_pair", "rooms", ["pair"], unique=True)
    _table(
        "memberships",
        _number("room_id"),
        _number("person_id"),
        sa.Column("seen", sa.BigInteger, nullable=False),
        _text("notify", "all"),
        _moment("joined_at"),
        _moment("out_until", True),
        _moment("out_at", True),
        _number("out_by", True),
        _refers("memberships", "room_id", "rooms"),
        _refers("memberships", "person_id", "people"),
        _refers("memberships", "out_by", "people"),
        sa.UniqueConstraint("person_id", "room_id", name="uq_memberships_person_id_room_id"),
    )
    op.create_index("ix_memberships_room_id", "memberships", ["room_id"])
    op.execute(EVERYONE_IS_IN_EVERY_ROOM)


def _people():
    op.add_column("people", _moment("muted_until", True))
    op.add_column("people", _moment("out_until", True))
    op.add_column("people", _moment("out_at", True))
    op.add_column("people", _number("out_by", True))
    op.add_column("people", _moment("banned_at", True))
    op.add_column("people", _moment("left_at", True))
    op.add_column("people", _number("room_id", True))
    _names()
    for name, default in (
        ("welcome", ""),
        ("accent", "pine"),
        ("joining", "link"),
        ("makes_rooms", "member"),
        ("sends_files", "member"),
        ("writes_direct", "member"),
    ):
        op.add_column("space", _text(name, default))
    op.add_column("space", sa.Column("picture", sa.Text, nullable=True))
    _table(
        "blocks",
        _number("person_id"),
        _number("blocked_id"),
        _refers("blocks", "person_id", "people"),
        _refers("blocks", "blocked_id", "people"),
        sa.UniqueConstraint("person_id", "blocked_id", name="uq_blocks_person_id_blocked_id"),
    )


def _names():
    """Names that look alike already may stay: only the first of them keeps others away."""
    for form in ("looks", "looks_small"):
        op.add_column("people", sa.Column(form, sa.Text, nullable=True))
        op.create_index(f"ix_people_{form}", "people", [form], unique=True)
    c, taken = op.get_bind(), set()
    for person_id, name in c.execute(sa.text("SELECT id, name FROM people ORDER BY id")).all():
        looks, small = lookalikes.forms(name)
        if not taken & {(1, looks), (2, small)}:
            taken |= {(1, looks), (2, small)}
            row = {"looks": looks, "small": small, "id": person_id}
            kept = "UPDATE people SET looks = :looks, looks_small = :small WHERE id = :id"
            c.execute(sa.text(kept), row)


def _doors():
    op.add_column("links", _text("name", ""))
    op.add_column("links", _text("role", "member"))
    op.add_column("links", _moment("expires_at", True))
    op.add_column("links", sa.Column("most", sa.Integer, nullable=True))
    op.add_column("links", _moment("revoked_at", True))
    _table(
        "link_rooms",
        _number("link_id"),
        _number("room_id"),
        _refers("link_rooms", "link_id", "links"),
        _refers("link_rooms", "room_id", "rooms"),
        sa.UniqueConstraint("link_id", "room_id", name="uq_link_rooms_link_id_room_id"),
    )
    _table(
        "keys",
        _number("person_id"),
        _text("token_hash"),
        _number("made_by"),
        _moment("made_at"),
        _moment("expires_at"),
        _moment("used_at", True),
        _number("login_id", True),
        _refers("keys", "person_id", "people"),
        _refers("keys", "made_by", "people"),
        sa.UniqueConstraint("token_hash", name="uq_keys_token_hash"),
    )
    # A browser, by a cookie of its own that outlives its logins.
    op.add_column("logins", _text("browser", ""))
    op.create_index("ix_logins_browser", "logins", ["browser"])


def _moderation():
    op.add_column("messages", _number("deleted_by", True))
    op.execute("UPDATE messages SET deleted_by = author_id WHERE deleted_at IS NOT NULL")
    _table(
        "reports",
        _number("message_id"),
        _number("by_id"),
        _text("reason", ""),
        _moment("made_at"),
        _moment("closed_at", True),
        _number("closed_by", True),
        _refers("reports", "message_id", "messages"),
        _refers("reports", "by_id", "people"),
        _refers("reports", "closed_by", "people"),
        sa.UniqueConstraint("message_id", "by_id", name="uq_reports_message_id_by_id"),
    )
    _table(
        "log",
        _number("by_id"),
        _text("act"),
        _number("person_id", True),
        _number("room_id", True),
        _number("message_id", True),
        _text("words", ""),
        _moment("made_at"),
        _refers("log", "by_id", "people"),
        _refers("log", "person_id", "people"),
    )
