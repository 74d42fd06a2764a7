"""Names of files: none leaves its place, breaks a header, or lies about what it is."""

import random
import re
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from flask import Flask, send_file
from werkzeug.http import parse_options_header

from parley.talk import filenames, kinds


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
        ("tag\U000e0041ged.txt", "tagged.txt"),
        ("photo.jpg\u2800\u034f\u17b4.exe", "photo.jpg.exe"),
        ("photo.jpg                    .exe", "photo.jpg .exe"),
        ("..\uff0f..\u2215etc\uff0fpasswd", "_..\u2215etc_passwd"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1 .tar.gz", "_Com1 .tar.gz"),
        ("LPT9.", "_LPT9"),
        ("console.txt", "console.txt"),
        ("Übersicht 7b – Juli.pdf", "Übersicht 7b – Juli.pdf"),
        ("новый план.pdf", "новый план.pdf"),
        ("qu\"ote's & <b>.txt", "qu\"ote's & <b>.txt"),
        ("100%?#.txt", "100%?#.txt"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("no ending", "no ending"),
    ],
)
def test_a_name_is_cleaned(sent, kept):
    assert filenames.clean(sent) == kept
    assert filenames.clean(kept) == kept


@pytest.mark.parametrize(
    "sent", ["a" * 500 + ".pdf", "a." + "b" * 500, "ü" * 101, "a" * 100, "🫘" * 90 + ".jpeg"]
)
def test_a_name_is_short_in_characters_and_bytes_and_keeps_its_ending(sent):
    kept = filenames.clean(sent)
    assert len(kept) <= 100
    assert len(kept.encode()) <= 200
    if len(Path(sent).suffix) <= 10:
        assert Path(kept).suffix == Path(sent).suffix


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("a.jpeg", kinds.JPEG, "a.jpeg"),
        ("A.JPG", kinds.JPEG, "A.JPG"),
        ("report.pdf", kinds.JPEG, "report.jpg"),
        ("report", kinds.JPEG, "report.jpg"),
        ("scan.tmp", kinds.JPEG, "scan.tmp.jpg"),
        ("setup.exe", kinds.JPEG, "setup.exe.jpg"),
        ("report.docx", kinds.PDF, "report.pdf"),
        ("report.pdf", kinds.UNKNOWN, "report.pdf.bin"),
        ("setup.exe", kinds.UNKNOWN, "setup.exe.bin"),
        ("disk.tar.gz", kinds.UNKNOWN, "disk.tar.gz"),
        ("drawing.psd", kinds.UNKNOWN, "drawing.psd"),
        ("page.html", kinds.TEXT, "page.html.txt"),
        ("drawing.SVG", kinds.TEXT, "drawing.SVG.txt"),
        ("code.js", kinds.TEXT, "code.js.txt"),
        ("do.bat", kinds.TEXT, "do.bat.txt"),
        ("disk.VHDX", kinds.UNKNOWN, "disk.VHDX.bin"),
        ("share.library-ms", kinds.TEXT, "share.library-ms.txt"),
        ("plan.pdf", kinds.TEXT, "plan.pdf.txt"),
        ("hello.py", kinds.TEXT, "hello.py"),
        ("table.csv", kinds.TEXT, "table.csv"),
        ("notes", kinds.TEXT, "notes.txt"),
        ("game.sb3", kinds.ZIP, "game.sb3"),
        ("app.jar", kinds.ZIP, "app.jar.zip"),
        ("photo.jpg", kinds.ZIP, "photo.zip"),
        ("a" * 96 + ".pdf", kinds.UNKNOWN, "a" * 96 + ".bin"),
    ],
)
def test_an_ending_that_lies_is_put_right(name, kind, kept):
    assert filenames.fitting(name, kind) == kept
    assert filenames.fitting(kept, kind) == kept


def random_names() -> list[str]:
    """As bad as names come: signs that mean something to a path, a header or an eye."""
    chance = random.Random(6266)
    signs = [*"abcÄ日🫘 ./\\:\"';%=*?<>|\r\n\t\0\x7f\u202e\u2066\u200d\ufeff\uff0f\u2100\uff0e"]
    signs += ["\ud800", "..", "../", ".exe", ".html", "CON", "nul", "filename*=", "UTF-8''", "%2F"]
    signs += [chr(chance.randrange(0x110000)) for _ in range(300)]
    return ["".join(chance.choices(signs, k=chance.choice((1, 3, 9, 120)))) for _ in range(4000)]


def test_no_name_leaves_its_place_or_turns_text_around():
    for sent in random_names():
        kept = filenames.clean(sent)
        assert kept == filenames.clean(kept), ascii(sent)
        assert kept == PurePosixPath(kept).name, ascii(sent)
        assert kept == PureWindowsPath(kept).name or ":" in kept, ascii(sent)
        assert not kept.startswith(".") and not kept.endswith((".", " ")), ascii(sent)
        assert kept.encode() and len(kept) <= 100 and len(kept.encode()) <= 200, ascii(sent)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", kept), ascii(sent)
        for kind in (kinds.TEXT, kinds.UNKNOWN, kinds.JPEG, kinds.ZIP):
            named = filenames.fitting(kept, kind)
            assert named == filenames.clean(named), ascii(sent)
            assert not named.lower().endswith((".html", ".exe", ".svg")), ascii(sent)


def test_no_name_breaks_a_header(tmp_path):
    """As RFC 6266 and 8187 have it: what a browser reads is the name, whatever is in it."""
    app, file = Flask("names"), tmp_path / "file"
    file.write_bytes(b"x")
    with app.test_request_context("/"):
        for sent in random_names()[:1000]:
            kept = filenames.clean(sent)
            answer = send_file(file, "text/plain", as_attachment=True, download_name=kept)
            told = answer.headers["Content-Disposition"]
            answer.close()
            assert told.isascii() and told.isprintable(), ascii(sent)
            way, options = parse_options_header(told)
            assert (way, options["filename"]) == ("attachment", kept), ascii(sent)
            plain = re.search(r'filename="?((?:[^"\\;]|\\.)*)', told)  # for clients of old
            assert plain and not re.search(r"[/\r\n]", plain[1]), ascii(sent)
