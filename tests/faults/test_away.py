"""Somebody is away while much happens, and comes back. `just faults` has 10,000 messages."""

from tests.faults.away import away


def test_who_comes_back_has_no_hole(server):
    told = away(server, 150, 200, 201)
    assert told["faults"] == {}, told
