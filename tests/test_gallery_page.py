"""The page of a room's photos and files, the large view as a page, and the markup of photos."""

import re
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from parley.store import tables
from parley.talk import messages, people, rooms
from parley.talk.gallery import Sender
from parley.web import parts
from parley.web.gallery import counted
from tests import corpus
from tests.test_gallery import upload
from tests.test_media import picture_of
from tests.visitor import HTMX, Visitor, change, soup, words

PHOTO = ("garden.jpg", corpus.picture("JPEG"))
NOTES = ("notes.txt", b"some notes")


def said_at(app: Flask, message: dict, *moment: int) -> None:
    """As if it had been said then."""
    change(app, tables.messages, message["id"], posted_at=datetime(*moment, tzinfo=UTC))


def months(page: BeautifulSoup) -> dict[str, int]:
    """The headings, and how many photos stand below each."""
    return {
        words(one.h2): len(one.select(".gallery > .photo"))
        for one in page.select("section")
        if one.select(".gallery")
    }


def test_it_works(ann, bob):
    ann.posts("one", PHOTO)
    ann.posts("two", PHOTO, NOTES)
    page = bob.page("/rooms/1/photos")
    assert words(page.h1) == "Photos"
    assert words(page.select_one(".top p")) == "Lobby , 2 photos and one file"
    images = page.select(".gallery a.photo img")
    assert [image["alt"] for image in images] == ["Photo by Ann"] * 2
    assert all(image["width"] and image["height"] for image in images)
    assert [one["href"] for one in page.select(".photo")] == [
        "/files/2?photos=0",
        "/files/1?photos=0",
    ]
    assert not page.select(".further")


def test_the_room_leads_there_and_back(ann):
    for path in ("/rooms/1", "/rooms/1/settings"):
        assert ann.page(path).select_one("a[href='/rooms/1/photos']")
    assert ann.page("/rooms/1/photos").select_one(".back")["href"] == "/rooms/1"


@pytest.mark.parametrize("what", ["photos", "files"])
def test_an_empty_one_says_so(ann, what):
    page = ann.page(f"/rooms/1/photos?show={what}")
    assert words(page.select_one(".blank")) == f"No {what} yet Those sent to Lobby gather here."
    assert words(page.select_one(".top p")) == "Lobby"
    assert not page.select(".turns")


def test_months_are_those_of_the_reader(ann, bob, app):
    this_year = datetime.now(UTC).year
    for moment in ((2025, 4, 30, 21), (2025, 4, 30, 23), (this_year, 1, 5)):
        said_at(app, ann.posts("", PHOTO), *moment)
    berlin = {"January": 1, "May 2025": 1, "April 2025": 1}  # where the space is, it is May
    if this_year == 2025:
        berlin = {name.removesuffix(" 2025"): count for name, count in berlin.items()}
    assert months(bob.page("/rooms/1/photos")) == berlin
    bob.client.post("/people/me", data={"name": "Bob", "zone": "UTC", "language": "fi"})
    page = bob.page("/rooms/1/photos")
    assert list(months(page).values()) == [1, 2]
    heading = page.select("section h2 time")[1]
    assert (heading["lang"], heading["datetime"]) == ("fi", "2025-04")
    assert words(heading).startswith("huhtikuu")


def test_files_are_a_list_with_who_and_when(ann, bob):
    message = ann.posts("", NOTES)
    page = bob.page("/rooms/1/photos?show=files")
    line, place = page.select(".sent a")
    assert re.fullmatch(r"notes\.txt Ann , .+, 10 Bytes", words(line))
    assert line["href"] == message["files"][0]["url"]
    assert (place["href"], words(place)) == ("/messages/1", "Show notes.txt in room")
    assert words(page.select_one(".turns [aria-current]")) == "Files"


def many(app: Flask, visitor: Visitor, count: int) -> None:
    """So many photos, each with a message, as one transaction."""

    with parts(app).db.writing() as c:
        me = next(one for one in people.everyone(c) if one.name == visitor.name)
        room = rooms.get(c, me, rooms.LOBBY)
        for number in range(count):
            draft = messages.draft("", f"many-{number}", [upload(f"{number}.jpg")])
            messages.post(c, room, me, draft)


def test_older_ones_come_by_a_link_that_goes_on_with_their_month(ann, bob, app):
    many(app, ann, 130)
    page, seen = bob.page("/rooms/1/photos"), []
    for _ in range(2):
        seen += [one["href"] for one in page.select(".photo")]
        link = page.select_one(".further a")
        assert words(link) == "Older photos"
        whole = bob.page(link["href"])  # without scripts
        assert len(whole.select("section .gallery")) == 1
        part = soup(bob.gets(link["hx-get"], **HTMX))
        assert not part.select("h1, section"), "it goes on in the month that is there"
        joins = part.select_one("[hx-swap-oob]")["hx-swap-oob"]
        assert page.select_one(joins.removeprefix("beforeend:")) or len(seen) > 60
        assert [one["href"] for one in part.select(".photo")] == [
            one["href"] for one in whole.select(".photo")
        ]
        page = part
    seen += [one["href"] for one in page.select(".photo")]
    assert seen == [f"/files/{number}?photos=0" for number in range(130, 0, -1)]
    assert not page.select(".further")


def test_a_new_month_begins_with_its_heading(ann, bob, app):
    many(app, ann, 70)
    for number in range(1, 11):
        said_at(app, {"id": number}, 2024, 2, number)
    link = bob.page("/rooms/1/photos").select_one(".further a")
    part = soup(bob.gets(link["hx-get"], **HTMX))
    assert months(part) == {"February 2024": 10}
    assert not part.select("[hx-swap-oob]")


def test_one_chooses_a_person_and_keeps_them_on_the_way(ann, bob, app):
    many(app, ann, 61)
    bob.posts("", PHOTO)
    bob.posts("", NOTES)
    page = ann.page("/rooms/1/photos")
    choices = {words(one): one["href"] for one in page.select("#from a")}
    assert list(choices) == ["From everybody", "Ann 61", "Bob 1"]
    page = ann.page(choices["Ann 61"])
    assert words(page.select_one(".top p")) == "Lobby , 61 photos"
    assert len(page.select(".photo")) == 60
    assert page.select_one(".photo")["href"] == "/files/61?photos=2"
    further = ann.page(page.select_one(".further a")["href"])
    assert [one["href"] for one in further.select(".photo")] == ["/files/1?photos=2"]
    files = ann.page(page.select_one(".turns a:not([aria-current])")["href"])
    assert words(files.select_one(".blank h2")) == "No files yet"


def test_the_large_view_goes_the_way_that_one_came(ann, bob):
    first, second, third = (
        (ann, bob, ann)[at].posts("", PHOTO)["files"][0]["id"] for at in range(3)
    )

    def ways(query: str, photo: int) -> list[str]:
        page = ann.page(f"/files/{photo}{query}")
        return [
            one["href"] for one in page.select("a[data-key]:not([data-key=Home], [data-key=End])")
        ]

    def ends(query: str, photo: int) -> dict[str, str]:
        page = ann.page(f"/files/{photo}{query}")
        return {one["data-key"]: one["href"] for one in page.select("a[data-key][hidden]")}

    room, photos = "/rooms/1?around=2#message-2", "/rooms/1/photos"
    assert ways("", second) == [room, f"/files/{first}", f"/files/{third}"]
    assert ways("?photos=0", second) == [
        photos, f"/files/{third}?photos=0", f"/files/{first}?photos=0",
    ]  # fmt: skip
    assert ways("?photos=2", third) == [f"{photos}?from=2", f"/files/{first}?photos=2"]
    assert ends("", second) == {"Home": f"/files/{first}", "End": f"/files/{third}"}
    assert ends("?photos=0", third) == {"End": f"/files/{first}?photos=0"}


def test_what_there_is_is_said_in_words():
    def told(*counts: int) -> str:
        return counted([Sender(1, "Ann", False, *counts)])

    assert told(1, 2, 3) == "one photo, 2 films and 3 files"
    assert (told(0, 0, 1), told(2, 1, 0), told(0, 0, 0)) == (
        "one file",
        "2 photos and one film",
        "",
    )
    assert counted([]) == ""


def test_a_strange_address_is_a_sentence_or_nothing(ann):
    ann.posts("", PHOTO)
    for query in ("before=x", "from=x"):
        assert ann.gets(f"/rooms/1/photos?{query}").status_code == 422
    assert ann.gets("/files/1?photos=x").status_code == 422
    page = ann.page("/rooms/1/photos?from=99&show=<b>&month=<b>")
    assert words(page.select_one(".blank h2")) == "No photos yet"
    assert ann.gets("/rooms/99/photos").status_code == 404


# ---- How a photo stands in its message ----


def test_a_photo_has_its_words_and_not_its_file_name(ann, bob, app):
    photos = ann.posts("", *[PHOTO] * 3)["files"]
    change(app, tables.files, photos[1]["id"], alt='Beans & "peas"')
    images = bob.page("/rooms/1").select(".message .photo img")
    assert [image["alt"] for image in images] == [
        "Photo 1 of 3 by Ann", 'Beans & "peas"', "Photo 3 of 3 by Ann",
    ]  # fmt: skip
    assert "garden" not in str(bob.page("/rooms/1").select_one(".photos"))


@pytest.mark.parametrize(
    ("kind", "size", "previews"),
    [
        ("JPEG", (3000, 1500), 3),
        ("JPEG", (4032, 3024), 3),
        ("PNG", (1500, 4032), 3),
        ("JPEG", (2000, 1000), 2),
        ("JPEG", (200, 100), 2),
    ],
)
def test_a_browser_is_offered_the_previews_that_there_are_as_wide_as_they_are(
    ann, bob, kind, size, previews
):
    ann.posts("", ("sea", corpus.picture(kind, size)))
    image = bob.page("/rooms/1").select_one(".message .photo img")
    offered = [one.split() for one in image["srcset"].split(", ")]
    assert [path.rpartition("/")[2] for path, _ in offered] == ["thumb", "large", "huge"][:previews]
    for path, width in offered:
        assert picture_of(bob.gets(path)).width == int(width.removesuffix("w"))
    assert int(image["width"]) <= 432 and int(image["height"]) <= 320
    assert image["sizes"] == f"min({image['width']}px,75vw)"


@pytest.mark.parametrize(
    ("name", "icon"),
    [("plan.pdf", "pdf"), ("all.zip", "archive"), ("notes.txt", "text"), ("table.csv", "sheet")],
)
def test_an_attachment_has_the_picture_of_its_kind(ann, bob, name, icon):
    octets = {"pdf": b"%PDF-1.7\n", "archive": b"PK\5\6" + bytes(18)}.get(icon, b"some,notes")
    ann.posts("", (name, octets))
    assert bob.page("/rooms/1").select_one(".attachment use")["href"] == f"#i-{icon}"
