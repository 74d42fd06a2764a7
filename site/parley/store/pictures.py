"""Has photos developed by child processes, so that none can take the server down or hold it up.

The work itself is darkroom.py's. Where files are kept and who may see them is not decided here.
"""

import json
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from parley.store.errors import Full, Refused

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
    """Some child processes, each developing one picture at a time, started when first needed.

    Any thread may ask. No picture may take longer than `seconds`.
    """

    def __init__(self, workers: int = 2, seconds: float = 30, program: Path = PROGRAM):
        self._workers, self._seconds = workers, seconds
        self._command = [sys.executable, "-I", str(program)]
        self._places: queue.Queue[subprocess.Popen | None] = queue.Queue()
        for _ in range(workers):
            self._places.put(None)
        self._lock, self._closed = threading.Lock(), False
        self._children: set[subprocess.Popen] = set()

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Developed:
        """Write the files for the picture `source` into `folder`, which is the caller's to remove.

        With `square`, one file of that many pixels each way, from the middle of the picture.
        Raises Unreadable or TooManyPixels, and Full when the disk is.
        """
        request = {"source": str(source), "folder": str(folder), "square": square}
        answer, child = None, self._places.get()
        try:
            child = self._running(child)
            answer = self._ask(child, request)
        finally:
            if not answer:  # what it may still say would be taken for the next picture's
                self._end(child)
            self._places.put(child)
        if not answer or not answer.pop("ok"):
            errors = {"bomb": TooManyPixels, "full": Full}
            raise errors.get(answer["error"], Unreadable) if answer else Unreadable
        files = {key: folder / answer[key] for key in ("full", "large", "thumb") if key in answer}
        return Developed(**answer | files)

    def close(self) -> None:
        """End every child; a picture that one was at work on is Unreadable, as are later ones."""
        with self._lock:
            self._closed = True
            for child in self._children:
                child.kill()
        for place in [self._places.get() for _ in range(self._workers)]:
            self._end(place)
            self._places.put(None)

    def _running(self, child: subprocess.Popen | None) -> subprocess.Popen:
        if child and child.poll() is None:
            return child
        self._end(child)
        with self._lock:
            if self._closed:
                raise Unreadable
            pipe = subprocess.PIPE
            child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe)  # noqa: S603 - our own
            self._children.add(child)
            return child

    def _ask(self, child: subprocess.Popen, request: dict) -> dict | None:
        """What the child answers; None if it dies, or is killed for taking too long."""
        assert child.stdin and child.stdout
        patience = threading.Timer(self._seconds, child.kill)
        patience.start()
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            return json.loads(child.stdout.readline())
        except (OSError, ValueError):
            return None
        finally:
            patience.cancel()

    def _end(self, child: subprocess.Popen | None) -> None:
        with self._lock:
            if child not in self._children:
                return
            self._children.remove(child)
        child.kill()
        child.communicate()  # closes its pipes and waits for its end
