"""A server on each kind of database, for the short runs."""

from collections.abc import Iterator

import pytest

from tests.conftest import IN_CI
from tests.databases import POSTGRES
from tests.faults.places import POSTGRESQL, SQLITE, Place, server_on


@pytest.fixture
def kind(request) -> str:
    """The kind of database, as tests name it by `indirect`."""
    if request.param != SQLITE and not POSTGRES and not IN_CI:
        pytest.skip("PARLEY_TEST_POSTGRES not set")
    return request.param


@pytest.fixture
def server(kind, tmp_path) -> Iterator[Place]:
    """A server that is not started yet."""
    with server_on(kind, tmp_path) as found:
        yield found


def pytest_generate_tests(metafunc):
    """Whoever wants a server and names no kind gets one on each database."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "kind" in metafunc.fixturenames and not any("kind" in names for names in named):
        metafunc.parametrize("kind", [SQLITE, POSTGRESQL], indirect=True)
