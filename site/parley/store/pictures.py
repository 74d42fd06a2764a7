"""Has photos developed by child processes: each becomes a download and pictures to show on pages.

The work itself is darkroom.py's. Where files are kept and who may see them is not decided here.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parley.store.children import Children, Unanswered
from parley.store.errors import Full, Refused

PROGRAM = Path(__file__).with_name("darkroom.py")
FILES = {"full", "huge", "large", "thumb"}  # what an answer names
WORKERS = min(3, max(1, (os.cpu_count() or 1) - 1))  # a core stays free for who only writes


class Unreadable(Refused):
    """It is no picture, or a broken one, or one that broke or outlasted what reads it."""

    sentence = "This picture could not be read. Try saving it again, or send another."


class TooManyPixels(Refused):
    """It is too large to be decoded, in one frame or in all of them."""

    sentence = "This picture has more than 50 million pixels. Make it smaller and send it again."


@dataclass(frozen=True)
class Renditions:
    """The files made of a picture, a film or a sound: the download, and pictures for pages.

    Width and height are as shown, `seconds` is how long it plays; what browsers do not play has
    none of them. `huge` is there only of a larger picture, `thumb` of a film, too; `colour` is the
    average, "#rrggbb", if nothing shines through.
    """

    type: str
    full: Path
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    huge: Path | None = None
    large: Path | None = None
    thumb: Path | None = None
    colour: str | None = None


class Darkroom(Children):
    """Some children, each developing one picture at a time, which may take `seconds` at most."""

    def __init__(self, workers: int = WORKERS, seconds: float = 30, program: Path = PROGRAM):
        super().__init__(program, workers, seconds)

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Renditions:
        """What is made of a picture, as `made` says.

        With `square`, one file of that many pixels each way, from the middle of the picture.
        """
        return made(self, source, folder, square=square)


def made(by: Children, source: Path, folder: Path, unreadable: str = "", **wish: Any) -> Renditions:
    """Have the files for `source` written into `folder`, which is the caller's to remove.

    Raises Unreadable with that sentence, also when the children have been closed, TooManyPixels,
    and Full when the disk is.
    """
    try:
        answer = by.ask({"source": str(source), "folder": str(folder), **wish})
    except Unanswered as error:
        raise Unreadable(unreadable) from error
    if not answer.pop("ok"):
        told = {"bomb": TooManyPixels(), "full": Full()}
        raise told.get(answer["error"], Unreadable(unreadable))
    files = {key: folder / answer[key] for key in FILES & answer.keys()}
    return Renditions(**answer | files)
