"""Files under the hash of their content."""

import errno
import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from parley.store.errors import Full
from parley.store.files import Files
from tests.meeting import at_once

HELLO = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture
def files(tmp_path) -> Files:
    """An empty store."""
    return Files(tmp_path / "files")


def keep(files: Files, content: bytes) -> str:
    with files.workplace() as folder:
        (folder / "sent").write_bytes(content)
        return files.keep(folder / "sent")


def stored(files: Files) -> list[str]:
    return sorted(path.name for path in files.folder.glob("*/*"))


def make_older(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_file_is_kept_under_its_hash(files):
    assert keep(files, b"hello") == HELLO
    assert files.path(HELLO).read_bytes() == b"hello"
    assert files.path(HELLO) == files.folder / HELLO[:2] / HELLO


def test_the_same_content_is_kept_once(files):
    assert keep(files, b"hello") == keep(files, b"hello") == HELLO
    assert keep(files, b"other") != HELLO
    assert len(stored(files)) == 2


def test_a_file_that_the_disk_has_torn_is_whole_when_it_comes_again(files):
    keep(files, b"hello")
    files.path(HELLO).write_bytes(b"he")
    assert (files.is_whole(HELLO), files.used()) == (False, 2)
    assert keep(files, b"hello") == HELLO
    assert (files.is_whole(HELLO), files.used()) == (True, 5)
    files.path(HELLO).unlink()
    assert not files.is_whole(HELLO)


def test_only_the_owner_can_read_any_of_it(files):
    keep(files, b"hello")
    assert files.path(HELLO).stat().st_mode & 0o777 == 0o600
    for folder in (files.folder, files.tray, files.path(HELLO).parent):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_bytes_and_names_are_on_disk_before_keep_returns(files, monkeypatch):
    done = []
    sync, move = os.fsync, Path.replace

    def note_sync(handle):
        done.append(Path(f"/proc/self/fd/{handle}").readlink())
        sync(handle)

    def note_move(self, target):
        done.append(f"moved to {target}")
        return move(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_move)
    with files.workplace() as folder:
        (folder / "sent").write_bytes(b"hello")
        files.keep(folder / "sent")
        home = files.path(HELLO)
        assert done == [folder / "sent", f"moved to {home}", files.folder, home.parent]
    done.clear()
    keep(files, b"hello")
    assert done[-1] == files.path(HELLO).parent


def test_what_is_kept_is_touched_so_that_nobody_removes_it(files):
    with files.workplace() as folder:
        (folder / "sent").write_bytes(b"hello")
        make_older(folder / "sent", 10_000)  # from a backup
        files.keep(folder / "sent")
    assert not files.remove(HELLO, 100)
    make_older(files.path(HELLO), 10_000)
    keep(files, b"hello")
    assert not files.remove(HELLO, 100)
    make_older(files.path(HELLO), 101)
    assert files.remove(HELLO, 100)
    assert not files.path(HELLO).exists()
    assert not files.remove(HELLO, 100)
    assert keep(files, b"hello") == HELLO
    assert files.path(HELLO).read_bytes() == b"hello"


def test_names_and_bytes_are_told(files):
    names = {keep(files, content) for content in (b"hello", b"other", b"third one")}
    assert set(files.names()) == names
    assert {name for digit in "0123456789abcdef" for name in files.names(digit)} == names
    assert files.used() == 19
    keep(files, b"hello")
    keep(files, b"a fourth")
    assert files.used() == 27
    assert files.remove(HELLO, -1)
    assert files.used() == 22 == Files(files.folder).used()


def test_all_who_ask_while_bytes_are_counted_are_told_the_sum(files, monkeypatch):
    keep(files, b"hello")
    fresh, names = Files(files.folder), Files.names

    def list_slowly(self, begin: str = "?"):
        for name in names(self, begin):
            time.sleep(0.1)
            keep(fresh, b"other")  # when the folders have been listed, perhaps
            yield name

    monkeypatch.setattr(Files, "names", list_slowly)
    first, *others = at_once(*[fresh.used] * 3)
    assert {first, *others} <= {10, 15} and fresh.used() == first


def test_nobody_waits_while_bytes_are_counted_again(files, monkeypatch):
    keep(files, b"hello")
    assert files.used() == 5
    names, seen = Files.names, []

    def list_slowly(self, begin: str = "?"):
        other = threading.Thread(target=lambda: seen.append(files.used()), daemon=True)
        other.start()
        other.join(10)
        return names(self, begin)

    monkeypatch.setattr(Files, "names", list_slowly)
    assert files.used() == 5 and seen == []
    monkeypatch.setattr("parley.store.files.COUNTED", -1)
    files.path(HELLO).write_bytes(b"hello, in another process")
    assert files.used() == 25 and seen == [5]


def test_a_part_of_a_request_becomes_a_file_without_a_copy(files, monkeypatch):
    with files.part() as part, files.workplace() as folder:
        part.write(b"hello")
        files.adopt(part, folder / "sent")
        assert (folder / "sent").samefile(part.name)
        assert files.keep(folder / "sent") == HELLO
    assert list(files.tray.iterdir()) == []

    def none(*_):
        raise OSError(errno.EPERM, "this disk knows one name for each file")

    monkeypatch.setattr(os, "link", none)
    with files.part() as part, files.workplace() as folder:
        part.write(b"other")
        files.adopt(part, folder / "sent")
        assert (folder / "sent").read_bytes() == b"other"


def test_a_workplace_is_gone_afterwards(files):
    with pytest.raises(KeyError), files.workplace() as folder:
        (folder / "half").write_bytes(b"hel")
        raise KeyError
    assert list(files.tray.iterdir()) == []


def test_a_start_clears_what_a_killed_server_left_but_not_what_is_being_worked_on(files):
    for name, age in (("left", 3700), ("at work", 3500)):
        (files.tray / name).mkdir()
        (files.tray / name / "sent").write_bytes(b"hel")
        make_older(files.tray / name, age)
    (files.tray / "part").write_bytes(b"hel")
    make_older(files.tray / "part", 3700)
    Files(files.folder)
    assert [path.name for path in files.tray.iterdir()] == ["at work"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told(files, monkeypatch, number):
    def fail(*_):
        raise OSError(number, "no room")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(Full) as refused:
        keep(files, b"hello")
    assert refused.value.sentence == "The server has no room left."
    assert list(files.tray.iterdir()) == [] == stored(files)


def test_other_trouble_of_the_disk_keeps_its_name(files, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="broken"):
        keep(files, b"hello")
