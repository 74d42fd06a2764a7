"""What is over goes: files of deleted messages, trays of yesterday, whatever nothing names."""

import io
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from parley.store import backups, tables
from parley.store.db import Database
from parley.store.files import Files
from parley.store.pictures import Darkroom, Renditions
from parley.talk import attic, messages
from parley.talk.reading import UNDO
from parley.talk.uploads import Intake, Upload
from tests.meeting import Meeting, at_once

ago = timedelta
NOW = ago()


class Painter(Darkroom):
    """Makes previews that tell which picture they are of."""

    def __init__(self): ...

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Renditions:
        """Whatever it is."""
        made = {name: folder / name for name in ("full", "large", "thumb")}
        for name, path in made.items():
            path.write_bytes(name.encode() + source.read_bytes())
        return Renditions("image/png", width=800, height=600, **made)


@pytest.fixture
def files(tmp_path) -> Files:
    """An empty store."""
    return Files(tmp_path / "files")


@pytest.fixture
def sends(meeting: Meeting, files: Files):
    """Ann sends a message with a photo that shows this."""

    def post(shows: str = "beans", **more):
        return meeting.says(meeting.ann, "look", "", taken(files, shows), **more)

    return post


def taken(files: Files, shows: str) -> Upload:
    """A photo, stored; nothing names it yet."""
    png = b"\x89PNG\r\n\x1a\n" + shows.encode()
    return Intake(files, Painter()).receive("a.png", io.BytesIO(png))


def deletes(meeting: Meeting, message: messages.Message, earlier: timedelta = NOW) -> None:
    with meeting.db.writing() as c:
        messages.remove(c, message, meeting.ann)
        moment = {"deleted_at": datetime.now(UTC) - earlier}
        c.execute(update(tables.messages).where(tables.messages.c.id == message.id).values(moment))


def waits(meeting: Meeting, upload: Upload, earlier: timedelta) -> None:
    """It lies in Ann's tray since then."""
    row = {"person_id": meeting.ann.id, "room_id": 1, "made_at": datetime.now(UTC) - earlier}
    with meeting.db.writing() as c:
        c.execute(insert(tables.files).values(row | upload.row()))


def rows(db: Database) -> int:
    with db.reading() as c:
        return c.scalar(select(func.count()).select_from(tables.files)) or 0


def older(files: Files, seconds: float = attic.FORM + 60) -> None:
    """As if all files had been kept so long ago."""
    then = time.time() - seconds
    for name in files.names():
        os.utime(files.path(name), (then, then))


def on_disk(files: Files) -> int:
    return len(list(files.names()))


def test_the_files_of_a_deleted_message_go_when_it_can_no_longer_be_undone(meeting, files, sends):
    message = sends()
    older(files)
    deletes(meeting, message, UNDO - ago(minutes=1))
    assert attic.clear(meeting.db, files) == 0
    assert (rows(meeting.db), on_disk(files)) == (1, 3)
    deletes(meeting, message, UNDO + ago(minutes=2))
    assert attic.clear(meeting.db, files) == 3
    assert (rows(meeting.db), on_disk(files)) == (0, 0)
    with meeting.db.reading() as c:
        assert messages.get(c, message.id).deleted_at
    assert attic.clear(meeting.db, files) == 0


def test_a_message_that_is_brought_back_still_has_its_photo(meeting, files, sends):
    message = sends()
    older(files)
    deletes(meeting, message)
    attic.clear(meeting.db, files)
    with meeting.db.writing() as c:
        back = messages.restore(c, messages.get(c, message.id), meeting.ann)
    assert [file.name for file in back.files] == ["a.png"]
    attic.clear(meeting.db, files)
    attic.strays(meeting.db, files)
    assert on_disk(files) == 3


def test_what_another_message_has_too_stays(meeting, files, sends):
    first, _ = sends(), meeting.says(meeting.bob, "mine", "", taken(files, "beans"))
    older(files)
    deletes(meeting, first, UNDO + ago(hours=1))
    assert attic.clear(meeting.db, files) == 0
    assert (rows(meeting.db), on_disk(files)) == (1, 3)


@pytest.mark.parametrize("table", ["people", "space"])
def test_what_a_person_or_the_space_shows_of_themselves_stays(meeting, files, sends, table):
    message = sends()
    older(files)
    with meeting.db.writing() as c:
        c.execute(update(tables.metadata.tables[table]).values(picture=message.files[0].thumb))
    deletes(meeting, message, UNDO + ago(hours=1))
    assert attic.clear(meeting.db, files) == 2
    assert list(files.names()) == [message.files[0].thumb]
    assert attic.strays(meeting.db, files) == 0


def test_a_tray_is_swept_after_a_day(meeting, files):
    waits(meeting, taken(files, "today's"), ago(hours=23))
    waits(meeting, taken(files, "yesterday's"), ago(hours=25))
    older(files)
    assert attic.clear(meeting.db, files) == 3
    assert (rows(meeting.db), on_disk(files)) == (1, 3)


def test_what_is_sent_while_the_tray_is_swept_stays(meeting, files, monkeypatch):
    """It is found waiting, sent before it is deleted, and no longer waiting then."""
    waits(meeting, taken(files, "beans"), ago(hours=25))
    message = meeting.says(meeting.ann, "look")
    older(files)
    writing = meeting.db.writing

    def send_first():
        with writing() as c:
            c.execute(update(tables.files).values(message_id=message.id))
        monkeypatch.setattr(meeting.db, "writing", writing)
        return writing()

    monkeypatch.setattr(meeting.db, "writing", send_first)
    assert attic.clear(meeting.db, files) == 0
    assert (rows(meeting.db), on_disk(files)) == (1, 3)


def test_many_go_at_once(meeting, files, monkeypatch):
    monkeypatch.setattr(attic, "AT_ONCE", 4)
    for number in range(10):
        waits(meeting, taken(files, f"photo {number}"), ago(days=2))
    older(files)
    assert attic.clear(meeting.db, files) == 30
    assert (rows(meeting.db), on_disk(files)) == (0, 0)


def test_what_nothing_names_goes_unless_it_may_be_named_in_a_moment(meeting, files, sends):
    sends()
    taken(files, "left over")
    older(files, 45 * 60)  # nine more films of the same form were looked at meanwhile
    assert attic.strays(meeting.db, files) == 0
    older(files)
    assert attic.strays(meeting.db, files) == 3
    assert on_disk(files) == 3
    taken(files, "left over")
    older(files)
    taken(files, "left over")  # kept again: it is touched
    assert attic.strays(meeting.db, files) == 0


def test_an_empty_database_takes_nothing_away(database, files):
    """It was moved, lost or named wrongly; the files are still those of the other one."""
    taken(files, "beans")
    older(files)
    assert attic.strays(database, files) == 0
    assert on_disk(files) == 3


def test_after_a_crash_between_rows_and_files_the_rest_is_found(meeting, files, sends, monkeypatch):
    message = sends()
    older(files)
    deletes(meeting, message, UNDO + ago(hours=1))

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Files, "remove", crash)
        with pytest.raises(KeyboardInterrupt):
            attic.clear(meeting.db, files)
    assert (rows(meeting.db), on_disk(files)) == (0, 3)
    assert attic.clear(meeting.db, files) == 0
    assert attic.strays(meeting.db, files) == 3


def test_nothing_is_swept_while_a_backup_is_made(meeting, files, sends):
    message = sends()
    taken(files, "left over")
    older(files)
    deletes(meeting, message, UNDO + ago(hours=1))
    with files.steady():
        other = Files(files.folder)  # another process
        assert attic.clear(meeting.db, other) == attic.strays(meeting.db, other) == 0
        assert (rows(meeting.db), on_disk(files)) == (1, 6)
    assert attic.clear(meeting.db, files) + attic.strays(meeting.db, files) == 6


def test_only_one_sweeps_at_a_time(meeting, files):
    with files.sweeping() as first, Files(files.folder).sweeping() as second:
        assert (first, second) == (True, False)


def test_a_backup_and_a_restored_place_have_every_file_that_they_name(
    meeting, files, tmp_path, monkeypatch
):
    """Both take hours; meanwhile the message goes, and the sweeper comes by again and again."""
    data = files.folder.parent
    meeting.says(meeting.ann, "look", "", taken(files, "beans"))
    is_whole, swept = Files.is_whole, []

    def sweep(self, name: str) -> bool:
        with meeting.db.writing() as c:
            c.execute(tables.files.delete())
        older(files)
        swept.append(attic.clear(meeting.db, files) + attic.strays(meeting.db, files))
        return is_whole(self, name)

    (data / "sessions").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Files, "is_whole", sweep)
        assert backups.make(meeting.db, data, tmp_path / "backup.tar") == []
    assert sum(swept) == 0 and len(swept) == 3
    assert attic.strays(meeting.db, files) == 3

    keep = Files.keep

    def keep_slowly(self, source: Path) -> str:
        name = keep(self, source)
        older(files)
        swept.append(attic.strays(meeting.db, files))
        return name

    with monkeypatch.context() as patch:
        patch.setattr(Files, "keep", keep_slowly)
        backups.restore(meeting.db, data, tmp_path / "backup.tar")
    assert sum(swept) == 0 and len(swept) == 6
    assert (rows(meeting.db), on_disk(files)) == (1, 3)


def test_nothing_that_is_named_is_ever_removed(meeting, files, monkeypatch):
    """Two send and delete the same two photos in turns, two others sweep: with a short rest."""
    monkeypatch.setattr(attic, "FORM", 1)
    begin, trouble = time.monotonic(), []

    def passed() -> float:
        return time.monotonic() - begin

    def send(who):
        while passed() < 6:
            start = passed()
            upload = taken(files, f"photo {int(start / 1.5) % 2}")
            message = meeting.says(who, "look", "", upload)
            if passed() - start < attic.FORM:  # a slow machine may rest for longer than that
                both = upload.hash, upload.thumb
                trouble.extend(it for it in both if not files.path(it).exists())
            with meeting.db.writing() as c:
                c.execute(tables.files.delete().where(tables.files.c.message_id == message.id))

    def sweep():
        while passed() < 6:
            removed.append(attic.strays(meeting.db, Files(files.folder)))

    removed: list[int] = []
    threads = [threading.Thread(target=sweep) for _ in range(2)]
    threads += [threading.Thread(target=send, args=(who,)) for who in (meeting.ann, meeting.bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert sum(removed) > 0, "it was worth trying"


def test_two_who_send_the_same_at_once_have_one_file(files):
    uploads = at_once(*[lambda: taken(files, "beans")] * 6)
    assert len(set(map(str, uploads))) == 1
    assert on_disk(files) == 3
    assert list(files.tray.iterdir()) == []
