"""Messages that were read before: as they are now, for one question."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, update

from parley.store import tables
from parley.talk import memory, people, reading
from tests.corpus import picture
from tests.visitor import Visitor

IN_LOBBY = tables.messages.c.room_id == 1
LAST = memory.Stretch(upwards=True)


@contextmanager
def questions(db):
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def read(meeting):
    """Both ways must tell the same; how many questions the one from memory took."""

    def both() -> tuple[list[reading.Message], int]:
        with meeting.db.reading() as c:
            known = reading.read(c, IN_LOBBY)
            with questions(meeting.db) as asked:
                found = LAST.read(c, 1, 50).messages
        assert found == known
        return found, sum(one.startswith("SELECT") for one in asked)

    return both


def test_what_was_read_before_is_not_read_again(meeting, read):
    for number in range(3):
        meeting.says(meeting.ann, f"message {number}")
    assert read()[1] == 3, (
        "the messages, their files and reactions; the prepared one is not counted"
    )
    assert read()[1] == 0
    meeting.says(meeting.ann, "one more")
    assert read()[1] == 3
    assert read()[1] == 0


def test_the_first_and_the_last_that_fit_are_not_mixed_up(meeting):
    first = memory.Stretch()
    for number in range(4):
        meeting.says(meeting.ann, f"{number}")
    with meeting.db.reading() as c:
        found = [one.read(c, 1, limit) for one in (LAST, first) for limit in (3, 4)]
    assert [("".join(it.text for it in kept.messages), kept.more) for kept in found] == [
        *(("123", True), ("0123", False)),
        *(("012", True), ("0123", False)),
    ]
    assert len({kept.mark for kept in found}) == 4


def test_every_change_is_seen(meeting, read):
    message = meeting.says(meeting.ann, "frist")
    assert [it.text for it in read()[0]] == ["frist"]
    meeting.edits(meeting.ann, message, "first")
    assert [it.text for it in read()[0]] == ["first"]
    meeting.removes(meeting.ann, message)
    assert read()[0][0].deleted_at
    meeting.restores(meeting.ann, message)
    assert not read()[0][0].deleted_at
    for face in (("Anna", None), ("Anna", "a" * 64), ("Anna", "b" * 64), ("Ann", None)):
        with meeting.db.writing() as c:
            people.describe(c, people.get(c, meeting.ann.id), face[0], "", face[1])
        assert [(it.author, it.picture) for it in read()[0]] == [face]


def test_the_same_numbers_of_another_past_are_not_mixed_up(meeting, read):
    meeting.says(meeting.ann, "before the restore")
    read()
    with meeting.db.writing() as c:
        other = {"text": "as it was restored", "posted_at": datetime(2026, 1, 1, tzinfo=UTC)}
        c.execute(update(tables.messages).values(other))
    assert read()[0][0].text == "as it was restored"


def test_there_is_a_bound(meeting, read, monkeypatch):
    for name, room in {"_kept": 5000, "_stretches": 30_000}.items():
        small = memory.LRUCache(room, getattr(memory, name).getsizeof)
        monkeypatch.setattr(memory, name, small)
    for number in range(9):
        meeting.says(meeting.ann, f"message {number}")
        assert len(read()[0]) == number + 1
    assert 0 < memory._kept.currsize <= 5000
    assert 0 < memory._stretches.currsize <= 30_000


def test_a_page_shows_a_rename_an_edit_and_files_though_all_was_rendered_before(ann, bob):
    photo = ann.posts("with a photo", ("beach.png", picture("png")))
    for _ in range(2):
        assert bob.page("/rooms/1").select_one(".message img[srcset]")
        assert bob.page("/rooms/1").select_one(".who").text == "Ann"
    ann.edits(photo, "other words")
    ann.client.post("/people/me", data={"name": "Anna", "about": ""})
    page = bob.page("/rooms/1")
    assert page.select_one(".who").text == "Anna"
    assert page.select_one(".words p").text == "other words"


def test_days_get_their_year_when_it_is_over(ann: Visitor, monkeypatch):
    ann.posts("hello")
    assert str(datetime.now(UTC).year) not in ann.page("/rooms/1").select_one(".day").text

    class NextYear(datetime):
        @classmethod
        def now(cls, zone=None):
            now = datetime.now(zone)
            return now.replace(year=now.year + 1, day=min(now.day, 28))

    monkeypatch.setattr("parley.talk.clock.datetime", NextYear)
    monkeypatch.setattr("parley.web.articles.datetime", NextYear)
    assert str(datetime.now(UTC).year) in ann.page("/rooms/1").select_one("#messages .day").text
