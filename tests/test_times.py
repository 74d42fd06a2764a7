"""Times in HTML: each reader's own day, exact where one looks, whole seconds for programs."""

from datetime import UTC, datetime, timedelta

from parley.store import tables
from parley.web import times
from tests.visitor import Visitor, change

EVENING = datetime(2026, 5, 20, 14, 0, 0, 123_456, tzinfo=UTC)  # 23:00 in Tokyo


def reads_in(person: Visitor, name: str, zone: str) -> None:
    person.client.post("/people/me", data={"name": name, "zone": zone, "language": ""})


def test_a_day_begins_on_the_page_where_it_begins_for_the_reader(app, ann, bob):
    reads_in(ann, "Ann", "UTC")
    reads_in(bob, "Bob", "Asia/Tokyo")
    before = None
    for hours in (0, 2):
        number = ann.posts(f"after {hours} hours")["id"]
        posted = EVENING + timedelta(hours=hours)
        change(app, tables.messages, number, posted_at=posted, previous_at=before)
        before = posted
    days = [[day.time["datetime"] for day in one.page("/rooms/1").select(".day")]
            for one in (ann, bob)]  # fmt: skip
    assert days[0] == ["2026-05-20T14:00:00Z"]
    assert days[1] == ["2026-05-20T14:00:00Z", "2026-05-20T16:00:00Z"]


def test_a_program_is_told_utc_in_whole_seconds():
    assert times.iso(EVENING) == "2026-05-20T14:00:00Z"
