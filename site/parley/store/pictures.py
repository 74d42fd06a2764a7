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
        self._seconds, self._closed, self._lock = seconds, False, threading.Lock()
        self._command = [sys.executable, "-I", str(program)]
        self._children: list[subprocess.Popen | None] = [None] * workers
        self._places: queue.Queue[int] = queue.Queue()  # of children that have nothing to do
        for place in range(workers):
            self._places.put(place)

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Developed:
        """Write the files for the picture `source` into `folder`, which is the caller's to remove.

        With `square`, one file of that many pixels each way, from the middle of the picture.
        Raises Unreadable or TooManyPixels, and Full when the disk is.
        """
        request = {"source": str(source), "folder": str(folder), "square": square}
        place = self._places.get()
        try:
            answer = self._ask(self._running(place), request)
        except BaseException:  # what it may still say would be taken for the next picture's
            self._end(place)
            raise
        finally:
            self._places.put(place)
        if not answer.pop("ok"):
            raise {"bomb": TooManyPixels, "full": Full}.get(answer["error"], Unreadable)
        files = {key: folder / answer[key] for key in ("full", "large", "thumb") if key in answer}
        return Developed(**answer | files)

    def close(self) -> None:
        """End every child; a picture that one was at work on is Unreadable, as are later ones."""
        with self._lock:
            self._closed = True
            for child in filter(None, self._children):
                child.kill()
        for place in [self._places.get() for _ in self._children]:
            self._end(place)
            self._places.put(place)

    def _running(self, place: int) -> subprocess.Popen:
        child = self._children[place]
        if child and child.poll() is None:
            return child
        self._end(place)
        with self._lock:
            if self._closed:
                raise Unreadable
            pipe = subprocess.PIPE
            child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe)  # noqa: S603 - our own
            self._children[place] = child
            return child

    def _ask(self, child: subprocess.Popen, request: dict) -> dict:
        """What the child answers. Raises Unreadable if it dies or is killed for its slowness."""
        assert child.stdin and child.stdout
        patience = threading.Timer(self._seconds, child.kill)
        patience.start()
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            return json.loads(child.stdout.readline())
        except (OSError, ValueError) as error:
            raise Unreadable from error
        finally:
            patience.cancel()

    def _end(self, place: int) -> None:
        child, self._children[place] = self._children[place], None
        if child:
            child.kill()
            child.communicate()  # closes its pipes and waits for its end
