"""Files on their way in: what kind they really are, checked before anything is done with them."""

import hashlib
import re
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import IO, Any

from parley.store.errors import NotTaken, TooLarge, Wrong
from parley.store.files import Files
from parley.store.pictures import Darkroom, Unreadable

MB = 2**20  # bytes
MOST = 10  # files of one message

PHOTOS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
OTHERS = {
    "txt": "text/plain",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_PHOTOS_END = {*PHOTOS.values(), "jpeg"}
_PHOTOS_BEGIN = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


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
    """Where files come in: each is spooled, seen through and stored, by whichever way it came.

    At most `photo_bytes` of a picture and `file_bytes` of any other file.
    """

    files: Files
    darkroom: Darkroom
    projector: Any = None
    photo_bytes: int = 16 * MB
    file_bytes: int = 16 * MB

    def receive(self, name: str, stream: IO[bytes]) -> Upload:
        """Take a file in: see what it is, make a photo upright and bare, store it.

        Raises TooLarge, NotTaken, Wrong (it is not what its name says), Unreadable or
        TooManyPixels for pictures, and Full when the disk is.
        """
        name = clean_name(name)
        with self.files.workplace() as folder:
            source = folder / "sent"
            sent = self._spool(stream, source, name)
            with source.open("rb") as file:
                head = file.read(8192)
            if head.startswith(_PHOTOS_BEGIN) or head[:4] + head[8:12] == b"RIFFWEBP":
                return self._photo(source, name, sent)
            ending = PurePath(name).suffix[1:].lower()
            if ending in _PHOTOS_END:
                raise Unreadable(f"{name} is not a picture, though it is called one.", "files")
            if ending not in OTHERS:
                taken = "Photos, PDF, text, ZIP and Word are."
                raise NotTaken(f"{name} is of a kind that is not taken here. {taken}", "files")
            if not _is_what_it_says(source, head, ending):
                raise Wrong(f"{name} is not what its name says.", "files")
            size = source.stat().st_size
            return Upload(name, OTHERS[ending], size, self.files.keep(source), sent)

    def portrait(self, name: str, stream: IO[bytes]) -> str:
        """Store a picture of a person, square and small; its hash. Raises as `receive` does."""
        with self.files.workplace() as folder:
            source = folder / "sent"
            self._spool(stream, source, clean_name(name))
            return self.files.keep(self.darkroom.develop(source, folder, square=256).full)

    def _photo(self, source: Path, name: str, sent: str) -> Upload:
        photo = self.darkroom.develop(source, source.parent)
        stem = PurePath(name).stem if PurePath(name).suffix[1:].lower() in _PHOTOS_END else name
        name, size = f"{stem}.{PHOTOS[photo.type]}", photo.full.stat().st_size
        previews = {it: getattr(photo, it, None) for it in ("huge", "large", "thumb")}
        kept = {it: made and self.files.keep(made) for it, made in previews.items()}
        about: dict[str, Any] = {"width": photo.width, "height": photo.height, **kept}
        about["colour"] = getattr(photo, "colour", None)
        return Upload(name, photo.type, size, self.files.keep(photo.full), sent, **about)

    def _spool(self, stream: IO[bytes], target: Path, name: str) -> str:
        """Write it down; return the hash of its bytes."""
        seen = hashlib.sha256()
        with target.open("wb") as file:
            while block := stream.read(64 * 1024):
                seen.update(block)
                if file.tell() + len(block) > self.photo_bytes:
                    kept = "Your text is still here."
                    raise TooLarge(
                        f"{name} is larger than 16 MB, which is the most. {kept}", "files"
                    )
                file.write(block)
            if not file.tell():
                raise Wrong(f"{name} is empty.", "files")
        return seen.hexdigest()


def clean_name(name: str) -> str:
    """A file's name without folders, controls or signs that turn text around; at most 100 long."""
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
                  r"\ufeff]", "", name).strip(". ")  # fmt: skip
    stem, ending = PurePath(name).stem, PurePath(name).suffix
    return (stem[: 100 - len(ending[:10])] + ending[:10]) or "file"


def _is_what_it_says(source: Path, head: bytes, ending: str) -> bool:
    if ending == "pdf":
        return b"%PDF-" in head[:1024]
    if ending == "doc":
        return head.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf"))
    if ending == "txt":
        return b"\0" not in head
    return zipfile.is_zipfile(source)
