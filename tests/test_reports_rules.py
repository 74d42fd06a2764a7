"""Reports: once for a person and a message, open until somebody has looked."""

import pytest

from parley.store.errors import Forbidden, Missing, Wrong
from parley.talk import log, messages, people, reports, rooms
from tests.meeting import Meeting, at_once


def tells(meeting: Meeting, who: people.Person, message: messages.Message, why: str = "") -> None:
    with meeting.db.writing() as c:
        reports.add(c, who, messages.get(c, message.id), why)


def listed(meeting: Meeting, reader: people.Person) -> list[reports.Report]:
    with meeting.db.reading() as c:
        return reports.read(c, reader)[0]


def closes(meeting: Meeting, report_id: int) -> None:
    with meeting.db.writing() as c:
        reports.close(c, meeting.miriam, report_id)


def open_ones(meeting: Meeting) -> int:
    with meeting.db.reading() as c:
        return reports.open_count(c)


def test_a_report_has_the_message_the_reason_and_who_made_it(meeting):
    said = meeting.says(meeting.ann, "nonsense")
    tells(meeting, meeting.bob, said, "  rude\n to me ")
    (report,) = listed(meeting, meeting.miriam)
    assert (report.by, report.reason, report.message.text) == ("Bob", "rude to me", "nonsense")
    assert report.room and report.room.id == rooms.LOBBY
    assert report.closed_at is None and open_ones(meeting) == 1
    with meeting.db.reading() as c:
        assert reports.made_at(c, meeting.bob, said) == report.made_at
        assert reports.made_at(c, meeting.miriam, said) is None


def test_a_second_one_of_the_same_person_says_nothing_new(meeting):
    said = meeting.says(meeting.ann, "nonsense")
    tells(meeting, meeting.bob, said, "rude")
    tells(meeting, meeting.bob, said, "very rude")
    assert at_once(*[lambda: tells(meeting, meeting.miriam, said)] * 3) == [None] * 3
    assert sorted(report.by for report in listed(meeting, meeting.miriam)) == ["Bob", "Miriam"]


def test_the_open_ones_stand_first(meeting):
    for number in range(3):
        tells(meeting, meeting.bob, meeting.says(meeting.ann, f"{number}"))
    newest = listed(meeting, meeting.miriam)[0]
    closes(meeting, newest.id)
    closes(meeting, newest.id)  # again says nothing new
    found = listed(meeting, meeting.miriam)
    assert [report.message.text for report in found] == ["1", "0", "2"]
    assert found[-1].closed_at
    assert open_ones(meeting) == 2
    with meeting.db.reading() as c:
        entries = log.read(c, meeting.miriam, None)[0]
    assert [(one.act, one.person) for one in entries] == [
        ("closed a report about a message of {person}", "Ann")
    ]


def test_the_words_are_shown_also_when_deleted_since_or_from_a_closed_room(meeting):
    said = meeting.says(meeting.ann, "nonsense")
    tells(meeting, meeting.bob, said)
    meeting.removes(meeting.ann, said)
    with meeting.db.writing() as c:
        closed = rooms.make(c, meeting.ann, "Secret garden", kind=rooms.CLOSED)
        room = rooms.get(c, meeting.ann, closed)
        hidden = messages.post(c, room, meeting.ann, messages.draft("in the closed room", ""))
    tells(meeting, meeting.ann, hidden)
    first, second = listed(meeting, meeting.miriam)
    assert first.message.text == "in the closed room" and first.room is None
    assert second.message.text == "nonsense" and second.message.deleted_at


def test_what_cannot_be_reported(meeting):
    said = meeting.says(meeting.ann, "nonsense")
    with pytest.raises(Wrong):
        tells(meeting, meeting.bob, said, "x" * 501)
    with pytest.raises(Forbidden):
        tells(meeting, meeting.bob, meeting.removes(meeting.ann, said))
    with pytest.raises(Missing):
        closes(meeting, 99)
    assert open_ones(meeting) == 0


def test_many_are_read_page_by_page_each_once_the_open_ones_first(meeting):
    for number in range(2 * reports.PAGE + 3):
        tells(meeting, meeting.bob, meeting.says(meeting.ann, f"nonsense {number}"))
    for report_id in (*range(1, 60), 103):
        closes(meeting, report_id)
    read, before, more = [], None, True
    while more:
        with meeting.db.reading() as c:
            some, more = reports.read(c, meeting.miriam, before)
        assert len(some) <= reports.PAGE
        read += [one.id for one in some]
        before = read[-1]
    assert read == [*range(102, 59, -1), 103, *range(59, 0, -1)]
    with meeting.db.reading() as c:
        assert reports.read(c, meeting.miriam, 4711) == ([], False)
