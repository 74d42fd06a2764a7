"""Has films and sounds made safe to play by child processes.

The work itself is projector.py's. Where files are kept and who may see them is not decided here.
"""

from pathlib import Path

from parley.store.children import Children
from parley.store.pictures import Renditions, made

PROGRAM = Path(__file__).with_name("projector.py")
UNREADABLE = "This recording could not be read. Try saving it again, or send another."


class Projector(Children):
    """Some children, each at work on one film at a time, which may take `seconds` at most."""

    def __init__(self, workers: int = 1, seconds: float = 60, program: Path = PROGRAM):
        super().__init__(program, workers, seconds)

    def play(self, source: Path, folder: Path) -> Renditions:
        """What is made of a film or sound, as `made` says; of a film also a picture of it."""
        return made(self, source, folder, UNREADABLE)
