"""Files on their way in: their names, what they really are, how large they may be."""

import errno
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from parley.store.errors import Full, NotTaken, Refused, TooLarge, Wrong
from parley.store.files import Files
from parley.store.pictures import Darkroom, Renditions, Unreadable
from parley.talk import kinds, uploads
from tests.corpus import picture


def zipped(name: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "hello")
    return out.getvalue()


OF_MESSAGE = {"id", "message_id", "person_id", "room_id", "made_at", "key", "place", "alt"}
PNG = b"\x89PNG\r\n\x1a\n" + b"whatever"
ZIP = zipped()
RTF, MP4 = b"{\\rtf1 hello}", b"\0\0\0\x10ftypisom...."


class Painter(Darkroom):
    """Makes of every picture the same three files, or one square."""

    def __init__(self):
        self.asked = []

    def develop(self, source: Path, folder: Path, square: int | None = None) -> Renditions:
        """Whatever it is."""
        self.asked.append((source.read_bytes(), square))
        made = {name: folder / name for name in ("full", "large", "thumb")}
        for name, path in made.items():
            path.write_bytes(name.encode())
        if square:
            return Renditions("image/jpeg", made["full"], square, square)
        return Renditions("image/jpeg", width=800, height=600, **made)


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
    ("name", "content", "kept", "kind"),
    [
        ("a.TXT", "grüße".encode(), "a.TXT", kinds.TEXT),
        ("a.pdf", b"%PDF-1.7 hello", "a.pdf", kinds.PDF),
        ("a.docx", ZIP, "a.docx", kinds.DOCX),
        ("a.mp4", b"\0\0\0\x10ftypisom....", "a.mp4", kinds.MP4),
        ("a.sb3", ZIP, "a.sb3", kinds.DOCX),
        ("page.html", b"<script>alert(1)</script>", "page.html.txt", kinds.TEXT),
        ("report.pdf", b"MZ\0\0", "report.pdf.bin", kinds.UNKNOWN),
        ("../../etc/passwd", b"root:x", "passwd.txt", kinds.TEXT),
    ],
)
def test_any_file_is_taken_as_it_is_and_called_what_it_is(
    receive, files, name, content, kept, kind
):
    upload = receive(name, content)
    its = len(content), digest(content), digest(content)
    assert upload == uploads.Upload(kept, kind.type, *its)
    assert files.path(upload.hash).read_bytes() == content
    assert list(files.tray.iterdir()) == []


@pytest.mark.parametrize("name", ["a.txt", "a.png"])
def test_an_empty_file_is_refused_and_leaves_nothing(receive, files, painter, name):
    with pytest.raises(Wrong) as refused:
        receive(name, b"")
    assert (refused.value.sentence, refused.value.field) == (f"{name} is empty.", "files")
    assert painter.asked == list(files.names()) == list(files.tray.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "problem", "sentence"),
    [
        ("a.exe", b"MZ\0", NotTaken, "a.exe is of a kind that is not taken here."),
        ("a.html", b"<script>", NotTaken, "a.html is of a kind that is not taken here."),
        ("pdf", b"%PDF-1.7", NotTaken, "pdf is of a kind that is not taken here."),
        ("a.pdf", b"hello", Wrong, "a.pdf is not what its name says."),
        ("a.txt", b"he\0llo", Wrong, "a.txt is not what its name says."),
        ("a.png", ZIP, Wrong, "a.png is not what its name says."),
        ("a.txt", b"a" * 200_001, TooLarge, "a.txt is 196 kB; 196 kB is the most."),
    ],
)
def test_where_only_some_kinds_are_taken_others_are_refused(
    files, painter, name, content, problem, sentence
):
    intake = uploads.Intake(files, painter, photo_bytes=200_000)
    with pytest.raises(problem) as refused:
        intake.receive(name, io.BytesIO(content), uploads.HANDBOOK)
    assert refused.value.sentence.startswith(sentence)
    assert list(files.names()) == list(files.tray.iterdir()) == []
    for name, content in (("b.pdf", b"%PDF-1.7"), ("b.docx", ZIP), ("b.exe", PNG), ("b.doc", RTF)):
        assert intake.receive(name, io.BytesIO(content), uploads.HANDBOOK).size


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("beans.png", "beans.jpg"),
        ("beans.JPEG", "beans.JPEG"),
        ("beans", "beans.jpg"),
        ("beans.txt", "beans.jpg"),
        ("beans.exe", "beans.exe.jpg"),
        (".png", "png.jpg"),
    ],
)
def test_a_picture_is_known_by_its_content_and_named_after_what_it_became(receive, name, kept):
    assert receive(name, PNG).name == kept


def test_a_picture_goes_to_the_darkroom_and_nothing_else(receive, painter):
    receive("beans.bin", PNG)
    receive("beans.png", b"BM bitmap")
    assert painter.asked == [(PNG, None)]


class Player:
    """Makes a film of every film, and sound of every sound."""

    def __init__(self):
        self.asked = []

    def play(self, source: Path, folder: Path) -> Renditions:
        """Whatever it is."""
        self.asked.append(source.read_bytes())
        full, thumb = folder / "full", folder / "thumb"
        full.write_bytes(b"film")
        thumb.write_bytes(b"thumb")
        return Renditions("video/mp4", full, 640, 360, 1.5, thumb=thumb, colour="#336699")


def test_films_and_sound_go_to_the_projector(files, painter):
    intake = uploads.Intake(files, painter, player := Player())
    sent = b"\0\0\0\x10ftypqt  ...."
    upload = intake.receive("holiday.MOV", io.BytesIO(sent))
    assert (upload.name, upload.type, upload.size) == ("holiday.mp4", "video/mp4", 4)
    assert (upload.width, upload.height, upload.seconds) == (640, 360, 1.5)
    assert (upload.hash, upload.thumb) == (digest(b"film"), digest(b"thumb"))
    assert (upload.large, upload.huge, upload.colour) == (None, None, "#336699")
    assert upload.sent == digest(sent)
    intake.receive("song.mp3", io.BytesIO(b"ID3 ..."))
    assert player.asked == [sent, b"ID3 ..."]


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
        assert (upload.name, upload.type) == ("beans.PNG", "image/png")
        assert (upload.width, upload.height) == (64, 48)
        with pytest.raises(Unreadable):
            uploads.Intake(files, darkroom).receive("broken.png", io.BytesIO(content[:40]))
        with pytest.raises(Refused):
            uploads.Intake(files, darkroom).portrait("me.txt", io.BytesIO(b"hello"))
    finally:
        darkroom.close()
    assert list(files.tray.iterdir()) == []


def test_a_picture_and_any_other_file_have_limits_of_their_own(files, painter):
    intake = uploads.Intake(files, painter, photo_bytes=2 * uploads.MB, file_bytes=3 * uploads.MB)
    for name, head, most in (("a.png", PNG, 2), ("a.txt", b"text", 3), ("a.mp4", MP4, 3)):
        assert intake.receive(name, io.BytesIO(head.ljust(most * uploads.MB, b" "))).size
        with pytest.raises(TooLarge) as refused:
            intake.receive(name, io.BytesIO(head.ljust(most * uploads.MB + 1, b" ")))
        told = f"{name} is {most + 1} MB; {most} MB is the most. Your text is still here."
        assert (refused.value.sentence, refused.value.field) == (told, "files")
    with pytest.raises(TooLarge):
        intake.portrait("a.png", io.BytesIO(PNG + bytes(2 * uploads.MB)))


def test_what_no_file_may_be_is_told_by_the_size_of_its_form(files, painter):
    intake = uploads.Intake(files, painter, photo_bytes=2 * uploads.MB, file_bytes=3 * uploads.MB)
    intake.must_fit(4 * uploads.MB)  # the form around it has some room
    with pytest.raises(TooLarge, match="3 MB is the most for one file"):
        intake.must_fit(4 * uploads.MB + 1)


def test_of_what_is_too_large_only_its_ends_are_read(files, painter):
    class Long(io.BytesIO):
        read_so_far = 0

        def read(self, size=-1):
            found = super().read(size)
            self.read_so_far += len(found)
            return found

    stream = Long(bytes(2_000_000))
    with pytest.raises(TooLarge):
        uploads.Intake(files, painter, file_bytes=1_000_000).receive("a.txt", stream)
    assert stream.read_so_far < 100_000
    assert list(files.tray.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (1, "1 bytes"),
        (1024, "1 kB"),
        (1025, "2 kB"),
        (16 * uploads.MB, "16 MB"),
        (16 * uploads.MB + 1, "17 MB"),
        (212 * uploads.MB, "212 MB"),
        (5 * uploads.GB, "5 GB"),
    ],
)
def test_a_size_in_words(size, said):
    assert uploads.in_words(size) == said


def test_when_the_quota_is_used_up_it_is_said_until_something_goes(files, painter):
    intake = uploads.Intake(files, painter, quota=2 * uploads.MB)
    first = intake.receive("a.txt", io.BytesIO(b"a" * uploads.MB))
    assert intake.receive("b.txt", io.BytesIO(b"b" * (uploads.MB - 10))).size
    with pytest.raises(Full) as refused:
        intake.receive("c.txt", io.BytesIO(b"c" * 11))
    assert refused.value.status == 507
    assert refused.value.sentence.startswith("The 2 MB for files here are full. An owner can")
    assert len(list(files.names())) == 2
    assert files.remove(first.hash, rest=-1)
    assert intake.receive("c.txt", io.BytesIO(b"c" * 11)).size == 11


def test_what_came_in_by_a_request_is_not_copied(files, painter):
    with files.part() as part:
        part.write(b"hello")
        place = Path(part.name).stat().st_ino
        upload = uploads.Intake(files, painter).receive("a.txt", part)
    assert files.path(upload.hash).stat().st_ino == place
    assert list(files.tray.iterdir()) == []


def test_a_full_disk_is_told(files, painter):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError(errno.ENOSPC, "no room")

    with pytest.raises(Full):
        uploads.Intake(files, painter).receive("a.txt", Broken(b"hello"))
    assert list(files.tray.iterdir()) == []
