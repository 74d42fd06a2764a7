"""Times as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from parley.talk import clock

BERLIN = "Europe/Berlin"
NOON = datetime(2027, 7, 20, 10, 0, tzinfo=UTC)  # a Tuesday; 12:00 in Berlin


def test_a_clock_shows_the_time_of_the_zone():
    assert clock.clock(NOON, BERLIN) == "12:00"
    assert clock.clock(NOON, "Asia/Kathmandu") == "15:45"
    assert clock.clock(datetime(2027, 1, 20, 7, 2, tzinfo=UTC), BERLIN) == "08:02"


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2027, 12, 31), "Tuesday, 20 July"),
        (date(2028, 1, 1), "Tuesday, 20 July 2027"),
        (date(2026, 7, 20), "Tuesday, 20 July 2027"),
    ],
)
def test_a_day_says_its_year_when_it_is_another(today, words):
    assert clock.day(NOON, BERLIN, today) == words


def test_a_day_is_that_of_the_zone():
    late = datetime(2027, 7, 20, 22, 30, tzinfo=UTC)
    assert clock.day(late, BERLIN, date(2027, 1, 1)) == "Wednesday, 21 July"
    assert clock.day(late, "America/New_York", date(2027, 1, 1)) == "Tuesday, 20 July"


def test_whole_is_the_day_and_the_time():
    year = "" if datetime.now(UTC).year == 2027 else " 2027"
    assert clock.whole(NOON, "UTC") == f"Tuesday, 20 July{year}, 10:00"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(0), "just now"),
        (timedelta(seconds=119), "just now"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "today at 11:00"),
        (timedelta(hours=12), "today at 00:00"),
        (timedelta(hours=12, minutes=1), "yesterday at 23:59"),
        (timedelta(hours=36), "yesterday at 00:00"),
        (timedelta(hours=36, minutes=1), "on Sunday, 18 July"),
    ],
)
def test_how_long_ago(passed, words):
    year = datetime.now(UTC).year
    if words.startswith("on ") and year != 2027:
        words += " 2027"
    assert clock.ago(NOON - passed, BERLIN, NOON) == words


def test_just_after_midnight_a_minute_ago_is_still_a_minute_ago():
    midnight = datetime(2027, 7, 19, 22, 0, tzinfo=UTC)
    assert clock.ago(midnight - timedelta(minutes=3), BERLIN, midnight) == "3 minutes ago"


def test_the_day_begins_with_the_first_message_and_at_midnight_of_the_zone():
    evening = datetime(2027, 7, 20, 21, 59, tzinfo=UTC)
    night = datetime(2027, 7, 20, 22, 0, tzinfo=UTC)
    assert clock.day_begins(evening, None, BERLIN)
    assert clock.day_begins(night, evening, BERLIN)
    assert not clock.day_begins(night, evening, "UTC")
    assert not clock.day_begins(evening, NOON, BERLIN)


def test_a_year_later_on_the_same_day_is_another_day():
    assert clock.day_begins(NOON, NOON - timedelta(days=365), BERLIN)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "a\0b"])
def test_a_zone_that_is_not_known_is_utc(name):
    assert clock.zone(name).key == "UTC"


def test_the_machine_s_zone_is_the_one_in_the_environment(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert clock.machine_zone() == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["CET-1CEST", ":/etc/localtime", ""])
def test_the_machine_s_zone_is_always_one_that_is_known(monkeypatch, name):
    monkeypatch.setenv("TZ", name)
    assert clock.zone(clock.machine_zone()).key == clock.machine_zone()
