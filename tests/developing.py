"""The darkroom's program as pictures.py asks it, by a line of input, and how pictures look."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image, ImageChops, ImageCms

from parley.store.pictures import PROGRAM
from tests import corpus

FILES = "full", "huge", "large", "thumb"


class Program:
    """It develops many pictures, one after the other."""

    def __init__(self):
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        command = [sys.executable, "-I", str(PROGRAM)]
        self.process = subprocess.Popen(command, text=True, **pipes)

    def ask(self, line: str) -> dict:
        """Its answer to a line."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def develop(self, data: bytes, folder: Path, **wish) -> dict:
        """Send the bytes of a picture; get the answer, in it the files as opened pictures."""
        (folder / "sent").write_bytes(data)
        wish |= {"source": str(folder / "sent"), "folder": str(folder)}
        answer = self.ask(json.dumps(wish))
        for name in {*FILES} & set(answer):
            answer[name + "_bytes"] = (folder / answer[name]).read_bytes()
            answer[name] = Image.open(io.BytesIO(answer[name + "_bytes"]))
        return answer

    def cpu(self) -> float:
        """Seconds of work so far (the clock of clock_getcpuclockid(3))."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def close(self) -> str:
        """End it; what it complained about."""
        complaints = self.process.communicate()[1]
        return complaints


def shown(im: Image.Image) -> Image.Image:
    """The picture as a browser shows it: by its profile, if it has one."""
    profile = im.info.get("icc_profile")
    if not profile:
        return im
    srgb = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(im.convert("RGB"), io.BytesIO(profile), srgb)


def near(colour, other, most=15) -> bool:
    return all(abs(a - b) <= most for a, b in zip(colour, other, strict=True))


def colours(im: Image.Image) -> list:
    """The colours a tenth in from the corners, row by row."""
    left, top = im.width // 10, im.height // 10
    right, bottom = im.width - 1 - left, im.height - 1 - top
    im = im.convert("RGB")
    return [im.getpixel(at) for at in ((left, top), (right, top), (left, bottom), (right, bottom))]


def is_upright(im: Image.Image) -> bool:
    wanted = [corpus.RED, corpus.GREEN, corpus.BLUE, corpus.WHITE]
    return all(near(*pair) for pair in zip(colours(im), wanted, strict=True))


def same(im: Image.Image, other: Image.Image) -> bool:
    """Whether two RGBA pictures look alike; what cannot be seen has no colour."""
    ground = Image.new("RGBA", im.size, "grey")
    seen = [Image.alpha_composite(ground, each).convert("RGB") for each in (im, other)]
    return not ImageChops.difference(*seen).getbbox()


def frames(im: Image.Image) -> list[Image.Image]:
    seen = []
    for number in range(im.n_frames):
        im.seek(number)
        seen.append(im.convert("RGBA"))
    return seen
