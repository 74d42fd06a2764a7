"""Pages joined of what is their own and a part that many of them show, which is compressed once.

Compressed data are blocks one after the other (RFC 1951), so a page's blocks can be those of what
stands before the part, of the part, and of what stands after. What refers to nothing outside of
itself may stand anywhere.
"""

import secrets
import struct
import zlib
from functools import cached_property

from markupsafe import Markup

HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # RFC 1952: deflate, no time, no name, of no system
SMALL = -12, 6  # a window of 4 kB and less memory: made ready in a quarter of the time
PLACE = Markup(f"<!--{secrets.token_hex(16)}-->")  # noqa: S704  (nobody can have guessed it)
WORTH = 2000  # bytes: a smaller part is compressed with its page


class Part:
    """HTML that many pages show, in the form in which each needs it."""

    def __init__(self, html: Markup):
        self.html, self.octets = html, html.encode()

    @cached_property
    def blocks(self) -> bytes:
        """Compressed, and closed against what comes next."""
        work = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return work.compress(self.octets) + work.flush(zlib.Z_FULL_FLUSH)

    def within(self, before: bytes, after: bytes) -> bytes:
        """A gzip file of all three, one after the other."""
        work = zlib.compressobj(6, zlib.DEFLATED, *SMALL)
        first = work.compress(before) + work.flush(zlib.Z_FULL_FLUSH)
        last = work.compress(after) + work.flush()
        check = zlib.crc32(after, zlib.crc32(self.octets, zlib.crc32(before)))
        size = len(before) + len(self.octets) + len(after)
        return b"".join((HEAD, first, self.blocks, last, struct.pack("<LL", check, size)))


class Joined:
    """A page under way: its template puts the part in, and gets a place to write instead."""

    part: Part | None = None

    def put(self, part: Part) -> Markup:
        """What the template writes."""
        if self.part or len(part.octets) < WORTH:
            return part.html
        self.part = part
        return PLACE

    def octets(self, html: str, gzip: bool) -> tuple[bytes, bool]:
        """The page as sent, and whether that is with gzip; `html` has the place in it."""
        if self.part is None:
            return html.encode(), False
        before, _, after = html.partition(PLACE)
        if gzip:
            return self.part.within(before.encode(), after.encode()), True
        return b"".join((before.encode(), self.part.octets, after.encode())), False
