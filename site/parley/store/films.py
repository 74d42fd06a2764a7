"""Has films and sounds made safe to play by child processes.

The work itself is projector.py's. Where files are kept and who may see them is not decided here.
"""

from dataclasses import dataclass
from pathlib import Path

from parley.store.children import PATIENCE, Children, Unanswered
from parley.store.errors import Full
from parley.store.pictures import Unreadable

PROGRAM = Path(__file__).with_name("projector.py")


@dataclass(frozen=True)
class Played:
    """A film or a sound: the file to play, and of a film its sides as shown and a picture of it.

    `colour` is that picture's average, "#rrggbb". What browsers do not play has no sides.
    """

    type: str
    full: Path
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    thumb: Path | None = None
    colour: str | None = None


class Projector:
    """Some child processes, each at work on one film at a time. Any thread may ask."""

    def __init__(self, workers: int = 1, seconds: float = PATIENCE, program: Path = PROGRAM):
        self._children = Children(program, workers, seconds)

    def play(self, source: Path, folder: Path) -> Played:
        """Write the files for the film or sound `source` into `folder`, the caller's to remove.

        Raises Unreadable, and Full when the disk is.
        """
        sentence = "This recording could not be read. Try saving it again, or send another."
        try:
            answer = self._children.ask({"source": str(source), "folder": str(folder)})
        except Unanswered as error:
            raise Unreadable(sentence) from error
        if not answer.pop("ok"):
            raise Full if answer["error"] == "full" else Unreadable(sentence)
        files = {key: folder / answer[key] for key in ("full", "thumb") if key in answer}
        return Played(**answer | files)

    def close(self) -> None:
        """End every child; a film that one was at work on is Unreadable, as are later ones."""
        self._children.close()
