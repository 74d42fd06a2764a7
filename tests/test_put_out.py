"""Somebody loses the right to write while they write: the one happens before or after the other.

Once it was answered that they are out, nothing more of theirs is committed.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from parley import create_app
from parley.settings import Settings
from parley.store.db import Database
from parley.talk import (
    clock,
    company,
    leaving,
    logins,
    people,
    roles,
    rooms,
    sanctions,
    upkeep,
)
from parley.web import parts
from tests.installations import opened
from tests.visitor import JSON, Visitor

MIRIAM, BOB = 1, 2
Act = Callable[[Connection, people.Person, people.Person, rooms.Room], Any]

# What takes the right to write from Bob, and what he is answered then.
ACTS: dict[str, tuple[Act, int]] = {
    "removed from the room": (
        lambda c, me, bob, room: company.remove(c, me, room, bob.id, clock.FOREVER),
        404,
    ),
    "left outside": (
        lambda c, me, bob, room: upkeep.describe(c, me, room, ("News", "", "closed"), [3]),
        404,
    ),
    "room deleted": (lambda c, me, bob, room: upkeep.delete_all(c, me, room, "News"), 404),
    "room archived": (lambda c, me, bob, room: upkeep.mark(c, me, room, "archive"), 403),
    "removed": (lambda c, me, bob, room: sanctions.remove(c, me, bob, "day"), 403),
    "banned": (lambda c, me, bob, room: sanctions.ban(c, me, bob), 403),
    "muted": (lambda c, me, bob, room: sanctions.mute(c, me, bob, "day"), 403),
    "no moderator": (lambda c, me, bob, room: sanctions.give_role(c, me, bob, roles.MEMBER), 403),
    "gone": (lambda c, me, bob, room: leaving.leave(c, bob, take_away=True), 401),
    "signed out": (lambda c, me, bob, room: _sign_out(c, bob), 401),
}


def _sign_out(c: Connection, bob: people.Person) -> int:
    return logins.end_one(c, bob, logins.devices_of(c, bob.id)[0].id)


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Iterator[Flask]:
    """Class 7b on either database: Bob is a moderator, Ann a member."""
    url = database.url if database.is_sqlite else database.url.set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    app = create_app(Settings(data=tmp_path, database=address, secret="not so secret"))
    yield opened(app)
    parts(app).close()


@pytest.fixture
def bob(app: Flask) -> Visitor:
    """Signed in, and writing in a room for announcements that Miriam has made."""
    miriam = Visitor(app, "Miriam")
    miriam.signs_in()
    visitors = [miriam.brings_in(name) for name in ("Bob", "Ann")]
    with parts(app).db.writing() as c:
        me = people.get(c, MIRIAM)
        sanctions.give_role(c, me, people.get(c, BOB), roles.MODERATOR)
        rooms.make(c, me, "News", kind=rooms.ANNOUNCEMENT)
    return visitors[0]


class Taking:
    """A transaction of Miriam's that takes Bob's right away; `answered` when it is committed."""

    def __init__(self, app: Flask, act: str):
        self.db, self.act, self.answered = parts(app).db, ACTS[act][0], Event()

    def happens(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """All of it; `meanwhile` just before the commit."""
        with self.db.writing() as c:
            me, bob = people.get(c, MIRIAM), people.get(c, BOB)
            self.act(c, me, bob, rooms.get(c, me, 2))
            meanwhile()
        self.answered.set()


def says(bob: Visitor) -> int:
    """What Bob is answered who writes in the room."""
    return bob.client.post("/rooms/2/messages", data={"text": "late"}, headers=JSON).status_code


@pytest.mark.parametrize("act", ACTS)
def test_who_is_past_the_door_has_written_before_it_is_answered(app, bob, act, monkeypatch):
    taking, past, early = Taking(app, act), Event(), []
    advance = rooms.advance

    def slowly(c, *more, **named):
        if not past.is_set():  # Bob's, who has been asked by now whether he may
            past.set()
            early.append(taking.answered.wait(0.1))
        return advance(c, *more, **named)

    monkeypatch.setattr(rooms, "advance", slowly)
    with ThreadPoolExecutor() as threads:
        said = threads.submit(says, bob)
        assert past.wait(10)
        taking.happens()
        assert (said.result(10), early) == (201, [False])


@pytest.mark.parametrize("act", ACTS)
def test_who_comes_to_the_door_meanwhile_is_too_late(app, bob, act):
    taking, early = Taking(app, act), []
    with ThreadPoolExecutor() as threads:
        taking.happens(lambda: early.append(threads.submit(says, bob)) or _waits(early[0]))
        assert early[0].result(10) == ACTS[act][1]


@pytest.mark.parametrize("change", ["edit", "delete", "restore"])
def test_nor_does_anything_change_that_was_said_before(app, bob, change):
    sent = bob.client.post("/rooms/2/messages", data={"text": "early"}, headers=JSON)
    path = f"/messages/{sent.get_json()['id']}"
    if change == "restore":
        bob.client.post(f"{path}/delete")

    def changes() -> int:
        form = {"text": "changed"}
        return bob.client.post(f"{path}/{change}", data=form, headers=JSON).status_code

    taking, early = Taking(app, "removed from the room"), []
    with ThreadPoolExecutor() as threads:
        taking.happens(lambda: early.append(threads.submit(changes)) or _waits(early[0]))
        assert early[0].result(10) == 404


def _waits(answer) -> None:
    """It is not there yet, nor a moment later."""
    with pytest.raises(TimeoutError):
        answer.result(0.1)
