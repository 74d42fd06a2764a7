"""Who may ask for what: every address of the application, as seven kinds of people.

The table is written by hand, not read from the code that it tests. An address without its row,
or a row without its address, fails. Nothing that is asked here is kept: each transaction is
undone, so every request meets the same world.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, update
from werkzeug.test import TestResponse

from parley.store import tables
from parley.store.db import Database
from parley.talk import keys, links, logins, memberships, passwords, people, roles, rooms
from parley.web import parts
from tests.corpus import picture
from tests.installations import opened
from tests.visitor import HTMX, JSON, PASSWORD, Visitor

# login: sent to /login. A closed room holds the message and the file that are asked for; the other
# is a member who is not in it, the removed one was. Who is banned is told so.
PEOPLE = ["stranger", "member", "other", "removed", "banned", "moderator", "owner"]
TABLE = """
GET  /                                        login 303   303   303   303   303   303
GET  /health                                  200   200   200   200   200   200   200
GET  /about                                   200   200   200   200   200   200   200
GET  /welcome                                 404   404   404   404   404   404   404
POST /welcome                                 404   404   404   404   404   404   404
GET  /join/<code>                             200   303   303   303   200   303   303
POST /join/<code>                             303   303   303   303   303   303   303
GET  /login                                   200   303   303   303   200   303   303
POST /login                                   303   303   303   303   303   303   303
GET  /login/left                              204   204   204   204   204   204   204
POST /logout                                  login login login login 403   login login
POST /password                                login 303   303   303   403   303   303
GET  /rooms                                   login 200   200   200   403   200   200
GET  /rooms/<room_id>                         login 200   404   404   403   200   200
GET  /rooms/<room_id>/list                    login 200   404   404   403   200   200
GET  /rooms/<room_id>/feed                    login 200   404   404   403   200   200
GET  /rooms/<room_id>/messages                303   303   303   303   303   303   303
POST /rooms/<room_id>/messages                login 303   404   404   403   303   303
GET  /rooms/<room_id>/tray                    303   303   303   303   303   303   303
POST /rooms/<room_id>/tray                    login 303   404   404   403   303   303
POST /rooms/<room_id>/tray/<file_id>          login 303   404   404   403   303   303
POST /rooms/<room_id>/tray/<file_id>/remove   login 303   404   404   403   303   303
POST /rooms/<room_id>/tray/remove             login 303   404   404   403   303   303
POST /rooms/<room_id>/draft                   login 303   404   404   403   303   303
GET  /rooms/<room_id>/last/edit               login 200   404   404   403   303   303
GET  /shortcuts                               login 200   200   200   403   200   200
POST /people/me/shortcuts                     login 303   303   303   403   303   303
GET  /rooms/new                               login 200   200   200   403   200   200
POST /rooms                                   login 303   303   303   403   303   303
GET  /rooms/others                            login 200   200   200   403   200   200
GET  /rooms/<room_id>/settings                login 200   404   404   403   200   200
POST /rooms/<room_id>/settings                login 403   404   404   403   303   303
GET  /rooms/<room_id>/people                  login 200   404   404   403   200   200
POST /rooms/<room_id>/people                  login 403   404   404   403   303   303
POST /rooms/<room_id>/people/<person_id>/remove login 403   404   404   403   303   303
GET  /rooms/<room_id>/removed                 login 303   404   200   403   303   303
POST /rooms/<room_id>/join                    login 303   404   404   403   303   303
POST /rooms/<room_id>/leave                   login 303   404   404   403   303   303
POST /rooms/<room_id>/archive                 login 403   404   404   403   303   303
POST /rooms/<room_id>/unarchive               login 403   404   404   403   303   303
POST /rooms/<room_id>/lock                    login 403   404   404   403   303   303
POST /rooms/<room_id>/unlock                  login 403   404   404   403   303   303
GET  /rooms/<room_id>/delete                  login 403   404   404   403   403   200
POST /rooms/<room_id>/delete                  login 403   404   404   403   403   303
GET  /direct/new                              login 200   200   200   403   200   200
POST /direct                                  login 303   303   303   403   303   303
GET  /messages/<message_id>                   login 303   404   404   403   303   303
GET  /messages/<message_id>/thread            login 200   404   404   403   200   200
GET  /messages/<message_id>/edit              login 200   404   404   403   404   404
POST /messages/<message_id>/edit              login 303   404   404   403   403   403
POST /messages/<message_id>/delete            login 303   404   404   403   303   303
POST /messages/<message_id>/restore           login 303   404   404   403   403   403
POST /messages/<message_id>/reactions         login 303   404   404   403   303   303
POST /messages/<message_id>/pin               login 403   404   404   403   303   303
POST /messages/<message_id>/unpin             login 403   404   404   403   303   303
GET  /messages/<message_id>/versions          login 200   404   404   403   200   200
GET  /rooms/<room_id>/pins                    login 200   404   404   403   200   200
GET  /rooms/<room_id>/photos                  login 200   404   404   403   200   200
GET  /files/<file_id>                         login 200   404   404   404   200   200
GET  /files/<file_id>/<name>                  login 200   404   404   404   200   200
GET  /files/<file_id>/thumb                   login 200   404   404   404   200   200
GET  /files/<file_id>/large                   login 200   404   404   404   200   200
GET  /files/<file_id>/huge                    login 200   404   404   404   200   200
GET  /people                                  login 200   200   200   403   200   200
GET  /people/<person_id>                      login 200   200   200   403   200   200
GET  /people/<person_id>/picture              login 404   404   404   404   404   404
GET  /people/me                               login 200   200   200   403   200   200
POST /people/me                               login 303   303   303   403   303   303
GET  /people/me/leave                         login 200   200   200   403   200   200
POST /people/me/leave                         login 303   303   303   403   303   403
POST /people/<person_id>/mute                 login 403   403   403   403   303   303
POST /people/<person_id>/unmute               login 403   403   403   403   303   303
POST /people/<person_id>/remove               login 403   403   403   403   303   303
POST /people/<person_id>/ban                  login 403   403   403   403   303   303
POST /people/<person_id>/readmit              login 403   403   403   403   303   303
POST /people/<person_id>/role                 login 403   403   403   403   403   303
POST /people/<person_id>/block                login 403   303   303   403   303   303
POST /people/<person_id>/unblock              login 303   303   303   403   303   303
GET  /messages/<message_id>/report            login 200   404   404   403   200   200
POST /messages/<message_id>/report            login 303   404   404   403   303   303
GET  /reports                                 login 403   403   403   403   200   200
POST /reports/<report_id>/close               login 403   403   403   403   303   303
GET  /search                                  login 200   200   200   403   200   200
GET  /log                                     login 403   403   403   403   403   200
GET  /removed                                 404   404   404   404   403   404   404
GET  /password                           login 200   200   200   403   200   200
POST /logins/<login_id>/end              login login 404   404   403   404   404
POST /people/<person_id>/key              login 200   403   403   403   200   200
POST /people/me/key                       login 200   200   200   403   200   200
GET  /enter/<token>                      200   200   200   200   200   200   200
POST /enter/<token>                      303   303   303   303   303   303   303
GET  /links                              login 403   403   403   403   200   200
GET  /links/<link_id>                    login 403   403   403   403   200   200
POST /links/<link_id>/revoke             login 403   403   403   403   303   303
POST /links                              login 403   403   403   403   303   303
GET  /side                               login 200   200   200   403   200   200
POST /rooms/read                         login 303   303   303   403   303   303
POST /rooms/<room_id>/read               login 303   404   404   403   303   303
POST /rooms/<room_id>/notify             login 303   404   404   403   303   303
POST /messages/<message_id>/unread       login 303   404   404   403   303   303
GET  /space                                   login 403   403   403   403   403   200
POST /space                                   login 403   403   403   403   403   303
GET  /space/picture                           404   404   404   404   404   404   404
GET  /for-you                                 login 200   200   200   403   200   200
GET  /rooms/<room_id>/people/names            login 303   404   404   403   303   303
GET  /me.css                                  login 200   200   200   403   200   200
POST /message                                 401   200   200   200   403   200   200
GET  /messages                                401   200   200   200   403   200   200
POST /messages                                401   200   200   200   403   200   200
POST /photo                                   401   200   200   200   403   200   200
GET  /lasthere                                401   200   200   200   403   200   200
"""
# What differs where a program asks: browsers are led to the room, whoever they are.
PROGRAMS = """
GET  /rooms/<room_id>/messages                401   200   404   404   403   200   200
GET  /rooms/<room_id>/tray                    401   200   404   404   403   200   200
"""
FORMS: dict[str, dict[str, Any]] = {
    "/rooms": {"name": "Shed", "kind": "open"},
    "/rooms/<room_id>/settings": {"name": "Garden", "kind": "closed"},
    "/rooms/<room_id>/people": {"people": "4"},
    "/rooms/<room_id>/delete": {"name": "Garden"},
    "/direct": {"people": "2"},
    "/join/<code>": {"name": "Somebody new"},
    "/login": {"name": "Miriam", "password": "four plain words"},
    "/logout": {"anyway": "yes"},
    "/password": {"old": "four plain words", "password": "five plain words now"},
    "/rooms/<room_id>/messages": {"text": "hello", "key": "matrix"},
    "/rooms/<room_id>/draft": {"text": "half a sent"},
    "/messages/<message_id>/edit": {"text": "other words"},
    "/messages/<message_id>/reactions": {"emoji": "👍"},
    "/people/me": {"name": "Another name"},
    "/people/me/leave": {"messages": "stay"},
    "/people/<person_id>/mute": {"end": "day"},
    "/people/<person_id>/remove": {"end": "day"},
    "/people/<person_id>/role": {"role": "moderator"},
    "/messages/<message_id>/report": {"reason": "loud"},
    "/rooms/<room_id>/notify": {"level": "mute"},
    "/links": {"name": "For the parents"},
    "/space": {"name": "Another name"},
    "/message": {"message": "hello"},
}
FILES = {rule: [("a.txt", b"hello")] for rule in ("/photo", "/rooms/<room_id>/tray")}


def rows(table: str) -> dict[tuple[str, ...], list[str]]:
    """What is expected, by method and address."""
    return {tuple(line.split()[:2]): line.split()[2:] for line in table.strip().splitlines()}


ROWS = rows(TABLE)


class Undo(Exception):
    """What was written is not kept."""


class World:
    """One application, seven people, and the things that each of them asks for."""

    def __init__(self, app: Flask):
        self.app, self.db = app, parts(app).db
        self.ids = {"owner": 1}
        with self.db.writing() as c:
            for name in PEOPLE[:-1]:
                role = name if name in roles.RANK else roles.MEMBER
                kept = passwords.hashed(PASSWORD)
                self.ids[name] = people.join(c, f"The {name}", kept, role).id
            code = links.current(c, people.get(c, 1)).code
        self.cookies = {name: self._signed_in(name) for name in PEOPLE if name != "stranger"}
        room_id, message = self._garden()
        self._takes_away(room_id)
        self.named = {
            "room_id": room_id,
            "message_id": message["id"],
            "file_id": message["files"][0]["id"],
            "name": message["files"][0]["name"],
            "person_id": self.ids["member"],
            "code": code,
            "link_id": 1,
            "login_id": self._login(),
            "token": self._key(),
            "report_id": self._reported(message["id"]),
        }
        self.sessions = {
            path: path.read_bytes() for path in (parts(app).settings.data / "sessions").iterdir()
        }

    def _signed_in(self, name: str) -> str:
        visitor = Visitor(self.app, "Miriam" if name == "owner" else f"The {name}")
        assert visitor.signs_in().status_code == 303
        cookie = visitor.client.get_cookie("parley")
        assert cookie
        return cookie.value

    def _garden(self) -> tuple[int, dict[str, Any]]:
        """A closed room, and what the member has said in it."""
        inside = [self.ids[name] for name in ("member", "removed", "owner")]
        with self.db.writing() as c:
            maker = people.get(c, self.ids["moderator"])
            room_id = rooms.make(c, maker, "Garden", kind=rooms.CLOSED)
            memberships.bring(c, room_id, inside)
        member = Visitor(self.app)
        member.client.set_cookie("parley", self.cookies["member"])
        form = {"text": "a rose", "key": "a key"}
        photo = ("rose.jpg", picture("JPEG"))
        path = f"/rooms/{room_id}/messages"
        return room_id, member.submits(path, form, "files", photo, headers=JSON).get_json()

    def _login(self) -> int:
        """Of the member."""
        with self.db.reading() as c:
            [device] = logins.devices_of(c, self.ids["member"])
            return device.id

    def _key(self) -> str:
        """That lets the member in."""
        with self.db.writing() as c:
            owner, member = (people.get(c, self.ids[name]) for name in ("owner", "member"))
            return keys.make(c, owner, member)

    def _reported(self, message_id: int) -> int:
        with self.db.writing() as c:
            row = {"message_id": message_id, "by_id": self.ids["moderator"]}
            report = insert(tables.reports).values(row | {"made_at": datetime.now(UTC)})
            return c.scalar(report.returning(tables.reports.c.id))

    def _takes_away(self, room_id: int) -> None:
        """One is removed from the room, one banned from the space."""
        now, forever = datetime.now(UTC), datetime.now(UTC) + timedelta(days=10_000)
        of, login = tables.memberships.c, tables.logins.c
        theirs = of.person_id == self.ids["removed"], of.room_id == room_id
        banned = self.ids["banned"]
        gone = {"out_until": forever, "out_at": now, "out_by": 1}
        with self.db.writing() as c:
            c.execute(update(tables.memberships).where(*theirs).values(gone))
            person = update(tables.people).where(tables.people.c.id == banned)
            c.execute(person.values(gone | {"banned_at": now}))
            ended = update(tables.logins).where(login.person_id == banned)
            c.execute(ended.values(expires_at=now - timedelta(days=1)))

    def asks(
        self, who: str, method: str, rule: str, headers: Any = None, **instead: Any
    ) -> TestResponse:
        """The answer to them; the world is as it was afterwards."""
        path = rule
        for name, value in (self.named | instead).items():
            path = path.replace(f"<{name}>", str(value))
        visitor = Visitor(self.app)
        if who in self.cookies:
            visitor.client.set_cookie("parley", self.cookies[who])
        try:
            if method == "GET":
                return visitor.gets(path, **headers or {})
            return visitor.submits(
                path, FORMS.get(rule, {}), "file", *FILES.get(rule, ()), headers=headers
            )
        finally:
            for path, octets in self.sessions.items():
                path.write_bytes(octets)


@pytest.fixture(scope="module")
def world(tmp_path_factory, prepared) -> Iterator[World]:
    """Made once, since nothing that is asked changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "method", "pbkdf2:sha256:1")
        with prepared.installed(tmp_path_factory.mktemp("matrix") / "instance") as app:
            found = World(opened(app))
            patch.setattr(Database, "writing", undone(Database.writing))
            yield found


def undone(writing):
    """The door for writers, behind which nothing is kept."""

    @contextmanager
    def door(self, patience: float = 0):
        with suppress(Undo), writing(self, patience) as c:
            yield c
            raise Undo

    return door


def told(answer: TestResponse) -> str:
    if answer.status_code == 303 and answer.location.startswith("/login"):
        return "login"
    return str(answer.status_code)


def test_every_address_has_a_row_and_every_row_an_address(world):
    known = {
        (method, str(rule).replace("<int:", "<"))
        for rule in world.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert set(ROWS) == known


def test_everybody_is_answered_as_the_table_says(world):
    wrong = []
    for (method, rule), expected in ROWS.items():
        for who, wanted in zip(PEOPLE, expected, strict=True):
            found = told(world.asks(who, method, rule))
            if found != wanted:
                wrong.append(f"{method} {rule} by the {who}: {found}, not {wanted}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("headers", [JSON, HTMX], ids=["a program", "htmx"])
def test_programs_and_open_pages_are_told_the_same(world, headers):
    wrong, table = [], ROWS | (rows(PROGRAMS) if headers is JSON else {})
    for (method, rule), expected in table.items():
        for who, wanted in zip(PEOPLE, expected, strict=True):
            found = world.asks(who, method, rule, headers).status_code
            if wanted == "login" and who == "stranger" and rule != "/":
                wanted = "401"
            same = found < 400 if wanted in ("login", "200", "303") else str(found) == wanted
            if not same:
                wrong.append(f"{method} {rule} by the {who}: {found}, not {wanted}")
    assert not wrong, "\n".join(wrong)


def test_what_one_may_not_see_looks_like_what_is_not_there(world):
    missing = {"room_id": 4711, "message_id": 4711, "file_id": 4711}
    for (method, rule), expected in ROWS.items():
        for who, wanted in zip(PEOPLE, expected, strict=True):
            if wanted == "404" and any(f"<{name}>" in rule for name in missing):
                here = world.asks(who, method, rule)
                nowhere = world.asks(who, method, rule, **missing)
                assert here.data == nowhere.data, f"{method} {rule} by the {who}"
                assert dict(here.headers) == dict(nowhere.headers)
