"""What is kept of an ICC profile: numbers, if they are all there is to it."""

import io

import pytest
from PIL import Image, ImageCms

from parley.store import profiles
from tests import corpus
from tests.developing import colours, near, shown


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_srgb_needs_no_profile_whatever_it_is_called():
    assert profiles.numbers_of(srgb()) == b""
    renamed = srgb().replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    assert profiles.numbers_of(renamed) == b""


@pytest.mark.parametrize("profile", [corpus.swapped_profile(), corpus.wide_profile()])
def test_the_numbers_mean_what_the_profile_meant(profile):
    bare = profiles.numbers_of(profile)
    assert bare and len(bare) < 700
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(bare))) == "photo\n"
    im = corpus.corners()
    looks = []
    for said in (profile, bare):
        im.info["icc_profile"] = said
        looks.append(colours(shown(im)))
    assert all(near(*pair, 1) for pair in zip(*looks, strict=True))


def test_nothing_that_a_profile_says_is_kept():
    said = corpus.wide_profile()
    place = said.index("wide".encode("utf-16-be"))
    said = said[:place] + corpus.PLACE[:8] + said[place + 8 :]
    assert profiles.numbers_of(said) and corpus.PLACE[:8] not in profiles.numbers_of(said)


@pytest.mark.parametrize("length", range(0, 540, 9))
def test_half_a_profile_is_none(length):
    assert profiles.numbers_of(corpus.wide_profile()[:length]) is None


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "CMYK"])
def test_a_profile_that_does_not_fit_changes_nothing(mode):
    im = Image.new(mode, (4, 4))
    assert profiles.in_srgb(im, b"no profile") is im
