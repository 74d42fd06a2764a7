"""What a photo costs, from the file that came to all that is made of it, beside libvips.

Both work in a child process that has done it before, in turns, on the same photo: one that looks
like a phone's (12 megapixels, fine noise, EXIF), held upright or sideways. Both make the same
files: three previews of the same sizes and quality, and a download without metadata, upright.
The time is that of an answer; memory is VmHWM, the most that the process ever held, all of it.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from parley.settings import ROOT
from parley.store.pictures import PROGRAM
from tests import corpus
from tests.bench.figures import Figure
from tests.bench.meter import Meter

ROUNDS = 15
SIZE = 4032, 3024
QUALITY = 92  # of the phone's
HELD = {"upright": 1, "sideways": 6}  # and what EXIF says of it
PREVIEWS = [2016, 1280, 320]  # longer sides, as the darkroom makes them


@dataclass
class Child:
    """One of the two programs, and the milliseconds of each photo."""

    command: list[str]
    also: dict
    times: list[float] = field(default_factory=list)

    def __post_init__(self):
        pipe = subprocess.PIPE
        environment = {"PYTHONPATH": str(ROOT / "site")}
        self.process = subprocess.Popen(
            [sys.executable, *self.command], stdin=pipe, stdout=pipe, cwd=ROOT, env=environment
        )
        self.meter = Meter(self.process.pid)

    def develop(self, source: Path) -> None:
        """One photo."""
        with tempfile.TemporaryDirectory() as folder:
            request = {"source": str(source), "folder": folder, **self.also}
            begun = time.monotonic()
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            self.times.append((time.monotonic() - begun) * 1e3)
            assert answer["ok"]
            sizes = [max(opened(Path(folder, f"{name}.jpg")).size) for name in NAMES]
            assert sizes == [SIZE[0], *PREVIEWS], sizes


NAMES = "full", "huge", "large", "thumb"


def figures() -> Iterator[Figure]:
    """Time and memory, of a photo that was held upright, and sideways."""
    with tempfile.TemporaryDirectory() as folder:
        for held, orientation in HELD.items():
            source = Path(folder, f"{held}.jpg")
            source.write_bytes(photo(orientation))
            yield from compared(f"a photo of 12 megapixels, held {held}", source)


def compared(what: str, source: Path) -> Iterator[Figure]:
    """The two of one photo."""
    ours = Child(["-I", str(PROGRAM)], {})
    vips = Child(["-m", "tests.bench.rivals.vips"], {"sides": PREVIEWS, "quality": QUALITY})
    try:
        for _ in range(ROUNDS + 1):
            ours.develop(source)
            vips.develop(source)
        one, other = (statistics.median(child.times[1:]) for child in (ours, vips))
        size = source.stat().st_size / 1e6
        note = f"{size:.1f} MB as sent; download and three previews"
        yield Figure(what, one, "ms", None, "libvips", other, 1.0, note=note)
        one, other = (child.meter.peak() / 1024 for child in (ours, vips))
        note = f"VmHWM after {ROUNDS + 1} photos"
        yield Figure(f"{what}: memory", one, "MB", None, "libvips", other, 0.6, note=note)
    finally:
        for child in (ours, vips):
            child.process.kill()
            child.process.communicate()


def photo(orientation: int) -> bytes:
    """Light and dark at every scale, as in a landscape, and the noise of a small sensor."""
    grey = [Image.linear_gradient("L").resize(SIZE)]
    for scale, contrast in ((32, 80), (8, 60), (2, 30), (1, 20)):
        small = SIZE[0] // scale, SIZE[1] // scale
        grey.append(Image.effect_noise(small, contrast).resize(SIZE, Image.Resampling.BICUBIC))
    layers = []
    for turn in (None, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180):
        layer = grey[0]
        for number, each in enumerate(grey[1:]):
            each = each if turn is None or number == 3 else each.transpose(turn)
            layer = Image.blend(layer, each, 0.3)
        layers.append(layer)
    im = Image.merge("RGB", layers)
    said = {"quality": QUALITY, "subsampling": "4:2:0", "exif": corpus.exif(orientation)}
    return corpus.file_of(im, "JPEG", **said)


def opened(path: Path) -> Image.Image:
    """Its header."""
    with Image.open(path) as im:
        return im
