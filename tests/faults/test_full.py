"""A disk that is really full: a small one, in memory, which only root can make."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.callers import Caller, Space
from tests.corpus import picture
from tests.faults.places import SQLITE, server_on

NAMESPACE = 0x20000  # CLONE_NEWNS of <sched.h>


@pytest.fixture
def small(tmp_path) -> Iterator[Path]:
    """A disk of 16 MB, which only this process and its children see: it never outlives them."""
    ways = [["--make-rprivate", "/"], ["-t", "tmpfs", "-o", "size=16m", "tmpfs", str(tmp_path)]]
    alone = shutil.which("mount") and ctypes.CDLL(None).unshare(NAMESPACE) == 0
    fails = (subprocess.run(["mount", *way], capture_output=True).returncode for way in ways)
    if not alone or any(fails):
        pytest.skip("only root can make a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def leave(folder: Path, room: int) -> None:
    """Let so many bytes of the disk be free."""
    filler = folder / "filler"
    filler.unlink(missing_ok=True)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - room or 1)


def tries(caller: Caller, key: str, *files: tuple[str, bytes]) -> int:
    """Post words or a file, under a key; the status of the answer."""
    try:
        caller.says(key, *files, key=key)
    except AssertionError as refused:
        [answer] = refused.args
        assert b"no room left" in answer.body
        return answer.status
    return 201


def test_when_the_disk_is_full_it_is_said_and_afterwards_all_goes_on(small):
    with server_on(SQLITE, small) as server:
        owner = Space(server.start()).owner
        photo = owner.says("before", ("a.png", picture("PNG")))["files"][0]
        sent = {f"{left} {size}": (left, os.urandom(size // 2).hex().encode())
                for left in (100_000, 40_000, 10_000, 0) for size in (0, 200, 50_000)}  # fmt: skip
        said = {}
        for key, (left, octets) in sent.items():
            leave(small, left)
            said[key] = tries(owner, key, *([("a.txt", octets)] if octets else []))
            assert list((server.data / "files" / "tray").iterdir()) == []
            assert owner.ask("GET", "/rooms/1").status == 200
            assert owner.ask("GET", photo["url"]).status == 200
        assert set(said.values()) == {201, 507}
        assert said["0 200"] == said["0 50000"] == 507
        went = [key for key, status in said.items() if status == 201]
        assert [message["text"] for message in owner.reads()] == ["before", *went]

        (small / "filler").unlink()
        for key, (_, octets) in sent.items():
            assert tries(owner, key, *([("a.txt", octets)] if octets else [])) == 201
        assert len(owner.reads()) == 1 + len(sent), "each once"
