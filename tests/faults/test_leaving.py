"""People sign out, here or everywhere, while others talk: their polls end and bring no more."""

import pytest

from tests.faults.leaving import leaving
from tests.faults.places import SQLITE, TWO, server_on
from tests.faults.sabotage import sabotaged


@pytest.mark.parametrize("kind", [TWO], indirect=True)
def test_nothing_is_shown_after_a_sign_out(server):
    told = leaving(server, people=(3, 3, 0), leavers=2, apart=0.2)
    assert told["faults"] == {}, told


def test_nor_when_notices_come_late_out_of_order_or_never(tmp_path):
    with server_on(SQLITE, tmp_path, **sabotaged("late")) as server:
        told = leaving(server, people=(3, 3, 0), leavers=4, apart=0.2)
    assert told["faults"] == {}, told
