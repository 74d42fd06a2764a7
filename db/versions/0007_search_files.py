"""Messages are found by the names of their files, too, and by what can be seen on their photos."""

import sqlalchemy as sa
from alembic import op

from parley.talk import spelling

revision = "0007"
down_revision = "0006"

BATCH = 1000
SAID = sa.text("""
    SELECT id, room_id, author_id, posted_at, text FROM messages
    WHERE deleted_at IS NULL AND id > :after
        AND EXISTS (SELECT 1 FROM files WHERE message_id = messages.id)
    ORDER BY id LIMIT :batch
""").columns(posted_at=sa.DateTime(timezone=True))
FILES = sa.text("""
    SELECT message_id, type LIKE 'image/%' AND thumb IS NOT NULL, name, alt FROM files
    WHERE message_id BETWEEN :first AND :last ORDER BY place, id
""")
OLD = sa.text("DELETE FROM searched WHERE id = :id")
NEW = sa.text("""
    INSERT INTO searched (id, room_id, marks, words, named)
    VALUES (:id, :room, :marks, :words, true)
""")


def upgrade():
    """Put in anew what was sent with files; triggers keep the indexes of SQLite."""
    c, after = op.get_bind(), 0
    while said := c.execute(SAID, {"after": after, "batch": BATCH}).all():
        files = {}
        for message_id, *file in c.execute(FILES, {"first": said[0].id, "last": said[-1].id}):
            files.setdefault(message_id, []).append(file)
        rows = [_row(one, files[one.id]) for one in said]
        c.execute(OLD, [{"id": row["id"]} for row in rows])
        c.execute(NEW, rows)
        after = said[-1].id


def _row(said, files):
    photos = [is_photo for is_photo, *_ in files]
    beside = [one for is_photo, name, alt in files for one in ("" if is_photo else name, alt)]
    marks, words = spelling.line(*said[1:], photos, beside)
    return {"id": said.id, "room": said.room_id, "marks": marks, "words": words}
