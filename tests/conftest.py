"""People with names, the application they meet in, and the two databases."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, update
from werkzeug.routing import Rule

from parley.store import db, tables
from parley.store.db import Database
from parley.talk import passwords
from parley.web import parts
from tests.databases import POSTGRES, emptied, postgres_at, postgres_schema, questions, sqlite_in
from tests.developing import Program
from tests.installations import Prepared
from tests.meeting import Meeting
from tests.visitor import Visitor

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


@pytest.fixture(autouse=True, scope="session")
def statements_compiled_once() -> Iterator[None]:
    """What SQLAlchemy makes of a statement depends on nothing but the kind of database."""
    first = create_engine("sqlite://")
    first.connect().close()  # only then the dialect knows SQLite's version
    first.dispose()

    def made(url, **options):
        engine = create_engine(url, **options)
        if url.get_backend_name() == "sqlite":
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_engine", made)
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
def prepared(tmp_path_factory) -> Prepared:
    """Where installations are copied from."""
    return Prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def new_app(tmp_path: Path, prepared: Prepared) -> Iterator[Flask]:
    """A new installation: no space yet."""
    with prepared.installed(tmp_path / "instance") as app:
        yield app


@pytest.fixture
def app(request, tmp_path: Path, prepared: Prepared) -> Iterator[Flask]:
    """Class 7b. Whoever the test names is signed in before anything else happens there."""
    named = [name.title() for name in request.fixturenames if name in ("ann", "bob")]
    owner = ["Miriam"] if "miriam" in request.fixturenames else []
    folder, cookies = prepared.space(*owner, *named)
    with prepared.installed(tmp_path / "instance", folder) as app:
        app.extensions["cookies"] = cookies
        with parts(app).db.writing() as c:  # the copy may be minutes old
            now = datetime.now(UTC)
            c.execute(update(tables.people).values(joined_at=now, seen_at=now))
        yield app


@pytest.fixture
def queries(app: Flask):
    """`with queries() as asked`: what the application asks its database meanwhile."""
    return partial(questions, parts(app).db)


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Somebody without a login."""
    return Visitor(app)


@pytest.fixture
def miriam(app: Flask) -> Visitor:
    """The owner, signed in."""
    return _signed_in(app, "Miriam")


@pytest.fixture
def ann(app: Flask, miriam: Visitor) -> Visitor:
    """A member."""
    return _signed_in(app, "Ann")


@pytest.fixture
def bob(app: Flask, miriam: Visitor) -> Visitor:
    """Another member."""
    return _signed_in(app, "Bob")


def _signed_in(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app, name)
    for cookie, value in app.extensions["cookies"][name].items():
        visitor.client.set_cookie(cookie, value)
    return visitor


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
        yield emptied(request.getfixturevalue("postgres_database"))


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


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[Database]:
    """The one there, for many tests, one after the other."""
    with postgres_at(postgres) as found:
        yield found


@pytest.fixture
def meeting(database: Database) -> Meeting:
    """Miriam, Ann and Bob in the Lobby, with no web around them."""
    return Meeting(database)


def pytest_collection_modifyitems(items):
    """Files that start processes come first: one begun last would keep all others waiting."""
    starts = {"running", "Server", "subprocess"}
    items.sort(
        key=lambda item: item.path.parent.name == "tests" and starts.isdisjoint(vars(item.module))
    )


def pytest_terminal_summary(terminalreporter):
    """What was skipped is said in one line."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        reasons = sorted({str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped})
        terminalreporter.write_line(f"{len(skipped)} skipped: {'; '.join(reasons)}")


@pytest.fixture(scope="session")
def darkroom_program() -> Iterator[Program]:
    """One for all tests, as one serves many pictures."""
    program = Program()
    yield program
    assert not program.close()  # nothing was complained about, whatever was sent


@pytest.fixture
def develop(darkroom_program, tmp_path):
    """Send the bytes of a picture; get the answer, in it the files as opened pictures."""
    return partial(darkroom_program.develop, folder=tmp_path)
