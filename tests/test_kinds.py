"""What a file really is, by its first and last bytes."""

import random

import pytest

from parley.talk import kinds
from tests import corpus


def box(major: bytes, *brands: bytes) -> bytes:
    """How a file of boxes begins."""
    rest = b"ftyp" + major + bytes(4) + b"".join(brands)
    return (4 + len(rest)).to_bytes(4, "big") + rest + b"\0\0\0\x08moov"


EMPTY = b"PK\5\6" + bytes(18)
ODT = b"PK\3\4" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (corpus.picture("PNG"), kinds.PNG),
        (corpus.picture("JPEG"), kinds.JPEG),
        (corpus.picture("GIF"), kinds.GIF),
        (corpus.picture("WEBP"), kinds.WEBP),
        (box(b"heic", b"mif1", b"heic"), kinds.HEIC),
        (box(b"mif1", b"mif1", b"heic"), kinds.HEIC),
        (box(b"mif1", b"mif1", b"avif"), kinds.AVIF),
        (box(b"avif", b"avif", b"mif1"), kinds.AVIF),
        (box(b"isom", b"isom", b"avc1"), kinds.MP4),
        (box(b"mp42"), kinds.MP4),
        (box(b"M4V "), kinds.MP4),
        (box(b"M4A ", b"mp42"), kinds.M4A),
        (box(b"qt  "), kinds.MOV),
        (b"\0\0\0\x08wide\0\0\0\0mdat", kinds.MOV),
        (box(b"3gp5"), kinds.GPP),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x84webm", kinds.WEBM),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x88matroska", kinds.MKV),
        (b"ID3\x04\0\0", kinds.MP3),
        (b"\xff\xfb\x90\x00", kinds.MP3),
        (b"\xff\xf1\x50\x80", kinds.AAC),
        (b"OggS\0\2" + bytes(22) + b"\x13OpusHead", kinds.OGG),
        (b"OggS\0\2" + bytes(22) + b"\x80theora", kinds.OGV),
        (b"RIFF\x10\0\0\0WAVEfmt ", kinds.WAV),
        (b"fLaC\0", kinds.FLAC),
        (b"%PDF-1.7", kinds.PDF),
        (b"\xef\xbb\xbf junk before %PDF-1.4", kinds.PDF),
        (b"{\\rtf1 hello}", kinds.RTF),
        (EMPTY, kinds.ZIP),
        (b"PK\3\4 [Content_Types].xml" + EMPTY, kinds.ZIP),
        (b"PK\3\4 word/document.xml" + EMPTY, kinds.DOCX),
        (b"PK\3\4 xl/workbook.xml" + EMPTY, kinds.XLSX),
        (b"PK\3\4 ppt/presentation.xml" + EMPTY, kinds.PPTX),
        (ODT + b"textPK\3\4" + EMPTY, kinds.ODT),
        (ODT + b"spreadsheetPK" + EMPTY, kinds.ODS),
        (ODT + b"text-templatePK" + EMPTY, kinds.ZIP),
        (b"PK\3\4" + bytes(26) + b"mimetypeapplication/epub+zipPK" + EMPTY, kinds.EPUB),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kinds.DOC),
        (b"hello", kinds.TEXT),
        ("grüße".encode(), kinds.TEXT),
        ("grüße".encode("latin-1"), kinds.TEXT),
        ("grüße".encode("utf-16"), kinds.TEXT),
        (b"<!doctype html><script>", kinds.TEXT),
        (b"<svg xmlns=''/>", kinds.TEXT),
        (b"MZ\x90\0", kinds.UNKNOWN),
        (b"\x7fELF\2\1\1", kinds.UNKNOWN),
        (b"\x1f\x8b\x08\0", kinds.UNKNOWN),
        (b"RIFF\x10\0\0\0AVI LIST", kinds.UNKNOWN),
        (b"PK\3\4 an archive cut off", kinds.UNKNOWN),
        (b"\xff\xff\xff\xff\0", kinds.UNKNOWN),
    ],
)
def test_a_kind_is_known_by_content(head, kind):
    for ending in ("", kind.endings[0]):
        assert kinds.of(head[:8192], head[-kinds.TAIL :], ending) == kind


def test_an_archive_that_says_no_more_is_what_its_name_says():
    assert kinds.of(EMPTY, EMPTY, "docx") == kinds.DOCX
    assert kinds.of(EMPTY, EMPTY, "png") == kinds.ZIP
    assert kinds.of(b"PK\3\4 word/document.xml", EMPTY, "xlsx") == kinds.DOCX
    old = b"\xd0\xcf\x11\xe0"
    assert [kinds.of(old, old, it).type for it in ("xls", "ppt", "doc", "png")] == [
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/msword",
        "application/msword",
    ]


def test_a_program_with_an_archive_behind_it_is_none():
    head = b"MZ\x90\0" + bytes(100) + b"PK\3\4 word/document.xml" + EMPTY
    assert kinds.of(head, head, "zip") == kinds.UNKNOWN


def test_no_kind_is_ever_a_page_a_drawing_or_a_script():
    for kind in kinds.KINDS:
        assert not any(it in kind.type for it in ("html", "svg", "xml+", "+xml", "script")), kind


def test_any_bytes_at_all_are_of_some_kind():
    chance = random.Random(6)
    starts = list(kinds._BEGIN)
    starts += [b"", b"RIFF", b"\x1aE\xdf\xa3", b"\0\0\0\x18ftyp", b"PK\3\4", b"\xff", b"OggS"]
    for _ in range(3000):
        head = chance.choice(starts) + chance.randbytes(chance.randrange(40))
        assert kinds.of(head, head, "pdf") in kinds.KINDS
