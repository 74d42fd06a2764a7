"""Turns a photo that someone sent into files that are safe to show: a program, run by pictures.py.

One JSON request a line comes in, one JSON answer a line goes out, the end of the input ends it.
It is a process of its own because a picture can be made to break a decoder: it then breaks this,
and the server goes on. It imports nothing of Parley but what lies beside it for this alone, and
knows no database, no room and no name.
"""

import json
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import ExifTags, Image, ImageOps, ImageSequence

if TYPE_CHECKING or __name__ != "__main__":
    from parley.store import child, headers, jpegs, profiles
else:  # as a program it is isolated, and would not look beside itself
    sys.path.insert(0, str(Path(__file__).parent))
    import child
    import headers
    import jpegs
    import profiles

THREADS = 2
SIZES = {"huge": 2560, "large": 1280, "thumb": 320}  # pixels on the longer side
ABOUT = 0.75  # of the size of the huge one is enough, where a JPEG's decoder can halve to it

ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
FILMS = {"GIF", "WEBP", "PNG"}  # stay animated

Image.MAX_IMAGE_PIXELS = headers.PIXELS // 2  # Pillow refuses more than twice this


def develop(source: str, folder: str, square: int | None = None) -> dict:
    """Write the files of one picture into `folder`; with `square`, one file of that many pixels.

    Returns the answer. Raises DecompressionBombError for too many pixels, and anything at all for
    what is not a picture.
    """
    with Path(source).open("rb") as file:
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            kind = headers.kind(data)
            if kind == "JPEG":
                headers.few_pixels(*jpegs.check(data))
            else:
                headers.check(data, kind)
        prepare(kind)
        if kind == "JPEG" and not square and (said := as_it_was(file, Path(folder))):
            return said
        # Nothing here keeps the picture: who is given it can let it go.
        if square:
            return squared(Image.open(file, formats=[kind]), square, Path(folder))
        return anew(Image.open(file, formats=[kind]), Path(folder))


def prepare(kind: str) -> None:
    """Load what few pictures need: it is large. Each thread would take a part of MEMORY."""
    if kind == "AVIF":
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
    elif kind == "HEIF":
        import pillow_heif

        others = dict.fromkeys(("thumbnails", "depth_images", "aux_images"), False)
        pillow_heif.register_heif_opener(decode_threads=THREADS, **others)


def squared(im: Image.Image, side: int, folder: Path) -> dict:
    """The middle of the picture, alone."""
    im.draft(None, (2 * side, 2 * side))
    im.load()
    im = ImageOps.fit(viewable(plain(im)), (side, side), Image.Resampling.LANCZOS)
    name, mime = save_for_pages(im, folder / "full")
    return {"ok": True, "type": mime, "width": side, "height": side, "full": name}


def as_it_was(file: BinaryIO, folder: Path) -> dict | None:
    """What `anew` does, but with a download that is not encoded anew, or hardly: see jpegs.py.

    So nothing is ever decoded in full size and colours. Only for JPEGs as cameras make them: None
    for others.
    """
    im: Image.Image = Image.open(file, formats=["JPEG"])
    (width, height), longest, orientation = im.size, max(im.size), orientation_of(im)
    upright = orientation not in jpegs.TURNS
    told = im.info.get("icc_profile")
    profile = profiles.numbers_of(told) if told else b""
    wanted = ABOUT * SIZES["huge"] if longest > SIZES["huge"] else SIZES["large"]
    scale = next(scale for scale in (8, 4, 2, 1) if longest >= scale * wanted or scale == 1)
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        whole = upright and im.mode in ("RGB", "L") and jpegs.is_bareable(data)
    if profile is None or not (whole or (not upright and scale > 1 and jpegs.is_usual(im))):
        return None
    if not upright:  # its colours are stored in half size, and used for the download, too
        scale = 2
    im.draft("RGB" if upright else "YCbCr", (width // scale or 1, height // scale or 1))
    im.load()
    im.info = {}  # a comment in it would be written
    with ThreadPoolExecutor(1) as aside, (folder / "full.jpg").open("wb") as out:
        if upright:
            download = aside.submit(jpegs.write_bare, file, profile, out)
        else:
            im = im.transpose(jpegs.TURNS[orientation])
            colours = im.getchannel("Cb"), im.getchannel("Cr")
            download = aside.submit(jpegs.turn, file, colours, orientation, profile, out)
        said = previews(im, longest, folder, profile)
        download.result()
    if orientation in jpegs.SIDEWAYS:
        width, height = height, width
    return said | {"type": "image/jpeg", "width": width, "height": height, "full": "full.jpg"}


def orientation_of(im: Image.Image) -> int:
    """How the camera was held (EXIF 2.3, 4.6.4 A); 1 where that cannot be read."""
    with suppress(Exception):  # EXIF is often damaged, and the picture still good
        return im.getexif().get(ExifTags.Base.Orientation, 1)
    return 1


def anew(im: Image.Image, folder: Path) -> dict:
    """Decode the picture whole, encode it without anything beside it, and make its previews."""
    im.load()
    # A phone's photo may hold a second picture (MPO): the first is the photo.
    kind = "JPEG" if im.format == "MPO" else str(im.format)
    # A PNG with a picture beside its animation is shown as that picture.
    moving = kind in FILMS and getattr(im, "is_animated", False) and "default_image" not in im.info
    full = folder / f"full.{ENDINGS.get(kind, 'jpg')}"
    if moving:
        save_film(im, full, kind)
        im.seek(0)
    if kind in ("WEBP", "AVIF", "HEIF"):  # their decoders hold the picture several times over
        im = im.copy()
    im = plain(im)
    if kind in ("AVIF", "HEIF"):
        im = viewable(im)
        kind = "WEBP" if im.mode == "RGBA" else "JPEG"
        full = full.with_suffix(f".{ENDINGS[kind]}")
    if not moving:
        im.save(full, kind, quality=90, method=2)
    said = {"type": Image.MIME[kind], "width": im.width, "height": im.height, "full": full.name}
    return said | previews(viewable(im), max(im.size), folder)


def previews(im: Image.Image, longest: int, folder: Path, profile: bytes = b"") -> dict:
    """Write each size of a viewable picture that is smaller than its `longest` side, and the least.

    `im` may be smaller already, and is small afterwards. `profile` says what its colours mean.
    """
    said: dict = {"ok": True}
    for name, side in SIZES.items():
        if name == "huge" and longest <= side:
            continue
        if max(im.size) > side:
            im.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2)
        said[name], _ = save_for_pages(im, folder / name, profile)
    said["colour"] = colour_of(im, profile)
    return said


def colour_of(im: Image.Image, profile: bytes) -> str | None:
    """The average as "#rrggbb"; None if something shines through, which it would, too."""
    if im.mode == "RGBA":
        return None
    dot = im.convert("RGB").resize((1, 1), Image.Resampling.BOX)
    if profile:
        dot = profiles.in_srgb(dot, profile)
    return f"#{dot.tobytes().hex()}"


def save_film(im: Image.Image, path: Path, kind: str) -> None:
    """Write an animation, its durations and its number of rounds, and nothing else it says."""
    headers.few_pixels(*im.size, getattr(im, "n_frames", 1))
    durations: list[float] = []
    clear = False
    for frame in ImageSequence.Iterator(im):
        frame.load()
        durations.append(frame.info.get("duration", 0))
        clear = clear or viewable(frame).mode == "RGBA"
    about = {"duration": durations, "loop": im.info.get("loop"), "comment": b"", "quality": 80}
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
    if profile and profiles.numbers_of(profile) != b"":
        im = profiles.in_srgb(im, profile)
    return in_mode(im, "RGB") if im.mode == "CMYK" else im


def in_mode(im: Image.Image, mode: str) -> Image.Image:
    """The picture in a mode of Pillow, without the copy that convert() makes if it already is."""
    return im if im.mode == mode else im.convert(mode)


def viewable(im: Image.Image) -> Image.Image:
    """The picture as RGBA if one can see through any of it, else as RGB or grey."""
    if im.has_transparency_data:
        im = in_mode(im, "RGBA")
        return im if any(im.getchannel("A").histogram()[:255]) else im.convert("RGB")
    return in_mode(im, "L" if im.mode in ("1", "L") else "RGB")


def save_for_pages(im: Image.Image, path: Path, profile: bytes = b"") -> tuple[str, str]:
    """Write a viewable picture: WebP if one can see through it, else JPEG. Its name and type."""
    kind = "WEBP" if im.mode == "RGBA" else "JPEG"
    path = path.with_suffix(f".{ENDINGS[kind]}")
    # Seen from coarse to fine; five times the work, so not for the one that is opened seldom.
    progressive = path.stem != "huge"
    im.save(path, kind, quality=82, progressive=progressive, icc_profile=profile or None)
    return path.name, Image.MIME[kind]


def answer(line: str) -> dict:
    """Do what one request asks for; whatever goes wrong is an answer, too."""
    try:
        return develop(**json.loads(line))
    except Image.DecompressionBombError:
        return {"ok": False, "error": "bomb"}
    except Exception as error:  # noqa: BLE001 - what a broken picture makes a decoder raise has no list
        return child.failed(error)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    child.serve(answer)
