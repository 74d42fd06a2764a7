"""Films and sounds in a message: seen by others, played from anywhere in them, and bare."""

import pytest
from werkzeug.http import parse_options_header

from parley.store import tables
from tests import reels
from tests.reels_that_talk import PLACE
from tests.visitor import change, said, soup, words

FILM = ("volcano.mov", reels.reel("mov", 2, (640, 360)))
SOUND = ("hello.m4a", reels.reel("m4a"))


@pytest.fixture
def film(ann) -> dict:
    """A film in a message of Ann's."""
    return ann.posts("it smokes", FILM)["files"][0]


def test_a_film_is_seen_by_others(ann, bob, film):
    shown = bob.page("/rooms/1").select_one(".message video")
    assert shown["src"] == film["url"] == f"/files/{film['id']}/volcano.mp4"
    assert (shown["width"], shown["height"]) == ("432", "243"), "nothing jumps"
    assert shown["aria-label"] == "Film by Ann: volcano.mp4, 0:02"
    assert shown["preload"] == "none" and {"controls", "playsinline"} <= shown.attrs.keys()
    poster = bob.gets(shown["poster"])
    assert (poster.status_code, poster.content_type) == (200, "image/jpeg")
    whole = bob.gets(film["url"])
    assert (whole.status_code, whole.content_type) == (200, "video/mp4")
    assert len(whole.data) == film["size"]


def test_a_sound_is_heard_by_others(ann, bob):
    file = ann.posts("", SOUND)["files"][0]
    shown = bob.page("/rooms/1").select_one(".message audio")
    assert shown["src"] == file["url"] and "controls" in shown.attrs
    assert shown["aria-label"] == "Recording by Ann: hello.m4a, 0:02"
    assert bob.gets(file["url"]).content_type == "audio/mp4"


def test_whoever_cannot_see_it_hears_what_its_sender_says_of_it(ann, bob, app):
    file = ann.posts("", FILM)["files"][0]
    change(app, tables.files, file["id"], alt="The volcano on the desk smokes")
    label = bob.page("/rooms/1").select_one(".message video")["aria-label"]
    assert label == "The volcano on the desk smokes, 0:02"


def test_it_can_be_saved(ann, bob, film):
    link = bob.page("/rooms/1").select_one("figure.player figcaption a")
    assert words(link) == "volcano.mp4" and "download" in link.attrs
    told, more = parse_options_header(bob.gets(link["href"]).headers["Content-Disposition"])
    assert (told, more["filename"]) == ("attachment", "volcano.mp4")


def test_a_film_has_a_page_of_its_own_which_no_refresh_cuts_off(bob, film):
    links = bob.page("/rooms/1/list").select("figure.player a")
    large = next(link for link in links if words(link) == "Large view")
    assert bob.page(large["href"]).select_one("video")["src"] == film["url"]
    assert "Refresh" not in bob.gets(large["href"]).headers


def test_programs_read_how_long_it_plays(film):
    assert film["seconds"] == pytest.approx(2, abs=0.05)
    assert (film["type"], film["width"], film["height"]) == ("video/mp4", 640, 360)
    assert (film["thumb"], film["alt"]) == (f"/files/{film['id']}/thumb", "")


def test_what_no_browser_plays_is_an_attachment(ann, bob):
    old = ("old.mov", reels.reel("mov", 1, video="mjpeg", audio="pcm_s16le"))
    file = ann.posts("", old)["files"][0]
    assert (file["type"], file["thumb"], file["seconds"]) == ("video/quicktime", None, None)
    page = bob.page("/rooms/1")
    assert not page.select("video")
    assert page.select_one(".attachment")["href"] == file["url"]


def test_it_says_no_place(ann, bob):
    place = reels.reel("mov", 1, metadata={"location": f"{PLACE}/", "title": PLACE})
    file = ann.posts("", ("home.mov", place))["files"][0]
    for path in (file["url"], file["thumb"]):
        assert PLACE[1:].encode() not in bob.gets(path).data


def test_half_a_film_is_refused_with_a_sentence(ann, bob):
    answer = ann.sends("my words", ("half.mp4", FILM[1][: len(FILM[1]) // 2]))
    assert answer.status_code == 422
    assert "This recording could not be read." in said(soup(answer))
    assert bob.room() == []


def test_a_film_is_found_as_a_file(ann, bob, film):
    ann.posts("a photo of it is none")
    assert "it smokes" in words(bob.page("/search?has=file"))
    assert "it smokes" not in words(bob.page("/search?has=photo"))


def test_a_deleted_film_is_gone(ann, bob, film):
    ann.deletes(ann.gets("/rooms/1/messages", Accept="application/json").json["messages"][0])
    for path in (film["url"], film["thumb"]):
        assert bob.gets(path).status_code == 404
        assert bob.gets(path, Range="bytes=0-9").status_code == 404


# ---- A part of it (RFC 9110, 14)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-99", 0, 99), ("100-", 100, -1), ("-50", -50, -1), ("0-99999999", 0, -1), ("0-0", 0, 0)],
)
def test_a_part_is_sent_as_it_was_asked_for(bob, film, asked, first, last):
    whole = bob.gets(film["url"]).data
    size = len(whole)
    first, last = first % size, last % size
    answer = bob.gets(film["url"], Range=f"bytes={asked}")
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    assert answer.data == whole[first : last + 1]
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert int(answer.headers["Content-Length"]) == last + 1 - first


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-3", "bytes=-0"])
def test_a_part_that_is_not_there_is_416(bob, film, asked):
    answer = bob.gets(film["url"], Range=asked)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{film['size']}"


@pytest.mark.parametrize("asked", ["seconds=1-2", "bytes", "bytes=0-1,5-9", "bytes=-", "x"])
def test_what_is_no_range_gives_the_whole(bob, film, asked):
    answer = bob.gets(film["url"], Range=asked)
    assert (answer.status_code, len(answer.data)) == (200, film["size"])


def test_a_part_of_another_version_gives_the_whole(bob, film):
    mark = bob.gets(film["url"]).headers["ETag"]
    part = bob.gets(film["url"], Range="bytes=0-9", If_Range=mark)
    assert (part.status_code, len(part.data)) == (206, 10)
    whole = bob.gets(film["url"], Range="bytes=0-9", If_Range='"another"')
    assert (whole.status_code, len(whole.data)) == (200, film["size"])


def test_only_the_head_is_sent_when_only_that_is_asked_for(bob, film):
    answer = bob.client.head(film["url"], buffered=True)
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == film["size"]
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_part_is_as_guarded_as_the_whole(stranger, bob, film):
    assert stranger.gets(film["url"], Range="bytes=0-9").status_code in (303, 401)
    part = bob.gets(film["url"], Range="bytes=0-9")
    assert part.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    assert part.headers["Cache-Control"].startswith("private")
    way, options = parse_options_header(part.headers["Content-Disposition"])
    assert (way, options["filename"]) == ("attachment", film["name"])
