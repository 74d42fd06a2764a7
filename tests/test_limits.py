"""Wrong tries, counted for each name."""

import pytest

from parley.store.errors import TooQuick
from parley.store.limits import Limit
from tests.meeting import at_once


class Clock:
    """A time that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock) -> Limit:
    return Limit(3, 900, clock)


def misses(limit: Limit, key: str, count: int) -> None:
    for _ in range(count):
        limit.check(key)
        limit.miss(key)


def test_as_many_as_allowed_are_allowed(limit):
    misses(limit, "ann", 3)


def test_one_more_is_too_many(limit):
    misses(limit, "ann", 3)
    with pytest.raises(TooQuick):
        limit.check("ann")


def test_looking_is_not_counted(limit):
    for _ in range(100):
        limit.check("ann")


def test_each_key_has_its_own(limit):
    misses(limit, "ann", 3)
    misses(limit, "bob", 3)


def test_time_forgives_one_after_the_other(limit, clock):
    limit.miss("ann")
    clock.now += 600
    misses(limit, "ann", 2)
    clock.now += 299
    with pytest.raises(TooQuick):
        limit.check("ann")
    clock.now += 1
    misses(limit, "ann", 1)
    with pytest.raises(TooQuick):
        limit.check("ann")


@pytest.mark.parametrize(
    ("passed", "seconds", "words"),
    [(0, 901, "16 minutes"), (61, 840, "14 minutes"), (841, 60, "60 seconds"), (899, 2, "2 sec")],
)
def test_the_sentence_says_when_to_come_back(limit, clock, passed, seconds, words):
    misses(limit, "ann", 3)
    clock.now += passed
    with pytest.raises(TooQuick) as refused:
        limit.check("ann")
    assert refused.value.seconds == seconds
    assert f"Try again in {words}" in refused.value.sentence
    clock.now += seconds
    limit.check("ann")


def test_names_that_nobody_has_do_not_fill_the_memory(limit):
    for number in range(25_000):
        limit.check(f"name {number}")
        limit.miss(f"name {number}")
    assert len(limit._misses) == 10_000


def test_of_too_many_keys_the_one_that_missed_longest_ago_is_forgotten(clock):
    limit = Limit(1, 900, clock, keys=3)
    for key in ("ann", "bob", "cleo", "ann", "dan"):
        limit.miss(key)
    limit.check("bob")
    for kept in ("ann", "cleo", "dan"):
        with pytest.raises(TooQuick):
            limit.check(kept)


def test_threads_do_not_lose_a_miss():
    limit = Limit(200, 900)
    at_once(*[lambda: misses(limit, "ann", 25)] * 8)
    with pytest.raises(TooQuick):
        limit.check("ann")
