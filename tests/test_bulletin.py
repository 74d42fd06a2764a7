"""Notices: within the process by a call, on PostgreSQL to other processes too."""

from contextlib import closing

from parley.store.bulletin import ALL, Bulletin
from parley.store.db import Database
from tests.servers import until


def test_everyone_who_listens_hears_of_each_change(database):
    with closing(Bulletin(database)) as bulletin:
        first, second = [], []
        bulletin.listen(lambda *news: first.append(news))
        bulletin.changed(7, 41)
        bulletin.listen(lambda *news: second.append(news))
        bulletin.changed(7, 42)
        bulletin.revoked(3)
        assert first == [(7, 41), (7, 42), (ALL, 3)]
        assert second == [(7, 42), (ALL, 3)]


def test_nobody_has_to_listen(database):
    Bulletin(database).changed(7, 42)


def test_another_process_hears_it_and_nobody_twice(postgres):
    with (
        closing(Database(postgres)) as here,
        closing(Database(postgres)) as there,
        closing(Bulletin(here)) as ours,
        closing(Bulletin(there)) as theirs,
    ):
        own, others = [], []
        until(lambda: listeners(here) == 0)  # of the test before
        ours.listen(lambda *news: own.append(news))
        theirs.listen(lambda *news: others.append(news))
        until(lambda: listeners(here) == 2)
        ours.changed(7, 42)
        ours.revoked(3)
        until(lambda: len(others) == 2)
        theirs.changed(8, 1)
        until(lambda: (8, 1) in own)
        assert others == [(7, 42), (ALL, 3), (8, 1)]
        assert own == [(7, 42), (ALL, 3), (8, 1)]


def test_a_listener_that_was_cut_off_listens_again(postgres):
    with (
        closing(Database(postgres)) as here,
        closing(Bulletin(here)) as ours,
        closing(Bulletin(here)) as theirs,
    ):
        others = []
        until(lambda: listeners(here) == 0)
        theirs.listen(lambda *news: others.append(news))
        until(lambda: listeners(here) == 1)
        with here.writing() as c:
            c.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {LISTENERS}")
        until(lambda: listeners(here) == 0)
        ours.changed(7, 41)  # lost
        until(lambda: listeners(here) == 1)
        ours.changed(7, 42)
        until(lambda: len(others) == 2)
        assert others == [(ALL, 0), (7, 42)], "something was missed, so who listens looks"


LISTENERS = """FROM pg_stat_activity
    WHERE query = 'LISTEN "parley_' || current_schema() || '"'"""


def listeners(database: Database) -> int:
    """How many connections wait for notices of this schema."""
    with database.reading() as c:
        return c.exec_driver_sql(f"SELECT count(*) {LISTENERS}").scalar()
