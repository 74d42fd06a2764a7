"""New installations for tests: each is a copy of one that was made once, which is quicker."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, request
from jinja2 import FileSystemBytecodeCache

from parley import create_app
from parley.settings import Settings
from parley.talk import passwords, spaces
from parley.web import parts
from tests.databases import sqlite_in
from tests.visitor import PASSWORD, Visitor

Cookies = dict[str, dict[str, str]]  # of each person, by name


class Prepared:
    """What each test would otherwise do again: tables, templates, a space, people signed in."""

    def __init__(self, folder: Path):
        self.folder, self.empty = folder, folder / "empty"
        self.spaces: dict[tuple[str, ...], tuple[Path, Cookies]] = {}
        self.empty.mkdir(mode=0o700)
        with sqlite_in(self.empty):
            pass

    def space(self, *names: str) -> tuple[Path, Cookies]:
        """Class 7b, with these people signed in, who joined in this order; Miriam owns it.

        Returns its folder and the cookies of each.
        """
        key = passwords.method, *names
        if key not in self.spaces:
            data = self.folder / f"space-{len(self.spaces)}"
            with self.installed(data) as app:
                self.spaces[key] = data, _people(opened(app), *names)
        return self.spaces[key]

    @contextmanager
    def installed(self, data: Path, like: Path | None = None) -> Iterator[Flask]:
        """A new installation in that folder. A GET that writes the session fails the test."""
        shutil.copytree(like or self.empty, data)
        app = create_app(Settings(data=data, secret="not so secret"))
        app.testing = True
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(self.folder))
        app.config["PROPAGATE_EXCEPTIONS"] = False  # as in real use: an error is a page
        written = watched(app)
        yield app
        parts(app).close()
        assert not written, f"the session was written by {written}"


def opened(app: Flask) -> Flask:
    """With a space called Class 7b, owned by Miriam."""
    with parts(app).db.writing() as c:
        spaces.found(c, "Class 7b", "Europe/Berlin", "Miriam", passwords.hashed(PASSWORD))
    return app


def _people(app: Flask, *names: str) -> Cookies:
    if not names:
        return {}
    miriam = Visitor(app, "Miriam")
    miriam.signs_in()
    everyone = [miriam, *(miriam.brings_in(name) for name in names if name != "Miriam")]
    return {
        one.name: {name: one.client.get_cookie(name).value for name in ("parley", "browser")}
        for one in everyone
    }


def watched(app: Flask) -> list[str]:
    """The addresses at which a GET wrote the session: a list that fills while the test runs."""
    app.extensions["written by GET"] = written = []
    write = app.session_interface._upsert_session

    def note(*arguments):
        if request.method == "GET":
            written.append(request.full_path)
        return write(*arguments)

    app.session_interface._upsert_session = note
    return written
