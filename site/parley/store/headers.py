"""What a picture's file claims, read before anything of it is decoded: a part of darkroom.py.

A claim is refused by its numbers alone, so a bomb costs nothing: DecompressionBombError for more
pixels or frames than are taken, ValueError or struct.error for what makes no sense. JPEG's claims
are read in jpegs.py, which needs its segments anyway.
"""

import struct
from collections.abc import Iterator
from mmap import mmap

from PIL import Image

PIXELS = 50_000_000
FRAMES = 500
FILM = 200_000_000  # pixels in all frames of an animation together
PIECES = 10_000  # chunks or boxes; each costs a decoder more than its bytes
BLOCKS = 200_000  # of a GIF, which has at most 255 bytes in each
EXTENTS = 64  # places in which one item of a HEIF may lie
WORDS = 2 * 2**20  # bytes in a piece that is no picture: a profile, EXIF, a text

HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
AVIF = {b"avif", b"avis"}


def kind(data: mmap) -> str:
    """The name that Pillow has for what the file begins like. Raises ValueError for others."""
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] + data[8:12] == b"RIFFWEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        end = min(struct.unpack(">I", data[:4])[0], 256)
        brands = {data[at : at + 4] for at in (8, *range(16, end, 4))}
        if brands & (HEIF | AVIF):
            return "AVIF" if brands & AVIF else "HEIF"
    raise ValueError("no picture")


def check(data: mmap, kind: str) -> None:
    """Go through what a PNG, GIF, WEBP, AVIF or HEIF says about itself."""
    {"PNG": _png, "GIF": _gif, "WEBP": _webp, "AVIF": _heif, "HEIF": _heif}[kind](data)


def few_pixels(width: int, height: int, frames: int = 1) -> None:
    """Raises DecompressionBombError if there are more than are taken."""
    pixels = width * height
    if pixels > PIXELS or (frames > 1 and (frames > FRAMES or frames * pixels > FILM)):
        raise Image.DecompressionBombError("too many pixels")


def few_words(length: int) -> None:
    """Raises ValueError if there is too much beside the picture."""
    if length > WORDS:
        raise ValueError("too much beside the picture")


def _png(data: mmap) -> None:
    size, frames, at = (0, 0), 0, 8
    for _ in range(PIECES):
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        at += 8
        if name == b"IHDR":
            size = struct.unpack_from(">II", data, at)
        elif name == b"acTL":
            frames = max(frames, struct.unpack_from(">I", data, at)[0])
        elif name == b"fcTL":
            few_pixels(*struct.unpack_from(">II", data, at + 4))
        elif name == b"IEND":
            return
        elif name[0] & 0x20 and name != b"fdAT":
            few_words(length)
        few_pixels(*size, frames)
        at += length + 4
    raise ValueError("too many chunks")


def _webp(data: mmap) -> None:
    size, frames, at = (0, 0), 0, 12
    end = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    for _ in range(PIECES):
        if at + 8 > end:
            return
        name, length = struct.unpack_from("<4sI", data, at)
        at += 8
        if name == b"VP8X":
            size = _three(data, at + 4) + 1, _three(data, at + 7) + 1
        elif name == b"ANMF":
            frames += 1
            few_pixels(_three(data, at + 6) + 1, _three(data, at + 9) + 1)
        elif name not in (b"VP8 ", b"VP8L", b"ALPH"):
            few_words(length)
        few_pixels(*size, frames)
        at += length + length % 2
    raise ValueError("too many chunks")


def _three(data: mmap, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


def _gif(data: mmap) -> None:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    few_pixels(width, height)
    at, frames, blocks = 13 + _palette(flags), 0, 0
    while at < len(data) and data[at] != 0x3B:
        is_frame = data[at] == 0x2C
        if is_frame:
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, at + 1)
            width, height, frames = max(width, left + wide), max(height, top + high), frames + 1
            few_pixels(width, height, frames)
            at += 11 + _palette(flags)
        elif data[at] == 0x21:
            at += 2
        elif data[at]:
            raise ValueError("no block of a GIF")
        else:  # some fill up with zeros
            at, blocks = at + 1, blocks + 1
            continue
        begin = at
        while at < len(data) and data[at] and blocks <= BLOCKS:
            at, blocks = at + 1 + data[at], blocks + 1
        if blocks > BLOCKS:
            raise ValueError("too many blocks")
        if not is_frame:
            few_words(at - begin)
        at += 1


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _heif(data: mmap) -> None:
    """ISO 23008-12: the sizes of all images and tiles, and where each item's bytes lie."""
    for name, at, end in _boxes(data, 0, len(data)):
        if name == b"meta":
            kinds: dict[int, bytes] = {}
            found = dict.fromkeys((b"iloc", b"idat"), (0, 0))
            for inner, begin, stop in _boxes(data, at + 4, end):
                found[inner] = begin, stop
                if inner == b"iinf":
                    kinds = _items(data, begin, stop)
                elif inner == b"iprp":
                    _properties(data, begin, stop)
            for item, where in _places(data, *found[b"iloc"], found[b"idat"][0]):
                if kinds.get(item) == b"grid":
                    _grid(data, where)


def _boxes(data: mmap, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin and end of what is in each box (ISO 14496-12, 4.2)."""
    for _ in range(PIECES):
        if at + 8 > end:
            return
        length, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1:
            head, length = 16, struct.unpack_from(">Q", data, at + 8)[0]
        stop = min(at + length, end) if length else end
        if stop < at + head:  # no box: what follows a picture is nobody's business
            return
        yield name, at + head, stop
        at = stop
    raise ValueError("too many boxes")


def _items(data: mmap, at: int, end: int) -> dict[int, bytes]:
    """The kind of each item, by its number."""
    found, head = {}, 6 if data[at] == 0 else 8
    for _, begin, _ in _boxes(data, at + head, end):
        form = ">H2x4s" if data[begin] < 3 else ">I2x4s"
        number, kind = struct.unpack_from(form, data, begin + 4)
        found[number] = kind
    if b"iovl" in found.values():  # one laid over others, as no camera does it
        raise ValueError("a picture laid over others")
    return found


def _properties(data: mmap, at: int, end: int) -> None:
    for name, begin, stop in _boxes(data, at, end):
        for inner, first, last in _boxes(data, begin, stop) if name == b"ipco" else ():
            if inner == b"ispe":
                few_pixels(*struct.unpack_from(">II", data, first + 4))
            few_words(last - first)


def _places(data: mmap, at: int, end: int, idat: int) -> Iterator[tuple[int, int]]:
    """Number and first byte of each item; one that claims more than the file has is refused."""
    if at == end:
        return
    version, sizes = data[at], struct.unpack_from(">H", data, at + 4)[0]
    a, b, c, d = (sizes >> shift & 15 for shift in (12, 8, 4, 0))  # offset, length, base, index
    wide = 4 if version == 2 else 2

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > end:
            raise ValueError("items beyond the end")
        return int.from_bytes(data[at - size : at], "big")

    at += 6
    for _ in range(min(number(wide), PIECES)):
        item, method = number(wide), number(2) & 15 if version else 0
        number(2)
        base, length, first = number(c), 0, 0
        extents = number(2)
        for extent in range(min(extents, EXTENTS)):
            number(d if version else 0)
            begin, length = number(a) + base, length + number(b)
            first = first if extent else begin
        if length > len(data) or extents > EXTENTS:
            raise ValueError("an item larger than its file")
        yield item, first + (idat if method == 1 else 0)


def _grid(data: mmap, at: int) -> None:
    """The size of a picture made of tiles (ISO 23008-12, 6.6.2.3)."""
    flags, rows, columns = data[at + 1], data[at + 2] + 1, data[at + 3] + 1
    width, height = struct.unpack_from(">II" if flags & 1 else ">HH", data, at + 4)
    few_pixels(width, height)
    few_pixels(rows * 64, columns * 64)  # and no tile is smaller than that
