"""The rival of the darkroom: the same files of a JPEG, made by libvips. A program like darkroom.py.

It does what libvips is good at: shrinks while it decodes, goes from size to size in memory, uses
all cores, and keeps no operation for later. A download that needs no turning is not encoded anew,
by the same function as Parley's.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

import pyvips

from parley.store import jpegs
from parley.store.darkroom import NICE

pyvips.cache_set_max(0)


def develop(source: str, folder: str, sides: list[int], quality: int) -> None:
    """The three previews, none longer than `sides`, and the download."""
    im = None
    for name, side in zip(("huge", "large", "thumb"), sides, strict=True):
        if im is None:
            im = pyvips.Image.thumbnail(source, side, height=side, size="down")
        else:
            im = im.thumbnail_image(side, height=side)
        im = im.copy_memory()
        im.jpegsave(f"{folder}/{name}.jpg", Q=82, keep="none", interlace=name != "huge")
    whole = pyvips.Image.new_from_file(source, access="sequential")
    if whole.get_typeof("orientation") and whole.get("orientation") > 1:
        whole = whole.copy_memory().autorot()
        whole.jpegsave(f"{folder}/full.jpg", Q=quality, keep="none", subsample_mode="on")
        return
    with Path(source).open("rb") as file, Path(folder, "full.jpg").open("wb") as out:
        jpegs.write_bare(file, b"", out)


def main() -> None:
    """Answer requests until nobody is left to ask."""
    os.nice(NICE)
    for line in sys.stdin:
        develop(**json.loads(line))
        print(json.dumps({"ok": True}), flush=True)
        ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    main()
