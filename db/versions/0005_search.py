"""What search looks at: the folded words of each message, and the indexes of both databases."""

import sqlalchemy as sa
from alembic import op

from parley.talk import spelling

revision = "0005"
down_revision = "0004"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 1000

# Neither knows positions: what stands beside what is seen by the words themselves.
NAME = """BEGIN
        INSERT INTO searched_words (rowid, marks, words) VALUES (new.id, new.marks, new.words);
        INSERT INTO searched_parts (rowid, words) VALUES (new.id, new.words);
    END"""
SQLITE = (
    """CREATE VIRTUAL TABLE searched_words USING fts5(marks, words,
        tokenize="ascii tokenchars '_'", prefix='3',
        content='searched', content_rowid='id', detail=none, columnsize=0)""",
    """CREATE VIRTUAL TABLE searched_parts USING fts5(words,
        tokenize="trigram case_sensitive 1",
        content='searched', content_rowid='id', detail=none, columnsize=0)""",
    f"CREATE TRIGGER searched_added AFTER INSERT ON searched WHEN new.named {NAME}",
    f"CREATE TRIGGER searched_named AFTER UPDATE OF named ON searched {NAME}",
    """CREATE TRIGGER searched_removed AFTER DELETE ON searched WHEN old.named BEGIN
        INSERT INTO searched_words (searched_words, rowid, marks, words)
            VALUES ('delete', old.id, old.marks, old.words);
        INSERT INTO searched_parts (searched_parts, rowid, words)
            VALUES ('delete', old.id, old.words);
    END""",
)
POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION searched_parts(words text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_agg(DISTINCT a || b || c) FROM (
            SELECT sign AS a, lead(sign) OVER places AS b, lead(sign, 2) OVER places AS c
            FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS signs(sign, place)
            WINDOW places AS (ORDER BY place)
        ) AS three WHERE c IS NOT NULL
    $$""",
    """CREATE INDEX ix_searched_words ON searched USING gin
        (array_to_tsvector(array_remove(string_to_array(marks || words, ' '), '')))""",
    "CREATE INDEX ix_searched_parts ON searched USING gin (searched_parts(words))",
    # Else PostgreSQL takes a rare part for a usual one, and reads all messages from the newest on.
    "ALTER INDEX ix_searched_parts ALTER COLUMN 1 SET STATISTICS 300",
)
SAID = sa.text("""
    SELECT id, room_id, author_id, posted_at, text FROM messages
    WHERE deleted_at IS NULL AND id > :after ORDER BY id LIMIT :batch
""").columns(posted_at=sa.DateTime(timezone=True))
NEW = """
    INSERT INTO searched (id, room_id, marks, words, named)
    VALUES (:id, :room, :marks, :words, true)
"""
FILES = sa.text("""
    SELECT message_id, thumb IS NOT NULL FROM files WHERE message_id BETWEEN :first AND :last
""")


def upgrade():
    """Make all of it, and put in what was said until now."""
    op.create_table(
        "searched",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("room_id", Id, nullable=False),
        sa.Column("marks", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("named", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_searched"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_searched_room_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_searched_room_id_id", "searched", ["room_id", "id"])
    c = op.get_bind()
    if c.dialect.name == "sqlite":
        for made in SQLITE:
            c.exec_driver_sql(made)
    _index(c)
    if c.dialect.name != "sqlite":  # an index over what is there is quicker made
        for made in POSTGRESQL:
            c.exec_driver_sql(made)


def _index(c):
    after = 0
    while said := c.execute(SAID, {"after": after, "batch": BATCH}).all():
        photos = {}
        for message_id, is_photo in c.execute(FILES, {"first": said[0].id, "last": said[-1].id}):
            photos.setdefault(message_id, []).append(is_photo)
        rows = []
        for id, room, author, moment, text in said:
            marks, words = spelling.line(room, author, moment, text, photos.get(id, []))
            rows.append({"id": id, "room": room, "marks": marks, "words": words})
        c.execute(sa.text(NEW), rows)
        after = said[-1].id
