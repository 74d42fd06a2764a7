"""What becomes of a picture, of whatever kind: see also test_jpegs.py and test_headers.py."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image, ImageDraw, ImageFile

from parley.store import child, darkroom, headers
from parley.store.pictures import PROGRAM
from tests import corpus
from tests.developing import Program, colours, frames, is_upright, near, same, shown

KINDS = ["JPEG", "PNG", "GIF", "WEBP"]
FOREIGN = ["AVIF", "HEIF"]  # not shown by every browser
HUES = corpus.RED, corpus.GREEN, corpus.BLUE, corpus.WHITE
ANIMATED = ["GIF", "WEBP", "PNG"]
NOT_READABLE = {
    "empty": b"",
    "text": b"This is only called a .png",
    "page": corpus.SCRIPT,
    "other kind, huge": corpus.claims("BMP"),
    "other kind": corpus.file_of(corpus.corners(), "BMP"),
    "packed text": corpus.packed_text(),
    **{f"half a {kind}": corpus.truncated(kind) for kind in KINDS},
}


@pytest.fixture
def answered(tmp_path):
    """The answer to one picture, thought of in this process, where a test can change the limits."""

    def answered(data: bytes) -> dict:
        (tmp_path / "sent").write_bytes(data)
        request = {"source": str(tmp_path / "sent"), "folder": str(tmp_path)}
        return darkroom.answer(json.dumps(request))

    return answered


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_stays_of_its_kind_and_is_made_in_three_sizes(develop, kind):
    answer = develop(corpus.picture(kind, (1600, 1200)))
    assert (answer["ok"], answer["type"], answer["full"].format) == (True, Image.MIME[kind], kind)
    assert (answer["width"], answer["height"]) == answer["full"].size == (1600, 1200)
    assert (answer["large"].size, answer["thumb"].size) == ((1280, 960), (320, 240))
    assert answer["large"].format == answer["thumb"].format == "JPEG"
    assert answer["large"].format == "JPEG" and answer["large"].info["progressive"]
    assert all(is_upright(answer[name]) for name in ("full", "large", "thumb"))


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_not_every_browser_shows_becomes_a_jpeg(develop, kind):
    answer = develop(corpus.picture(kind, (1600, 1200)))
    assert (answer["type"], answer["full"].format) == ("image/jpeg", "JPEG")
    assert (answer["width"], answer["height"]) == answer["full"].size == (1600, 1200)
    assert (answer["large"].size, answer["thumb"].size) == ((1280, 960), (320, 240))
    assert all(is_upright(answer[name]) for name in ("full", "large", "thumb"))


@pytest.mark.parametrize("kind", FOREIGN)
def test_or_a_webp_if_something_shines_through(develop, kind):
    answer = develop(corpus.file_of(corpus.cut_out("RGBA"), kind))
    assert (answer["type"], answer["full"].format) == ("image/webp", "WEBP")
    assert answer["full"].getpixel((5, 5))[3] == answer["thumb"].getpixel((5, 5))[3] == 0


def test_the_name_of_a_file_says_nothing(develop, darkroom_program, tmp_path):
    lying = tmp_path / "page.png.html"
    lying.write_bytes(corpus.picture("GIF"))
    request = {"source": str(lying), "folder": str(tmp_path)}
    assert darkroom_program.ask(json.dumps(request))["type"] == "image/gif"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_has_a_huge_preview_too(develop, kind):
    answer = develop(corpus.picture(kind, (2800, 1400)))
    assert answer["huge"].size == (2560, 1280) and answer["huge"].format == "JPEG"
    assert is_upright(answer["huge"])
    assert "huge" not in develop(corpus.picture(kind, (2560, 1280)))


def test_the_huge_preview_of_a_photo_is_about_as_large(develop):
    """12 megapixels are halved while they are decoded."""
    answer = develop(corpus.picture("JPEG", (4032, 3024)))
    assert answer["huge"].size == (2016, 1512) and answer["large"].size == (1280, 960)


@pytest.mark.parametrize("kind", [*KINDS, *FOREIGN])
def test_its_average_colour_is_told(develop, kind):
    told = develop(corpus.picture(kind))["colour"]
    average = [sum(four) / 4 for four in zip(*HUES, strict=True)]
    assert near(bytes.fromhex(told[1:]), average, 4)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_but_of_none_that_something_shines_through(develop, kind):
    assert develop(corpus.file_of(corpus.cut_out("RGBA"), kind))["colour"] is None


def test_a_small_picture_is_never_enlarged(develop):
    answer = develop(corpus.picture("PNG", (40, 30)))
    assert answer["large"].size == answer["thumb"].size == (40, 30)


def test_a_very_long_picture_keeps_a_pixel(develop):
    assert develop(corpus.picture("PNG", (2, 4000)))["thumb"].size == (1, 320)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright(develop, orientation):
    answer = develop(corpus.turned(orientation))
    assert (answer["width"], answer["height"]) == answer["full"].size == (64, 48)
    assert all(is_upright(answer[name]) for name in ("full", "large", "thumb"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", *FOREIGN])
def test_other_kinds_are_turned_upright_too(develop, kind, orientation):
    """HEIC and AVIF have their own way of saying it, which what opens them knows."""
    answer = develop(corpus.turned(orientation, kind))
    assert (answer["width"], answer["height"]) == answer["full"].size == (64, 48)
    assert all(is_upright(answer[name]) for name in ("full", "large", "thumb"))


def test_a_phones_photo_with_a_second_picture_in_it_is_one_photo(develop):
    answer = develop(corpus.mpo())
    assert answer["type"] == "image/jpeg" and answer["full"].format == "JPEG"
    assert is_upright(answer["full"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_does_not_spoil_a_photo(develop, kind):
    exif = b"Exif\0\0 and nothing that belongs there"
    assert is_upright(develop(corpus.file_of(corpus.corners(), kind, exif=exif))["full"])


@pytest.mark.parametrize("kind", [*KINDS, *FOREIGN])
def test_what_is_sent_here_does_say_a_place(kind):
    """The premise of the next test: a picture in which nothing is found proves nothing."""
    data = corpus.talkative(kind)
    assert corpus.PLACE in data and corpus.SCRIPT in data
    assert corpus.XMP in data or kind == "HEIF"
    if kind != "GIF":
        said = Image.open(io.BytesIO(data))
        assert said.getexif().get_ifd(0x8825) and said.info["icc_profile"]
        assert corpus.THUMBNAIL in data or kind == "AVIF"  # which is written without it


@pytest.mark.parametrize("kind", [*KINDS, *FOREIGN, "MPO"])
def test_no_place_is_left_in_any_file(develop, kind):
    answer = develop(corpus.mpo() if kind == "MPO" else corpus.talkative(kind))
    for name in ("full", "large", "thumb"):
        left = [marker for marker in corpus.MARKERS if marker in answer[name + "_bytes"]]
        assert left == []
        answer[name].load()
        assert dict(answer[name].getexif()) == {}
        assert not {"exif", "xmp", "comment", "photoshop"} & set(answer[name].info)


@pytest.mark.parametrize("kind", ANIMATED)
@pytest.mark.parametrize("turned", [1, 6])
def test_no_place_is_left_in_an_animation(develop, kind, turned):
    said = {"comment": corpus.PLACE}
    if kind != "GIF":
        said = {"exif": corpus.exif(turned), "icc_profile": corpus.swapped_profile()}
    answer = develop(corpus.film(kind, **said))
    assert [marker for marker in corpus.MARKERS if marker in answer["full_bytes"]] == []
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(answer["full"].info)


def test_a_square_has_no_place_in_it_either(develop):
    answer = develop(corpus.talkative("JPEG"), square=256)
    assert [marker for marker in corpus.MARKERS if marker in answer["full_bytes"]] == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", *FOREIGN])
def test_colours_are_those_of_the_profile(develop, kind):
    """In the profile used here, red and green have changed places."""
    answer = develop(corpus.talkative(kind))
    for name in ("full", "large", "thumb"):
        red, green, _, white = colours(shown(answer[name]))
        assert red[1] > 200 > red[0] and green[0] > 160 > green[1]
        assert near(white, corpus.WHITE)


@pytest.mark.parametrize("profile", [b"", b"not a profile at all", b"\0" * 200])
def test_a_profile_without_sense_is_ignored(develop, profile):
    data = corpus.file_of(corpus.corners(), "JPEG", icc_profile=profile)
    assert is_upright(develop(data)["full"])


def test_a_transparent_picture_with_a_profile_stays_transparent(develop):
    data = corpus.file_of(corpus.cut_out("RGBA"), "PNG", icc_profile=corpus.swapped_profile())
    full = develop(data)["full"]
    assert full.getpixel((5, 5))[3] == 0
    assert near(full.getpixel((60, 5)), (180, 30, 40, 255))


def test_a_printers_photo_is_shown_in_screen_colours(develop):
    answer = develop(corpus.file_of(corpus.corners(mode="CMYK"), "JPEG"))
    assert answer["full"].mode == "RGB" and is_upright(answer["full"])


def test_16_bits_of_grey_are_scaled_to_8(develop):
    answer = develop(corpus.deep_grey())
    assert [answer["full"].getpixel((x, 0)) for x in range(256)] == list(range(256))
    large = answer["large"].convert("RGBA")
    assert [x for x in range(256) if large.getpixel((x, 0))[3] < 128] == [200]


def test_16_bits_of_colour_are_scaled_to_8(develop):
    answer = develop(corpus.deep_colours())
    full, large = answer["full"].convert("RGBA"), answer["large"].convert("RGBA")
    assert full.getpixel((0, 0)) == (*corpus.RED, 255)
    assert large.getpixel((0, 0))[3] == 255
    assert full.getpixel((3, 0))[3] == large.getpixel((3, 0))[3] == 0


def test_10_bits_of_a_phone_are_scaled_to_8(develop):
    data = corpus.deep_heic()
    assert Image.open(io.BytesIO(data)).info["bit_depth"] == 10
    assert is_upright(develop(data)["full"])


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA"])
def test_what_is_transparent_stays_transparent(develop, mode):
    answer = develop(corpus.file_of(corpus.cut_out(mode), "PNG"))
    assert answer["full"].mode == mode
    assert answer["large"].format == answer["thumb"].format == "WEBP"
    for name in ("full", "large", "thumb"):
        im = answer[name].convert("RGBA")
        assert im.getpixel((5, 5))[3] == 0 and im.getpixel((60, 40))[3] == 255


def test_a_picture_that_could_be_transparent_and_is_not_is_shown_as_a_jpeg(develop):
    answer = develop(corpus.file_of(corpus.corners(mode="RGBA"), "PNG"))
    assert answer["large"].format == "JPEG"


@pytest.mark.parametrize("kind", ANIMATED)
def test_an_animation_keeps_moving(develop, kind):
    answer = develop(corpus.film(kind))
    full = answer["full"]
    assert (full.format, full.n_frames, full.info["loop"]) == (kind, 3, 2)
    for frame, wanted in enumerate([corpus.RED, corpus.GREEN, corpus.BLUE]):
        full.seek(frame)
        assert near(colours(full)[3], wanted)
        assert full.info["duration"] == 100 * (frame + 1)


def test_of_a_moving_avif_the_first_frame_is_shown(develop):
    data = corpus.film("AVIF", loop=None)
    assert Image.open(io.BytesIO(data)).n_frames == 3
    answer = develop(data)
    assert answer["type"] == "image/jpeg" and near(colours(answer["full"])[3], corpus.RED)


def test_the_preview_of_an_animation_is_its_first_frame(develop):
    large = develop(corpus.film("GIF"))["large"]
    assert large.format == "JPEG" and near(colours(large)[3], corpus.RED)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_an_animation_is_turned_upright(develop, kind):
    answer = develop(corpus.film(kind, exif=corpus.exif(6)))
    assert (answer["width"], answer["height"]) == answer["full"].size == (30, 40)
    assert answer["full"].n_frames == 3


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("GIF", {"disposal": 0}),
        ("GIF", {"disposal": 2}),
        ("PNG", {"disposal": 1}),
        ("PNG", {"disposal": 2}),
        ("PNG", {"blend": [0, 0, 0, 0, 1]}),
    ],
)
def test_every_frame_of_a_transparent_animation_looks_as_before(develop, kind, said):
    drawn = []
    for number in range(5):
        im = Image.new("RGBA", (60, 40))
        ImageDraw.Draw(im).ellipse((number * 8, 5, number * 8 + 20, 25), (*corpus.RED, 255))
        drawn.append(im)
    said |= {"save_all": True, "append_images": drawn[1:], "duration": 50}
    data = corpus.file_of(drawn[0], kind, **said)
    answer = develop(data)
    before, after = frames(Image.open(io.BytesIO(data))), frames(answer["full"])
    assert answer["large"].format == "WEBP"
    assert [same(*pair) for pair in zip(before, after, strict=True)] == [True] * 5


@pytest.mark.parametrize("said", [{}, {"transparency": 9}])
def test_a_gif_keeps_all_its_colours(develop, said):
    hues = Image.new("P", (16, 16))
    hues.putpalette([value for hue in range(256) for value in (hue, 255 - hue, hue * 7 % 256)])
    hues.putdata([hue % 250 for hue in range(256)])
    drawn = [hues.rotate(90 * number) for number in range(4)]
    said |= {"save_all": True, "append_images": drawn[1:], "disposal": 2}
    data = corpus.file_of(drawn[0], "GIF", **said)
    before, after = frames(Image.open(io.BytesIO(data))), frames(develop(data)["full"])
    assert [same(*pair) for pair in zip(before, after, strict=True)] == [True] * 4


def test_a_png_with_a_picture_beside_its_animation_is_that_picture(develop):
    full = develop(corpus.film("PNG", default_image=True))["full"]
    assert not full.is_animated and near(colours(full)[3], corpus.RED)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_is_refused(develop, kind):
    assert develop(corpus.claims(kind)) == {"ok": False, "error": "bomb"}
    assert develop(corpus.claims(kind), square=256) == {"ok": False, "error": "bomb"}


def test_a_bomb_is_refused_before_it_is_decoded(answered, monkeypatch):
    def decode(self):
        raise AssertionError("it was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
    assert answered(corpus.packed_bomb()) == {"ok": False, "error": "bomb"}


def test_50_million_pixels_are_the_most(develop, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # for looking at what was made
    assert develop(corpus.flat((10_000, 5_000), 1, 0))["ok"]
    assert develop(corpus.flat((10_000, 5_001), 1, 0))["error"] == "bomb"


@pytest.mark.parametrize("kind", ANIMATED)
def test_500_frames_are_the_most(develop, kind):
    assert develop(corpus.film(kind, 500, (24, 22)))["ok"]
    assert develop(corpus.film(kind, 501, (24, 22)))["error"] == "bomb"


def test_the_pixels_of_all_frames_are_counted_together(answered, monkeypatch):
    monkeypatch.setattr(headers, "FILM", 3 * 40 * 30)
    assert answered(corpus.film("GIF", 3))["ok"]
    assert answered(corpus.film("GIF", 4))["error"] == "bomb"


@pytest.mark.parametrize("data", NOT_READABLE.values(), ids=NOT_READABLE)
def test_what_is_no_picture_is_unreadable(develop, data):
    assert develop(data) == {"ok": False, "error": "unreadable"}
    assert develop(data, square=256) == {"ok": False, "error": "unreadable"}


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "full"),
        (OSError(errno.EIO, "Input/output error"), "unreadable"),
        (MemoryError(), "unreadable"),
        (RecursionError(), "unreadable"),
    ],
)
def test_whatever_goes_wrong_is_an_answer(answered, monkeypatch, problem, error):
    def save(*_, **__):
        raise problem

    data = corpus.picture("PNG")
    monkeypatch.setattr(Image.Image, "save", save)
    assert answered(data) == {"ok": False, "error": error}


@pytest.mark.parametrize("line", ["", "{}", "[]", "no JSON", '{"source": "/none", "folder": "/"}'])
def test_a_request_without_sense_is_an_answer_too(line):
    assert darkroom.answer(line) == {"ok": False, "error": "unreadable"}


@pytest.mark.parametrize(("kind", "shown"), [("JPEG", "JPEG"), ("PNG", "JPEG"), ("GIF", "JPEG")])
def test_a_profile_picture_is_a_square_from_the_middle(develop, tmp_path, kind, shown):
    answer = develop(corpus.picture(kind, (2000, 1000)), square=256)
    assert (answer["type"], answer["full"].format) == (Image.MIME[shown], shown)
    assert (answer["width"], answer["height"]) == answer["full"].size == (256, 256)
    assert is_upright(answer["full"])  # with the middle off, two colours would fill it
    assert {path.name for path in tmp_path.iterdir()} == {"sent", "full.jpg"}
    assert not {"large", "thumb"} & set(answer)


def test_a_profile_picture_is_turned_upright(develop):
    assert is_upright(develop(corpus.turned(6), square=256)["full"])


def test_a_profile_picture_may_be_transparent(develop):
    answer = develop(corpus.file_of(corpus.cut_out("RGBA"), "PNG"), square=256)
    assert (answer["type"], answer["full"].format) == ("image/webp", "WEBP")
    assert answer["full"].getpixel((20, 20))[3] == 0


@pytest.fixture
def own():
    """A program that this test may do with as it likes."""
    program = Program()
    yield program
    program.process.kill()
    program.close()


def test_the_program_ends_with_its_input(own):
    own.process.stdin.close()
    assert own.process.wait(10) == 0
    own.process.stdin = None


def test_ctrl_c_is_left_to_the_server(own):
    for _ in range(2):
        assert own.ask("{}")["error"] == "unreadable"
        own.process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert own.ask("{}")["error"] == "unreadable"


def test_the_program_takes_no_more_memory_than_it_may(own):
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux tells the limits of another process")
    own.ask("{}")
    assert resource.prlimit(own.process.pid, resource.RLIMIT_AS)[0] == child.MEMORY


def test_who_has_answered_makes_way_for_all_others():
    if not hasattr(os, "SCHED_IDLE"):
        pytest.skip("this system has no such place in the queue")
    tells = "import child, os; child.serve(lambda line: os.sched_getscheduler(0))"
    command = [sys.executable, "-c", tells]
    done = subprocess.run(command, input=b"\n\n", capture_output=True, cwd=PROGRAM.parent)
    assert [int(line) for line in done.stdout.split()] == [os.SCHED_OTHER, os.SCHED_IDLE]
