"""The rules of the gallery: what is in it, in which order, and for whom."""

import itertools
from collections.abc import Callable

import pytest
from sqlalchemy import event, update

from parley.store import tables
from parley.talk import direct, gallery, messages, rooms
from parley.talk.reading import File, Message
from parley.talk.uploads import Upload
from tests.meeting import Meeting

Sends = Callable[..., Message]
_numbers = itertools.count()


def upload(name: str, kind: str = "image/jpeg", **more) -> Upload:
    """A stored file."""
    seen = {"width": 40, "height": 30, "large": "large", "thumb": "thumb"} if "/j" in kind else {}
    return Upload(name, kind, 9, f"hash{next(_numbers)}", "sent", **seen | more)


@pytest.fixture
def sends(meeting: Meeting) -> Sends:
    """`sends(ann, "a.jpg", "b.jpg")`: somebody posts photos; other endings are other files."""

    def send(who, *names: str) -> Message:
        kinds = {"jpg": "image/jpeg", "mp4": "video/mp4", "mp3": "audio/mpeg"}
        files = []
        for name in names:
            kind = kinds.get(name.rpartition(".")[2], "application/pdf")
            files.append(upload(name, kind, seconds=3.0 if "/m" in kind else None))
        return meeting.says(who, "", "", *files)

    return send


def shown(meeting: Meeting, who=None, author=None, **how) -> list[str]:
    """The names on the first page of the Lobby's gallery."""
    with meeting.db.reading() as c:
        found, _ = gallery.page(c, gallery.Query(rooms.LOBBY, who or meeting.bob, author), **how)
    return [one.file.name for one in found]


def test_the_newest_message_comes_first_and_its_files_in_their_own_order(meeting, sends):
    sends(meeting.ann, "1.jpg", "2.jpg")
    sends(meeting.bob, "3.mp4", "4.jpg")
    sends(meeting.ann, "plan.pdf", "song.mp3")
    meeting.says(meeting.ann, "words alone")
    assert shown(meeting) == ["3.mp4", "4.jpg", "1.jpg", "2.jpg"]
    assert shown(meeting, others=True) == ["plan.pdf", "song.mp3"]


def test_the_order_in_a_message_is_that_of_its_places(meeting, sends):
    said = sends(meeting.ann, "1.jpg", "2.jpg", "3.jpg")
    with meeting.db.writing() as c:
        of = tables.files.c
        first = update(tables.files).where(of.id == said.files[2].id)
        c.execute(first.values(place=-1))
    assert shown(meeting) == ["3.jpg", "1.jpg", "2.jpg"]


def test_a_page_is_one_question_and_ends_with_a_whole_message(meeting, sends, monkeypatch):
    monkeypatch.setattr(gallery, "PAGE", 4)
    said = [sends(meeting.ann, f"{number}a.jpg", f"{number}b.jpg") for number in range(5)]
    sends(meeting.ann, "5a.jpg")
    query, asked, names, before = gallery.Query(rooms.LOBBY, meeting.bob), [], [], None
    event.listen(meeting.db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    ends = []
    with meeting.db.reading() as c:
        asked.clear()
        for _ in range(3):
            found, before = gallery.page(c, query, before=before)
            names += [one.file.name for one in found]
            ends.append(before)
    assert len(asked) == 3
    assert names == ["5a.jpg", *(f"{number}{ab}.jpg" for number in (4, 3, 2, 1, 0) for ab in "ab")]
    assert ends == [said[4].id, said[2].id, None]


def test_a_page_is_found_by_the_index_whatever_else_was_said(meeting, sends):
    """No page is counted off, and no message without files is looked at."""
    sends(meeting.ann, "1.jpg")
    is_sqlite = meeting.db.is_sqlite
    with meeting.db.reading() as c:
        if not is_sqlite:  # which reads few rows all the same, if it may
            c.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans: list[str] = []

        def explain(conn, cursor, statement, parameters, context, executemany):
            if "FROM files" in statement and not plans:
                asked = f"EXPLAIN {'QUERY PLAN' if is_sqlite else ''} {statement}"
                found = conn.connection.driver_connection.execute(asked, parameters)
                plans.extend(str(row[-1]) for row in found)

        event.listen(meeting.db.engine, "before_cursor_execute", explain)
        gallery.page(c, gallery.Query(rooms.LOBBY, meeting.bob), before=9)
    assert any("ix_files_room_id_message_id" in plan for plan in plans), plans


def test_of_one_person_alone(meeting, sends):
    sends(meeting.ann, "1.jpg", "plan.pdf")
    sends(meeting.bob, "2.jpg", "3.mp4", "4.jpg", "song.mp3")
    assert shown(meeting, author=meeting.ann.id) == ["1.jpg"]
    assert shown(meeting, author=meeting.miriam.id) == []
    with meeting.db.reading() as c:
        found = gallery.senders(c, gallery.Query(rooms.LOBBY, meeting.miriam))
    told = [(one.name, one.photos, one.films, one.others) for one in found]
    assert told == [("Ann", 1, 0, 1), ("Bob", 2, 1, 1)]


def test_what_was_deleted_is_gone_and_comes_back(meeting, sends):
    said = sends(meeting.ann, "1.jpg", "plan.pdf")
    meeting.removes(meeting.ann, said)
    assert shown(meeting) == shown(meeting, others=True) == []
    with meeting.db.reading() as c:
        assert gallery.senders(c, gallery.Query(rooms.LOBBY, meeting.bob)) == []
    meeting.restores(meeting.ann, said)
    assert shown(meeting) == ["1.jpg"]


def test_what_waits_in_a_tray_was_not_sent(meeting, sends):
    said = sends(meeting.ann, "1.jpg")
    with meeting.db.writing() as c:
        of = tables.files.c
        c.execute(update(tables.files).where(of.message_id == said.id).values(message_id=None))
    assert shown(meeting) == shown(meeting, meeting.ann) == []


def test_another_room_has_its_own(meeting, sends):
    sends(meeting.ann, "1.jpg")
    with meeting.db.writing() as c:
        room = rooms.get(c, meeting.ann, rooms.make(c, meeting.ann, "Garden"))
        messages.post(c, room, meeting.ann, messages.draft("", "", [upload("2.jpg")]))
        found, _ = gallery.page(c, gallery.Query(room.id, meeting.bob))
    assert [one.file.name for one in found] == ["2.jpg"]
    assert shown(meeting) == ["1.jpg"]


def test_whom_one_has_blocked_is_seen_only_when_asked_for(meeting, sends):
    sends(meeting.ann, "1.jpg")
    sends(meeting.bob, "2.jpg")
    with meeting.db.writing() as c:
        direct.block(c, meeting.bob, meeting.ann)
    assert shown(meeting, meeting.bob) == ["2.jpg"]
    assert shown(meeting, meeting.bob, author=meeting.ann.id) == ["1.jpg"]
    assert shown(meeting, meeting.miriam) == ["2.jpg", "1.jpg"]
    with meeting.db.reading() as c:
        found = gallery.senders(c, gallery.Query(rooms.LOBBY, meeting.bob))
    assert [(one.name, bool(one.is_blocked)) for one in found] == [("Ann", True), ("Bob", False)]


# ---- Which stand beside each other ----


def path(meeting: Meeting, first: Message, steps: int, way: int = 1, **how) -> list[str | None]:
    """From the first file of a message on, the names of those that follow, or come before."""
    author, back = how.pop("author", None), how.pop("back", False)
    who = how.pop("who", meeting.bob)
    query, names = gallery.Query(rooms.LOBBY, who, author), []
    file: File | None = first.files[0]
    with meeting.db.reading() as c:
        for _ in range(steps):
            assert file and file.message_id
            message = messages.get(c, file.message_id)
            file = gallery.beside(c, query, message, file, back)[way > 0]
            names.append(file.name if file else None)
    return names


def test_one_steps_through_a_message_first_then_to_the_next_one(meeting, sends):
    first = sends(meeting.ann, "1.jpg", "2.jpg")
    sends(meeting.ann, "plan.pdf")
    meeting.removes(meeting.ann, sends(meeting.ann, "gone.jpg"))
    last = sends(meeting.bob, "3.mp4", "song.mp3", "4.jpg")
    assert path(meeting, first, 4) == ["2.jpg", "3.mp4", "4.jpg", None]
    assert path(meeting, last, 3, -1) == ["2.jpg", "1.jpg", None]


def test_from_the_gallery_one_steps_in_its_order(meeting, sends):
    first = sends(meeting.ann, "1.jpg", "2.jpg")
    last = sends(meeting.bob, "3.jpg", "4.jpg")
    assert path(meeting, last, 4, back=True) == ["4.jpg", "1.jpg", "2.jpg", None]
    assert path(meeting, first, 3, -1, back=True) == ["4.jpg", "3.jpg", None]


@pytest.mark.parametrize(
    ("back", "wanted"), [(False, ["1.jpg", "4.jpg"]), (True, ["3.jpg", "2.jpg"])]
)
def test_the_first_and_the_last_one_are_those_of_the_order(meeting, sends, back, wanted):
    sends(meeting.ann, "1.jpg", "2.jpg")
    sends(meeting.bob, "3.jpg", "4.jpg", "plan.pdf")
    meeting.removes(meeting.ann, sends(meeting.ann, "gone.jpg"))
    query = gallery.Query(rooms.LOBBY, meeting.bob)
    with meeting.db.reading() as c:
        assert [file.name for file in gallery.ends(c, query, back) if file] == wanted


def test_one_steps_over_others_where_one_looks_at_one_person(meeting, sends):
    first = sends(meeting.ann, "1.jpg")
    sends(meeting.bob, "2.jpg")
    sends(meeting.ann, "3.jpg")
    assert path(meeting, first, 2, author=meeting.ann.id) == ["3.jpg", None]


def test_one_steps_over_whom_one_has_blocked(meeting, sends):
    first = sends(meeting.bob, "1.jpg")
    sends(meeting.ann, "2.jpg")
    sends(meeting.bob, "3.jpg")
    with meeting.db.writing() as c:
        direct.block(c, meeting.bob, meeting.ann)
    assert path(meeting, first, 2) == ["3.jpg", None]
    assert path(meeting, first, 2, who=meeting.miriam) == ["2.jpg", "3.jpg"]
