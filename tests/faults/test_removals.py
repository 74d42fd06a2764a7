"""People lose a room in every way there is, while others talk: their polls end, with no more."""

import pytest

from tests.faults.places import SQLITE, TWO, server_on
from tests.faults.removals import removals
from tests.faults.sabotage import sabotaged


@pytest.mark.parametrize("kind", [SQLITE, TWO], indirect=True)
def test_nothing_is_shown_to_who_has_lost_the_room(server):
    told = removals(server, people=(3, 3, 0), victims=5, apart=0.1)
    assert told["faults"] == {}, told
    assert told["polls ended"] == 19
    assert told["posts"] > 10


def test_nor_when_notices_come_late_out_of_order_or_never(tmp_path):
    with server_on(SQLITE, tmp_path, **sabotaged("late")) as server:
        told = removals(server, people=(3, 3, 0), victims=5, apart=0.1)
    assert told["faults"] == {}, told
