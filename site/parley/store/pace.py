"""Much is written to disk without anybody noticing: in small pieces, with rests between them.

A post is answered when the disk has it, and the disk first finishes what it was given before. So
little is given at once, and most of the time none.
"""

import io
import os
import time
from pathlib import Path

PIECE = 100_000  # bytes
REST = 3  # times as long as the work before it
LONGEST = 1.0  # second of work that is rested for


class Pace:
    """For whoever writes the file of that descriptor."""

    def __init__(self, file: int, rest: float):
        self._file, self._rest, self._since = file, rest, time.monotonic()

    def keep(self) -> None:
        """What was written so far is on disk; then others have disk and processor for a while."""
        os.fdatasync(self._file)
        # Within bounds: who sets the clock of a whole machine may set even this one.
        worked = min(max(0.0, time.monotonic() - self._since), LONGEST)
        time.sleep(self._rest * worked)
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
