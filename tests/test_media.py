"""Photos and other files: sent, shown, fetched, refused."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from parley.store import tables
from parley.web import parts
from tests import corpus
from tests.visitor import HTMX, JSON, change, said, soup, typed, words

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PHOTO = ("garden.jpg", corpus.picture("JPEG"))
NOTES = ("notes.txt", b"some notes")
ZIPPED = "application/zip"
KEEP = "private, max-age=31536000, immutable"
POLICY = "default-src 'none'; sandbox"


def empty_zip() -> bytes:
    """The smallest archive."""
    return b"PK\5\6" + bytes(18)


def stored(app: Flask) -> list[str]:
    """The names of all files that are kept."""
    return sorted(path.name for path in parts(app).files.folder.glob("??/*"))


def in_the_tray(app: Flask) -> list[Path]:
    """What is being worked on."""
    return list(parts(app).files.tray.iterdir())


def picture_of(answer: TestResponse) -> Image.Image:
    """What a browser would show."""
    assert answer.status_code == 200
    picture = Image.open(io.BytesIO(answer.data))
    picture.load()
    return picture


# ---- Photos ----


def test_a_photo_is_seen_by_others(ann, bob):
    file = ann.posts("our garden", PHOTO)["files"][0]
    assert (file["width"], file["height"], file["type"]) == (64, 48, "image/jpeg")
    shown = bob.page("/rooms/1").select_one(".message a.photo")
    assert shown["href"] == f"/files/{file['id']}"
    image = shown.img
    assert (image["width"], image["height"]) == ("64", "48"), "nothing jumps"
    assert image["alt"] == "Photo by Ann"
    assert picture_of(bob.gets(image["src"])).size == (64, 48)
    assert "our garden" in bob.room()[0]


def test_a_photo_alone_needs_no_words(ann, bob):
    assert ann.sends("", PHOTO).status_code == 303
    assert len(bob.page("/rooms/1").select("img[alt^=Photo]")) == 1


def test_several_photos_make_one_message_in_their_order(ann, bob):
    photos = [(f"{number}.png", corpus.picture("PNG", (40, 30 + number))) for number in range(10)]
    assert ann.sends("all of them", *photos).status_code == 303
    images = bob.page("/rooms/1").select(".message img[alt^=Photo]")
    assert [image["height"] for image in images] == [str(30 + number) for number in range(10)]
    assert len(bob.room()) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_photo_is_what_its_content_says(ann, kind):
    file = ann.posts("", ("picture.PNG", corpus.picture(kind)))["files"][0]
    assert file["type"] == f"image/{kind.lower()}"
    answer = ann.gets(file["url"])
    assert answer.headers["Content-Type"] == file["type"]
    assert picture_of(answer).format == kind
    fitting = {"JPEG": "jpg", "PNG": "PNG"}  # what is right stays as it was typed
    assert file["name"] == f"picture.{fitting.get(kind, kind.lower())}"


def test_a_large_photo_has_two_previews(ann):
    file = ann.posts("", ("sea.jpg", corpus.picture("JPEG", (1600, 1200))))["files"][0]
    assert picture_of(ann.gets(file["thumb"])).size == (320, 240)
    assert picture_of(ann.gets(f"/files/{file['id']}/large")).size == (1280, 960)
    assert picture_of(ann.gets(file["url"])).size == (1600, 1200)
    image = ann.page("/rooms/1").select_one(".message img[alt^=Photo]")
    chosen = [part.split() for part in image["srcset"].split(",")]
    assert chosen == [[file["thumb"], "320w"], [f"/files/{file['id']}/large", "1280w"]]


def test_a_photo_stands_upright_and_says_nothing_of_its_place(ann):
    sent = corpus.turned(6)
    assert corpus.PLACE in sent
    file = ann.posts("", ("phone.jpg", sent))["files"][0]
    assert (file["width"], file["height"]) == (64, 48)
    for path in (file["url"], file["thumb"], f"/files/{file['id']}/large"):
        answer = ann.gets(path)
        assert picture_of(answer).size == (64, 48)
        assert not any(marker in answer.data for marker in corpus.MARKERS)


def test_the_large_view_is_a_page_with_ways_on(ann, bob):
    ids = [bob.posts(text, PHOTO)["files"][0]["id"] for text in ("one", "two", "three")]
    bob.posts("no photo", NOTES)
    page = ann.page(f"/files/{ids[1]}")
    assert [words(h1) for h1 in page.select("h1")] == ["Photo by Bob"]
    ways = {words(link): link["href"] for link in page.select("a[href]")}
    assert ways["Photo before"] == f"/files/{ids[0]}"
    assert ways["Next photo"] == f"/files/{ids[2]}"
    assert ways["Show in room"] == "/messages/2"
    assert ways["Back to the room"] == "/rooms/1?around=2#message-2"
    saved = ann.gets(ways["Download"])
    assert parse_options_header(saved.headers["Content-Disposition"])[0] == "attachment"
    assert words(page.figcaption.p) == "two"
    assert "Photo before" not in words(ann.page(f"/files/{ids[0]}"))
    assert "Next photo" not in words(ann.page(f"/files/{ids[2]}"))


def test_htmx_opens_the_large_view_in_the_room(ann):
    file = ann.posts("", PHOTO)["files"][0]
    page = soup(ann.gets(f"/files/{file['id']}", **HTMX))
    assert [part.name for part in page.find_all(recursive=False)] == ["figure"]
    dialog = ann.page("/rooms/1").select_one("dialog#viewer")
    assert words(page.select_one("#" + dialog["aria-labelledby"])) == "Photo by Ann"
    assert words(page.select_one("form[method=dialog] button")) == "Close"
    assert not page.select("h1")


# ---- Other files ----


@pytest.mark.parametrize(
    ("name", "octets", "kind"),
    [
        ("notes.txt", b"some notes", "text/plain"),
        ("plan.PDF", b"%PDF-1.7\n", "application/pdf"),
        ("all.zip", empty_zip(), "application/zip"),
        ("letter.docx", empty_zip(), DOCX),
        ("letter.doc", b"\xd0\xcf\x11\xe0 and so on", "application/msword"),
    ],
)
def test_an_attachment_has_a_name_a_type_and_a_size(ann, bob, name, octets, kind):
    file = ann.posts("here", (name, octets))["files"][0]
    assert (file["name"], file["type"], file["size"]) == (name, kind, len(octets))
    assert (file["width"], file["thumb"]) == (None, None)
    shown = bob.page("/rooms/1").select_one(".attachment")
    ending = name.rpartition(".")[2].upper()
    assert words(shown) == f"{name} {ending}, {len(octets)} Bytes"
    answer = bob.gets(shown["href"])
    assert answer.data == octets
    assert answer.mimetype == kind
    assert parse_options_header(answer.headers["Content-Disposition"]) == (
        "attachment",
        {"filename": name},
    )
    assert not bob.page("/rooms/1").select(".message img[alt^=Photo]")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Bericht für März.txt", "Bericht für März.txt"),
        ("a “quoted” name.txt", "a “quoted” name.txt"),
        ("🎉 party.txt", "🎉 party.txt"),
        ("50% off? #1 & more; x=y.txt", "50% off? #1 & more; x=y.txt"),
        ("it's.txt", "it's.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("exe\u202etxt.txt", "exetxt.txt"),
        ("x" * 200 + ".txt", "x" * 96 + ".txt"),
    ],
    ids=range(8),
)
def test_a_file_keeps_its_name_in_every_script(ann, bob, name, kept):
    file = ann.posts("", (name, b"some notes"))["files"][0]
    assert file["name"] == kept
    shown = bob.page("/rooms/1").select_one(".attachment")
    assert words(shown.bdi) == " ".join(kept.split())
    for path in (shown["href"], file["url"]):
        answer = bob.gets(path)
        assert answer.data == b"some notes"
        kind, options = parse_options_header(answer.headers["Content-Disposition"])
        assert (kind, options["filename"]) == ("attachment", kept)
        answer.headers["Content-Disposition"].encode("ascii")


def test_a_quotation_mark_in_a_name_does_no_harm(ann, bob):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a \\"b\\".txt"\r\n'
        b"Content-Type: text/html\r\n\r\nsome notes\r\n--x--\r\n"
    )
    kind = "multipart/form-data; boundary=x"
    ann.client.post("/rooms/1/messages", data=body, content_type=kind)
    shown = bob.page("/rooms/1").select_one(".attachment")
    answer = bob.gets(shown["href"])
    assert answer.mimetype == "text/plain", "not what the browser said"
    _, options = parse_options_header(answer.headers["Content-Disposition"])
    assert options["filename"] == words(shown.bdi)


def test_a_file_answers_to_its_own_name_only(ann):
    file = ann.posts("", NOTES)["files"][0]
    assert ann.gets(f"/files/{file['id']}/other.txt").status_code == 404
    assert ann.gets(f"/files/{file['id']}/thumb").status_code == 404
    assert ann.gets(f"/files/{file['id']}/large").status_code == 404
    assert ann.gets("/files/99/notes.txt").status_code == 404
    assert ann.gets(f"/files/{file['id']}").location == file["url"]


# ---- How they are served ----


def test_files_are_kept_by_this_browser_alone_and_act_as_nothing(ann):
    photo = ann.posts("", PHOTO)["files"][0]
    notes = ann.posts("", NOTES)["files"][0]
    for path in (photo["url"], photo["thumb"], f"/files/{photo['id']}/large", notes["url"]):
        headers = ann.gets(path).headers
        assert headers["Cache-Control"] == KEEP
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


SCRIPT = b"<script>alert(document.cookie)</script>"
HOSTILE = {
    "a page": ("page.html", b"<!doctype html>" + SCRIPT, "page.html.txt", "text/plain"),
    "a drawing": ("d.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "d.svg.txt", "text/plain"),
    "a script": ("code.js", b"alert(1)", "code.js.txt", "text/plain"),
    "a page as a picture": ("photo.jpg", SCRIPT, "photo.jpg.txt", "text/plain"),
    "a page as a film": ("film.mp4", SCRIPT, "film.mp4.txt", "text/plain"),
    "a page as a PDF": ("plan.pdf", SCRIPT + b"%PDF-1.7", "plan.pdf", "application/pdf"),
    "a page in an archive": ("all.zip", b"PK\3\4" + SCRIPT + empty_zip(), "all.zip", ZIPPED),
    "a program": ("run.exe", b"MZ\x90\0", "run.exe.bin", "application/octet-stream"),
    "a program as a PDF": ("plan.pdf", b"MZ\x90\0", "plan.pdf.bin", "application/octet-stream"),
    "another picture": ("p.bmp", b"BM\0\0" + SCRIPT, "p.bmp", "application/octet-stream"),
}


@pytest.mark.parametrize(("name", "octets", "kept", "kind"), HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_is_sent_acts_from_our_address(ann, bob, name, octets, kept, kind):
    file = ann.posts("", (name, octets))["files"][0]
    assert (file["name"], file["type"]) == (kept, kind)
    for headers in ({}, {"Range": "bytes=0-9"}, {"Accept": "text/html"}):
        answer = bob.gets(file["url"], **headers)
        assert answer.mimetype == kind
        assert parse_options_header(answer.headers["Content-Disposition"]) == (
            "attachment",
            {"filename": kept},
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_picture_that_is_a_script_as_well_is_made_anew(ann, bob):
    sent = corpus.picture("GIF") + b"/*" + SCRIPT + empty_zip()
    file = ann.posts("", ("both.html", sent))["files"][0]
    assert (file["name"], file["type"]) == ("both.html.gif", "image/gif")
    answer = bob.gets(file["url"])
    assert b"alert" not in answer.data and b"PK" not in answer.data
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_what_an_old_row_says_of_its_type_is_not_believed(ann, app):
    file = ann.posts("", NOTES)["files"][0]
    for kind in ("text/html", "image/svg+xml", "text/javascript", "application/xhtml+xml"):
        change(app, tables.files, file["id"], type=kind)
        answer = ann.gets(file["url"])
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_picture_opens_under_its_name_and_is_saved_when_asked(ann):
    url = ann.posts("", PHOTO)["files"][0]["url"]
    told = [ann.gets(path).headers["Content-Disposition"] for path in (url, f"{url}?download")]
    assert told == ["inline; filename=garden.jpg", "attachment; filename=garden.jpg"]


def test_a_very_large_photo_has_a_third_preview(ann, bob):
    big, small = (
        ann.posts("", ("sea.jpg", corpus.picture("JPEG", size)))["files"][0]["id"]
        for size in ((3000, 2000), (1600, 1200))
    )
    assert picture_of(bob.gets(f"/files/{big}/huge")).size == (2560, 1707)
    assert bob.gets(f"/files/{big}/huge").headers["Cache-Control"] == KEEP
    assert picture_of(bob.gets(f"/files/{small}/huge")).size == (1600, 1200)
    notes = ann.posts("", NOTES)["files"][0]["id"]
    assert bob.gets(f"/files/{notes}/huge").status_code == 404


def test_only_the_headers_may_be_asked_for(ann):
    url = ann.posts("", NOTES)["files"][0]["url"]
    answer = ann.client.head(url, buffered=True)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == "10"
    assert "Last-Modified" not in answer.headers


def test_a_file_can_be_fetched_in_pieces(ann):
    url = ann.posts("", NOTES)["files"][0]["url"]
    whole = ann.gets(url)
    assert whole.headers["Accept-Ranges"] == "bytes"
    piece = ann.gets(url, Range="bytes=5-")
    assert (piece.status_code, piece.data) == (206, b"notes")
    assert piece.headers["Content-Range"] == "bytes 5-9/10"
    assert ann.gets(url, Range="bytes=0-3").data == b"some"
    assert ann.gets(url, Range="bytes=-2").data == b"es"
    ends = ann.gets(url, Range="bytes=-99")  # players look for tags there, of short sounds too
    assert (ends.status_code, ends.data) == (200, b"some notes")
    assert ann.gets(url, Range="bytes=0-3", If_Range='"another"').data == b"some notes"
    assert ann.gets(url, Range="bytes=99-").status_code == 416


def test_a_text_is_fetched_in_pieces_though_pages_are_compressed(ann):
    url = ann.posts("notes", ("notes.txt", b"0123456789" * 200))["files"][0]["url"]
    zipped = {"Accept-Encoding": "gzip"}
    whole = ann.gets(url, **zipped)
    assert (len(whole.data), whole.headers.get("Content-Encoding")) == (2000, None)
    part = ann.gets(url, Range="bytes=10-1009", **zipped)
    assert (part.status_code, part.data) == (206, b"0123456789" * 100)
    etag = whole.headers["ETag"]
    assert ann.gets(url, **{"If-None-Match": etag}, **zipped).status_code == 304


def test_a_file_that_the_browser_has_is_not_sent_again(ann):
    url = ann.posts("", PHOTO)["files"][0]["url"]
    etag = ann.gets(url).headers["ETag"]
    again = ann.gets(url, If_None_Match=etag)
    assert (again.status_code, again.data) == (304, b"")


# ---- Who may have them ----


def test_the_files_of_a_deleted_message_are_gone_until_it_is_back(ann, bob):
    message = ann.posts("", PHOTO, NOTES)
    photo, notes = message["files"]
    paths = [photo["url"], photo["thumb"], f"/files/{photo['id']}/large", notes["url"]]
    paths.append(f"/files/{photo['id']}")
    nothing = bob.gets("/nothing").data
    ann.deletes(message)
    for visitor in (ann, bob):
        for path in paths:
            answer = visitor.gets(path)
            assert answer.status_code == 404
            assert answer.data == nothing
    ann.restores(message)
    assert all(bob.gets(path).status_code == 200 for path in paths)


def test_a_deleted_photo_is_skipped_in_the_large_view(ann):
    messages = [ann.posts("", PHOTO) for _ in range(3)]
    ann.deletes(messages[1])
    page = ann.page(f"/files/{messages[0]['files'][0]['id']}")
    ways = {words(link): link["href"] for link in page.select("a[href]")}
    assert ways["Next photo"] == f"/files/{messages[2]['files'][0]['id']}"


def test_strangers_get_no_file(ann, stranger):
    photo = ann.posts("", PHOTO)["files"][0]
    for path in (photo["url"], photo["thumb"], f"/files/{photo['id']}", "/files/99/x"):
        assert stranger.gets(path).location.startswith("/login")
        assert stranger.gets(path, **HTMX).status_code == 401
        assert stranger.gets(path, **JSON).status_code == 401


def test_a_stranger_can_leave_no_file(stranger, app):
    assert stranger.sends("", PHOTO).location.startswith("/login")
    assert stored(app) == in_the_tray(app) == []


# ---- Where members send no files ----


def test_who_may_not_send_files_is_told_beside_the_words_and_nothing_is_stored(ann, app):
    change(app, tables.space, 1, sends_files="moderator")
    for headers in (None, HTMX):
        answer = ann.sends("look", PHOTO, headers=headers)
        assert answer.status_code == 403
        assert said(soup(answer)) == "Only owners and moderators send files here."
    answer = ann.sends("look", PHOTO)
    assert typed(soup(answer)) == "look"
    # The first field is empty, the second has a file.
    answer = ann.sends("look", ("", b""), PHOTO, headers=JSON)
    assert (answer.status_code, answer.get_json()["field"]) == (403, "")
    assert stored(app) == in_the_tray(app) == ann.room() == []
    assert ann.sends("words alone", ("", b"")).status_code == 303


def test_the_button_for_files_is_for_who_may_send_them(ann, miriam, app):
    assert not ann.page("/rooms/1").select(".attach[hidden]")
    assert "drop a photo" in words(ann.page("/rooms/1").main)
    change(app, tables.space, 1, sends_files="moderator")
    assert ann.page("/rooms/1").select(".attach[hidden]")
    assert "drop a photo" not in words(ann.page("/rooms/1").main)
    assert not miriam.page("/rooms/1").select(".attach[hidden]")
    assert miriam.sends("look", PHOTO).status_code == 303


# ---- Refused ----

REFUSED = {
    "a large picture": (413, "p.png is 17 MB; 16 MB is", ("p.png", PHOTO[1] + bytes(16 * 2**20))),
    "nothing": (422, "notes.txt is empty", ("notes.txt", b"")),
    "half a JPEG": (422, "could not be read", ("half.jpg", corpus.truncated("JPEG"))),
    "half a PNG": (422, "could not be read", ("half.png", corpus.truncated("PNG"))),
    "a bomb that claims": (422, "more than 50 million pixels", ("b.png", corpus.claims("PNG"))),
    "a bomb that is packed": (422, "more than 50 million pixels", ("b.png", corpus.packed_bomb())),
}


@pytest.mark.parametrize(("status", "sentence", "file"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_taken(ann, bob, app, status, sentence, file):
    answer = ann.sends("my words", file, key="mine")
    assert answer.status_code == status
    page = soup(answer)
    assert sentence in said(page)
    assert typed(page) == "my words"
    assert page.select_one("#key")["value"] == "mine"
    assert words(page.h1) == "Lobby"

    answer = ann.sends("my words", file, headers=HTMX)
    assert answer.status_code == status
    assert sentence in said(soup(answer))
    assert soup(answer).select_one("#problem[hx-swap-oob=true]")

    answer = ann.sends("my words", file, headers=JSON)
    assert answer.status_code == status
    assert sentence in answer.get_json()["error"] and answer.get_json()["field"] == "files"

    assert bob.room() == []
    assert stored(app) == in_the_tray(app) == []


def test_one_bad_file_keeps_the_others_from_going(ann, bob, app):
    assert ann.sends("both", PHOTO, ("half.jpg", corpus.truncated("JPEG"))).status_code == 422
    assert bob.room() == []
    assert in_the_tray(app) == []
    assert ann.sends("both", PHOTO).status_code == 303, "the darkroom goes on"


def test_eleven_files_are_too_many(ann, app):
    answer = ann.sends("all", *[(f"{number}.txt", b"notes") for number in range(11)])
    assert answer.status_code == 413
    assert said(soup(answer)) == "10 files are the most in one message."
    assert typed(soup(answer)) == "all"
    assert stored(app) == []


def test_the_text_is_refused_before_or_after_but_never_posted_without_its_file(ann, bob, app):
    answer = ann.sends("x" * 10_001, PHOTO)
    assert answer.status_code == 422
    assert "10,000 is the most" in said(soup(answer))
    assert bob.room() == []
    assert in_the_tray(app) == []


def test_the_same_photo_is_kept_once(ann, bob, app):
    ann.posts("", PHOTO)
    once = stored(app)
    bob.posts("", ("another name.jpg", PHOTO[1]))
    assert stored(app) == once
    folder = parts(app).files.folder
    assert {path.stat().st_mode & 0o777 for path in folder.glob("??/*")} == {0o600}


class FullDisk:
    """A file on it: nothing can be written."""

    name = "/nowhere/else"

    def write(self, *_) -> None:
        """As the system says it."""
        raise OSError(28, "No space left on device")

    close = write


def fails(*_, **__):
    """A full disk."""
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("file", [NOTES, PHOTO], ids=["a text", "a photo"])
@pytest.mark.parametrize(
    "step",
    [
        ("parley.store.files.Files.part", FullDisk),
        ("parley.store.files.tempfile.NamedTemporaryFile", fails),
        ("parley.store.files.tempfile.TemporaryDirectory", fails),
        ("parley.store.files.os.fsync", fails),
        ("pathlib.Path.mkdir", fails),
        ("pathlib.Path.replace", fails),
    ],
    ids=lambda step: step[0].rpartition(".")[2],
)
def test_a_full_disk_is_said_wherever_it_is_noticed(ann, bob, app, monkeypatch, step, file):
    for headers in (None, HTMX, JSON):
        with monkeypatch.context() as patch:
            patch.setattr(*step)
            answer = ann.sends("my words", file, headers=headers)
        assert answer.status_code == 507
        assert "The server has no room left." in answer.text
    assert bob.room() == []
    assert stored(app) == in_the_tray(app) == []


def test_a_full_disk_leaves_the_text_where_it_was(ann, monkeypatch):
    monkeypatch.setattr("parley.store.files.Files.keep", fails)
    answer = ann.sends("my words", NOTES)
    assert (answer.status_code, typed(soup(answer))) == (507, "my words")


def test_a_used_up_quota_is_said_and_the_text_kept(ann, bob, app, monkeypatch):
    small = replace(parts(app).intake, quota=12)
    monkeypatch.setattr(parts(app), "intake", small)
    ann.posts("", NOTES)
    told = "The 12 bytes for files here are full. An owner can make room by deleting some."
    answer = bob.sends("my words", ("more.txt", b"more notes"))
    assert (answer.status_code, typed(soup(answer))) == (507, "my words")
    assert said(soup(answer)) == f"{told} Your text is still here."
    answer = bob.sends("my words", ("more.txt", b"more notes"), headers=JSON)
    assert answer.get_json()["error"].startswith(told)
    assert len(stored(app)) == 1


def test_a_stranger_s_large_form_is_not_taken_apart(stranger, app, monkeypatch):
    """Where no bridge stands in front, too."""
    monkeypatch.setattr("parley.store.files.Files.part", fails)
    large = ("a.bin", bytes(1_000_000))
    assert stranger.sends("", large, headers=JSON).status_code == 401
    assert stranger.submits("/photo", {}, "file", large).status_code == 401
    assert stranger.sends("", large).location.startswith("/login")


def test_other_work_goes_on_while_a_photo_is_developed(ann, bob, app, monkeypatch):
    developed = parts(app).darkroom.develop
    seen = []

    def develop(*arguments, **more):
        bob.posts("meanwhile")  # the database is free
        seen.extend(bob.room())
        return developed(*arguments, **more)

    monkeypatch.setattr(parts(app).darkroom, "develop", develop)
    ann.posts("a photo", PHOTO)
    assert seen == ["meanwhile"]
