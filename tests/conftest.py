"""People with names, the application they meet in, and the two databases."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from parley import create_app
from parley.settings import Settings
from parley.store import migrate
from parley.store.db import Database
from parley.talk import passwords, spaces
from parley.web import parts
from tests.visitor import PASSWORD, Visitor

POSTGRES = os.environ.get("PARLEY_TEST_POSTGRES", "")
IN_CI = os.environ.get("CI") == "true"


@pytest.fixture(autouse=True)
def weak_passwords(request, monkeypatch):
    """Hashing is slow on purpose; one test proves the real method."""
    if "real_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "method", "pbkdf2:sha256:1")


@pytest.fixture
def real_passwords():
    """Ask for it to hash as in real use."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of its own."""
    return Settings(data=tmp_path / "instance", secret="not so secret")


@pytest.fixture
def new_app(settings: Settings) -> Iterator[Flask]:
    """A new installation: no space yet. SESSION writes by a GET fail the test."""
    app = create_app(settings)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as in real use: an error is a page
    yield app
    parts(app).close()


@pytest.fixture
def app(new_app: Flask) -> Flask:
    """A space called Class 7b, owned by Miriam."""
    with new_app.test_request_context(), parts(new_app).db.writing() as c:
        spaces.found(c, "Class 7b", "Europe/Berlin", "Miriam", passwords.hashed(PASSWORD))
    return new_app


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Somebody without a login."""
    return Visitor(app)


@pytest.fixture
def miriam(app: Flask) -> Visitor:
    """The owner, signed in."""
    visitor = Visitor(app, "Miriam")
    visitor.signs_in()
    return visitor


@pytest.fixture
def ann(app: Flask, miriam: Visitor) -> Visitor:
    """A member."""
    return miriam.brings_in("Ann")


@pytest.fixture
def bob(app: Flask, miriam: Visitor) -> Visitor:
    """Another member."""
    return miriam.brings_in("Bob")


def _databases() -> list:
    missing = pytest.mark.skipif(not POSTGRES and not IN_CI, reason="PARLEY_TEST_POSTGRES not set")
    return ["sqlite", pytest.param("postgresql", marks=missing)]


@pytest.fixture(params=_databases())
def database(request, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind, brought up to date."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path / 'parley.db'}")
        migrate.upgrade(found)
        yield found
        found.close()
    else:
        yield from _postgres()


def _postgres() -> Iterator[Database]:
    from sqlalchemy import text

    assert POSTGRES, "CI needs PARLEY_TEST_POSTGRES"
    schema = f"test_{secrets.token_hex(6)}"
    admin = Database(POSTGRES)
    with admin.writing() as c:
        c.execute(text(f"CREATE SCHEMA {schema}"))
    found = Database(f"{POSTGRES}?options=-csearch_path%3D{schema}")
    migrate.upgrade(found)
    yield found
    found.close()
    with admin.writing() as c:
        c.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.close()


def pytest_terminal_summary(terminalreporter):
    """What was skipped is said in one line."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        reasons = sorted({str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped})
        terminalreporter.write_line(f"{len(skipped)} skipped: {'; '.join(reasons)}")
