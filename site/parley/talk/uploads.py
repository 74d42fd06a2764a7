"""Files on their way in: what kind they really are, checked before anything is done with them."""

import hashlib
import re
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import IO

from parley.store.errors import NotTaken, TooLarge, Wrong
from parley.store.files import Files
from parley.store.pictures import Darkroom, Unreadable

LARGEST = 16 * 1024 * 1024  # bytes of one file
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


def receive(files: Files, darkroom: Darkroom, name: str, stream: IO[bytes]) -> Upload:
    """Take a file in: spool it, see what it is, make a photo upright and bare, store it.

    Raises TooLarge, NotTaken, Wrong (it is not what its name says), Unreadable or
    TooManyPixels for pictures, and Full when the disk is.
    """
    name = clean_name(name)
    with files.workplace() as folder:
        source = folder / "sent"
        sent = _spool(stream, source, name)
        with source.open("rb") as file:
            head = file.read(8192)
        if head.startswith(_PHOTOS_BEGIN) or head[:4] + head[8:12] == b"RIFFWEBP":
            return _photo(files, darkroom, source, name, sent)
        ending = PurePath(name).suffix[1:].lower()
        if ending in _PHOTOS_END:
            raise Unreadable(f"{name} is not a picture, though it is called one.", "files")
        if ending not in OTHERS:
            taken = "Photos, PDF, text, ZIP and Word are."
            raise NotTaken(f"{name} is of a kind that is not taken here. {taken}", "files")
        if not _is_what_it_says(source, head, ending):
            raise Wrong(f"{name} is not what its name says.", "files")
        return Upload(name, OTHERS[ending], source.stat().st_size, files.keep(source), sent)


def portrait(files: Files, darkroom: Darkroom, name: str, stream: IO[bytes]) -> str:
    """Store a picture of a person, square and small; return its hash. Raises as `receive` does."""
    with files.workplace() as folder:
        source = folder / "sent"
        _spool(stream, source, clean_name(name))
        return files.keep(darkroom.develop(source, folder, square=256).full)


def clean_name(name: str) -> str:
    """A file's name without folders, controls or signs that turn text around; at most 100 long."""
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
                  r"\ufeff]", "", name).strip(". ")  # fmt: skip
    stem, ending = PurePath(name).stem, PurePath(name).suffix
    return (stem[: 100 - len(ending[:10])] + ending[:10]) or "file"


def _photo(files: Files, darkroom: Darkroom, source: Path, name: str, sent: str) -> Upload:
    photo = darkroom.develop(source, source.parent)
    assert photo.large and photo.thumb
    stem = PurePath(name).stem if PurePath(name).suffix[1:].lower() in _PHOTOS_END else name
    name, size = f"{stem}.{PHOTOS[photo.type]}", photo.full.stat().st_size
    full, large, thumb = map(files.keep, (photo.full, photo.large, photo.thumb))
    sides = photo.width, photo.height
    return Upload(name, photo.type, size, full, sent, *sides, large, thumb)


def _spool(stream: IO[bytes], target: Path, name: str) -> str:
    """Write it down; return the hash of its bytes."""
    seen = hashlib.sha256()
    with target.open("wb") as file:
        while block := stream.read(64 * 1024):
            seen.update(block)
            if file.tell() + len(block) > LARGEST:
                kept = "Your text is still here."
                raise TooLarge(f"{name} is larger than 16 MB, which is the most. {kept}", "files")
            file.write(block)
        if not file.tell():
            raise Wrong(f"{name} is empty.", "files")
    return seen.hexdigest()


def _is_what_it_says(source: Path, head: bytes, ending: str) -> bool:
    if ending == "pdf":
        return b"%PDF-" in head[:1024]
    if ending == "doc":
        return head.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf"))
    if ending == "txt":
        return b"\0" not in head
    return zipfile.is_zipfile(source)
