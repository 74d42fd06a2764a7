"""Times as people read them: in a zone and a language. Never used to order anything.

What a day and an hour are called is asked of Babel (Unicode CLDR), once for each: it is slow.
"""

import os
import re
import zoneinfo
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import dates
from cachetools import LRUCache, cached

from parley.store.errors import Wrong
from parley.talk import languages

DAY = timedelta(days=1)
SPANS = {"hour": DAY / 24, "day": DAY, "week": 7 * DAY, "month": 30 * DAY}  # as forms name them
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)  # an end that does not come
MANY = 10_000  # days and minutes whose names are kept
DAYS = "MMMMEEEEd", "MMMMEd", "MMMEEEEd", "MMMEd"  # a day of this year, the fullest first
WIDER = {"E": "EEEE", "c": "cccc", "M": "MMMM"}


class Variant(NamedTuple):
    """How somebody reads times: in which zone (IANA) and language (BCP 47)."""

    zone: str = "UTC"
    language: str = languages.ENGLISH

    @property
    def is_english(self) -> bool:
        """Whether its times are in the language of Parley's own words."""
        return languages.is_english(self.language)

    @property
    def in_english(self) -> "Variant":
        """For plain sentences, which cannot say that a part of them is in another language."""
        return self if self.is_english else Variant(self.zone)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """All zones there are, by name."""
    return tuple(sorted(zoneinfo.available_timezones()))


def check(zone: str | None, language: str | None) -> None:
    """Raise Wrong, with its field, for a zone or language that is not known; None says nothing."""
    if zone is not None and zone not in zones():
        raise Wrong("That time zone is not known here. Choose one of the list.", "zone")
    if language is not None and language not in languages.OFFERED:
        raise Wrong("That language is not known here. Choose one of the list.", "language")


def machine_zone() -> str:
    """The IANA name of this machine's zone, UTC where it tells none."""
    link = str(Path("/etc/localtime").resolve())
    names = (os.environ.get("TZ", ""), link.partition("zoneinfo/")[2])
    return next((name for name in names if zone(name).key == name), "UTC")


def zone(name: str) -> ZoneInfo:
    """The zone of that name, UTC for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def beginning(said: str, where: str) -> datetime:
    """The moment at which a day begins, told as 2026-05-21; of what is none, the nearest one.

    The end of times for anything else, and before 1970 there were no messages.
    """
    told = re.fullmatch(r"\s*([0-9]{1,4})-([0-9]{1,2})-([0-9]{1,2})\s*", said, re.ASCII)
    if told is None:
        return FOREVER
    year, month, number = (int(part) for part in told.groups())
    year, month = min(max(year, 1970), FOREVER.year - 1), min(max(month, 1), 12)
    number = min(max(number, 1), monthrange(year, month)[1])
    return datetime(year, month, number, tzinfo=zone(where)).astimezone(UTC)


def day_begins(moment: datetime, previous: datetime | None, variant: Variant) -> bool:
    """Whether a message is the first of its day."""
    there = zone(variant.zone)
    return previous is None or moment.astimezone(there).date() != previous.astimezone(there).date()


def clock(moment: datetime, variant: Variant) -> str:
    """08:02, or 8:02 am where people say that."""
    there = moment.astimezone(zone(variant.zone))
    return _clock(there.hour, there.minute, variant.language)


def day(moment: datetime, variant: Variant, today: date | None = None) -> str:
    """Thursday, 21 May; with the year when it is another than this."""
    there = moment.astimezone(zone(variant.zone)).date()
    today = today or datetime.now(zone(variant.zone)).date()
    return _day(there, there.year != today.year, variant.language)


def month(moment: datetime, variant: Variant, today: date | None = None) -> str:
    """May; with the year when it is another than this."""
    there = moment.astimezone(zone(variant.zone)).date()
    today = today or datetime.now(zone(variant.zone)).date()
    return _month(there.year, there.month, there.year != today.year, variant.language)


def whole(moment: datetime, variant: Variant) -> str:
    """Thursday, 21 May, 08:02"""
    return _both(variant.language).format(clock(moment, variant), day(moment, variant))


def exact(moment: datetime, variant: Variant) -> str:
    """Thursday, 21 May 2026, 08:02 CEST"""
    there, language = moment.astimezone(zone(variant.zone)), variant.language
    words = _both(language).format(clock(moment, variant), _day(there.date(), True, language))
    return f"{words} {_zone_of(there, language)}"


def ago(moment: datetime, variant: Variant, now: datetime | None = None) -> str:
    """just now, 20 minutes ago, today at 08:02, yesterday at 08:02, on Thursday, 21 May

    In other languages than English: 20 minutes ago, 3 hours ago, Thursday, 21 May, 08:02.
    """
    now = now or datetime.now(UTC)
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes < 2 and variant.is_english:
        return "just now"
    if minutes < 60 or (minutes < 24 * 60 and not variant.is_english):
        return _passed(minutes - minutes % 60 or max(minutes, 1), variant.language)
    if not variant.is_english:
        return whole(moment, variant)
    there = zone(variant.zone)
    passed = now.astimezone(there).date() - moment.astimezone(there).date()
    near = {0: "today", 1: "yesterday"}.get(passed.days)
    return f"{near} at {clock(moment, variant)}" if near else f"on {day(moment, variant)}"


@lru_cache(maxsize=MANY)
def _clock(hour: int, minute: int, language: str) -> str:
    return dates.format_time(time(hour, minute), "short", locale=languages.locale(language))


@lru_cache(maxsize=MANY)
def _day(there: date, with_year: bool, language: str) -> str:
    pattern = "full" if with_year else _without_year(language)
    return dates.format_date(there, pattern, languages.locale(language))


@lru_cache(maxsize=MANY)
def _month(year: int, number: int, with_year: bool, language: str) -> str:
    begins, locale = date(year, number, 1), languages.locale(language)
    if with_year:
        return dates.format_skeleton("yMMMM", begins, locale=locale)
    # Only where a language tells them apart does Babel know what a month alone is called.
    tells = "LLLL" in locale.datetime_skeletons["yMMMM"].pattern
    return dates.format_date(begins, "LLLL" if tells else "MMMM", locale)


@lru_cache(maxsize=100)
def _without_year(language: str) -> str:
    """The pattern of a day, with the names of weekday and month whole (UTS 35, 2.6.2.2)."""
    known = languages.locale(language).datetime_skeletons
    short = next(known[name].pattern for name in DAYS if name in known)
    return re.sub(r"'[^']*'|E+|c+|M{3,}", lambda found: WIDER.get(found[0][0], found[0]), short)


@lru_cache(maxsize=100)
def _both(language: str) -> str:
    """How an hour and a day stand beside each other: "{1}, {0}"."""
    return str(languages.locale(language).datetime_formats["medium"])


def _offset(there: datetime, language: str) -> tuple:
    return str(there.tzinfo), there.utcoffset(), there.dst(), language


@cached(LRUCache(MANY), _offset)
def _zone_of(there: datetime, language: str) -> str:
    return dates.get_timezone_name(there, "short", locale=languages.locale(language))


@lru_cache(maxsize=MANY)
def _passed(minutes: int, language: str) -> str:
    ago, locale = timedelta(minutes=-minutes), languages.locale(language)
    return dates.format_timedelta(ago, "minute", threshold=1, add_direction=True, locale=locale)
