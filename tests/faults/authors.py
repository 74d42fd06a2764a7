"""Who writes: posts, edits, deletes and brings back, each act sent again until it is acknowledged.

A post carries a key, so it may be sent again though its first answer was lost; edits and
deletions say what is to be, so saying them twice is the same as once.
"""

import http.client
import io
import json
import random
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.callers import Answer, Caller
from tests.corpus import picture
from tests.faults.history import GONE, Change

BROKEN = (OSError, http.client.HTTPException)
AGAIN = 0.05  # seconds until what failed is sent again
MENTIONS = "", "", "", " to @Person 1", " to @Person 2"
FORM = "application/x-www-form-urlencoded"


class Over(Exception):
    """There is no room any more to write in."""


@dataclass(slots=True)
class Story:
    """What authors have done so far, and what went otherwise than it should."""

    changes: list[Change] = field(default_factory=list)
    said: list["Own"] = field(default_factory=list)  # what others may answer
    in_flight: set[str] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)
    retries: int = 0
    goes_on: bool = True
    may_end: bool = False  # whether the room is about to be deleted


@dataclass(slots=True)
class Own:
    """A message of one's own, as it is now."""

    name: str
    id: int
    words: str
    photos: int
    edits: int = 0
    is_gone: bool = False


class Author:
    """One person who writes; every post of a photographer has photos."""

    def __init__(self, caller: Caller, name: str, story: Story, room: int, photos: bool = False):
        self.caller, self.name, self.story, self.photos = caller, name, story, photos
        self.room, self.path = room, f"/rooms/{room}/messages"
        self.pause = 0.02  # seconds between two posts, at most
        self.cuts = 0.0  # how many of the posts are cut off at a random byte
        self.own: list[Own] = []

    def write(self) -> None:
        """Until the story ends, or the room is gone."""
        with suppress(Over):
            self._write()

    def _write(self) -> None:
        count = 0
        while self.story.goes_on:
            name = f"{self.name} says {count}{random.choice(MENTIONS)}"
            self.post(name)
            if random.random() < 0.4:
                self.change(random.choice(self.own[-30:]))
            if random.random() < 0.05:
                self.misuse_a_key(f"{self.name} is refused {count}", name)
            count += 1
            time.sleep(random.uniform(0, self.pause) + 0.2 * self.photos)

    def post(self, name: str) -> None:
        """Something new."""
        photos = random.randint(1, 2) if self.photos else 0
        answers = self.story.said and random.random() < 0.3
        answered = random.choice(self.story.said[-30:]) if answers else None
        if answered is None or not self._say(name, photos, answered):
            self._say(name, photos)

    def _say(self, name: str, photos: int, answered: "Own | None" = None) -> bool:
        """Say it, in answer to something or not; whether what it answers was still there."""
        reply: dict[str, str] = {}
        if answered:
            reply = {"reply_to": str(answered.id), "apart": random.choice(["yes", ""])}
        kind, body = _form({"text": name, "key": name} | reply, photos)

        def send() -> Answer | None:
            if random.random() < self.cuts:
                return self._cut(kind, body)
            return self._ask(self.path, body, kind, (200, 201, 422) if reply else (200, 201))

        began = time.monotonic()
        answer = self._until_acknowledged(name, send)
        if answer.status == 422:
            return False
        number, ended = json.loads(answer.body)["id"], time.monotonic()
        more: dict[str, Any] = {"id": number, "photos": photos}
        if answered:
            more |= {"reply_to": answered.name, "apart": bool(reply["apart"])}
        self.story.changes.append(Change(self.room, name, name, began, ended, **more))
        self.own.append(Own(name, number, name, photos))
        self.story.said.append(self.own[-1])
        return True

    def change(self, own: Own) -> None:
        """Edit it, delete it, or bring it back; photos stay."""
        if own.is_gone:
            act, words, body = "restore", own.words, ""
        elif random.random() < 0.5 or own.photos:
            act, words = "edit", f"{own.name}, edit {own.edits + 1}"
            body = urlencode({"text": words})
            own.edits += 1
        else:
            act, words, body = "delete", GONE, ""
        began = time.monotonic()
        path = f"/messages/{own.id}/{act}"
        fine = (200, 403) if own.is_gone else (200,)
        answer = self._until_acknowledged(path, lambda: self._ask(path, body.encode(), FORM, fine))
        if answer.status == 403:  # the ten minutes have passed, says the clock
            return
        ended = time.monotonic()
        done = Change(self.room, own.name, words, began, ended, id=own.id, photos=own.photos)
        self.story.changes.append(done)
        own.is_gone = act == "delete"
        own.words = own.words if own.is_gone else words

    def misuse_a_key(self, words: str, key: str) -> None:
        """Post other words with a key that was used: they are refused."""
        began = time.monotonic()
        body = urlencode({"text": words, "key": key}).encode()
        self._until_acknowledged(words, lambda: self._ask(self.path, body, FORM, (409,)))
        ended = time.monotonic()
        self.story.changes.append(Change(self.room, words, words, began, ended, refused=True))

    def _until_acknowledged(self, act: str, send: Callable[[], Answer | None]) -> Answer:
        self.story.in_flight.add(act)
        while not (answer := send()):
            self.story.retries += 1
            time.sleep(AGAIN)
        self.story.in_flight.discard(act)
        return answer

    def _ask(
        self, path: str, body: bytes, kind: str, fine: Sequence[int] = (200, 201)
    ) -> Answer | None:
        """The answer; None when there was none, or it says to come back."""
        try:
            answer = self.caller.ask(
                "POST", path, body, Content_Type=kind, Accept="application/json"
            )
        except BROKEN:
            return None
        if answer.status == 503 and answer.headers["Retry-After"]:
            return None
        if answer.status == 404 and self.story.may_end:
            raise Over
        if answer.status not in fine:
            self.story.strange.append(f"answer {answer.status} to {path}: {answer.body[:200]!r}")
            raise SystemExit  # of this thread
        return answer

    def _cut(self, kind: str, body: bytes) -> None:
        """Send a post and leave at a random byte, of the request or of its answer."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
            f"Cookie: parley={self.caller.token}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        octets = head.encode() + body
        try:
            with socket.create_connection(("127.0.0.1", self.caller.server.port), 5) as line:
                if random.random() < 0.5:
                    line.sendall(octets[: random.randrange(len(octets))])
                else:
                    line.sendall(octets)
                    line.recv(random.randrange(1, 200))
        except OSError:
            pass


def _form(fields: dict[str, str], photos: int) -> tuple[str, bytes]:
    """A post as it is sent, with its key: the content type and the body."""
    if not photos:
        return FORM, urlencode(fields).encode()
    form = MultiDict(fields)
    for number in range(photos):
        photo = picture("JPEG", random.choice([(64, 48), (48, 64), (200, 100), (90, 90)]))
        form.add("files", FileStorage(io.BytesIO(photo), f"{number}.jpg"))
    boundary, body = encode_multipart(form)
    return f"multipart/form-data; boundary={boundary}", body
