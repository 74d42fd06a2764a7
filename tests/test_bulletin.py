"""Notices within the process."""

from parley.store.bulletin import Bulletin


def test_everyone_who_listens_hears_of_each_change():
    bulletin, first, second = Bulletin(), [], []
    bulletin.listen(lambda *news: first.append(news))
    bulletin.changed(7, 41)
    bulletin.listen(lambda *news: second.append(news))
    bulletin.changed(7, 42)
    assert first == [(7, 41), (7, 42)]
    assert second == [(7, 42)]


def test_nobody_has_to_listen():
    Bulletin().changed(7, 42)
