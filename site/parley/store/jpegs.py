"""The download of a JPEG: as it was sent, but for all that is no picture. A part of darkroom.py.

An upright photo is not encoded anew: its segments are copied (ITU-T T.81, annex B), those that a
decoder needs, up to its end. One that must be turned is decoded and encoded in bands, with the
tables that it had: that is exact to a few levels of brightness, in half the memory.
"""

import io
import re
import struct
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from typing import BinaryIO

from PIL import Image

SEGMENTS = 1_000
SCANS = 100  # a decoder goes through the whole picture for each
BAND = 128  # rows that are turned at a time: whole blocks of all that are usual
NEXT = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")  # a marker that something follows
TEXT = re.compile(rb"[ -~]{20}")
END, SCAN = 0xD9, 0xDA
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
NEEDED = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, SCAN}  # by a browser, to show it
SAID = {*range(0xE0, 0xF0), 0xFE}  # by programs to each other
SCAN_HEAD = 14  # bytes, of a scan of three colours
JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
ADOBE = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0"  # what follows says how colours are stored
PROFILE = b"ICC_PROFILE\0"

TURNS = {  # what undoes each orientation of EXIF
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)  # rows become columns


def segments(data: mmap | bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, begin and end of each segment, a scan's with its data, up to the picture's end.

    Raises DecompressionBombError if there are more than any camera writes.
    """
    at, scans = 2, 0
    for _ in range(SEGMENTS):
        found = NEXT.search(data, at)
        if not found or data[found.start() + 1] == END:
            return
        begin = found.start()
        marker, end = data[begin + 1], begin + 2 + struct.unpack_from(">H", data, begin + 2)[0]
        if marker == SCAN:
            scans += 1
            found = NEXT.search(data, end)
            end = found.start() if found else len(data)
        if scans > SCANS:
            break
        yield marker, begin, end
        at = end
    raise Image.DecompressionBombError("too many segments")


def check(data: mmap) -> tuple[int, int]:
    """Width and height that it claims to have at most."""
    sizes = [
        struct.unpack_from(">HH", data, begin + 5)
        for marker, begin, _ in segments(data)
        if marker in FRAMES
    ]
    return max(width for _, width in sizes), max(height for height, _ in sizes)


def is_bareable(data: mmap) -> bool:
    """Whether all that it is made of is what browsers show, with no text at the end of a scan.

    A decoder ignores what is left over there; by chance such a text is in one of 100,000 photos.
    """
    return all(
        marker in NEEDED | SAID
        and not (marker == SCAN and TEXT.search(data, max(begin, end - 4096), end))
        for marker, begin, end in segments(data)
    )


def write_bare(source: BinaryIO, profile: bytes, out: BinaryIO) -> None:
    """Copy the picture alone, and the numbers of its colours."""
    out.write(b"\xff\xd8")
    with mmap(source.fileno(), 0, access=ACCESS_READ) as data:
        for marker, begin, end in segments(data):
            if marker == 0xE0 and data[begin + 4 : begin + 9] == b"JFIF\0":
                out.write(JFIF)
            elif marker == 0xEE and data[begin + 4 : begin + 9] == b"Adobe" and end - begin >= 16:
                out.write(ADOBE + data[begin + 15 : begin + 16])
            elif marker in NEEDED:
                if profile:
                    head = struct.pack(">H", len(profile) + 16) + PROFILE + b"\1\1"
                    out.write(b"\xff\xe2" + head + profile)
                    profile = b""
                with memoryview(data)[begin:end] as part:
                    out.write(part)
    out.write(b"\xff\xd9")


def is_usual(im: Image.Image) -> bool:
    """Whether its colours are stored as cameras do: brightness, and colour for four pixels each."""
    layers = [layer[1:3] for layer in getattr(im, "layer", ())]
    told = im.info.get("adobe_transform", 1) == 1 and im.mode == "RGB"
    even = not (im.width % 2 or im.height % 2)
    return told and even and layers == [(2, 2), (1, 1), (1, 1)]


def turn(
    source: BinaryIO,
    colours: tuple[Image.Image, Image.Image],
    orientation: int,
    profile: bytes,
    out: BinaryIO,
) -> None:
    """Write the picture `source` upright. `colours` are its Cb and Cr so, half as wide and high.

    Each band is a JPEG; joined by restart markers, their data is one (T.81, B.2.1 and F.1.1.5).
    """
    grey: Image.Image = Image.open(source, formats=["JPEG"])
    tables = _tables(grey, orientation)
    grey.draft("L", grey.size)
    grey.load()
    grey = grey.transpose(TURNS[orientation])
    width, height = grey.size
    blocks = -(-width // 16) * (BAND // 16)
    for number, top in enumerate(range(0, height, BAND)):
        im = _band((grey, *colours), top, min(top + BAND, height))
        band = io.BytesIO()
        said = {"icc_profile": profile} if profile and not number else {}
        im.save(band, "JPEG", qtables=tables, subsampling="4:2:0", **said)
        data = band.getvalue()
        places = {marker: (begin, end) for marker, begin, end in segments(data)}
        (frame, _), (scan, end) = places[0xC0], places[SCAN]
        if number:
            out.write(bytes((0xFF, 0xD0 + (number - 1) % 8)))
        else:  # the head of the first is that of all: so high, so many blocks in a band
            every = b"\xff\xdd" + struct.pack(">HH", 4, blocks)
            high = struct.pack(">H", height)
            out.write(data[: frame + 5] + high + data[frame + 7 : scan] + every)
            out.write(data[scan : scan + SCAN_HEAD])
        out.write(data[scan + SCAN_HEAD : end])
    out.write(b"\xff\xd9")


def _tables(im: Image.Image, orientation: int) -> list[list[int]]:
    """What its brightness and colours were divided by, turned as the picture is."""
    found = []
    for layer in im.layer[:2]:  # type: ignore[attr-defined]
        table = [min(max(value, 1), 255) for value in im.quantization[layer[3]]]  # type: ignore[attr-defined]
        turned = [table[8 * column + row] for row in range(8) for column in range(8)]
        found.append(turned if orientation in SIDEWAYS else table)
    return found


def _band(layers: tuple[Image.Image, ...], top: int, bottom: int) -> Image.Image:
    """Some rows of the picture, of whose layers only the first is in full size."""
    width = layers[0].width
    band = [layers[0].crop((0, top, width, bottom))]
    for layer in layers[1:]:
        small = layer.crop((0, top // 2, width // 2, bottom // 2))
        band.append(small.resize(band[0].size, Image.Resampling.NEAREST))
    return Image.merge("YCbCr", band)
