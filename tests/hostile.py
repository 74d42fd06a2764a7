"""Pictures that are meant to harm: bombs by what they claim or unpack to, halves, and other files.

Each function gives the bytes of one file. Nothing here is of Parley.
"""

import io
import struct
import zipfile
import zlib

from PIL import Image

from tests.corpus import (
    PLACE,
    SCRIPT,
    chunk,
    corners,
    exif,
    file_of,
    film,
    picture,
    png_of,
    segment,
)


def tiles(width=40_000, height=40_000) -> bytes:
    """A HEIC of four small tiles that claims to be huge where they are put together."""
    data = bytearray(file_of(corners((128, 128)), "HEIF", tile_size=64))
    struct.pack_into(">HH", data, data.index(struct.pack(">BBBBHH", 0, 0, 1, 1, 128, 128)) + 4,
                     width, height)  # fmt: skip
    return bytes(data)


def spread_item() -> bytes:
    """A HEIC whose picture lies in sixty thousand places of the file, all of them the same."""
    data = bytearray(picture("HEIF"))
    places = data.index(b"iloc")
    one = data.index(struct.pack(">H", 1), places + 14)
    struct.pack_into(">H", data, one, 60_000)
    return bytes(data)


def full_of(kind: str, many=400_000) -> bytes:
    """A good picture with very many pieces that mean nothing."""
    data = picture(kind)
    if kind == "PNG":
        return data[:33] + chunk(b"teSt", b"") * many + data[33:]
    if kind == "JPEG":
        return data[:2] + segment(0xE9, b"") * many + data[2:]
    if kind == "GIF":
        return data[:-1] + b"!\xfe" + b"\1x" * many + b"\0;"
    if kind == "WEBP":
        body = data[12:] + (b"teSt" + bytes(4)) * many
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    return data + struct.pack(">I4s", 8, b"free") * many


def wordy(kind: str, length=8_000_000) -> bytes:
    """A good picture with very much beside it that is none."""
    data, said = picture(kind), bytes(length)
    if kind == "PNG":
        return data[:33] + chunk(b"eXIf", said) + data[33:]
    if kind == "GIF":
        blocks = length // 255
        return data[:-1] + b"!\xfe" + (b"\xff" + bytes(255)) * blocks + b"\0;"
    if kind == "WEBP":
        head = b"VP8X" + struct.pack("<IB3x", 10, 8) + bytes((63, 0, 0, 47, 0, 0))
        body = head + data[12:] + b"EXIF" + struct.pack("<I", length) + said
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    return file_of(corners(), kind, xmp=said)


def packed_profile() -> bytes:
    """A small PNG with a colour profile that unpacks to 50 MB."""
    packed = zlib.compress(bytes(50_000_000))
    said = chunk(b"iCCP", b"photo\0\0" + packed)
    return png_of((1, 1), 8, 0, said + chunk(b"IDAT", zlib.compress(b"\0\0")))


def many_scans() -> bytes:
    """A JPEG that says again and again how its last details are."""
    data = file_of(corners(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 200 + data[-2:]


def much_film(kind: str) -> bytes:
    """An animation whose frames have too many pixels in all."""
    if kind == "PNG":
        data = bytearray(film(kind))
        at = data.index(b"acTL")
        struct.pack_into(">I", data, at + 4, 1_000_000)
        struct.pack_into(">I", data, at + 12, zlib.crc32(data[at : at + 12]))
        return bytes(data)
    return film(kind, 450, (800, 600))


def with_a_zip() -> bytes:
    """A photo that is a ZIP archive, too."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("page.html", SCRIPT + PLACE)
    return picture("JPEG") + archive.getvalue()


def script_gif() -> bytes:
    """A GIF that is JavaScript, too: its width begins a comment, which one of its own ends."""
    im = Image.new("P", (0x2A2F, 2))
    data = file_of(im, "GIF", comment=b"*/=1;alert('trailing')//")
    assert data[6:8] == b"/*"
    return data


def page_png() -> bytes:
    """A PNG that is an HTML page, too."""
    data = picture("PNG")
    return data[:33] + chunk(b"tEXt", b"Title\0" + SCRIPT) + data[33:] + SCRIPT


def document() -> bytes:
    """A PDF with a photo in it, which begins as soon as the PDF has said what it is."""
    return b"%PDF-1.4\n" + file_of(corners(), "JPEG", exif=exif())
