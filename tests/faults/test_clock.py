"""The clock of the machine steps back and forward while people talk."""

import pytest

from tests.conftest import IN_CI
from tests.faults import runs
from tests.faults.places import SQLITE, server_on
from tests.faults.sabotage import FAKETIME, clock_at


@pytest.mark.skipif(not FAKETIME and not IN_CI, reason="faketime is not installed")
@pytest.mark.parametrize("kind", [SQLITE], indirect=True)
def test_no_clock_has_a_say_in_what_is_shown(kind, tmp_path):
    with server_on(kind, tmp_path, **clock_at(tmp_path)) as server:
        told = runs.clock(server, 1.6, people=(4, 6, 1))
    assert told["faults"] == {}, told
    assert told["hours between posts"] >= 25
    assert told["posts"] > 10
