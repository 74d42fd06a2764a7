"""Files under the hash of their content: each once, whole on disk before anything names it.

The one door to them: whatever else could keep files (an object store) would stand behind it. Who
may see a file, and which of them somebody still names, is not known here.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from parley.store.errors import Full

LEFT = 3600  # seconds: who works on something writes to its folder more often
COUNTED = 3600  # seconds for which a count of all bytes is good


class Files:
    """A folder of files, two levels deep."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.tray = folder / "tray"  # what is being worked on: same disk, so a move is a rename
        self._used, self._counted, self._counting = 0, 0.0, threading.Lock()
        for made in (self.folder, self.tray):  # one by one: parents would be open to all
            made.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.clear_tray()

    def clear_tray(self) -> None:
        """Remove what a server that was killed has left."""
        for left in self.tray.iterdir():
            with suppress(FileNotFoundError):  # its owner was quicker
                if left.stat().st_mtime < time.time() - LEFT:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    def part(self) -> IO[bytes]:
        """A file for what is being taken in, which `workplace` and `adopt` need not copy."""
        return tempfile.NamedTemporaryFile(dir=self.tray)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder for one piece of work, gone afterwards. Raises Full when the disk is."""
        with full_disk_told(), tempfile.TemporaryDirectory(dir=self.tray) as folder:
            yield Path(folder)

    def adopt(self, stream: IO[bytes], target: Path) -> None:
        """Put what a stream holds into a workplace, under that name; a `part` is not copied."""
        stream.seek(0)
        part = Path(str(getattr(stream, "name", "")))
        if part.parent == self.tray:
            stream.flush()
            with suppress(OSError):  # a disk that knows no second name for a file
                os.link(part, target)
                return
        with target.open("wb") as file:
            shutil.copyfileobj(stream, file, 256 * 1024)

    def keep(self, source: Path) -> str:
        """Move a file in and return its hash (SHA-256, hex).

        When this returns, the bytes and the name are on disk (fsync), so a message that names
        them may be committed; and it is new, so that `remove` leaves it alone until then. What was
        there before goes: an old disk may have torn it, and a backup or a sender brings it back.
        """
        name = digest(source)
        os.utime(source)  # one from a backup is old
        source.chmod(0o600)
        _sync(source)
        target = self.path(name)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        with self._locked("keep", fcntl.LOCK_SH):
            self._used += source.stat().st_size - self._size(name)
            source.replace(target)
        _sync(self.folder)
        _sync(target.parent)
        return name

    def open(self, name: str) -> IO[bytes]:
        """The file of that hash, to be read. Raises FileNotFoundError."""
        return self.path(name).open("rb")

    def path(self, name: str) -> Path:
        """Where it lies."""
        return self.folder / name[:2] / name

    def is_whole(self, name: str) -> bool:
        """Whether it is there as it was stored, and the disk still gives it."""
        with suppress(OSError):
            return digest(self.path(name)) == name
        return False

    def names(self, begin: str = "?") -> Iterator[str]:
        """The hashes of all files, or of those that begin with that digit."""
        for folder in self.folder.glob(f"{begin}?"):
            yield from (path.name for path in folder.iterdir())

    def remove(self, name: str, rest: float) -> bool:
        """Let a file go, unless it was kept within the last `rest` seconds; whether it has gone.

        Under the lock, because another may be about to name it: `keep` has put a new one in its
        place, and then it stays, or puts it there afterwards.
        """
        path = self.path(name)
        with self._locked("keep", fcntl.LOCK_EX), suppress(FileNotFoundError):
            its = path.stat()
            if its.st_mtime < time.time() - rest:
                path.unlink()
                self._used -= its.st_size
                return True
        return False

    def used(self) -> int:
        """How many bytes all files have; what other processes did is counted once an hour."""
        # Until the first count is done all would look empty. Later ones hold nobody up: on an old
        # disk they take minutes.
        if self._counting.acquire(blocking=not self._counted):
            try:
                if not self._counted or time.monotonic() - self._counted > COUNTED:
                    before = self._used
                    found = sum(self._size(name) for name in self.names())
                    self._used += found - before  # what comes meanwhile counts, if need be twice
                    self._counted = time.monotonic()
            finally:
                self._counting.release()
        return self._used

    def _size(self, name: str) -> int:
        with suppress(FileNotFoundError):
            return self.path(name).stat().st_size
        return 0

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Until the block ends nothing is swept, in any process: a backup copies what is there."""
        with self._locked("sweep", fcntl.LOCK_SH):
            yield

    @contextmanager
    def sweeping(self) -> Iterator[bool]:
        """Whether who asks may sweep until the block ends: not while it is to be steady."""
        try:
            with self._locked("sweep", fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield True
        except BlockingIOError:
            yield False

    @contextmanager
    def _locked(self, name: str, how: int) -> Iterator[None]:
        with (self.folder / f"{name}.lock").open("a") as file:  # no folder: NFS locks none
            fcntl.flock(file, how)
            yield


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Turn the system's "no space left" into a sentence for the person."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Full() from error
        raise


def digest(path: Path) -> str:
    """The hash of what a file holds (SHA-256, hex)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
