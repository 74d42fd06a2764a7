"""The fault runs, short: on both databases, over real servers. `just faults` has them long."""

from contextlib import ExitStack

import pytest

from tests.conftest import IN_CI
from tests.databases import POSTGRES, postgres_schema
from tests.faults import runs
from tests.servers import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request, tmp_path):
    """A server that is not started yet."""
    with ExitStack() as stack:
        own = {}
        if request.param == "postgresql":
            if not POSTGRES and not IN_CI:
                pytest.skip("PARLEY_TEST_POSTGRES not set")
            own["PARLEY_DATABASE"] = stack.enter_context(postgres_schema())
        found = Server(tmp_path / "instance", **own)
        stack.callback(found.kill)
        yield found
        assert not found.complaints()


def test_killed_five_times_in_mid_post_nothing_is_lost_or_doubled(server):
    told = runs.kills(server, 5, writers=4, pollers=6, apart=0.3)
    assert told["faults"] == {}, told
    assert told["posts"] > 20
    assert told["kills with posts in flight"] >= 3


def test_posts_that_are_cut_and_sent_again_are_there_once(server):
    told = runs.cuts(server, 1, writers=4, pollers=6)
    assert told["faults"] == {}, told
    assert told["posts"] > 5
