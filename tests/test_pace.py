"""Much is written in small pieces, and others have the disk between them."""

import os
from types import SimpleNamespace

import pytest

from parley.store import pace
from parley.store.pace import PIECE, Pace, PacedFile


@pytest.fixture
def seen(monkeypatch) -> SimpleNamespace:
    """A clock that a sync moves by 0.1 s; how large the file was at each sync, and all rests."""
    seen = SimpleNamespace(now=0.0, synced=[], rests=[])

    def sync(file: int) -> None:
        seen.synced.append(os.fstat(file).st_size)
        seen.now += 0.1

    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: seen.now))
    monkeypatch.setattr(pace, "rest", seen.rests.append)
    monkeypatch.setattr(os, "fdatasync", sync)
    monkeypatch.setattr(os, "fsync", sync)
    return seen


def test_never_more_than_a_piece_waits_for_the_disk(tmp_path, seen):
    octets = os.urandom(PIECE * 3 + 5)
    with PacedFile(tmp_path / "file", 0) as file:
        for start in range(0, len(octets), 1000):
            file.write(octets[start : start + 1000])
    assert (tmp_path / "file").read_bytes() == octets
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert seen.synced == [PIECE, 2 * PIECE, 3 * PIECE, len(octets)], "and all of it at the end"


def test_a_rest_is_as_long_as_was_asked_beside_the_work(tmp_path, seen):
    with (tmp_path / "file").open("w") as file:
        own = Pace(file.fileno(), 3)
        seen.now += 0.4
        own.keep()
        own.keep()
    assert seen.rests == pytest.approx([1.5, 0.3])


def test_a_full_disk_is_told_and_the_file_is_closed(monkeypatch, tmp_path):
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    file = PacedFile(tmp_path / "file", 0)
    with pytest.raises(OSError, match="No space"):
        file.close()
    assert file.closed
