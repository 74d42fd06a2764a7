"""The doctor: looks at everything that must survive, and says in sentences what is wrong."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from parley.store import backups, migrate
from parley.store.db import Database
from parley.store.files import Files

ROOM = 500_000_000  # bytes: less is too little for a day of photos
LATE = timedelta(days=2)


def findings(database: Database, data: Path) -> Iterator[str]:
    """One sentence for each thing that is wrong; none when all is well."""
    try:
        with database.reading() as c:
            is_new = migrate.version(c) is None
    except migrate.TooNew as wrong:
        yield str(wrong)
        return
    if is_new:
        yield f"There is no space yet in {data}: its database is empty."
        return
    if database.is_sqlite:
        with database.reading() as c:
            for (said,) in c.execute(text("PRAGMA integrity_check(5)")):
                if said != "ok":
                    yield f"The database is damaged: {said}."
            for row in c.execute(text("PRAGMA foreign_key_check")):
                yield f"The database is damaged: row {row[1]} of {row[0]} refers to nothing."
    yield from _files(database, data)
    yield from _backup(data / "backups")
    if (free := shutil.disk_usage(data).free) < ROOM:
        yield f"The disk is almost full: {free / 1e6:.0f} MB are left."
    for path in (data, data / "files", data / "sessions"):
        if path.exists() and not os.access(path, os.W_OK):
            yield f"{path} cannot be written to."


def _files(database: Database, data: Path) -> Iterator[str]:
    files = Files(data / "files")
    # Before it is asked what is named: a file that comes meanwhile is none that was left over.
    there = {path.name: path for path in (data / "files").glob("??/*")}
    with database.reading() as c:
        names = backups.named(c)
    for name in names:
        path = files.path(name)
        if not path.exists():
            yield f"{path} is missing: a message, a person or the space names it."
        elif not files.is_whole(name):
            yield f"{path} is torn: its content is not what was stored."
    if found := there.keys() - names:
        size = sum(there[name].stat().st_size for name in found) / 1e6
        yield f"{len(found)} files ({size:.1f} MB) are named by nothing; `sweep` removes them."


def _backup(folder: Path) -> Iterator[str]:
    if not folder.exists():  # no server has run long enough
        return
    newest = max((path.stem for path in folder.glob("????-??-??.tar")), default="")
    if newest < f"{datetime.now(UTC) - LATE:%Y-%m-%d}":
        since = f"since {newest}" if newest else "yet"
        yield f"There has been no nightly backup {since}; the server's log may say why."
