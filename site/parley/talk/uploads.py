"""Files on their way in: what kind they really are, checked before anything is done with them."""

import hashlib
import re
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import IO

from parley.store.errors import NotTaken, TooLarge, Wrong
from parley.store.files import Files, full_disk_told
from parley.store.pictures import Darkroom, Unreadable

LARGEST = 16 * 1024 * 1024  # bytes of one file
MOST = 10  # files of one message

PHOTOS = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
          "gif": "image/gif", "webp": "image/webp"}  # fmt: skip
OTHERS = {
    "txt": "text/plain",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


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

    def row(self) -> dict:
        """What the table keeps of it."""
        row = asdict(self)
        del row["sent"]
        return row


def receive(files: Files, darkroom: Darkroom, name: str, stream: IO[bytes]) -> Upload:
    """Take a file in: spool it, see what it is, make a photo upright and bare, store it.

    Raises TooLarge, NotTaken, Wrong (it is not what its name says), Unreadable or
    TooManyPixels for pictures, and Full when the disk is.
    """
    name = clean_name(name)
    with files.workplace() as folder:
        source = folder / "sent"
        sent, size = _spool(stream, source, name)
        ending = PurePath(name).suffix.lower().removeprefix(".")
        with source.open("rb") as file:
            is_photo = _looks_like_photo(file.read(16))
        if is_photo:
            return _photo(files, darkroom, folder, name, sent)
        if ending in PHOTOS:
            raise Unreadable(f"{name} is not a picture, though it is called one.", "files")
        if ending not in OTHERS:
            raise NotTaken(
                f"{name} is of a kind that is not taken here. Photos, PDF, text, ZIP and Word are.",
                "files",
            )
        if not _is_what_it_says(source, ending):
            raise Wrong(f"{name} is not what its name says.", "files")
        return Upload(name, OTHERS[ending], size, files.keep(source), sent)


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


def _photo(files: Files, darkroom: Darkroom, folder: Path, name: str, sent: str) -> Upload:
    photo = darkroom.develop(folder / "sent", folder)
    assert photo.large and photo.thumb
    stem = PurePath(name).stem if PurePath(name).suffix[1:].lower() in PHOTOS else name
    return Upload(
        f"{stem}.{_ENDINGS[photo.type]}",
        photo.type,
        photo.full.stat().st_size,
        files.keep(photo.full),
        sent,
        photo.width,
        photo.height,
        files.keep(photo.large),
        files.keep(photo.thumb),
    )


def _spool(stream: IO[bytes], target: Path, name: str) -> tuple[str, int]:
    seen, size = hashlib.sha256(), 0
    with full_disk_told(), target.open("wb") as file:
        while block := stream.read(64 * 1024):
            size += len(block)
            if size > LARGEST:
                raise TooLarge(
                    f"{name} is larger than 16 MB, which is the most. Your text is still here.",
                    "files",
                )
            seen.update(block)
            file.write(block)
    if not size:
        raise Wrong(f"{name} is empty.", "files")
    return seen.hexdigest(), size


def _looks_like_photo(head: bytes) -> bool:
    return (
        head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"))
        or head[:4] + head[8:12] == b"RIFFWEBP"
    )


def _is_what_it_says(source: Path, ending: str) -> bool:
    with source.open("rb") as file:
        head = file.read(8192)
    if ending == "pdf":
        return b"%PDF-" in head[:1024]
    if ending == "doc":
        return head.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf"))
    if ending == "txt":
        return b"\0" not in head
    return zipfile.is_zipfile(source)
