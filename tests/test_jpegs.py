"""The download of a JPEG: its own pixels, upright, and nothing else of what was sent."""

import io

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from parley.store import jpegs
from tests import corpus
from tests.developing import FILES, colours, is_upright, near, shown

DIFFERENT = {  # from what cameras make, so decoded and encoded
    "all colours stored": {"subsampling": "4:4:4"},
    "half the colours stored": {"subsampling": "4:2:2"},
    "an odd number of columns": {"size": (2561, 960)},
    "colours as red, green and blue": {"keep_rgb": True, "subsampling": "4:4:4"},
}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def difference(im: Image.Image, other: Image.Image) -> tuple[float, int]:
    """Between all their pixels: on average, and at most."""
    found = ImageStat.Stat(ImageChops.difference(im.convert("RGB"), other.convert("RGB")))
    return max(found.mean), max(high for _, high in found.extrema)


@pytest.mark.parametrize("said", [{}, {"progressive": True}, {"subsampling": "4:4:4"}])
def test_an_upright_photo_keeps_each_pixel(develop, said):
    data = corpus.phone_photo(1, **said)
    answer = develop(data)
    assert difference(opened(data), answer["full"]) == (0, 0)
    assert len(answer["full_bytes"]) < len(data)
    assert [marker for marker in corpus.MARKERS if marker in answer["full_bytes"]] == []


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_photo_looks_the_same_upright(develop, orientation):
    data = corpus.phone_photo(orientation)
    answer = develop(data)
    upright = opened(data).transpose(jpegs.TURNS[orientation])
    assert answer["full"].size == upright.size == (answer["width"], answer["height"])
    average, most = difference(upright, answer["full"])
    assert average < 0.5 and most < 16
    assert 0.9 < len(answer["full_bytes"]) / len(data) < 1.1
    for name in {*FILES} & answer.keys():
        assert is_upright(answer[name])
        assert [marker for marker in corpus.MARKERS if marker in answer[name + "_bytes"]] == []


def test_what_was_fine_across_is_fine_downwards_afterwards(develop):
    """A camera may store what is beside each other more exactly than what is above."""
    uneven = [1 + 8 * row for row in range(8) for _ in range(8)]
    data = corpus.phone_photo(6, qtables=[uneven, uneven], quality=-1)
    upright = opened(data).transpose(jpegs.TURNS[6])
    assert difference(upright, develop(data)["full"])[0] < 0.1


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("kind", DIFFERENT)
def test_photos_that_are_stored_otherwise_are_shown_alike(develop, kind, orientation):
    answer = develop(corpus.phone_photo(orientation, **DIFFERENT[kind]))
    assert is_upright(answer["full"]) and is_upright(answer["large"])


def test_a_grey_photo_stays_grey(develop):
    data = corpus.file_of(Image.linear_gradient("L"), "JPEG", comment=corpus.PLACE)
    answer = develop(data)
    assert answer["full"].mode == answer["thumb"].mode == "L"
    assert difference(opened(data), answer["full"]) == (0, 0)
    assert corpus.PLACE not in answer["full_bytes"]


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_phones_colours_stay_as_they_are_and_mean_the_same(develop, orientation):
    """Display P3 has colours that sRGB has not; its numbers go along, not its words."""
    data = corpus.phone_photo(orientation, icc_profile=corpus.wide_profile())
    upright = ImageOps.exif_transpose(opened(data))
    before = colours(shown(upright))
    answer = develop(data)
    for name in {*FILES} & answer.keys():
        profile = answer[name].info["icc_profile"]
        assert profile != corpus.wide_profile() and "wide".encode("utf-16-be") not in profile
        assert all(
            near(*pair, 8) for pair in zip(colours(shown(answer[name])), before, strict=True)
        )


def test_what_follows_the_end_is_cut_off(develop):
    data = corpus.phone_photo(1, (64, 48))
    assert develop(data + corpus.SCRIPT)["full_bytes"] == develop(data)["full_bytes"]


def test_what_is_left_over_before_the_end_is_not_copied(develop):
    data = corpus.phone_photo(1, (64, 48))
    hidden = data[:-2] + b"what no decoder reads: " + corpus.PLACE + data[-2:]
    answer = develop(hidden)
    assert corpus.PLACE in hidden and corpus.PLACE not in answer["full_bytes"]
    assert is_upright(answer["full"])


def test_it_begins_and_ends_as_a_jpeg(develop):
    for orientation in (1, 6):
        full = develop(corpus.phone_photo(orientation))["full_bytes"]
        assert full.startswith(b"\xff\xd8\xff") and full.endswith(b"\xff\xd9")
        assert full.count(b"\xff\xd9") == 1
