"""Has photos developed by child processes, so that none can take the server down or hold it up.

The work itself is darkroom.py's. Where files are kept and who may see them is not decided here.
"""

import json
import queue
import selectors
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from parley.store.errors import Refused

PROGRAM = Path(__file__).with_name("darkroom.py")


class Unreadable(Refused):
    """It is no picture, or a broken one, or one that broke or outlasted what reads it."""

    sentence = "This picture could not be read. Try saving it again, or send another."


class TooManyPixels(Refused):
    """It is too large to be decoded, in one frame or in all of them."""

    sentence = "This picture has more than 50 million pixels. Make it smaller and send it again."


@dataclass(frozen=True)
class Developed:
    """The files made of one picture: the download, and (not for a square) two to show on pages."""

    type: str
    width: int
    height: int
    full: Path
    large: Path | None = None
    thumb: Path | None = None
    large_type: str | None = None
    thumb_type: str | None = None


class Darkroom:
    """Some child processes that develop one picture each at a time; they start when first needed.

    Any thread may ask. `seconds` is the longest one picture may take.
    """

    def __init__(self, workers: int = 2, seconds: float = 30, program: Path = PROGRAM):
        self.seconds, self.program = seconds, program
        self.places: queue.Queue[subprocess.Popen | None] = queue.Queue()
        for _ in range(workers):
            self.places.put(None)
        self.lock, self.children, self.closed = threading.Lock(), set(), False

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Developed:
        """Write the files for the picture `source` into `folder`; the caller empties it on failure.

        With `square`, one file of that many pixels each way, cut from the middle.
        Raises Unreadable or TooManyPixels.
        """
        request = {"source": str(source), "folder": str(folder), "square": square}
        answer, child = None, self.places.get()
        try:
            child = self._alive(child)
            answer = self._ask(child, request)
        finally:
            if answer is None and child:  # what it says later would be taken for the next picture
                child = self._end(child)
            self.places.put(child)
        if answer is None or not answer.pop("ok"):
            raise TooManyPixels if answer and answer["error"] == "bomb" else Unreadable
        files = {name: folder / answer[name] for name in ("full", "large", "thumb") if name in answer}
        return Developed(**answer | files)

    def close(self) -> None:
        """End every child, also one that is at work: its picture is Unreadable."""
        with self.lock:
            self.closed = True
            for child in self.children:
                child.kill()
        places = [self.places.get() for _ in range(self.places.maxsize)]

    def _alive(self, child):
        """The child if it still runs, else a new one."""
