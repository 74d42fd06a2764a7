"""A class arrives: thirty join by one link, from one address, and each has a photo for all."""

import re
from functools import partial
from urllib.parse import urlsplit

from flask import Flask

from tests.corpus import picture
from tests.meeting import at_once
from tests.visitor import HTMX, JSON, PASSWORD, Visitor, words

COUNT = 30
LIAM, MIA = 9, 22  # who is removed in the middle, who loses the password
PHOTO = re.compile(r'<img src="(/files/\d+/large)".*? alt="Photo by ([^"]+)"')
PHOTOS = {f"Pupil {number}" for number in range(COUNT)}


def comes(app: Flask, code: str, number: int) -> tuple[Visitor, int]:
    """A pupil with a browser of their own, and the number of the person."""
    pupil = Visitor(app, f"Pupil {number}")
    form = {"name": pupil.name, "password": PASSWORD}
    answer = pupil.client.post(f"/join/{code}", data=form, headers=JSON)
    assert answer.status_code == 201, answer.text
    return pupil, answer.get_json()["person"]


def shows(pupil: Visitor, number: int) -> str:
    """Post a photo like no other's; returns the address of its preview."""
    photo = picture("JPEG", (40 + number, 30))
    return pupil.posts("", (f"photo {number}.jpg", photo))["files"][0]["thumb"]


def album(pupil: Visitor) -> set[str]:
    """Who sent a photo to the Lobby; the newest photos are looked at."""
    photos = PHOTO.findall(pupil.gets("/rooms/1").text)
    for address, _ in photos[-3:]:
        assert pupil.gets(address).status_code == 200
    return {name for _, name in photos}


def gets_nothing(pupil: Visitor, photo: str) -> None:
    """Neither news, nor what was there before, nor a word in."""
    answer = pupil.gets(f"/rooms/1/feed?after={pupil.cursor}", **HTMX)
    assert (answer.status_code, answer.text) == (403, "")
    assert answer.headers["HX-Redirect"] == "/removed"
    assert words(pupil.page("/rooms/1", 403).h1) == "You were removed from Class 7b"
    assert pupil.gets(photo).status_code == 404
    assert pupil.sends("still here").status_code == 403


def comes_back(miriam: Visitor, pupil: Visitor, number: int) -> Visitor:
    """With another browser and without the password: by a link that opens once."""
    phone = Visitor(pupil.app, pupil.name)
    assert phone.signs_in("no longer known").status_code == 422
    address = miriam.client.post(f"/people/{number}/key", headers=JSON).get_json()["address"]
    path = urlsplit(address).path
    opened = phone.client.post(path)
    assert (opened.status_code, opened.location) == (303, "/password")
    new = {"password": "five other plain words"}
    assert phone.client.post("/password", data=new).status_code == 303
    assert Visitor(pupil.app, pupil.name).client.post(path).status_code == 404
    return phone


def test_a_class_of_thirty(app: Flask, miriam: Visitor):
    form = {"name": "Class 7b", "lasts": "hour", "most": str(COUNT)}
    code = miriam.client.post("/links", data=form, headers=JSON).get_json()["code"]
    came = at_once(*[partial(comes, app, code, number) for number in range(COUNT)])
    pupils, ids = zip(*came, strict=True)
    assert Visitor(app).gets(f"/join/{code}").status_code == 404, "one more was not asked in"

    first = [shows(pupil, number) for number, pupil in enumerate(pupils[:15])]
    liam, others = pupils[LIAM], [one for one in pupils if one is not pupils[LIAM]]
    liam.polls()
    assert liam.gets(first[0]).status_code == 200
    removed = miriam.client.post(f"/people/{ids[LIAM]}/remove", data={"end": "day"})
    assert removed.status_code == 303
    gets_nothing(liam, first[0])
    later = [shows(pupil, number) for number, pupil in enumerate(pupils[15:], 15)]
    gets_nothing(liam, later[0])
    for one in (miriam, *others):
        assert album(one) == PHOTOS

    mia = comes_back(miriam, pupils[MIA], ids[MIA])
    assert album(mia) == PHOTOS
    assert mia.posts("back again")["author"]["name"] == "Pupil 22"
    assert others[0].sees("back again") and not others[0].sees("still here")
