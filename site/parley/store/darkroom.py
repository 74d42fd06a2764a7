"""Turns a photo that someone sent into files that are safe to show: a program, run by pictures.py.

One JSON request a line comes in, one JSON answer a line goes out, the end of the input ends it.
It is a process of its own because a picture can be made to break a decoder: it then breaks this,
and the server goes on. It imports nothing of Parley and knows no database, no room and no name.
"""

import ctypes
import errno
import io
import json
import resource
import signal
import sys
import warnings
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, ImageSequence

FRAMES = 500
FILM = 200_000_000  # pixels in all frames of an animation together
MEMORY = 1536 * 2**20  # bytes of address space
ALONE = 600  # seconds; the parent gives up much sooner, this is for when it is gone
SIZES = {"large": 1280, "thumb": 320}  # pixels on the longer side

ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}

Image.MAX_IMAGE_PIXELS = 25_000_000  # Pillow refuses, from the header, more than twice this


def develop(source: str, folder: str, square: int | None = None) -> dict:
    """Write the files of one picture into `folder`; with `square`, one file of that many pixels.

    Returns the answer. Raises DecompressionBombError for too many pixels, and anything at all for
    what is not a picture.
    """
    with Path(source).open("rb") as file:
        im: Image.Image = Image.open(file, formats=list(ENDINGS))
        if square:
            im.draft(None, (2 * square, 2 * square))
        im.load()
        # A phone's photo may hold a second picture (MPO): the first is the photo.
        kind = "JPEG" if im.format == "MPO" else str(im.format)
        full = Path(folder, f"full.{ENDINGS[kind]}")
        # A PNG with a picture beside its animation is shown as that picture.
        still = square or kind == "JPEG" or "default_image" in im.info
        moving = not still and getattr(im, "is_animated", False)
        if moving:
            save_film(im, full, kind)
            im.seek(0)
        if kind == "WEBP":  # its decoder holds the picture three times over
            im = im.copy()
        im = plain(im)
    if square:
        im = ImageOps.fit(viewable(im), (square, square), Image.Resampling.LANCZOS)
        name, mime = save_for_pages(im, Path(folder, "full"))
        return {"ok": True, "type": mime, "width": square, "height": square, "full": name}
    if not moving:
        im.save(full, kind, quality=90, method=2)
    said = {"ok": True, "type": Image.MIME[kind], "width": im.width, "height": im.height}
    said["full"] = full.name
    im = viewable(im)
    for name, longest in SIZES.items():
        im.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        said[name], said[f"{name}_type"] = save_for_pages(im, Path(folder, name))
    return said


def save_film(im: Image.Image, path: Path, kind: str) -> None:
    """Write an animation, its durations and its number of rounds, and nothing else it says."""
    if getattr(im, "n_frames", 1) > min(FRAMES, FILM // (im.width * im.height)):
        raise Image.DecompressionBombError("too many frames")
    durations: list[float] = []
    clear = False
    for frame in ImageSequence.Iterator(im):
        frame.load()
        durations.append(frame.info.get("duration", 0))
        clear = clear or viewable(frame).mode == "RGBA"
    about = {"duration": durations, "loop": im.info.get("loop"), "comment": b"", "quality": 90}
    # A GIF can only show through again where the frame before was cleared (disposal 2).
    about |= {"disposal": 2 if kind == "GIF" and clear else 0, "blend": 0}
    frames = [im]
    if kind == "GIF":
        frames = [in_palette(frame) for frame in ImageSequence.Iterator(im)]
    elif {"exif", "icc_profile"} & im.info.keys():  # seldom: it takes all into memory at once
        frames = [plain(frame.copy()) for frame in ImageSequence.Iterator(im)]
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], **about)


def in_palette(im: Image.Image) -> Image.Image:
    """A frame of a GIF in 256 colours, one of them clear; Pillow's own way is coarser with RGBA."""
    if im.mode != "RGBA":
        return im.convert("P", palette=Image.Palette.ADAPTIVE)
    clear = im.getchannel("A").point(lambda alpha: 255 * (alpha == 0))
    im = im.convert("RGB").quantize(255, dither=Image.Dither.NONE)
    im.paste(255, mask=clear)
    im.info = {"transparency": 255}
    return im


def plain(im: Image.Image) -> Image.Image:
    """The picture upright, in sRGB, 8 bits deep, and saying nothing but what is transparent."""
    with suppress(Exception):  # EXIF is often damaged, and the picture still good
        ImageOps.exif_transpose(im, in_place=True)
    profile, clear = im.info.get("icc_profile"), im.info.get("transparency")
    if im.mode == "I;16":
        im = im.convert("I").point([value >> 8 for value in range(2**16)], "L")
        clear = None if clear is None else clear >> 8
    elif isinstance(clear, tuple) and max(clear) > 255:
        clear = tuple(value >> 8 for value in clear)
    im.info = {} if clear is None else {"transparency": clear}
    if profile:
        im = in_srgb(im, profile)
    return in_mode(im, "RGB") if im.mode == "CMYK" else im


def in_srgb(im: Image.Image, profile: bytes) -> Image.Image:
    """The picture with its colours taken from its ICC profile to sRGB, if that can be done."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(theirs).lower():
            return im
        alpha = in_mode(im, "RGBA").getchannel("A") if im.has_transparency_data else None
        flat = in_mode(im, {"CMYK": "CMYK", "1": "L", "L": "L", "LA": "L"}.get(im.mode, "RGB"))
        srgb = ImageCms.createProfile("sRGB")
        ours = ImageCms.profileToProfile(flat, theirs, srgb, outputMode="RGB")
        assert ours  # it is None only where the picture is changed in place
        ours.info = {}  # it holds the new profile
        if alpha:
            ours.putalpha(alpha)
        return ours
    return im


def in_mode(im: Image.Image, mode: str) -> Image.Image:
    """The picture in a mode of Pillow, without the copy that convert() makes if it already is."""
    return im if im.mode == mode else im.convert(mode)


def viewable(im: Image.Image) -> Image.Image:
    """The picture as RGBA if one can see through any of it, else as RGB or grey."""
    if im.has_transparency_data:
        im = in_mode(im, "RGBA")
        return im if any(im.getchannel("A").histogram()[:255]) else im.convert("RGB")
    return in_mode(im, "L" if im.mode in ("1", "L") else "RGB")


def save_for_pages(im: Image.Image, path: Path) -> tuple[str, str]:
    """Write a viewable picture: WebP if one can see through it, else JPEG. Its name and type."""
    kind = "WEBP" if im.mode == "RGBA" else "JPEG"
    path = path.with_suffix(f".{ENDINGS[kind]}")
    im.save(path, kind, quality=82, progressive=True)
    return path.name, Image.MIME[kind]


def answer(line: str) -> dict:
    """Do what one request asks for; whatever goes wrong is an answer, too."""
    try:
        return develop(**json.loads(line))
    except Image.DecompressionBombError:
        return {"ok": False, "error": "bomb"}
    except Exception as error:  # noqa: BLE001 - what a broken picture makes a decoder raise has no list
        full = getattr(error, "errno", None) == errno.ENOSPC
        return {"ok": False, "error": "full" if full else "unreadable"}


def main() -> None:
    """Answer requests until nobody is left to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then ends this
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a server that was killed hears no answer
    warnings.simplefilter("ignore")
    with suppress(OSError, ValueError):  # not every system allows it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        signal.alarm(ALONE)
        said = json.dumps(answer(line))
        signal.alarm(0)
        print(said, flush=True)
        with suppress(OSError, TypeError, AttributeError):  # glibc keeps what was freed otherwise
            ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    main()
