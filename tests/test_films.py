"""Films and sounds that people send: they play, say nothing else, and harm nobody.

What the child does is judged by what comes out of it; that it may die, by store/films.py.
"""

import io
import itertools
import random
from array import array
from functools import cache
from pathlib import Path

import av
import pytest
from PIL import Image

from parley.store.errors import Full
from parley.store.films import Projector
from parley.store.pictures import Unreadable
from tests import reels, reels_that_harm
from tests.reels_that_talk import PLACE
from tests.reels_that_talk import talkative as talkative_reels

KINDS = ("mp4", "webm", "m4a", "mp3", "ogg", "wav", "flac")
TELLS = """
import json, os, sys, time
for line in sys.stdin:
    order = open(json.loads(line)["source"]).read()
    if order == "die":
        os._exit(1)
    if order == "hang":
        time.sleep(60)
    print(json.dumps({"ok": False, "error": order}), flush=True)
"""


@pytest.fixture(scope="module")
def projector():
    found = Projector()
    yield found
    found.close()


@pytest.fixture(scope="module")
def talkative() -> dict[str, bytes]:
    return talkative_reels()


@cache
def whole(kind: str) -> bytes:
    return reels.reel(kind, 1)


@pytest.fixture
def play(projector, tmp_path):
    """Play the bytes of a file; what comes of it."""
    numbers = itertools.count()

    def play(data: bytes):
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        (folder / "sent").write_bytes(data)
        return projector.play(folder / "sent", folder)

    return play


def tracks(path: Path) -> dict[str, str]:
    """What a file holds: of each kind its codec."""
    with av.open(str(path)) as film:
        return {one.type: one.codec_context.codec.canonical_name for one in film.streams}


def told(path: Path) -> dict[str, str]:
    """All that it says in words."""
    with av.open(str(path)) as film:
        found = dict(film.metadata)
        for track in film.streams:
            found |= track.metadata
    return found


@pytest.mark.parametrize(
    ("kind", "type", "ending"),
    [
        ("mp4", "video/mp4", "mp4"),
        ("mov", "video/mp4", "mp4"),
        ("mkv", "video/mp4", "mp4"),
        ("hevc", "video/mp4", "mp4"),
        ("webm", "video/webm", "webm"),
        ("vp8", "video/webm", "webm"),
        ("av1", "video/webm", "webm"),
        ("m4a", "audio/mp4", "m4a"),
        ("aac", "audio/mp4", "m4a"),
        ("mp3", "audio/mpeg", "mp3"),
        ("ogg", "audio/ogg", "ogg"),
        ("vorbis", "audio/ogg", "ogg"),
        ("weba", "audio/ogg", "ogg"),
        ("wav", "audio/wav", "wav"),
        ("flac", "audio/flac", "flac"),
    ],
)
def test_each_kind_becomes_one_that_browsers_play(play, kind, type, ending):
    video, audio = reels.FORMATS[kind]
    played = play(reels.reel(kind))
    assert (played.type, played.full.name) == (type, f"full.{ending}")
    assert played.seconds == pytest.approx(2, abs=0.05)
    assert tracks(played.full) == {
        name: codec for name, codec in (("video", video), ("audio", audio)) if codec
    }
    assert bool(played.thumb) == bool(video)


def test_nothing_is_lost_on_the_way(play):
    """Every picture and every sound, at its time."""

    def heard(file) -> list:
        with av.open(file) as film:
            return [(frame.time, bytes(frame.planes[0])) for frame in film.decode()]

    for kind in ("mov", "webm", "mkv", "vp8", "hevc", "flac", "wav"):
        sent = reels.reel(kind)
        came = heard(str(play(sent).full))
        left = heard(io.BytesIO(sent))
        assert len(came) == len(left), kind
        assert [data for _, data in came] == [data for _, data in left], kind
        assert [time for time, _ in came] == pytest.approx([time for time, _ in left], abs=0.03)


def test_a_picture_of_it_is_taken_after_its_first_second(play):
    played = play(reels.reel("mp4", 3, (320, 240)))
    with Image.open(played.thumb) as poster:
        assert (poster.format, poster.size) == ("JPEG", (320, 240))
        assert is_like(poster.getpixel((160, 60)), reels.BLUE)
        assert is_like(poster.getpixel((160, 180)), (0, 0, 0))
    assert is_like(Image.new("RGB", (1, 1), played.colour).getpixel((0, 0)), (15, 20, 100))


def test_a_short_film_is_shown_by_what_it_has(play):
    played = play(reels.reel("mp4", 0.1, (320, 240)))
    with Image.open(played.thumb) as poster:
        assert is_like(poster.getpixel((160, 60)), reels.RED)


def test_a_large_film_has_a_picture_of_1280(play):
    played = play(reels.reel("mp4", 0.1, (1920, 1080)))
    assert (played.width, played.height) == (1920, 1080)
    with Image.open(played.thumb) as poster:
        assert poster.size == (1280, 720)


def test_the_picture_of_a_film_in_more_light_than_a_page_has_is_not_dull(play):
    """A phone's HLG says white with three quarters (BT.2408): shown as it is, it would be grey."""
    white = Image.new("RGB", (320, 240), (191, 191, 191))
    played = play(reels.reel("mov", 1, (320, 240), video="hlg", shots=[white]))
    with Image.open(played.thumb) as poster:
        assert is_like(poster.getpixel((160, 120)), (255, 255, 255))


@pytest.mark.parametrize(("turned", "black"), [(90, "right"), (-90, "left"), (180, "top")])
def test_a_turned_film_stays_turned_and_so_is_its_picture(play, turned, black):
    sent = reels.reel("mov", 1.5, (320, 240), rotation=turned)
    played = play(sent)
    size = (320, 240) if turned == 180 else (240, 320)
    assert (played.width, played.height) == size
    with av.open(str(played.full)) as film:
        assert next(film.decode(video=0)).rotation in (turned, turned - 360, turned + 360)
    with Image.open(played.thumb) as poster:
        assert poster.size == size
        across, down = size[0] // 2, size[1] // 2
        at = {"right": (size[0] - 9, down), "left": (9, down), "top": (across, 9)}[black]
        assert is_like(poster.getpixel(at), (0, 0, 0))
        assert is_like(poster.getpixel((size[0] - 1 - at[0], size[1] - 1 - at[1])), reels.BLUE)


def is_like(one, other) -> bool:
    """Two colours that one would not tell apart at a glance."""
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


# ---- What it says


def test_nothing_says_where_it_was_made(play, talkative):
    for way, sent in talkative.items():
        assert PLACE.encode() in sent, way
        played = play(sent)
        for path in filter(None, (played.full, played.thumb)):
            for part in (PLACE, PLACE[1:8], PLACE[9:]):
                assert part.encode() not in path.read_bytes(), way
        assert len(tracks(played.full)) <= 2, way


@pytest.mark.parametrize("kind", [*KINDS, "mov"])
def test_what_comes_out_says_nothing_in_words(play, talkative, kind):
    said = told(play(talkative[kind]).full)
    names = {"creation_time", "title", "comment", "artist", "location"}
    assert not {name.lower() for name, it in said.items() if it} & names
    assert said.get("ENCODER", "Lavf") == "Lavf"  # and not which version of it


def test_a_film_plays_before_all_of_it_has_arrived(play):
    octets = play(reels.reel("mov")).full.read_bytes()
    assert octets.index(b"moov") < octets.index(b"mdat")


def test_apples_players_know_the_film(play):
    assert b"hvc1" in play(reels.reel("hevc")).full.read_bytes()
    assert b"avc1" in play(reels.reel("mkv")).full.read_bytes()


# ---- What no browser plays


@pytest.mark.parametrize(
    ("kind", "codecs", "type"),
    [
        ("mov", {"video": "mjpeg", "audio": "pcm_s16le"}, "video/quicktime"),
        ("mkv", {"video": "mjpeg", "audio": ""}, "video/x-matroska"),
    ],
)
def test_what_browsers_do_not_play_is_bare_and_has_no_picture(play, kind, codecs, type):
    sent = reels.reel(kind, metadata={"title": PLACE, "location": f"{PLACE}/"}, **codecs)
    played = play(sent)
    assert (played.type, played.thumb, played.width) == (type, None, None)
    assert PLACE[1:].encode() not in played.full.read_bytes()
    assert set(tracks(played.full).values()) == set(filter(None, codecs.values()))


@pytest.mark.parametrize(
    ("kind", "codecs", "type", "becomes"),
    [
        ("amr", {}, "audio/mp4", {"audio": "aac"}),
        ("m4a", {"audio": "alac"}, "audio/mp4", {"audio": "aac"}),
        ("mov", {"audio": "pcm_s16le"}, "video/mp4", {"video": "h264", "audio": "aac"}),
        ("mov", {"audio": "pcm_s16be"}, "video/mp4", {"video": "h264", "audio": "aac"}),
        ("mkv", {"audio": "vorbis"}, "video/mp4", {"video": "h264", "audio": "aac"}),
        ("mkv", {"video": "vp8"}, "video/webm", {"video": "vp8", "audio": "opus"}),
    ],
)
def test_a_sound_that_browsers_do_not_play_is_encoded_anew(play, kind, codecs, type, becomes):
    sent = reels.reel(kind, 3, metadata={"title": PLACE}, **codecs)
    played = play(sent)
    assert (played.type, tracks(played.full)) == (type, becomes)
    assert played.seconds == pytest.approx(3, abs=0.1)
    assert PLACE.encode() not in played.full.read_bytes()
    assert loudest(played.full) == pytest.approx(0.09, abs=0.03)


def test_a_long_recording_of_little_data_is_taken(play):
    """Eight minutes of AMR-WB at 6.6 kbit/s (RFC 4867, 5.3): what is said does not matter."""
    frame = b"\x04" + random.Random(1).randbytes(17)
    assert play(b"#!AMR-WB\n" + frame * 50 * 480).seconds == pytest.approx(480, abs=1)


def loudest(path: Path) -> float:
    """The height of the highest wave, of 1."""
    with av.open(str(path)) as film:
        turns = av.AudioResampler(format="s16", layout="mono")
        waves = [array("h", bytes(part.planes[0])[: 2 * part.samples])
                 for frame in film.decode(audio=0) for part in turns.resample(frame)]  # fmt: skip
    return max(max(wave) for wave in waves[3:]) / 2**15


# ---- What is broken, or meant to harm


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tenth", range(10))
def test_what_is_cut_off_is_refused_or_plays_as_far_as_it_goes(play, kind, tenth):
    sent = whole(kind)
    try:
        played = play(sent[: len(sent) * tenth // 10])
    except Unreadable as refused:
        assert "could not be read" in refused.sentence
    else:
        assert 0 < played.seconds < 1.1
        with av.open(str(played.full)) as film:
            assert next(film.decode())


@pytest.mark.parametrize("name", ["endless", "crowded", "vast", "echoing"])
def test_what_is_meant_to_harm_is_refused(play, name):
    with pytest.raises(Unreadable):
        play(getattr(reels_that_harm, name)())


@pytest.mark.parametrize("name", reels_that_harm.curious(""))
def test_no_other_file_is_opened(projector, tmp_path, name):
    (tmp_path / "secret").write_bytes(whole("wav"))
    (tmp_path / "sent").write_bytes(reels_that_harm.curious("secret")[name])
    with pytest.raises(Unreadable):
        projector.play(tmp_path / "sent", tmp_path)


@pytest.mark.parametrize("data", [b"", b"no film", b"\0" * 5000, b"\xff\xfb\x90\x64", b"ID3" * 99])
def test_what_is_no_film_is_refused(play, data):
    with pytest.raises(Unreadable, match="could not be read"):
        play(data)


def test_a_picture_is_no_film(play):
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "PNG")
    with pytest.raises(Unreadable):
        play(out.getvalue())


# ---- The children


@pytest.fixture
def tell(tmp_path):
    """Tell a child what to do, which may take a second."""
    (tmp_path / "tells.py").write_text(TELLS)
    projector = Projector(seconds=1, program=tmp_path / "tells.py")

    def tell(order: str):
        (tmp_path / "sent").write_text(order)
        return projector.play(tmp_path / "sent", tmp_path)

    yield tell
    projector.close()


@pytest.mark.parametrize("order", ["die", "hang", "unreadable"])
def test_what_breaks_its_reader_is_refused_and_the_next_is_read(tell, order):
    with pytest.raises(Unreadable, match="recording"):
        tell(order)
    with pytest.raises(Full):
        tell("full")
