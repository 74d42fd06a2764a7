"""The database's history, and what a start makes of it."""

import re
import shutil
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from parley.settings import ROOT
from parley.store import finder, migrate
from parley.store.db import Database
from parley.store.errors import Wrong
from parley.store.tables import metadata
from parley.talk import memberships, people, rooms
from tests.meeting import Meeting

START = f"""
import sys
sys.path.insert(0, {str(ROOT / "site")!r})
from parley.store.db import Database
from parley.store import finder, migrate
migrate.upgrade(Database(sys.argv[1]))
print("alembic" in sys.modules)
"""

NEXT = '''"""The version after the newest."""

import sqlalchemy as sa
from alembic import op

revision = "{version}"
down_revision = "{newest}"


def upgrade():
    {act}
'''

REBUILD = """for table in ("people", "rooms", "messages", "files"):
        with op.batch_alter_table(table, recreate="auto") as batch:
            batch.add_column(sa.Column("mood", sa.Text, server_default="fine", nullable=False))
        if op.get_bind().dialect.name == "sqlite":
            with op.batch_alter_table(table, recreate="always"):
                pass"""

ORPHANS = """op.execute("INSERT INTO files (message_id, person_id, room_id, made_at, name,"
               " type, size, hash) VALUES (4711, 1, 1, '2026-05-21 08:00:00', 'a', 'b', 1, 'c')")"""

ASK = """import pathlib
    asked = op.get_bind().exec_driver_sql("PRAGMA foreign_keys").scalar()
    pathlib.Path({path!r}).write_text(str(asked))"""


# What search needs and tables.py cannot say: tests/test_search.py would fail without it.
TRIGGERS = {"searched_added", "searched_named", "searched_removed"}
INDEXES = ("ix_searched_words", "ix_searched_parts")


@pytest.fixture
def database(own_database) -> Database:
    """One of its own: its tables are changed here."""
    return own_database


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """A later Parley: the same history and one version more, which does what it is given."""

    def write(act: str) -> str:
        history, newest = tmp_path / "db", migrate.versions()[-1]
        version = f"{int(newest) + 1:04}"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(migrate.HISTORY, history, ignore=ignored)
        later = NEXT.format(version=version, newest=newest, act=act)
        (history / "versions" / f"{version}_next.py").write_text(later)
        monkeypatch.setattr(migrate, "HISTORY", history)
        return version

    return write


def emptied(database: Database) -> Database:
    with database.writing() as c:
        metadata.drop_all(c)
        c.execute(text("DROP TABLE alembic_version"))
        for index in finder.OWN if database.is_sqlite else ():
            c.execute(text(f"DROP TABLE {index}"))
    return database


def older_parley(database: Database) -> None:
    """As version 0002 left it: Miriam has said something in the Lobby."""
    migrate.upgrade(emptied(database), "0002")
    now = "'2026-05-21 08:00:00'"
    with database.writing() as c:
        for row in (
            f"space (name, zone, language, made_at) VALUES ('7b', 'UTC', 'en', {now})",
            "people (name, folded, role, joined_at, seen_at)"
            f" VALUES ('Miriam', 'miriam', 'owner', {now}, {now})",
            f"rooms (name, kind, made_by, made_at, revision) VALUES ('Lobby', 'open', 1, {now}, 1)",
            "messages (room_id, author_id, made, revision, digest, text, follows, posted_at)"
            f" VALUES (1, 1, 1, 1, '', 'before the update', false, {now})",
        ):
            c.execute(text(f"INSERT INTO {row}"))


def version(database: Database) -> str:
    with database.reading() as c:
        return c.scalar(text("SELECT version_num FROM alembic_version"))


def counts(database: Database) -> dict[str, int]:
    with database.reading() as c:
        return {table: c.scalar(text(f"SELECT count(*) FROM {table}")) for table in metadata.tables}


def start(database: Database) -> subprocess.Popen:
    url = database.url.set(drivername="sqlite" if database.is_sqlite else "postgresql")
    command = [sys.executable, "-c", START, url.render_as_string(hide_password=False)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_first_start_makes_everything(database):
    emptied(database)
    migrate.upgrade(database)
    with database.reading() as c:
        found = {name for name in inspect(c).get_table_names() if not finder.is_own(name)}
    assert found == {*metadata.tables, "alembic_version"}
    assert version(database) == migrate.versions()[-1]


def test_the_second_start_changes_nothing_and_does_not_even_import_alembic(database):
    Meeting(database)
    before = counts(database)
    said, trouble = start(database).communicate(timeout=30)
    assert (said, trouble) == ("False\n", "")
    assert counts(database) == before


def test_processes_that_start_at_once_migrate_once(database):
    emptied(database)
    starts = [start(database) for _ in range(2)]
    trouble = [one.communicate(timeout=30)[1] for one in starts]
    assert [one.returncode for one in starts] == [0, 0], trouble
    assert version(database) == migrate.versions()[-1]


def test_a_database_of_a_newer_parley_is_refused_in_one_line(database):
    with database.writing() as c:
        c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.TooNew) as refused:
        migrate.upgrade(database)
    said = str(refused.value)
    assert "\n" not in said
    assert "9999" in said and migrate.versions()[-1] in said
    assert "start the newer Parley" in said


def test_the_tables_do_not_drift_from_their_history(database):
    with database.reading() as c:
        # Alembic cannot read SQLite's default of '': the test below compares that.
        told = {"compare_type": True, "compare_server_default": not database.is_sqlite}
        told["include_name"] = lambda name, kind, _: (
            not (finder.is_own(name or "") or (kind == "index" and name in INDEXES))
        )
        context = MigrationContext.configure(c, opts=told)
        assert compare_metadata(context, metadata) == []


def test_sqlite_says_the_same_of_tables_and_history(sqlite, tmp_path):
    described = Database(f"sqlite:///{tmp_path / 'described.db'}")
    metadata.create_all(described.engine)
    assert definitions(described) == definitions(sqlite)
    described.close()


def test_postgresql_says_the_same_of_tables_and_history(database):
    if not database.is_sqlite:
        by_history = catalogue(database)
        metadata.create_all(emptied(database).engine)
        assert catalogue(database) == by_history
        assert len(by_history) > len(metadata.tables) * 3


def test_no_id_is_ever_given_out_again(database):
    meeting = Meeting(database)
    with database.writing() as c:
        for table, column in (("memberships", "person_id"), ("people", "id")):
            deleted = text(f"DELETE FROM {table} WHERE {column} = :id")
            c.execute(deleted, {"id": meeting.bob.id})
        assert people.join(c, "Carla", None).id == meeting.bob.id + 1


def test_every_table_of_sqlite_counts_up(sqlite):
    for name, table in metadata.tables.items():
        assert table.dialect_options["sqlite"]["autoincrement"], name
        assert "AUTOINCREMENT" in " ".join(definitions(sqlite)[name]), name


def test_a_full_database_keeps_every_row_when_parents_are_rebuilt(database, next_version):
    meeting = Meeting(database)
    for number in range(30):
        said = meeting.says(meeting.ann, f"line {number}")
    with database.writing() as c:
        c.execute(
            text(
                "INSERT INTO files (message_id, person_id, room_id, made_at, name, type, size,"
                " hash) VALUES (:id, :by, :room, '2026-05-21 08:00:00', 'a.txt', 'text/plain',"
                " 1, 'c')"
            ),
            {"id": said.id, "by": said.author_id, "room": said.room_id},
        )
    before = counts(database)
    assert (before["messages"], before["files"]) == (30, 1)
    later = next_version(REBUILD)
    migrate.upgrade(database)
    assert version(database) == later
    assert counts(database) == before
    with database.reading() as c:
        assert c.scalar(text("SELECT mood FROM messages LIMIT 1")) == "fine"


def test_who_was_there_before_is_in_the_rooms_that_were(database):
    older_parley(database)
    migrate.upgrade(database)
    with database.reading() as c:
        [room] = rooms.seen_by(c, people.get(c, 1))
        assert (room.name, room.kind, memberships.count(c, room.id)) == ("Lobby", "open", 1)
        assert c.scalar(text("SELECT seen FROM memberships")) == 1  # nothing old is unread


def test_old_names_that_look_alike_stay_and_keep_newcomers_away(database):
    older_parley(database)
    now = "'2026-05-21 08:00:00'"
    with database.writing() as c:
        for name in ("Ilan", "llan", "Bob"):
            row = f"'{name}', '{name.lower()}', 'member', {now}, {now}"
            c.execute(
                text(f"INSERT INTO people (name, folded, role, joined_at, seen_at) VALUES ({row})")
            )
    migrate.upgrade(database)
    with database.writing() as c:
        assert [one.name for one in people.everyone(c)] == ["Bob", "Ilan", "llan", "Miriam"]
        llan = people.get(c, 3)
        assert people.by_name(c, "llan") == (llan.id, None)
        people.describe(c, llan, "llan", "Here since the beginning", None)
    for name in ("1lan", "LLAN", "M\u0456riam"):
        with pytest.raises(Wrong), database.writing() as c:
            people.join(c, name, None)


def test_foreign_keys_are_off_while_sqlite_migrates_and_on_afterwards(
    sqlite, next_version, tmp_path
):
    seen = tmp_path / "seen"
    next_version(ASK.format(path=str(seen)))
    migrate.upgrade(sqlite)
    assert seen.read_text() == "0"
    with sqlite.reading() as first, sqlite.writing() as second:
        for c in (first, second):
            assert c.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_foreign_keys_are_on_again_after_a_migration_that_failed(sqlite, next_version):
    next_version("raise KeyError('half way')")
    with pytest.raises(KeyError):
        migrate.upgrade(sqlite)
    with sqlite.reading() as c:
        assert c.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("act", [ORPHANS, REBUILD + "\n    raise RuntimeError('half way')"])
def test_a_migration_that_breaks_is_undone_whole(database, next_version, act):
    Meeting(database)
    before, old = counts(database), version(database)
    next_version(act)
    with pytest.raises(Exception, match=r"reference|half way|violates foreign key"):
        migrate.upgrade(database)
    assert (counts(database), version(database)) == (before, old)
    with database.reading() as c:
        assert "mood" not in {column["name"] for column in inspect(c).get_columns("people")}


def test_versions_are_the_files_in_order():
    assert migrate.versions()[0] == "0001"
    assert migrate.versions() == sorted(set(migrate.versions()))


def definitions(database: Database) -> dict[str, set[str]]:
    """The lines of SQL that SQLite keeps of each table and index; their order says nothing."""
    with database.reading() as c:
        rows = c.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {
            name: {part.strip(" \t)") for part in re.split(r"[\n,]", sql)} - {""}
            for name, sql in rows
            if not (name == "alembic_version" or finder.is_own(name) or name in TRIGGERS)
        }


def catalogue(database: Database) -> set[tuple]:
    """Columns, constraints and indexes as PostgreSQL describes them."""
    here = "pg_class.relnamespace = current_schema()::regnamespace"
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = current_schema()",
        "SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid)"
        f" FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid WHERE {here}",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    )
    with database.reading() as c:
        return {
            tuple(row)
            for query in queries
            for row in c.execute(text(query))
            if row[0] != "alembic_version" and not row[1].startswith(INDEXES)
        }


def test_files_of_messages_are_of_a_person_and_a_room_from_0006_on(database):
    older_parley(database)
    migrate.upgrade(database, "0005")
    with database.writing() as c:
        c.execute(
            text(
                "INSERT INTO files (id, message_id, name, type, size, hash)"
                " VALUES (7, 1, 'a.txt', 'text/plain', 1, 'c')"
            )
        )
    migrate.upgrade(database)
    with database.writing() as c:
        kept = c.execute(text("SELECT id, message_id, person_id, room_id, name FROM files")).all()
        assert kept == [(7, 1, 1, 1, "a.txt")]
        now = {"made_at": "2026-05-21 08:00:00"}
        row = "message_id, person_id, room_id, made_at, name, type, size, hash"
        added = (
            f"INSERT INTO files ({row}) VALUES (1, 1, 1, :made_at, 'b', 'c', 1, 'd') RETURNING id"
        )
        assert c.scalar(text(added), now) == 8


@pytest.mark.parametrize("left", [0, 1])
def test_0006_gives_no_id_of_a_file_out_again(database, left):
    older_parley(database)
    migrate.upgrade(database, "0005")
    row, its = "message_id, name, type, size, hash", "1, 'a', 'b', 1, 'c'"
    with database.writing() as c:
        for _ in range(3):
            c.execute(text(f"INSERT INTO files ({row}) VALUES ({its})"))
        c.execute(text("DELETE FROM files WHERE id > :left"), {"left": left})
    migrate.upgrade(database)
    new = f"INSERT INTO files ({row}, person_id, room_id, made_at) VALUES ({its}, 1, 1, :made_at)"
    with database.writing() as c:
        now = {"made_at": "2026-05-21 08:00:00"}
        assert c.scalar(text(f"{new} RETURNING id"), now) == 4
