"""Has photos developed by child processes: each becomes a download and pictures to show on pages.

The work itself is darkroom.py's. Where files are kept and who may see them is not decided here.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from parley.store.children import PATIENCE, Children, Unanswered
from parley.store.errors import Full, Refused

PROGRAM = Path(__file__).with_name("darkroom.py")
WORKERS = min(3, max(1, (os.cpu_count() or 1) - 1))  # a core stays free for who only writes


class Unreadable(Refused):
    """It is no picture, or a broken one, or one that broke or outlasted what reads it."""

    sentence = "This picture could not be read. Try saving it again, or send another."


class TooManyPixels(Refused):
    """It is too large to be decoded, in one frame or in all of them."""

    sentence = "This picture has more than 50 million pixels. Make it smaller and send it again."


@dataclass(frozen=True)
class Developed:
    """The files made of one picture: the download, and (not for a square) some to show on pages.

    `huge` is there only if the picture is larger; `colour` is the average, "#rrggbb", if it is
    opaque.
    """

    type: str
    width: int
    height: int
    full: Path
    huge: Path | None = None
    large: Path | None = None
    thumb: Path | None = None
    huge_type: str | None = None
    large_type: str | None = None
    thumb_type: str | None = None
    colour: str | None = None


class Darkroom:
    """Some children, each developing one picture at a time, which may take `seconds` at most."""

    def __init__(self, workers: int = WORKERS, seconds: float = PATIENCE, program: Path = PROGRAM):
        self._children = Children(program, workers, seconds)

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Developed:
        """Write the files for the picture `source` into `folder`, which is the caller's to remove.

        With `square`, one file of that many pixels each way, from the middle of the picture.
        Raises Unreadable or TooManyPixels, and Full when the disk is.
        """
        request = {"source": str(source), "folder": str(folder), "square": square}
        try:
            answer = self._children.ask(request)
        except Unanswered as error:
            raise Unreadable from error
        if not answer.pop("ok"):
            raise {"bomb": TooManyPixels, "full": Full}.get(answer["error"], Unreadable)
        kept = {"full", "huge", "large", "thumb"} & answer.keys()
        files = {key: folder / answer[key] for key in kept}
        return Developed(**answer | files)

    def close(self) -> None:
        """End every child; a picture that one was at work on is Unreadable, as are later ones."""
        self._children.close()
