"""People who talk to a real server in plain HTTP, as a program does.

What they see on pages is not for here: browser/people.py has browsers.
"""

import http.client
import io
import json
import re
import sqlite3
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.security import generate_password_hash
from werkzeug.test import encode_multipart

from parley.store.db import Database
from parley.talk import direct, memberships, people, rooms, spaces
from parley.talk.clock import machine_zone
from tests.servers import Server

PASSWORD = "four plain words"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Caller:
    """A person's program: plain HTTP with a cookie."""

    def __init__(self, server: Server, token: str = ""):
        self.server, self.token = server, token

    def ask(
        self, method: str, path: str, body: bytes | str | None = None, **headers: str
    ) -> Answer:
        """One request on a connection of its own; a text is sent as a form."""
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=40)
        known = {"Cookie": f"parley={self.token}"} if self.token else {}
        if isinstance(body, str):
            known["Content-Type"] = "application/x-www-form-urlencoded"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(line):
            line.request(method, path, body, known | named)
            with line.getresponse() as answer:
                return Answer(answer.status, answer.headers, answer.read())

    def form(self, path: str, **fields: str | list[str]) -> Answer:
        """Send a form."""
        return self.ask("POST", path, urlencode(fields, doseq=True))

    def signs_in(self, path: str, **fields: str) -> "Caller":
        """Send a form that signs in, and keep the cookie."""
        status, headers, body = self.form(path, **fields)
        assert status == 303, (status, body)
        told = " ".join(headers.get_all("Set-Cookie", []))
        found = re.search(r"\bparley=([^;]+)", told)
        assert found
        self.token = found[1]
        return self

    def get(self, path: str, **headers: str) -> str:
        """The page as text."""
        status, told, body = self.ask("GET", path, **headers)
        if status == 303:
            return self.get(urlsplit(told["Location"]).path)
        assert status == 200, (path, status, body)
        return body.decode()

    def post(
        self, path: str, *files: tuple[str, bytes], **fields: str | list[str]
    ) -> dict[str, Any]:
        """Send a form as programs do; returns what the JSON says."""
        form = MultiDict(fields)
        for name, octets in files:
            form.add("files", FileStorage(io.BytesIO(octets), name))
        boundary, body = encode_multipart(form)
        kind = f"multipart/form-data; boundary={boundary}"
        answer = self.ask("POST", path, body, Content_Type=kind, Accept="application/json")
        assert answer.status in (200, 201), answer
        return json.loads(answer.body)

    def says(
        self, text: str = "", *files: tuple[str, bytes], room: int = 1, **more: str
    ) -> dict[str, Any]:
        """Post, to the Lobby if no other room is named; returns the message."""
        return self.post(f"/rooms/{room}/messages", *files, text=text, **more)

    def replies(self, message: dict[str, Any], text: str, apart: str = "") -> dict[str, Any]:
        """Answer a message; with "yes" apart from the room's flow."""
        return self.says(text, room=message["room"], reply_to=str(message["id"]), apart=apart)

    def reads(self, room: int = 1) -> list[dict[str, Any]]:
        """Every message of a room, from the first to the last."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            after = found[-1]["revision"] if found else 0
            path = f"/rooms/{room}/messages?after={after}&limit=200"
            answer = json.loads(self.get(path, Accept="application/json"))
            found += answer["messages"]
            more = answer["more"]
        return sorted(found, key=lambda message: message["id"])

    def edits(self, message: dict[str, Any], text: str) -> None:
        """Put other words in its place."""
        self.post(f"/messages/{message['id']}/edit", text=text)

    def deletes(self, message: dict[str, Any]) -> None:
        """Leave a tombstone."""
        self.post(f"/messages/{message['id']}/delete")


class Space:
    """The space on a server: its owner, and whoever comes by the link when first asked for."""

    def __init__(self, server: Server, name: str = "Class 7b", owner: str = "Miriam Okonkwo"):
        self.server = server
        # Not by /welcome: keeping a password as in real use takes longer than many a test.
        weak = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
        with closing(Database(server.database)) as database, database.writing() as c:
            spaces.found(c, name, machine_zone(), owner, weak)
        self.owner = Caller(server).signs_in("/login", name=owner, password=PASSWORD)
        self.callers = {owner: self.owner}
        shown = re.search(r"/join/\w+", self.owner.get("/people"))
        assert shown
        self.link = shown[0]

    def caller(self, name: str) -> Caller:
        """The person of that name; without a password, so without its slow hashing."""
        if name not in self.callers:
            newcomer = Caller(self.server)
            self.callers[name] = newcomer.signs_in(self.link, name=name, password="")
        return self.callers[name]

    def ids(self) -> dict[str, int]:
        """Everybody's number, by name."""
        with closing(Database(self.server.database)) as database, database.reading() as c:
            return {person.name: person.id for person in people.everyone(c)}

    def makes_room(self, name: str, kind: str = "open", *others: str) -> int:
        """A room of the owner's, with these people in it if it is not for all; returns its id."""
        for other in others:
            self.caller(other)
        with closing(Database(self.server.database)) as database, database.writing() as c:
            owner = people.get(c, 1)
            found = [person.id for person in people.everyone(c) if person.name in others]
            if kind == rooms.DIRECT:
                return direct.start(c, owner, found)
            room_id = rooms.make(c, owner, name, kind=kind)
            memberships.bring(c, room_id, found)
            return room_id

    def lets_pass(self, minutes: float) -> None:
        """As if everything said so far had been said that much earlier."""
        earlier = f"-{minutes * 60:.0f} seconds"
        moments = ("posted_at", "previous_at", "edited_at", "deleted_at")
        sets = ", ".join(f"{it} = strftime('%Y-%m-%d %H:%M:%f', {it}, :earlier)" for it in moments)
        with closing(sqlite3.connect(self.server.data / "parley.db", timeout=5)) as c, c:
            c.execute(f"UPDATE messages SET {sets}", {"earlier": earlier})
