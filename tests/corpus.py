"""Small pictures, made in memory: good ones of every kind, talkative ones, and ones meant to harm.

Each function gives the bytes of one file. Nothing here is of Parley.
"""

import io
import struct
import zlib

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageDraw, PngImagePlugin

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 180, 40), (30, 50, 220), (250, 250, 250)
PLACE = b"52.5163N 13.3777E"  # what must never reach anyone else
THUMBNAIL = b"\xff\xd8 a small picture of the same place \xff\xd9"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>exif:GPSLatitude %s</x:xmpmeta>" % PLACE
SCRIPT = b"<html><script>alert('trailing')</script></html>"
MARKERS = [
    *(PLACE, THUMBNAIL[2:-2], b"alert(", b"Exif\0\0", b"eXIf", b"EXIF", b"adobe:ns:meta", b"XMP"),
    *(b"Photoshop 3.0", b"iCCP", b"ICCP", b"tEXt", b"iTXt", "swap".encode("utf-16-be")),
]
# How a camera held in each of the eight ways has stored the picture, told as what undoes it.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def corners(size=(64, 48), mode="RGB") -> Image.Image:
    """Four blocks: red top left, green top right, blue bottom left, white bottom right."""
    im = Image.new("RGB", size, WHITE)
    draw, across, down = ImageDraw.Draw(im), size[0] // 2, size[1] // 2
    draw.rectangle((0, 0, across - 1, down - 1), RED)
    draw.rectangle((across, 0, size[0], down - 1), GREEN)
    draw.rectangle((0, down, across - 1, size[1]), BLUE)
    return im.convert(mode)


def file_of(im: Image.Image, kind: str, **options) -> bytes:
    """The bytes of a picture saved as a JPEG, PNG, GIF, WEBP, AVIF or HEIF (which is HEIC)."""
    if kind in ("JPEG", "AVIF"):
        options = {"quality": 95, "subsampling": "4:4:4"} | options
    elif kind == "HEIF":
        options = {"quality": 95, "chroma": 444} | options
    out = io.BytesIO()
    im.save(out, kind, **options)
    return out.getvalue()


def picture(kind: str, size=(64, 48)) -> bytes:
    return file_of(corners(size), kind)


def exif(orientation=1) -> bytes:
    """EXIF with a place, a maker's note and a thumbnail."""
    said = Image.Exif()
    said[ExifTags.Base.Orientation] = orientation
    said[ExifTags.Base.ImageDescription] = PLACE.decode()
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = b"maker " + PLACE
    place = said.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (52.0, 30.0, 58.7)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (13.0, 22.0, 39.7)
    tiff = bytearray(said.tobytes()[6:])
    # Pillow writes no second directory, the one that holds the thumbnail: put it at the end.
    following = 10 + 12 * struct.unpack_from(">H", tiff, 8)[0]
    struct.pack_into(">I", tiff, following, len(tiff))
    start = len(tiff) + 2 + 2 * 12 + 4
    tiff += struct.pack(">HHHIIHHIII", 2, 0x201, 4, 1, start, 0x202, 4, 1, len(THUMBNAIL), 0)
    return b"Exif\0\0" + bytes(tiff) + THUMBNAIL


def turned(orientation: int, kind="JPEG") -> bytes:
    """The four corners as a camera stored them, with the EXIF that says how to turn them."""
    im = corners()
    if STORED[orientation] is not None:
        im = im.transpose(STORED[orientation])
    return file_of(im, kind, exif=exif(orientation))


def talkative(kind: str) -> bytes:
    """A picture that says where it was taken in every way that its format has."""
    im = corners()
    if kind == "GIF":
        data = file_of(im, kind, comment=PLACE)
        palette = 13 + 3 * 2 ** ((data[10] & 7) + 1)
        said = b"!\xff\x0bXMP DataXMP" + bytes([len(XMP)]) + XMP + b"\0"
        return data[:palette] + said + data[palette:] + SCRIPT
    said = {"exif": exif(), "icc_profile": swapped_profile()}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Location", PLACE.decode())
        text.add_text("Raw profile type exif", exif().hex(), zip=True)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        return file_of(im, kind, pnginfo=text, **said) + SCRIPT
    if kind != "JPEG":
        return file_of(im, kind, xmp=XMP, **said) + SCRIPT
    data = file_of(im, kind, xmp=XMP, comment=PLACE, **said)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(PLACE)) + PLACE
    late = segment(0xFE, b"after the scan: " + PLACE)
    return data[:2] + segment(0xED, iptc) + data[2:-2] + late + data[-2:] + SCRIPT


def segment(marker: int, data: bytes) -> bytes:
    """Of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def phone_photo(orientation=1, size=(2560, 960), **said) -> bytes:
    """A JPEG as phones make it: the four corners, colours in half size, as the camera was held."""
    im = corners(size if orientation < 5 else size[::-1])
    noise = Image.effect_noise(im.size, 60)
    im = Image.blend(im, Image.merge("RGB", (noise, noise.rotate(180), noise)), 0.03)
    if STORED[orientation] is not None:
        im = im.transpose(STORED[orientation])
    said = {"quality": 92, "subsampling": "4:2:0", "exif": exif(orientation)} | said
    return file_of(im, "JPEG", **said)


def swapped_profile() -> bytes:
    """An ICC profile in which red means green and green means red."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"????"), (b"gXYZ", b"rXYZ"), (b"????", b"gXYZ")):
        srgb = srgb.replace(old, new, 1)
    return srgb.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def wide_profile() -> bytes:
    """Display P3, as phones say it: more colourful than sRGB, with the same curve."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", srgb, 128)[0]
    places = {
        name: begin for name, begin, _ in struct.iter_unpack(">4sII", srgb[132 : 132 + 12 * count])
    }
    profile = bytearray(srgb.replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be")))
    for name, point in {
        b"rXYZ": (0.51512, 0.2412, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.1571, 0.06657, 0.78407),
    }.items():
        struct.pack_into(">iii", profile, places[name] + 8, *(round(x * 65536) for x in point))
    return bytes(profile)


def film(kind: str, frames=3, size=(40, 30), **options) -> bytes:
    """An animation: a red, a green and a blue frame, 100, 200 and 300 ms long, and so on."""
    said = {"duration": [100 * (1 + number % 3) for number in range(frames)], "loop": 2} | options
    colours = [Image.new("RGB", size, (RED, GREEN, BLUE)[number % 3]) for number in range(frames)]
    for number, im in enumerate(colours):
        ImageDraw.Draw(im).point((number % size[0], number // size[0]), WHITE)
    return file_of(colours[0], kind, save_all=True, append_images=colours[1:], **said)


def mpo() -> bytes:
    """A phone's photo with a second picture in it, said to be turned by 90 degrees."""
    im = corners().transpose(STORED[6])
    second = corners((8, 8))
    second.info["comment"] = PLACE
    return file_of(im, "MPO", save_all=True, append_images=[second], exif=exif(6))


def cut_out(mode: str) -> Image.Image:
    """The four corners with the red one cut out, in a mode that can say so."""
    im = corners(mode="RGBA")
    im.paste((0, 0, 0, 0), (0, 0, 32, 24))
    if mode == "P":
        im = corners().quantize(8)
        im.info["transparency"] = im.getpixel((0, 0))
        return im
    return im.convert(mode)


def deep_grey() -> bytes:
    """A 16-bit grey PNG, in 256 even steps from black on the left to white, number 200 clear."""
    row = b"\0" + b"".join(struct.pack(">H", value * 256 + 7) for value in range(256))
    clear = chunk(b"tRNS", struct.pack(">H", 200 * 256 + 7))
    return png_of((256, 4), 16, 0, clear + chunk(b"IDAT", zlib.compress(row * 4)))


def deep_colours() -> bytes:
    """A 16-bit RGB PNG, red on the left and green on the right, which is clear."""
    red, green = (struct.pack(">HHH", *(value * 256 + 7 for value in hue)) for hue in (RED, GREEN))
    row = b"\0" + red * 2 + green * 2
    clear = chunk(b"tRNS", green)
    return png_of((4, 4), 16, 2, clear + chunk(b"IDAT", zlib.compress(row * 4)))


def deep_heic() -> bytes:
    """The four corners as a HEIC of 10 bits."""
    im = corners()
    data = b"".join(struct.pack("<H", value * 257) for value in im.tobytes())
    out = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", im.size, data).save(out, quality=95, chroma=444)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(size, bits: int, colours: int, chunks: bytes) -> bytes:
    """A PNG by hand: size, bits a sample, kind of colours (0 grey, 2 RGB), and the rest."""
    header = struct.pack(">IIBBBBB", *size, bits, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IEND", b"")


def claims(kind: str, width=50_000, height=50_000) -> bytes:
    """A small file whose header claims a huge picture."""
    if kind == "BMP":
        data = bytearray(picture(kind))
        struct.pack_into("<ii", data, 18, width, height)
        return bytes(data)
    if kind == "PNG":
        return png_of((width, height), 8, 2, chunk(b"IDAT", zlib.compress(b"\0" * 100)))
    data = bytearray(picture(kind))
    if kind == "JPEG":
        struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    elif kind == "GIF":
        struct.pack_into("<HH", data, 6, width, height)
        struct.pack_into("<HH", data, data.rindex(b",\0\0\0\0") + 5, width, height)
    elif kind in ("AVIF", "HEIF"):
        struct.pack_into(">II", data, data.index(b"ispe") + 8, width, height)
    else:  # a lossless WebP has 14 bits for each side
        data = bytearray(file_of(corners(), "WEBP", lossless=True))
        struct.pack_into("<I", data, 21, 16382 | 16382 << 14)
    return bytes(data)


def packed_bomb() -> bytes:
    """A good PNG of 64 million black pixels in some kilobytes."""
    return flat((8000, 8000), 1, 0)


def packed_text() -> bytes:
    """A small PNG with a text that unpacks to 100 MB."""
    packer = zlib.compressobj()
    text = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    said = chunk(b"zTXt", b"Comment\0\0" + text)
    return png_of((1, 1), 8, 0, said + chunk(b"IDAT", zlib.compress(b"\0\0")))


def truncated(kind: str) -> bytes:
    """The first two thirds of a good file."""
    data = file_of(Image.effect_noise((64, 48), 90), kind)
    return data[: len(data) * 2 // 3]


def flat(size, bits: int, colours: int) -> bytes:
    """A good PNG, all black."""
    row = 1 + (size[0] * bits * (3 if colours else 1) + 7) // 8
    return png_of(size, bits, colours, chunk(b"IDAT", zlib.compress(bytes(row * size[1]))))
