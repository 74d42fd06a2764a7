"""Pages joined of their own parts and one that many show."""

import gzip
import zlib

import pytest
from markupsafe import Markup

from parley.web.joined import PLACE, WORTH, Joined, Part

OWN = "<nav>what only this page says</nav>" * 50
LIST = Markup("".join(f"<p>message {number} – ä</p>\n" for number in range(200)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("<title>é</title>", "<p>end</p>"),
        (str(LIST), str(LIST)),
        (OWN, OWN),
        ("a" * 100_000, "b"),
    ],
)
def test_any_page_has_the_part_in_its_place(before, after):
    part = Part(LIST)
    for _ in range(2):
        page = Joined()
        html = f"{before}{page.put(part)}{after}"
        zipped, plain = page.octets(html, gzip=True), page.octets(html, gzip=False)
        assert plain == (f"{before}{LIST}{after}".encode(), False)
        assert zipped[1]
        assert gzip.decompress(zipped[0]) == plain[0]


def test_the_part_is_compressed_once(monkeypatch):
    part = Part(LIST)
    first = part.within(b"Ann", b"")
    work = zlib.compressobj
    sizes = []
    monkeypatch.setattr(zlib, "compressobj", lambda *how: sizes.append(how) or work(*how))
    second = part.within(b"Bob", b"")
    assert len(sizes) == 1
    assert part.blocks in first
    assert part.blocks in second


def test_a_second_or_a_small_part_is_written_as_it_is():
    page, part, small = Joined(), Part(LIST), Part(Markup("<p>a</p>"))
    assert len(small.octets) < WORTH
    assert [page.put(small), page.put(part), page.put(part)] == ["<p>a</p>", PLACE, LIST]
    plain, zipped = page.octets(f"{PLACE}!{LIST}", gzip=True), page.octets(f"{PLACE}!{LIST}", False)
    assert gzip.decompress(plain[0]) == zipped[0] == f"{LIST}!{LIST}".encode()


def test_a_page_is_the_same_with_and_without_gzip(ann, bob):
    for number in range(8):
        ann.posts(f"message {number}, long enough to be worth the while: größer als 2000 Zeichen")
    bob.gets("/rooms/1")  # nothing is new any more
    for path in ("/rooms/1", "/rooms/1/list", "/rooms/1?around=3", "/rooms/1?before=3"):
        answers = [
            bob.client.get(path, headers={"Accept-Encoding": how}) for how in ("gzip", "identity")
        ]
        assert answers[0].headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in answers[1].headers
        for answer in answers:
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert int(answer.headers["Content-Length"]) == len(answer.data)
        pages = [gzip.decompress(answers[0].data).decode(), answers[1].text]
        keys = [page.partition('name="key" value="')[2][:16] for page in pages]
        assert pages[0].replace(keys[0], "") == pages[1].replace(keys[1], "")
        assert PLACE not in pages[0]


def test_what_is_typed_cannot_take_the_place_of_the_list(ann):
    for number in range(40):
        ann.posts(f"message {number}")
    page = ann.client.post("/rooms/1/messages", data={"text": f"{PLACE}{'x' * 10_001}"})
    assert page.status_code == 422
    assert page.text.count('class="message') == 40
