"""The house is kept: what is over goes from a real server's disk, also after it was killed."""

import os
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from parley.asgi import Application
from parley.settings import Settings
from parley.store import backups, tables
from parley.store.db import Database
from parley.store.errors import Busy
from parley.talk import attic
from parley.talk.reading import UNDO
from tests.callers import Space
from tests.conftest import IN_CI
from tests.corpus import picture
from tests.databases import POSTGRES
from tests.faults.places import SQLITE, TWO, Place, server_on
from tests.servers import until

PATIENCE = 100  # seconds: what could not be done at once is done a minute later


def kept(server: Place) -> set[Path]:
    """Everything below files/ but the locks."""
    found = (path for path in (server.data / "files").rglob("*") if path.suffix != ".lock")
    return {path for path in found if path.is_file()}


def let_pass(server: Place, seconds: float) -> None:
    """As if everything had happened that much earlier."""
    for path in (server.data / "files").rglob("*"):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))
    database = Database(server.database)
    deleted = tables.messages.c.deleted_at
    with database.writing() as c:
        for row in c.execute(tables.messages.select().where(deleted.is_not(None))).all():
            earlier = row.deleted_at.timestamp() - seconds
            moment = type(row.deleted_at).fromtimestamp(earlier, row.deleted_at.tzinfo)
            which = tables.messages.c.id == row.id
            c.execute(update(tables.messages).where(which).values(deleted_at=moment))
    database.close()


@pytest.mark.parametrize("kind", [SQLITE, TWO])
def test_what_is_over_goes_soon_after_a_start(tmp_path, kind):
    if kind == TWO and not POSTGRES and not IN_CI:
        pytest.skip("PARLEY_TEST_POSTGRES not set")
    with server_on(kind, tmp_path) as server:
        owner = Space(server.start()).owner
        stays = owner.says("stays", ("a.jpg", picture("JPEG", (40, 30))))
        before = kept(server)
        gone = owner.says("goes", ("b.jpg", picture("JPEG", (30, 40))), ("a.txt", b"notes"))
        with_it = kept(server) - before
        assert len(with_it) >= 3
        owner.deletes(gone)
        server.kill()  # with something in its hands
        left = server.data / "files" / "tray" / "left"
        left.mkdir()
        (left / "sent").write_bytes(b"half of it")
        stray = server.data / "files" / "ab" / ("ab" * 32)
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"kept, and never named")
        shutil.rmtree(server.data / "backups", ignore_errors=True)

        server.start()
        until((server.data / "backups").exists, PATIENCE)  # it comes after what is swept
        assert kept(server) >= before | with_it | {left / "sent", stray}
        server.kill()
        let_pass(server, UNDO.total_seconds() + 3600)
        server.start()
        until(lambda: kept(server) == before, PATIENCE)
        assert owner.ask("GET", stays["files"][0]["url"]).status == 200
        assert owner.ask("GET", gone["files"][0]["url"]).status == 404


def test_what_fails_is_noted_and_tried_again(tmp_path, monkeypatch, caplog):
    """Sweeping in a minute, the hourly look and the backup an hour later."""
    application = Application(Settings(data=tmp_path / "instance"))
    done, busy = [], [True]

    def note(what: str):
        def act(*_):
            done.append(what)
            if busy[0]:
                raise Busy()

        return act

    monkeypatch.setattr(attic, "clear", note("clear"))
    monkeypatch.setattr(attic, "strays", note("strays"))
    monkeypatch.setattr(backups, "nightly", note("backup"))
    application._keep_house()
    assert done == ["clear", "backup"]
    assert len(caplog.records) == 2
    with monkeypatch.context() as patch:
        patch.setattr(attic, "clear", lambda *_: {}["broken"])
        patch.setattr(application, "backup_at", 0)
        application._keep_house()  # a fault of the one costs no backup
        assert done.pop() == "backup" and caplog.records[2].exc_info
    busy[0] = False
    application._keep_house()
    assert done[2:] == ["clear", "strays"]
    application._keep_house()
    assert done[4:] == ["clear"]
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3700)
    application._keep_house()
    assert done[5:] == ["clear", "strays", "backup"]
    application.parts.close()


def test_lists_that_show_a_swept_tray_as_a_draft_are_asked_for_anew(tmp_path, monkeypatch):
    application = Application(Settings(data=tmp_path / "instance"))
    monkeypatch.setattr(backups, "nightly", lambda *_: None)
    for swept in (0, 3):
        monkeypatch.setattr(attic, "clear", lambda *_, swept=swept: swept)
        before = application.parts.lists.changes
        application._keep_house()
        assert (application.parts.lists.changes > before) == (swept > 0)
    application.parts.close()
