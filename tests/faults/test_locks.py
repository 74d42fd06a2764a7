"""Another process holds the database for a while; `just faults` longer than writers wait."""

from tests.faults.locks import locked


def test_while_the_database_is_locked_readers_are_served(server):
    told = locked(server, 1.5, people=(4, 6, 1))
    assert told["faults"] == {}, told
