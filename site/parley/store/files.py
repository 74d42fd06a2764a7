"""Files under the hash of their content: each once, whole on disk before anything names it."""

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from parley.store.errors import Full


class Files:
    """A folder of files, two levels deep."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.tray = folder / "tray"  # what is being worked on: same disk, so a move is a rename
        for made in (self.folder, self.tray):  # one by one: parents would be open to all
            made.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self.tray.iterdir():  # by a server that was killed
            if left.stat().st_mtime < time.time() - 3600:
                shutil.rmtree(left, ignore_errors=True)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder for one piece of work, gone afterwards. Raises Full when the disk is."""
        with full_disk_told(), tempfile.TemporaryDirectory(dir=self.tray) as folder:
            yield Path(folder)

    def keep(self, source: Path) -> str:
        """Move a file in and return its hash (SHA-256, hex).

        When this returns, the bytes and the name are on disk (fsync), so a message that
        names them may be committed.
        """
        name = digest(source)
        _sync(source)
        target = self.path(name)
        if not target.exists():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            source.chmod(0o600)
            source.replace(target)
            _sync(self.folder)
        _sync(target.parent)
        return name

    def path(self, name: str) -> Path:
        """Where the file of that hash lies."""
        return self.folder / name[:2] / name


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
