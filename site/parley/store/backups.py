"""Backups: everything that must survive, as it was at one moment, in one file with checksums.

The file is a tar: `parley.db` (SQLite, also when the source is PostgreSQL, so that it can be
restored into either), the files that its messages name, the sessions, the secret, and at the end
`manifest.json` with the SHA-256 of each. What a message names was on disk before the message was
committed, so a copy of the database made first never names a file that comes too late.
"""

import fcntl
import json
import logging
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from parley.store import migrate, tables
from parley.store.db import Database
from parley.store.files import Files, digest
from parley.store.finder import is_own
from parley.store.pace import PIECE, REST, Pace, PacedFile

AHEAD = 1_000_000  # what a restore adds to each revision: every open page is then behind
LAST_FILE = {  # the highest id that a file has had
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = 'files'",
    "postgresql": "SELECT last_value FROM files_id_seq",
}
NEXT_FILE = {  # is one more than that
    "sqlite": "INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq) VALUES"
    " ((SELECT rowid FROM sqlite_sequence WHERE name = 'files'), 'files', :last)",
    "postgresql": "SELECT setval('files_id_seq', :last)",
}
BATCH = 1000  # rows
NAMING = {  # tables and their columns that hold the hash of a file
    "files": ("hash", "huge", "large", "thumb"),
    "people": ("picture",),
    "space": ("picture",),
}
SPARE = 2_000_000_000  # bytes that a nightly backup leaves free
DAYS, WEEKS = 7, 4  # how many nightly ones are kept

log = logging.getLogger("parley")


class Damaged(Exception):
    """A backup cannot be restored; the message says why."""


def make(database: Database, data: Path, target: Path, rest: float = REST) -> list[Path]:
    """Write a backup, while others go on reading and writing; `rest` 0 when there are none.

    Every message that was acknowledged before the call is in it. Gives the files that are named
    and not there as they were stored: a backup without a lost photo is better than none.
    """
    files = Files(data / "files")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f"{target.name}.part")
    with (
        files.steady(),  # what the copy names is there when its turn comes
        tempfile.TemporaryDirectory(prefix=f"{target.name}.", dir=target.parent) as folder,
    ):
        copy = Path(folder, "parley.db")
        version = snapshot(database, copy, rest)
        sums: dict[str, str] = {}
        lost: list[Path] = []
        with PacedFile(part, rest) as out, tarfile.open(fileobj=out, mode="w") as tar:
            for name, path in [("parley.db", copy), *_kept(copy, data, Path(folder))]:
                is_file = name.startswith("files/")
                if is_file and not files.is_whole(path.name):
                    lost.append(path)
                    continue
                sums[name] = path.name if is_file else digest(path)
                tar.add(path, name, recursive=False)
            manifest = Path(folder, "manifest.json")
            manifest.write_text(json.dumps({"version": version, "sums": sums}))
            tar.add(manifest, "manifest.json")
    part.replace(target)
    return lost


def snapshot(database: Database, target: Path, rest: float = 0) -> str | None:
    """The database at one moment, as an SQLite file; gives its version."""
    if database.is_sqlite:
        _copy_pages(Path(str(database.url.database)), target, rest)
    with closing(Database(f"sqlite:///{target}")) as copy:
        if not database.is_sqlite:
            with database.reading() as source:
                migrate.upgrade(copy, migrate.version(source) or "head")
                with copy.writing() as into:
                    _copy(source, into, _as_in(into))
        with copy.reading() as c:
            return migrate.version(c)


def _copy_pages(source: Path, target: Path, rest: float) -> None:
    with (
        closing(sqlite3.connect(source)) as now,
        closing(sqlite3.connect(target)) as then,
        target.open("rb") as file,
    ):
        now.execute("BEGIN")  # and one moment: else each change of another begins the copy anew
        now.execute("SELECT count(*) FROM sqlite_master").fetchall()
        then.execute("PRAGMA journal_mode = OFF")  # a copy that breaks off is thrown away
        then.execute("PRAGMA synchronous = OFF")
        pages = PIECE // now.execute("PRAGMA page_size").fetchone()[0]
        pace = Pace(file.fileno(), rest)
        now.backup(then, pages=pages, progress=lambda *_: pace.keep())


def restore(database: Database, data: Path, source: Path) -> None:
    """Put everything back as it was: the database in one transaction, so nobody sees a half.

    Raises Damaged before anything is changed, TooNew for a backup of a later Parley.
    """
    files = Files(data / "files")
    with (
        _unpacked(source, data) as folder,
        closing(Database(f"sqlite:///{folder / 'parley.db'}")) as copy,
        files.steady(),  # until the rows that name them are there
    ):
        migrate.upgrade(copy)
        for path in (folder / "files").glob("*"):
            files.keep(path)
        (data / "sessions").mkdir(exist_ok=True, mode=0o700)
        for path in [*(folder / "sessions").glob("*"), *folder.glob("secret")]:
            path.chmod(0o600)
            path.replace(data / path.relative_to(folder))
        with copy.reading() as kept, database.writing() as into:
            reached = _reached(into)
            for table in reversed(tables.metadata.sorted_tables):
                into.execute(table.delete())
            _copy(kept, into, tables.metadata)
            _go_ahead(into, *reached)


def _as_in(database: Connection) -> sa.MetaData:
    """Its tables: before a migration they are not yet as this code knows them."""
    found = sa.MetaData()
    # What the indexes hold comes back by itself, with the rows.
    found.reflect(database, only=lambda name, _: name != "alembic_version" and not is_own(name))
    for table in found.tables.values():
        for known in tables.metadata.tables.get(table.name, table).columns:
            if known.name in table.c:
                table.c[known.name].type = known.type
    return found


def _copy(source: Connection, into: Connection, metadata: sa.MetaData) -> None:
    for table in metadata.sorted_tables:
        rows = source.execution_options(yield_per=BATCH).execute(select(table))
        for some in rows.mappings().partitions(BATCH):
            into.execute(insert(table), [dict(row) for row in some])
        if into.dialect.name == "postgresql":
            last = into.scalar(select(func.max(table.c.id)))
            sequence = {"name": f"{table.name}_id_seq", "last": last or 1, "used": last is not None}
            into.execute(text("SELECT setval(CAST(:name AS regclass), :last, :used)"), sequence)


def _reached(c: Connection) -> tuple[int, int, int, int]:
    """The highest revision of a room, id of a file and revocation, and the version of people."""
    revision = c.scalar(select(func.max(tables.rooms.c.revision)))
    file = c.scalar(text(LAST_FILE[c.dialect.name]))
    space = c.execute(select(tables.space.c.revocation, tables.space.c.people_version)).first()
    return revision or 0, file or 0, *(space or (0, 0))


def _go_ahead(c: Connection, revision: int, file: int, revocation: int, version: int) -> None:
    """No page has seen what is there now, and no ticket was given out for it: neither in the
    past that the backup is of, nor in the one that is replaced. Nor is any of it kept rendered,
    nor does a browser keep a photo that was lost under the address of one that is sent now."""
    file = max(file, c.scalar(select(func.max(tables.files.c.id))) or 0) + AHEAD
    c.execute(text(NEXT_FILE[c.dialect.name]), {"last": file})
    rooms, space = tables.rooms, tables.space
    c.execute(update(rooms).values(revision=_beyond(rooms.c.revision, revision)))
    ahead = {"revocation": _beyond(space.c.revocation, revocation)}
    ahead["people_version"] = _beyond(space.c.people_version, version)
    number = c.scalar(update(space).values(ahead).returning(space.c.revocation))
    if number:  # of everybody's tickets
        c.execute(insert(tables.revocations).values(number=number, made_at=datetime.now(UTC)))


def _beyond(column: sa.Column[int], reached: int) -> sa.ColumnElement[int]:
    return sa.case((column < reached, reached), else_=column) + AHEAD


def _kept(copy: Path, data: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """What goes into the backup beside the database: its name there, and where it lies."""
    files = Files(data / "files")
    with closing(Database(f"sqlite:///{copy}")) as database, database.reading() as c:
        names = named(c)
    for name in names:
        yield f"files/{name}", files.path(name)
    for path in [*sorted((data / "sessions").glob("*")), data / "secret"]:
        own = folder / path.name
        with suppress(FileNotFoundError):  # a session ends, or is written anew, at any moment
            shutil.copyfile(path, own)
            yield str(path.relative_to(data)), own


def named(c: Connection, begin: str = "") -> list[str]:
    """The hashes (that begin so) of all files that messages, people and the space name."""
    names: set[str] = set()
    for table, columns in NAMING.items():
        # Also of the database of an older Parley: one is copied before each update.
        there = {column["name"] for column in sa.inspect(c).get_columns(table)}
        for column in there.intersection(columns):
            asked = f"SELECT {column} FROM {table} WHERE {column} LIKE :like"  # noqa: S608 - our own
            names.update(c.scalars(text(asked), {"like": f"{begin}%"}))
    return sorted(names)


@contextmanager
def _unpacked(source: Path, data: Path) -> Iterator[Path]:
    """The parts of a backup in a folder, each compared with its checksum."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data) as name:
        folder, sums = Path(name), {}
        for inside in ("files", "sessions"):
            (folder / inside).mkdir()
        try:
            with tarfile.open(source) as tar:
                for member in tar:
                    tar.extract(member, folder, filter="data")
                    sums[member.name] = digest(folder / member.name)
            wanted = json.loads((folder / "manifest.json").read_text())["sums"]
        except (OSError, tarfile.TarError, ValueError, KeyError) as error:
            raise Damaged(f"{source} is no whole backup of Parley ({error}).") from None
        sums.pop("manifest.json")
        if sums != wanted or "parley.db" not in sums:
            broken = sorted(name for name in {*sums, *wanted} if sums.get(name) != wanted.get(name))
            raise Damaged(f"{source} is damaged: {', '.join(broken[:3])} is not as it was written.")
        yield folder


def nightly(database: Database, data: Path, now: datetime) -> Path | None:
    """Make today's backup if there is none yet, and let old ones go; gives the new one.

    Raises Damaged when it would leave too little room: people's new messages come first. Each that
    is missing or torn is noted, so an old disk is noticed while an older backup has what it loses.
    """
    folder = data / "backups"
    target = folder / f"{now:%Y-%m-%d}.tar"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder) as alone:
        if target.exists() or not alone:
            return None
        for left in folder.glob("????-??-??.tar.*"):  # by one that was killed
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        size = sum(path.stat().st_size for path in (data / "files").glob("??/*"))
        _make_room(folder, size + SPARE)
        try:
            for path in make(database, data, target):
                log.error("%s is missing or torn, and so not in the backup.", path)
        except (sqlite3.Error, SQLAlchemyError) as error:
            raise Damaged(f"the database could not be copied ({error}).") from error
        _let_go(folder, now)
    return target


def _make_room(folder: Path, wanted: int) -> None:
    """Let old ones go until so many bytes are free, if that is enough, but never the newest: on a
    small disk one of last night is better than seven of last month. Raises Damaged."""
    free, going = shutil.disk_usage(folder).free, []
    for path in sorted(folder.glob("????-??-??.tar"))[:-1]:
        if free < wanted:
            free += path.stat().st_size
            going.append(path)
    if free < wanted:
        raise Damaged("too little room is left on the disk.")
    for path in going:
        path.unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process makes one just now; none begins until the block ends."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False


def _let_go(folder: Path, now: datetime) -> None:
    for path in folder.glob("????-??-??.tar"):
        with suppress(ValueError):
            made = datetime.strptime(path.stem, "%Y-%m-%d").replace(tzinfo=UTC)
            age = (now - made).days
            if age >= 7 * WEEKS or (age >= DAYS and made.weekday() != 6):  # Sundays stay longer
                path.unlink()
