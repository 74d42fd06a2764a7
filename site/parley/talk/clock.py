"""Times as people read them, in the space's zone. Never used to order anything."""

import os
import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = timedelta(days=1)
SPANS = {"hour": DAY / 24, "day": DAY, "week": 7 * DAY, "month": 30 * DAY}  # as forms name them
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)  # an end that does not come


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


def day_begins(moment: datetime, previous: datetime | None, where: str) -> bool:
    """Whether a message is the first of its day."""
    there = zone(where)
    return previous is None or moment.astimezone(there).date() != previous.astimezone(there).date()


def clock(moment: datetime, where: str) -> str:
    """08:02"""
    return moment.astimezone(zone(where)).strftime("%H:%M")


def day(moment: datetime, where: str, today: date | None = None) -> str:
    """Thursday, 21 May; with the year when it is another than this."""
    there = moment.astimezone(zone(where))
    today = today or datetime.now(zone(where)).date()
    words = f"{there:%A}, {there.day} {there:%B}"
    return words if there.year == today.year else f"{words} {there.year}"


def whole(moment: datetime, where: str) -> str:
    """Thursday, 21 May, 08:02"""
    return f"{day(moment, where)}, {clock(moment, where)}"


def ago(moment: datetime, where: str, now: datetime | None = None) -> str:
    """just now, 20 minutes ago, today at 08:02, yesterday at 08:02, on Thursday, 21 May"""
    now = now or datetime.now(UTC)
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 60:
        return f"{minutes} minutes ago"
    passed = now.astimezone(zone(where)).date() - moment.astimezone(zone(where)).date()
    near = {0: "today", 1: "yesterday"}.get(passed.days)
    return f"{near} at {clock(moment, where)}" if near else f"on {day(moment, where)}"
