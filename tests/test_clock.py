"""Times as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from parley.store.errors import Wrong
from parley.talk import clock, languages
from parley.talk.clock import Variant

BERLIN = Variant("Europe/Berlin")
GREENWICH = Variant("UTC")
NOON = datetime(2027, 7, 20, 10, 0, tzinfo=UTC)  # a Tuesday; 12:00 in Berlin
EVENING = datetime(2027, 7, 20, 18, 5, 30, tzinfo=UTC)
YEAR = "" if datetime.now(UTC).year == 2027 else " 2027"


def read(language: str) -> Variant:
    """Somebody in Berlin who reads this."""
    return Variant("Europe/Berlin", language)


def test_a_clock_shows_the_time_of_the_zone():
    assert clock.clock(NOON, BERLIN) == "12:00"
    assert clock.clock(NOON, Variant("Asia/Kathmandu")) == "15:45"
    assert clock.clock(datetime(2027, 1, 20, 7, 2, tzinfo=UTC), BERLIN) == "08:02"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "20:05"),
        ("en-GB", "20:05"),
        ("en-US", "8:05 PM"),
        ("de", "20:05"),
        ("fi", "20.05"),
        ("fr-CA", "20 h 05"),
        ("ko", "PM 8:05"),
    ],
)
def test_it_has_12_or_24_hours_as_the_region_of_the_language_does(language, words):
    assert " ".join(clock.clock(EVENING, read(language)).split()) == words


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
    assert clock.day(late, Variant("America/New_York"), date(2027, 1, 1)) == "Tuesday, 20 July"


def test_which_year_is_this_one_is_told_by_the_zone(monkeypatch):
    """In Tokyo it is 2027 while it is 2026 elsewhere."""

    class Eve(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 12, 31, 18, 0, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(clock, "datetime", Eve)
    assert clock.day(NOON, Variant("Asia/Tokyo")) == "Tuesday, 20 July"
    assert clock.day(NOON, BERLIN) == "Tuesday, 20 July 2027"


@pytest.mark.parametrize(
    ("language", "this_year", "another"),
    [
        ("en-US", "Tuesday, July 20", "Tuesday, July 20, 2027"),
        ("de", "Dienstag, 20. Juli", "Dienstag, 20. Juli 2027"),
        ("es", "martes, 20 de julio", "martes, 20 de julio de 2027"),
        ("hu", "július 20., kedd", "2027. július 20., kedd"),
        ("zh", "7月20日星期二", "2027年7月20日星期二"),
        ("ar", "الثلاثاء، 20 يوليو", "الثلاثاء، 20 يوليو 2027"),
    ],
)
def test_a_day_is_called_as_the_language_does(language, this_year, another):
    assert clock.day(NOON, read(language), date(2027, 1, 1)) == this_year
    assert clock.day(NOON, read(language), date(2028, 1, 1)) == another


@pytest.mark.parametrize("language", languages.OFFERED)
def test_in_every_language_the_day_and_its_weekday_are_there_and_nothing_is_short(language):
    names, this_year = languages.locale(language).days, date(2027, 1, 1)
    whole = {*names["format"]["wide"].values(), *names["stand-alone"]["wide"].values()}
    for days in range(7):
        there = NOON + timedelta(days=days)
        words = clock.day(there, read(language), this_year)
        assert any(name in words for name in whole) and str(there.day) in words, words
        assert "2027" not in words and "2027" in clock.exact(there, read(language))


@pytest.mark.parametrize(
    ("language", "this_year", "another"),
    [
        ("en", "May", "May 2025"),
        ("de", "Mai", "Mai 2025"),
        ("pl", "maj", "maj 2025"),
        ("th", "พฤษภาคม", "พฤษภาคม 2025"),
        ("ja", "5月", "2025年5月"),
    ],
)
def test_a_month_is_called_as_the_language_does_when_it_stands_alone(language, this_year, another):
    there = Variant("Pacific/Auckland", language)
    moment = datetime(2025, 4, 30, 20, tzinfo=UTC)  # there it is May
    assert clock.month(moment, there, date(2025, 12, 1)) == this_year
    assert clock.month(moment, there, date(2026, 1, 1)) == another


def test_a_month_has_no_name_of_another_language():
    """Babel forgets which language it was asked for, where one has no own names for this."""
    moment = datetime(2025, 5, 15, tzinfo=UTC)
    for language in languages.OFFERED:
        name, year = (clock.month(moment, read(language), date(2025 + at, 1, 1)) for at in (0, 1))
        known = languages.locale(language).months["format"]["wide"][5]
        assert name in year or name == known, (language, name, year)


@pytest.mark.parametrize("language", languages.OFFERED)
def test_every_language_is_called_as_it_calls_itself(language):
    assert (
        languages.OFFERED[language]
        == languages.locale(language).parse(language, sep="-").get_display_name()
    )


def test_a_language_that_is_not_offered_is_read_as_english():
    assert clock.day(NOON, read("tlh"), date(2027, 1, 1)) == "Tuesday, 20 July"


def test_whole_is_the_day_and_the_time():
    assert clock.whole(NOON, GREENWICH) == f"Tuesday, 20 July{YEAR}, 10:00"
    assert clock.whole(NOON, read("de")) == f"Dienstag, 20. Juli{YEAR}, 12:00"


@pytest.mark.parametrize(
    ("moment", "variant", "words"),
    [
        (EVENING, read("en"), "Tuesday, 20 July 2027, 20:05 CEST"),
        (EVENING, read("de"), "Dienstag, 20. Juli 2027, 20:05 MESZ"),
        (EVENING - timedelta(days=180), read("de"), "Donnerstag, 21. Januar 2027, 19:05 MEZ"),
        (EVENING, GREENWICH, "Tuesday, 20 July 2027, 18:05 UTC"),
        (EVENING, Variant("Asia/Kathmandu", "de"), "Dienstag, 20. Juli 2027, 23:50 +0545"),
    ],
)
def test_exact_says_the_year_and_the_zone_too(moment, variant, words):
    assert clock.exact(moment, variant) == words


def test_exact_says_the_year_of_this_year_too():
    now = datetime.now(UTC)
    assert f" {now.year}, " in clock.exact(now, GREENWICH)
    assert f" {now.year}, " not in clock.whole(now, GREENWICH)


def test_exact_knows_the_hour_that_comes_twice():
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # 02:30 in summer time
    twice = [clock.exact(first + timedelta(hours=hours), read("de")) for hours in (0, 1)]
    assert twice == [
        "Sonntag, 31. Oktober 2027, 02:30 MESZ",
        "Sonntag, 31. Oktober 2027, 02:30 MEZ",
    ]


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
        (timedelta(hours=36, minutes=1), f"on Sunday, 18 July{YEAR}"),
    ],
)
def test_how_long_ago(passed, words):
    assert clock.ago(NOON - passed, BERLIN, NOON) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-30), "vor 1 Minute"),
        (timedelta(seconds=119), "vor 1 Minute"),
        (timedelta(minutes=20), "vor 20 Minuten"),
        (timedelta(minutes=59, seconds=59), "vor 59 Minuten"),
        (timedelta(minutes=119), "vor 1 Stunde"),
        (timedelta(hours=23, minutes=59), "vor 23 Stunden"),
        (timedelta(hours=24), f"Montag, 19. Juli{YEAR}, 12:00"),
    ],
)
def test_how_long_ago_in_another_language(passed, words):
    assert clock.ago(NOON - passed, read("de"), NOON) == words


def test_just_after_midnight_a_minute_ago_is_still_a_minute_ago():
    midnight = datetime(2027, 7, 19, 22, 0, tzinfo=UTC)
    assert clock.ago(midnight - timedelta(minutes=3), BERLIN, midnight) == "3 minutes ago"


def test_the_day_begins_with_the_first_message_and_at_midnight_of_the_zone():
    evening = datetime(2027, 7, 20, 21, 59, tzinfo=UTC)
    night = datetime(2027, 7, 20, 22, 0, tzinfo=UTC)
    assert clock.day_begins(evening, None, BERLIN)
    assert clock.day_begins(night, evening, BERLIN)
    assert not clock.day_begins(night, evening, GREENWICH)
    assert not clock.day_begins(evening, NOON, BERLIN)


def test_a_year_later_on_the_same_day_is_another_day():
    assert clock.day_begins(NOON, NOON - timedelta(days=365), BERLIN)


def test_a_plain_sentence_has_english_times_of_the_same_zone():
    assert read("de").in_english == BERLIN
    assert read("en-US").in_english == read("en-US")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "a\0b"])
def test_a_zone_that_is_not_known_is_utc(name):
    assert clock.zone(name).key == "UTC"
    with pytest.raises(Wrong) as refused:
        clock.check(name, None)
    assert refused.value.field == "zone"


@pytest.mark.parametrize("code", ["", "tlh", "de_DE", "en-XX", "<b>"])
def test_a_language_that_is_not_known_is_refused(code):
    with pytest.raises(Wrong) as refused:
        clock.check("Asia/Tokyo", code)
    assert refused.value.field == "language"


def test_none_of_both_is_right():
    clock.check(None, None)


def test_the_machine_s_zone_is_the_one_in_the_environment(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert clock.machine_zone() == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["CET-1CEST", ":/etc/localtime", ""])
def test_the_machine_s_zone_is_always_one_that_is_known(monkeypatch, name):
    monkeypatch.setenv("TZ", name)
    assert clock.zone(clock.machine_zone()).key == clock.machine_zone()
