"""Much is written to disk without anybody noticing: in small pieces, with rests between them.

A post is answered when the disk has it, and the disk first finishes what it was given before. So
little is given at once, and most of the time none.
"""

import io
import os
import threading
import time
from pathlib import Path

PIECE = 100_000  # bytes
REST = 3  # times as long as the work before it


def rest(seconds: float) -> None:
    """Do nothing. Not by time.sleep(), which fails when a clock is set at that moment."""
    threading.Event().wait(seconds)


class Pace:
    """For whoever writes the file of that descriptor."""

    def __init__(self, file: int, rest: float):
        self._file, self._rest, self._since = file, rest, time.monotonic()

    def keep(self) -> None:
        """What was written so far is on disk; then others have disk and processor for a while."""
        os.fdatasync(self._file)
        rest(self._rest * (time.monotonic() - self._since))
        self._since = time.monotonic()


class PacedFile(io.BufferedWriter):
    """A new file that only its owner can read; when it is closed all of it is on disk."""

    def __init__(self, path: Path, rest: float):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        super().__init__(io.FileIO(handle, "w"))
        self._pace, self._piece = Pace(handle, rest), 0

    def write(self, octets) -> int:
        """The same as any file's."""
        size = super().write(octets)
        self._piece += size
        if self._piece >= PIECE:
            self.flush()
            self._pace.keep()
            self._piece = 0
        return size

    def close(self) -> None:
        """Whatever is left is on disk, too. Closing twice does no harm."""
        try:
            if not self.closed:
                self.flush()
                os.fsync(self.fileno())
        finally:
            super().close()
