"""Files on their way in: measured, seen through, made ready to be shown, and stored."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from parley.store.errors import Full, NotTaken, TooLarge, Wrong
from parley.store.files import Files, digest
from parley.store.films import Projector
from parley.store.pictures import Darkroom, Renditions
from parley.talk import filenames, kinds
from parley.talk.kinds import Kind

MB, GB = 2**20, 2**30  # bytes
UNITS = (GB, "GB"), (MB, "MB"), (1024, "kB"), (1, "bytes")
MOST = 10  # files of one message
HANDBOOK = {"txt", "pdf", "png", "jpg", "jpeg", "gif", "webp", "zip", "doc", "docx"}
KEPT = "Your text is still here."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is stored and checked. `sent` is the hash of the bytes as they came."""

    name: str
    type: str
    size: int
    hash: str
    sent: str
    width: int | None = None
    height: int | None = None
    large: str | None = None
    thumb: str | None = None
    huge: str | None = None
    colour: str | None = None
    seconds: float | None = None

    def row(self) -> dict:
        """What the table keeps of it."""
        return {name: value for name, value in asdict(self).items() if name != "sent"}


@dataclass(frozen=True, slots=True)
class Intake:
    """Where files come in, by whichever way: each is seen through and stored.

    At most `photo_bytes` of a picture and `file_bytes` of any other file; `quota` bytes of all
    that is stored, if it is not 0.
    """

    files: Files
    darkroom: Darkroom
    projector: Projector | None = None  # without one, films and sound are files like others
    photo_bytes: int = 16 * MB
    file_bytes: int = 100 * MB
    quota: int = 0

    def receive(self, name: str, stream: IO[bytes], only: Collection[str] = ()) -> Upload:
        """Take a file in: see what it is, make a photo upright and bare, store it.

        Its name is cleaned, and its ending put right. `only` those endings are taken if any are
        given, and no more than of a picture. Raises TooLarge, Wrong (it is empty), NotTaken,
        Unreadable or TooManyPixels, and Full when the disk is, or the quota.
        """
        name = filenames.clean(name)
        with self.files.workplace() as folder:
            source = folder / "sent"
            kind = self._take(name, stream, source, self.photo_bytes if only else 0)
            if only and not (filenames.ending_of(name) in only or kind.family == "picture"):
                taken = "Photos, PDF, text, ZIP and Word are."
                raise NotTaken(f"{name} is of a kind that is not taken here. {taken}", "files")
            sent = digest(source)
            if kind.family == "picture":
                return self._shown(self.darkroom.develop(source, folder), name, sent)
            if kind.family in ("film", "sound") and self.projector:
                return self._shown(self.projector.play(source, folder), name, sent)
            fits = filenames.fitting(name, kind)
            if only and fits != name:
                raise Wrong(f"{name} is not what its name says.", "files")
            size = source.stat().st_size
            return Upload(fits, kind.type, size, self.files.keep(source), sent)

    def portrait(self, name: str, stream: IO[bytes]) -> str:
        """Store a picture of a person, square and small; its hash. Raises as `receive` does."""
        with self.files.workplace() as folder:
            source = folder / "sent"
            self._take(filenames.clean(name), stream, source, self.photo_bytes)
            return self.files.keep(self.darkroom.develop(source, folder, square=256).full)

    def must_fit(self, size: int) -> None:
        """Raise TooLarge for a form of so many bytes, around a file larger than any may be."""
        most = max(self.photo_bytes, self.file_bytes)
        if size > most + MB:
            raise TooLarge(f"{in_words(most)} is the most for one file. {KEPT}", "files")

    def _take(self, name: str, stream: IO[bytes], source: Path, most: int = 0) -> Kind:
        """Put it where it will be worked on, if it is not too large; gives what it is."""
        size = stream.seek(0, 2)
        if not size:
            raise Wrong(f"{name} is empty.", "files")
        stream.seek(max(0, size - kinds.TAIL))
        tail = stream.read(kinds.TAIL)
        stream.seek(0)
        kind = kinds.of(stream.read(8192), tail, filenames.ending_of(name))
        most = most or (self.photo_bytes if kind.family == "picture" else self.file_bytes)
        if size > most:
            told = f"{name} is {in_words(size)}; {in_words(most)} is the most. {KEPT}"
            raise TooLarge(told, "files")
        if self.quota and self.files.used() + size > self.quota:
            told = f"The {in_words(self.quota)} for files here are full."
            raise Full(f"{told} An owner can make room by deleting some. {KEPT}", "files")
        self.files.adopt(stream, source)
        return kind

    def _shown(self, made: Renditions, name: str, sent: str) -> Upload:
        """What was made of it, and only that: nothing is kept of the bytes that came."""
        size, full = made.full.stat().st_size, self.files.keep(made.full)
        others = {"huge": made.huge, "large": made.large, "thumb": made.thumb}
        its: dict[str, Any] = {it: path and self.files.keep(path) for it, path in others.items()}
        its |= {"width": made.width, "height": made.height, "colour": made.colour}
        kind = kinds.BY_TYPE.get(made.type) or Kind(made.type, (made.full.suffix[1:],), "sound")
        name = filenames.fitting(name, kind)
        return Upload(name, made.type, size, full, sent, seconds=made.seconds, **its)


def in_words(size: int) -> str:
    """A number of bytes as people say it, "212 MB", rounded up: what is too large looks so."""
    unit, said = next((unit, said) for unit, said in UNITS if size >= unit)
    return f"{-(-size // unit)} {said}"
