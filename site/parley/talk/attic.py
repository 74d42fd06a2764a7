"""The attic: what nobody can see any more goes, first what names it, then the files themselves.

A file goes when no row names it and nobody has kept it for a while: between `Files.keep` and the
commit that names it, a file looks like one that is left over. Whatever breaks off in the middle,
a crash too, leaves at most a file that nothing names, which `strays` finds.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select

from parley.store import backups, tables
from parley.store.db import Database
from parley.store.files import Files
from parley.talk import spaces
from parley.talk.reading import UNDO

TRAY = timedelta(days=1)  # what was not sent until then is swept
SLACK = timedelta(minutes=1)  # for a restoring that is under way when the time to undo ends
REST = 600  # seconds in which what was kept is named
FORM = 3600  # seconds for a form of ten films, each minutes on its way: the first waits to be named
AT_ONCE = 300  # rows

_file, _message = tables.files.c, tables.messages.c
_HASHES = (_file.hash, _file.huge, _file.large, _file.thumb)


def clear(db: Database, files: Files) -> int:
    """Let go what the time to undo, and a day in the tray, have left behind; the files removed."""
    gone = 0
    with files.sweeping() as may:
        while may and (names := _forget(db, datetime.now(UTC))):
            with db.reading() as c:
                names -= _still_named(c, names)
            gone += sum(files.remove(name, REST) for name in names)
        if may:
            files.clear_tray()
    return gone


def strays(db: Database, files: Files) -> int:
    """Remove files that nothing names; gives their number.

    None on a new installation: they belong to another database, or to a backup on its way.
    """
    gone = 0
    with db.reading() as c:
        if not spaces.find(c):
            return gone
    with files.sweeping() as may:
        for digit in "0123456789abcdef" if may else "":  # a part at a time: there may be millions
            names = set(files.names(digit))  # before it is asked what is named
            with db.reading() as c:
                names.difference_update(backups.named(c, digit))
            gone += sum(files.remove(name, FORM) for name in names)
    return gone


def _forget(db: Database, now: datetime) -> set[str]:
    """Delete some rows of files that nobody gets to see again; the hashes that they named."""
    deleted = select(_message.id).where(_message.deleted_at < now - UNDO - SLACK)
    waited = and_(_file.message_id.is_(None), _file.made_at < now - TRAY)
    over = or_(_file.message_id.in_(deleted), waited)
    with db.reading() as c:
        ids = c.scalars(select(_file.id).where(over).limit(AT_ONCE)).all()
    if not ids:
        return set()
    with db.writing() as c:  # asked again: a waiting file may have been sent meanwhile
        rows = c.execute(delete(tables.files).where(_file.id.in_(ids), over).returning(*_HASHES))
        return {name for row in rows for name in row if name}


def _still_named(c: Connection, names: Collection[str]) -> set[str]:
    """Those of the hashes that some row names."""
    found: set[str] = set()
    for table, columns in backups.NAMING.items():
        its = [tables.metadata.tables[table].c[column] for column in columns]
        for row in c.execute(select(*its).where(or_(*(column.in_(names) for column in its)))):
            found.update(row)
    return found
