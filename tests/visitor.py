"""A person in front of a browser without scripts or, where it says so, with htmx."""

import io
import itertools
import re
from copy import copy
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import Table, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from parley.talk import links, messages, people, rooms
from parley.web import parts

PASSWORD = "four plain words"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
JSON = {"Accept": "application/json"}
_keys = itertools.count(1)


def soup(response: TestResponse) -> BeautifulSoup:
    """The answer as a tree."""
    return BeautifulSoup(response.text, "html.parser")


def words(tag: Tag | BeautifulSoup) -> str:
    """The text of it, with single spaces."""
    if tag.find("time"):  # a part of its sentence, not a thing beside it
        tag = copy(tag)
        for time in tag.find_all("time"):
            time.unwrap()
        tag.smooth()
    return " ".join(tag.get_text(" ").split())


def beside(page: Tag | BeautifulSoup, field: str) -> str:
    """What stands beside a field, found as a screen reader finds it: by aria-describedby."""
    control = page.select_one(f"#{field}")
    assert control is not None, f"no field {field}"
    notes = str(control.get("aria-describedby", "")).split()
    return " ".join(words(page.select_one(f"#{name}")) for name in notes)


def said(page: BeautifulSoup) -> str:
    """What a screen reader is told at once."""
    return " ".join(text for one in page.select("[role=alert]") if (text := words(one)))


def typed(page: BeautifulSoup) -> str:
    """What stands in the box for messages; a parser drops the line end that begins it."""
    box = page.select_one("textarea")
    assert box is not None
    return box.get_text().removeprefix("\n")


def change(app: Flask, table: Table, row: int, **values: Any) -> None:
    """Put other values into a row, as if time had passed."""
    with parts(app).db.writing() as c:
        c.execute(update(table).where(table.c.id == row).values(**values))


def fill(app: Flask, author: int, *said: str) -> None:
    """Let somebody say all this in the Lobby, in one go."""
    with parts(app).db.writing() as c:
        person = people.get(c, author)
        room = rooms.get(c, person, rooms.LOBBY)
        for text in said:
            messages.post(c, room, person, messages.draft(text, ""))


class Visitor:
    """One person and their browser."""

    def __init__(self, app: Flask, name: str = ""):
        self.app, self.name = app, name
        self.client = app.test_client()
        self.cursor = 0  # what this person's open page has seen

    def signs_in(self, password: str = PASSWORD) -> TestResponse:
        """By name and password."""
        return self.client.post("/login", data={"name": self.name, "password": password})

    def signs_out(self) -> TestResponse:
        """For good."""
        return self.client.post("/logout", data={"anyway": "yes"})

    def brings_in(self, name: str, password: str = PASSWORD) -> "Visitor":
        """Somebody joins by this person's link."""
        other = Visitor(self.app, name)
        answer = other.client.post(self.link(), data={"name": name, "password": password})
        assert answer.status_code == 303, answer.text
        return other

    def link(self) -> str:
        """The path of the join link."""
        with parts(self.app).db.reading() as c:
            return f"/join/{links.current(c, people.get(c, 1)).code}"

    def gets(self, path: str, **headers: str) -> TestResponse:
        """Whatever is there, read to its end."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named, buffered=True)

    def page(self, path: str, status: int = 200) -> BeautifulSoup:
        """Open a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, (answer.status_code, path)
        return soup(answer)

    def room(self, query: str = "") -> list[str]:
        """The words of every message on the room's page, from above to below."""
        return [words(one) for one in self.page(f"/rooms/1{query}").select(".message .words")]

    def sees(self, text: str) -> bool:
        """Whether the room shows it to this person."""
        return any(text in one for one in self.room())

    def posts(self, text: str = "", *files: tuple[str, bytes], **more: Any) -> dict[str, Any]:
        """Say something; returns the message as JSON."""
        answer = self.sends(text, *files, headers=JSON, **more)
        assert answer.status_code == 201, answer.text
        return answer.get_json()

    def sends(
        self, text: str = "", *files: tuple[str, bytes], headers=None, **more: Any
    ) -> TestResponse:
        """The composer's form, as it comes; each has a key of its own unless one is given."""
        data: dict[str, Any] = {"text": text, "key": f"key-{next(_keys)}"} | more
        return self.submits("/rooms/1/messages", data, "files", *files, headers=headers)

    def submits(
        self, path: str, data: dict[str, Any], field: str, *files: tuple[str, bytes], headers=None
    ) -> TestResponse:
        """A form with files, all of them in one field."""
        chosen = [FileStorage(io.BytesIO(octets), name) for name, octets in files]
        # In memory: the client would leave the temporary file of a large body open.
        boundary, body = encode_multipart(data | {field: chosen})
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client.post(path, data=body, headers=headers, content_type=kind)

    def edits(self, message: dict[str, Any], text: str) -> TestResponse:
        """Put other words in its place."""
        return self.client.post(f"/messages/{message['id']}/edit", data={"text": text})

    def deletes(self, message: dict[str, Any]) -> TestResponse:
        """Take it away."""
        return self.client.post(f"/messages/{message['id']}/delete")

    def restores(self, message: dict[str, Any]) -> TestResponse:
        """Bring it back."""
        return self.client.post(f"/messages/{message['id']}/restore")

    def polls(self) -> BeautifulSoup:
        """What the open page is told next; the cursor moves on as htmx would move it."""
        answer = self.client.get(f"/rooms/1/feed?after={self.cursor}", headers=HTMX)
        assert answer.status_code in (200, 204), answer.status_code
        news = soup(answer)
        poller = news.select_one("#poll")
        if poller:
            found = re.search(r"after=(\d+)", str(poller["hx-get"]))
            assert found
            self.cursor = int(found[1])
        return news
