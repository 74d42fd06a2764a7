"""What is refused by its numbers, before anything of it is decoded, and quickly."""

import io
import zipfile
from functools import partial

import pytest
from PIL import Image

from parley.store import headers
from tests import corpus, hostile
from tests.developing import FILES

BOMB, UNREADABLE = {"ok": False, "error": "bomb"}, {"ok": False, "error": "unreadable"}
KINDS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"]
HARMFUL = {  # made when they are needed: some have megabytes
    **{f"a {kind} that claims to be huge": (partial(corpus.claims, kind), BOMB) for kind in KINDS},
    "a grid of tiles that claims to be huge": (hostile.tiles, BOMB),
    "an item in sixty thousand places": (hostile.spread_item, UNREADABLE),
    "a PNG that claims a million frames": (partial(hostile.much_film, "PNG"), BOMB),
    "a GIF with too many pixels in all frames": (partial(hostile.much_film, "GIF"), BOMB),
    "a JPEG of 200 scans": (hostile.many_scans, BOMB),
    "a JPEG of 400,000 segments": (partial(hostile.full_of, "JPEG"), BOMB),
    **{
        f"a {kind} of 400,000 pieces": (partial(hostile.full_of, kind), UNREADABLE)
        for kind in ("PNG", "GIF", "WEBP")
    },
    **{
        f"a {kind} with 8 MB beside it": (partial(hostile.wordy, kind), UNREADABLE)
        for kind in ("PNG", "GIF", "WEBP")
    },
    "a text that unpacks to 100 MB": (corpus.packed_text, UNREADABLE),
    "a profile that unpacks to 50 MB": (hostile.packed_profile, UNREADABLE),
    "a PDF with a photo in it": (hostile.document, UNREADABLE),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_is_meant_to_harm_is_refused_at_once(develop, darkroom_program, name, tmp_path):
    make, error = HARMFUL[name]
    data, before = make(), darkroom_program.cpu()
    assert develop(data) == error
    assert develop(data, square=256) == error
    assert darkroom_program.cpu() - before < 1.5
    assert [path.name for path in tmp_path.iterdir()] == ["sent"]
    assert develop(corpus.picture("PNG"))["ok"]


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_much_beside_a_picture_is_left_out(develop, kind):
    assert develop(hostile.wordy(kind, 1_000_000))["full"].size == (64, 48)


@pytest.mark.parametrize("kind", [*KINDS, "MPO", "film GIF", "film PNG", "film WEBP", "phone"])
def test_what_is_cut_off_anywhere_is_unreadable_or_whole(develop, kind, tmp_path):
    outside = set(tmp_path.parent.iterdir())
    if kind == "MPO":
        data = corpus.mpo()
    elif kind == "phone":
        data = corpus.phone_photo(6)
    elif kind.startswith("film"):
        data = corpus.film(kind.split()[1])
    else:
        data = corpus.file_of(Image.effect_noise((320, 240), 90).convert("RGB"), kind)
    for tenth in range(10):
        answer = develop(data[: len(data) * tenth // 10])
        assert answer == UNREADABLE or answer["ok"]
        if answer["ok"]:
            answer["full"].load()
    assert develop(data)["ok"]
    assert set(tmp_path.parent.iterdir()) == outside


@pytest.mark.parametrize("make", [hostile.with_a_zip, hostile.script_gif, hostile.page_png])
def test_what_is_another_kind_too_is_only_a_picture_afterwards(develop, make):
    answer = develop(make())
    for name in FILES:
        if name in answer:
            content = answer[name + "_bytes"]
            assert [marker for marker in corpus.MARKERS if marker in content] == []
            assert not content.startswith(b"GIF89a/*")
            assert not zipfile.is_zipfile(io.BytesIO(content))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flips", range(4))
def test_whatever_byte_is_changed_the_next_picture_is_developed(develop, kind, flips):
    """A hundred pictures, in each some bytes of the first half are others."""
    good = corpus.picture(kind)
    for number in range(25):
        data = bytearray(good)
        for at in range(1 + number % 4):
            place = (number * 7919 + flips * 104_729 + at * 1_299_709) % (len(data) // 2)
            data[place] ^= 1 << (number + at) % 8
        assert {"ok", "error"} & set(develop(bytes(data)))
    assert develop(good)["ok"]


@pytest.mark.parametrize("kind", KINDS)
def test_its_kind_is_what_it_begins_like(kind):
    assert headers.kind(corpus.picture(kind)) == kind


def test_of_two_kinds_of_container_the_brands_tell():
    box = b"\0\0\0\x18ftypmif1\0\0\0\0mif1"
    assert headers.kind(box + b"heic") == headers.kind(box + b"miaf") == "HEIF"
    assert headers.kind(box + b"avif") == "AVIF"
    with pytest.raises(ValueError):
        headers.kind(b"\0\0\0\x18ftypisom\0\0\0\0mp41avc1")
