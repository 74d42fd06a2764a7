"""Files on their way in: their names, what they really are, how large they may be."""

import errno
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from parley.store.errors import Full, NotTaken, Refused, TooLarge, Wrong
from parley.store.files import Files
from parley.store.pictures import Darkroom, Developed, Unreadable
from parley.talk import uploads
from tests.corpus import picture


def zipped(name: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "hello")
    return out.getvalue()


OF_MESSAGE = {"id", "message_id", "person_id", "room_id", "made_at", "key", "place", "alt"}
PNG = b"\x89PNG\r\n\x1a\n" + b"whatever"
ZIP = zipped()


class Painter(Darkroom):
    """Makes of every picture the same three files, or one square."""

    def __init__(self):
        self.asked = []

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Developed:
        """Whatever it is."""
        self.asked.append((source.read_bytes(), square))
        made = {name: folder / name for name in ("full", "large", "thumb")}
        for name, path in made.items():
            path.write_bytes(name.encode())
        if square:
            return Developed("image/jpeg", square, square, made["full"])
        return Developed("image/jpeg", 800, 600, **made)


@pytest.fixture
def files(tmp_path) -> Files:
    """An empty store."""
    return Files(tmp_path / "files")


@pytest.fixture
def painter() -> Painter:
    """No picture is really developed here: that is darkroom.py's."""
    return Painter()


@pytest.fixture
def receive(files, painter):
    """Take a file in."""

    def take(name: str, content: bytes) -> uploads.Upload:
        return uploads.Intake(files, painter).receive(name, io.BytesIO(content))

    return take


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ann\\plan.pdf", "plan.pdf"),
        ("a/b\\c/../plan.pdf", "plan.pdf"),
        ("folder/", "file"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        (" plan.pdf. ", "plan.pdf"),
        ("pl\0a\nn\x7f\x85.pdf", "plan.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2066b\u2069\u200f\u061c\ufeff.txt", "ab.txt"),
        ("lone \ud800.txt", "lone .txt"),
        ("Übersicht 7b – Juli.pdf", "Übersicht 7b – Juli.pdf"),
        ("новый план.pdf", "новый план.pdf"),
        ("qu\"ote's & <b>.txt", "qu\"ote's & <b>.txt"),
        ("100%?#.txt", "100%?#.txt"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("no ending", "no ending"),
    ],
)
def test_a_name_is_cleaned(sent, kept):
    assert uploads.clean_name(sent) == kept
    assert uploads.clean_name(kept) == kept


@pytest.mark.parametrize("sent", ["a" * 500 + ".pdf", "a." + "b" * 500, "ü" * 101, "a" * 100])
def test_a_name_has_at_most_100_characters_and_keeps_its_ending(sent):
    kept = uploads.clean_name(sent)
    assert len(kept) <= 100
    assert Path(kept).suffix == Path(sent).suffix[:10]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"hello", "text/plain"),
        ("a.TXT", "grüße".encode(), "text/plain"),
        ("a.pdf", b"%PDF-1.7 hello", "application/pdf"),
        ("a.pdf", b"\xef\xbb\xbf junk before %PDF-1.4", "application/pdf"),
        ("a.zip", ZIP, "application/zip"),
        ("a.docx", ZIP, uploads.OTHERS["docx"]),
        ("a.doc", b"\xd0\xcf\x11\xe0 word", "application/msword"),
        ("a.doc", b"{\\rtf1 hello}", "application/msword"),
    ],
)
def test_the_handbook_s_kinds_are_taken_as_they_are(receive, files, name, content, kind):
    upload = receive(name, content)
    assert upload == uploads.Upload(name, kind, len(content), digest(content), digest(content))
    assert files.path(upload.hash).read_bytes() == content
    assert list(files.tray.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "problem", "sentence"),
    [
        ("a.exe", b"MZ", NotTaken, "a.exe is of a kind that is not taken here."),
        ("a.html", b"<script>", NotTaken, "a.html is of a kind that is not taken here."),
        ("a.svg", b"<svg/>", NotTaken, "a.svg is of a kind that is not taken here."),
        ("pdf", b"%PDF-1.7", NotTaken, "pdf is of a kind that is not taken here."),
        ("a.pdf.exe", b"%PDF-1.7", NotTaken, "a.pdf.exe is of a kind that is not taken here."),
        ("a.pdf", b"hello", Wrong, "a.pdf is not what its name says."),
        ("a.pdf", b" " * 1024 + b"%PDF-", Wrong, "a.pdf is not what its name says."),
        ("a.txt", b"he\0llo", Wrong, "a.txt is not what its name says."),
        ("a.zip", b"PK\x03\x04 hello", Wrong, "a.zip is not what its name says."),
        ("a.docx", b"hello", Wrong, "a.docx is not what its name says."),
        ("a.doc", b"hello", Wrong, "a.doc is not what its name says."),
        ("a.png", b"hello", Unreadable, "a.png is not a picture, though it is called one."),
        ("a.jpeg", ZIP, Unreadable, "a.jpeg is not a picture, though it is called one."),
        ("a.txt", b"", Wrong, "a.txt is empty."),
        ("a.png", b"", Wrong, "a.png is empty."),
    ],
)
def test_what_is_refused_is_said_and_leaves_nothing(
    receive, files, painter, name, content, problem, sentence
):
    with pytest.raises(problem) as refused:
        receive(name, content)
    assert refused.value.sentence.startswith(sentence)
    assert refused.value.field == "files"
    assert painter.asked == []
    assert [path for path in files.folder.rglob("*") if path != files.tray] == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("beans.png", "beans.jpg"),
        ("beans.JPEG", "beans.jpg"),
        ("beans", "beans.jpg"),
        ("beans.txt", "beans.txt.jpg"),
        ("beans.exe", "beans.exe.jpg"),
        (".png", "png.jpg"),
    ],
)
def test_a_picture_is_known_by_its_content_and_named_after_what_it_became(receive, name, kept):
    assert receive(name, PNG).name == kept


@pytest.mark.parametrize(
    "head",
    [PNG, b"\xff\xd8\xff\xe0 jfif", b"GIF87a..", b"GIF89a..", b"RIFF\x10\0\0\0WEBPVP8 "],
)
def test_each_kind_of_picture_goes_to_the_darkroom(receive, painter, head):
    receive("beans.png", head)
    assert painter.asked == [(head, None)]


@pytest.mark.parametrize("head", [b"RIFF\x10\0\0\0WAVEfmt ", b"BM bitmap", b"II*\0 tiff", b"<svg"])
def test_no_other_kind_does(receive, painter, head):
    with pytest.raises(Refused):
        receive("beans.bmp", head)
    assert painter.asked == []


def test_of_a_picture_only_what_the_darkroom_made_is_kept(receive, files):
    upload = receive("beans.png", PNG)
    assert (upload.type, upload.width, upload.height, upload.size) == ("image/jpeg", 800, 600, 4)
    assert (upload.hash, upload.large, upload.thumb) == (
        digest(b"full"),
        digest(b"large"),
        digest(b"thumb"),
    )
    assert upload.sent == digest(PNG)
    kept = {path.name for path in files.folder.glob("??/*")}
    assert kept == {upload.hash, upload.large, upload.thumb}


def test_the_table_keeps_everything_but_the_hash_of_what_was_sent(receive):
    from parley.store import tables

    row = receive("beans.png", PNG).row()
    assert row.keys() == {c.name for c in tables.files.c} - OF_MESSAGE


def test_a_portrait_is_a_small_square(files, painter):
    kept = uploads.Intake(files, painter).portrait("me.png", io.BytesIO(PNG))
    assert kept == digest(b"full")
    assert painter.asked == [(PNG, 256)]
    assert [path.name for path in files.folder.glob("??/*")] == [kept]


def test_a_real_picture_goes_all_the_way(files):
    darkroom = Darkroom(workers=1)
    try:
        content = picture("PNG", (64, 48))
        upload = uploads.Intake(files, darkroom).receive("beans.PNG", io.BytesIO(content))
        assert (upload.name, upload.type) == ("beans.png", "image/png")
        assert (upload.width, upload.height) == (64, 48)
        with pytest.raises(Unreadable):
            uploads.Intake(files, darkroom).receive("broken.png", io.BytesIO(content[:40]))
        with pytest.raises(Refused):
            uploads.Intake(files, darkroom).portrait("me.txt", io.BytesIO(b"hello"))
    finally:
        darkroom.close()
    assert list(files.tray.iterdir()) == []


def test_sixteen_megabytes_are_the_most(files, painter):
    assert uploads.Intake(files, painter).photo_bytes == 16 * 1024 * 1024
    intake = uploads.Intake(files, painter, photo_bytes=200_000)
    assert intake.receive("a.txt", io.BytesIO(b"a" * 200_000)).size == 200_000
    with pytest.raises(TooLarge) as refused:
        intake.receive("a.txt", io.BytesIO(b"a" * 200_001))
    assert refused.value.sentence.startswith("a.txt is larger than 16 MB, which is the most.")
    assert refused.value.field == "files"


def test_what_is_too_large_is_not_read_to_its_end(files, painter):
    class Endless(io.RawIOBase):
        read_so_far = 0

        def read(self, size=-1):
            self.read_so_far += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(TooLarge):
        uploads.Intake(files, painter, photo_bytes=200_000).receive("a.txt", stream)
    assert stream.read_so_far < 400_000
    assert list(files.tray.iterdir()) == []


def test_a_full_disk_is_told(files, painter):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise OSError(errno.ENOSPC, "no room")

    with pytest.raises(Full):
        uploads.Intake(files, painter).receive("a.txt", Broken())
    assert list(files.tray.iterdir()) == []
