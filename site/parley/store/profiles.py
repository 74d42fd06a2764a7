"""Colours as a picture's ICC profile means them (ICC.1): a part of darkroom.py.

Profiles name cameras, people and dates, so none is passed on: of the usual kind, the numbers are
written anew, and a picture with any other is taken to sRGB.
"""

import io
import struct
from contextlib import suppress
from itertools import product

from PIL import Image, ImageCms

LARGEST = 2 * 2**20  # bytes
CURVE = 4096  # entries
PARAMETERS = (1, 3, 4, 5, 7)  # numbers of a parametric curve of each type
D50 = b"XYZ \0\0\0\0\0\0\xf6\xd6\0\1\0\0\0\0\xd3\x2d"
# Colours that two profiles show alike only if they are alike.
SWATCH = bytes(value for colour in product((0, 90, 180, 255), repeat=3) for value in colour)


def numbers_of(profile: bytes) -> bytes | None:
    """The profile again with nothing in it but its numbers: nothing for sRGB, None if it has more.

    What it says are three primary colours and a curve for each, as those of phones and screens do.
    """
    with suppress(KeyError, ValueError, struct.error, IndexError):
        if profile[16:24] != b"RGB XYZ " or len(profile) > LARGEST:
            return None
        count = min(struct.unpack_from(">I", profile, 128)[0], 100)
        found = {
            name: profile[begin : begin + length]
            for name, begin, length in struct.iter_unpack(">4sII", profile[132 : 132 + 12 * count])
        }
        if b"A2B0" in found:  # a table says more than the numbers
            return None
        tags = {b"desc": _text("photo"), b"cprt": _text("none"), b"wtpt": D50}
        for colour in (b"r", b"g", b"b"):
            tags[colour + b"XYZ"] = _point(found[colour + b"XYZ"])
            tags[colour + b"TRC"] = _curve(found[colour + b"TRC"])
        bare = _written(tags)
        differences = (abs(a - b) for a, b in zip(_shown(bare), SWATCH, strict=True))
        return bare if max(differences) > 2 else b""
    return None


def in_srgb(im: Image.Image, profile: bytes) -> Image.Image:
    """The picture with its colours taken from its profile to sRGB, if that can be done."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile[:LARGEST]))
        alpha = im.convert("RGBA").getchannel("A") if im.has_transparency_data else None
        flat = {"CMYK": "CMYK", "1": "L", "L": "L", "LA": "L"}.get(im.mode, "RGB")
        if im.mode != flat:
            im = im.convert(flat)
        srgb = ImageCms.createProfile("sRGB")
        ours = ImageCms.profileToProfile(im, theirs, srgb, outputMode="RGB")
        assert ours  # it is None only where the picture is changed in place
        ours.info = {}  # it holds the new profile
        if alpha:
            ours.putalpha(alpha)
        return ours
    return im


def _shown(profile: bytes) -> bytes:
    """The swatch as it looks by a profile. Raises ValueError if nothing can be made of it."""
    swatch = Image.frombytes("RGB", (len(SWATCH) // 3, 1), SWATCH)
    shown = in_srgb(swatch, profile)
    if shown is swatch:
        raise ValueError("no profile")
    return shown.tobytes()


def _point(data: bytes) -> bytes:
    if data[:8] != b"XYZ \0\0\0\0" or len(data) < 20:
        raise ValueError("no colour")
    return data[:20]


def _curve(data: bytes) -> bytes:
    if data[:4] == b"curv":
        count = struct.unpack_from(">I", data, 8)[0]
        length = 12 + 2 * count if count <= CURVE else 0
    else:
        kind = struct.unpack_from(">4s4xH", data)
        length = 12 + 4 * PARAMETERS[kind[1]] if kind[0] == b"para" else 0
    if not 0 < length <= len(data):
        raise ValueError("no curve")
    return data[:4] + bytes(4) + data[8:length]


def _text(said: str) -> bytes:
    """A text in one language (10.15)."""
    words = said.encode("utf-16-be")
    return b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enUS", len(words), 28) + words


def _written(tags: dict[bytes, bytes]) -> bytes:
    """A profile of a display, version 4.2, with these tags; equal ones are there once (7)."""
    places: dict[bytes, int] = {}
    body = b""
    start = 132 + 12 * len(tags)
    for data in tags.values():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
    table = b"".join(
        struct.pack(">4sII", name, places[data], len(data)) for name, data in tags.items()
    )
    size = start + len(body)
    head = struct.pack(">I4xI4s4s4s", size, 0x04200000, b"mntr", b"RGB ", b"XYZ ")
    head = (head.ljust(36, b"\0") + b"acsp").ljust(68, b"\0") + D50[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
