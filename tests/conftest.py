"""People with names, the application they meet in, and the two databases."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, request
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from werkzeug.routing import Rule

from parley import create_app
from parley.settings import Settings
from parley.store.db import Database
from parley.talk import passwords, spaces
from parley.web import parts
from tests.databases import POSTGRES, postgres_at, postgres_schema, sqlite_in
from tests.meeting import Meeting
from tests.visitor import PASSWORD, Visitor

IN_CI = os.environ.get("CI") == "true"

# Six hundred applications are made and thrown away: less often looking for what is garbage, and
# compiling each address once, saves a tenth of the time.
gc.set_threshold(100_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def addresses_compiled_once() -> Iterator[None]:
    """What Werkzeug makes of an address depends on nothing but the address."""
    compiles, known = Rule._compile_builder, {}

    def compiled(rule: Rule, append_unknown: bool = True):
        key = rule.rule, append_unknown, str(rule.defaults), tuple(rule._trace)
        if key not in known:
            known[key] = compiles(rule, append_unknown)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compiled)
        yield


@pytest.fixture(autouse=True)
def weak_passwords(request, monkeypatch):
    """Hashing is slow on purpose; one test proves the real method."""
    if "real_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "method", "pbkdf2:sha256:1")


@pytest.fixture
def real_passwords():
    """Ask for it to hash as in real use."""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """What each test would otherwise do again: an empty database, and compiled templates."""
    folder = tmp_path_factory.mktemp("prepared")
    with sqlite_in(folder):
        return folder


@contextmanager
def installed(data: Path, prepared: Path) -> Iterator[Flask]:
    """A new installation in that folder. A GET that writes the session fails the test."""
    data.mkdir(mode=0o700)
    shutil.copy(prepared / "parley.db", data)
    app = create_app(Settings(data=data, secret="not so secret"))
    app.testing = True
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(prepared))
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


@pytest.fixture
def new_app(tmp_path: Path, prepared: Path) -> Iterator[Flask]:
    """A new installation: no space yet."""
    with installed(tmp_path / "instance", prepared) as app:
        yield app


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


@pytest.fixture
def app(new_app: Flask) -> Flask:
    """Class 7b."""
    return opened(new_app)


@pytest.fixture
def queries(app: Flask):
    """`with queries() as asked`: the statements of the block, but for BEGIN."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        asked: list[str] = []

        def note(connection, cursor, statement, *rest) -> None:
            if not statement.startswith("BEGIN"):
                asked.append(statement)

        engine = parts(app).db.engine
        event.listen(engine, "before_cursor_execute", note)
        yield asked
        event.remove(engine, "before_cursor_execute", note)

    return count


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
    """An empty database of each kind, brought up to date. Its tables stay as they are."""
    if request.param == "sqlite":
        with sqlite_in(tmp_path) as found:
            yield found
    else:
        with postgres_at(request.getfixturevalue("postgres")) as found:
            yield found


@pytest.fixture(params=_databases())
def own_database(request, tmp_path: Path) -> Iterator[Database]:
    """The same, for tests that also change its tables."""
    if request.param == "sqlite":
        with sqlite_in(tmp_path) as found:
            yield found
    else:
        with postgres_schema() as url, postgres_at(url) as found:
            yield found


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """For what only SQLite has."""
    with sqlite_in(tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Where this process tests PostgreSQL."""
    with postgres_schema() as url:
        yield url


@pytest.fixture
def meeting(database: Database) -> Meeting:
    """Miriam, Ann and Bob in the Lobby, with no web around them."""
    return Meeting(database)


def pytest_terminal_summary(terminalreporter):
    """What was skipped is said in one line."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        reasons = sorted({str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped})
        terminalreporter.write_line(f"{len(skipped)} skipped: {'; '.join(reasons)}")
