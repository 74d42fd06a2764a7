"""PostgreSQL goes away in the middle and comes back: in order, and as after a crash."""

import pytest

from tests.conftest import IN_CI
from tests.faults.cluster import PROGRAMS, cluster
from tests.faults.outages import outages
from tests.faults.places import POSTGRESQL, server_on


@pytest.mark.skipif(not PROGRAMS and not IN_CI, reason="PostgreSQL is not installed here")
def test_all_is_well_two_seconds_after_it_came_back(tmp_path):
    with cluster() as own, server_on(POSTGRESQL, tmp_path, PARLEY_DATABASE=own.address) as server:
        told = outages(server, own, 2, people=(4, 6, 1))
    assert told["faults"] == {}, told
