"""Search: what is found, by whom, in which order; the same on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from parley.store import backups, finder, migrate, tables
from parley.talk import (
    direct,
    leaving,
    memberships,
    messages,
    people,
    reading,
    rooms,
    search,
    upkeep,
)
from parley.talk.search import Found, Query
from parley.talk.uploads import Upload
from tests.meeting import Meeting
from tests.test_migrate import older_parley

CORPUS = (
    "Row 2 needs string by the weekend.",
    "Jute string rots, the STRINGS of plastic do not",
    "Über Straßen und Äpfel im Schulgarten",
    "我喝茶，你喝咖啡",
    "iPhone手机 很好",
    "ผมรักภาษาไทย มาก",
    "مُحَمَّد كتب الكتاب",
    "ガーデンで働く ﾊﾝｶｸ",
    "Привет, Ёжик! Καλημέρα Ελλάς",
    "नमस्ते दुनिया",
    "한국어 문장입니다",
    "The end of the rope, not the rope's end",
    "100% sure, snake_case and C++ (a*b)",
    "🌱 grows 👍🏽",
    "or not near",
    "see https://example.org/path?q=1",
)


def ask(meeting: Meeting, words: str = "", who=None, **more) -> Found:
    with meeting.db.reading() as c:
        theirs = search.readable(c, who or meeting.ann)
        return search.search(c, theirs, Query(words, **more), "Europe/Berlin")


def finds(meeting: Meeting, words: str = "", who=None, **more) -> list[str]:
    """The texts that are found, in order."""
    return [hit.message.text for hit in ask(meeting, words, who, **more).hits]


@pytest.fixture
def talk(meeting: Meeting) -> Meeting:
    """All of the corpus, said by Ann in the Lobby."""
    for said in CORPUS:
        meeting.says(meeting.ann, said)
    return meeting


@pytest.fixture(params=["looked through", "by the index"])
def way(request, monkeypatch):
    """The newest messages are looked through, the others named by an index: both find the same."""
    if request.param == "by the index":
        monkeypatch.setattr(finder, "TOGETHER", 1)
        monkeypatch.setattr(finder, "NEWEST", 0)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("string", [1, 0]),
        ("strin", [1, 0]),
        ("string rots", [1]),
        ("STRING Weekend", [0]),
        ("strin* weekend", [0]),
        ("uber strasse", [2]),
        ("ÜBER ÄPFEL", [2]),
        ("apfel", [2]),
        ("喝茶", [3]),
        ("茶", [3]),
        ("喝", [3]),
        ("喝茶你", []),
        ("手机", [4]),
        ("iphone手", [4]),
        ("ภาษา", [5]),
        ("ไทย", [5]),
        ("محمد", [6]),
        ("الكتاب كتب", [6]),
        ("ハンカク", [7]),
        ("ガーデン", [7]),
        ("カーテン", []),
        ("ежик", [8]),
        ("ΕΛΛΑΣ", [8]),
        ("नमस्ते", [9]),
        ("नम", [9]),
        ("한국", [10]),
        ('"end of the rope"', [11]),
        ('"the rope end"', []),
        ('"rope" "end"', [11]),
        ("“the rope", [11]),
        ("rope's", [11]),
        ("100%", [12]),
        ("snake_case", [12]),
        ("a*b", [12]),
        ("🌱", [13]),
        ("👍", [13]),
        ("OR not", [14]),
        ("near NOT or", [14]),
        ("example.org/path", [15]),
    ],
)
def test_what_is_found(way, talk, typed, found):
    assert finds(talk, typed) == [CORPUS[at] for at in found]
    assert not ask(talk, typed).in_parts


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("garten", [2]),
        ("tring", [1, 0]),
        ("strin rots", [1]),
        ("ημερα", [8]),
        ("ope end", [11]),
        ("zzz", []),
        ("ab", []),
    ],
)
def test_parts_of_words_where_no_word_is_found(way, talk, typed, found):
    answer = ask(talk, typed)
    assert [hit.message.text for hit in answer.hits] == [CORPUS[at] for at in found]
    assert answer.in_parts == bool(found)


def test_what_is_said_changed_and_deleted_is_found_so_at_once(way, meeting):
    message = meeting.says(meeting.ann, "tomatoes are red")
    assert finds(meeting, "tomatoes") == ["tomatoes are red"]
    meeting.edits(meeting.ann, message, "cucumbers are green")
    assert finds(meeting, "tomatoes") == finds(meeting, "omato") == []
    assert finds(meeting, "ucumb") == finds(meeting, "cucumber") == ["cucumbers are green"]
    meeting.removes(meeting.ann, message)
    assert finds(meeting, "cucumbers") == finds(meeting, "ucumb") == []
    meeting.restores(meeting.ann, message)
    assert finds(meeting, "cucumbers") == finds(meeting, "ucumb") == ["cucumbers are green"]
    with meeting.db.writing() as c:
        leaving.leave(c, meeting.ann, take_away=True)
        assert c.scalar(select(tables.searched.c.id)) is None
    assert finds(meeting, "cucumbers", meeting.bob) == []


def test_a_row_without_its_message_is_no_hit(way, meeting):
    message = meeting.says(meeting.ann, "tomatoes")
    with meeting.db.writing() as c:  # as if an act forgot the index
        gone = update(tables.messages).where(tables.messages.c.id == message.id)
        c.execute(gone.values(deleted_at=datetime.now(UTC)))
    assert finds(meeting, "tomatoes") == []


def test_a_room_goes_with_what_is_found_in_it(meeting):
    with meeting.db.writing() as c:
        room = rooms.get(c, meeting.miriam, rooms.make(c, meeting.miriam, "Shed"))
        messages.post(c, room, meeting.miriam, messages.draft("a spade", ""))
    assert finds(meeting, "spade") == ["a spade"]
    with meeting.db.writing() as c:
        upkeep.delete_all(c, meeting.miriam, room, "Shed")
        assert c.scalar(select(tables.searched.c.id)) is None


def test_nobody_finds_or_counts_what_they_may_not_read(way, meeting):
    meeting.says(meeting.ann, "secret of the Lobby")
    with meeting.db.writing() as c:
        made = rooms.make(c, meeting.miriam, "Closed", kind=rooms.CLOSED, chosen=[meeting.ann.id])
        closed = rooms.get(c, meeting.miriam, made)
        for number in range(search.PAGE + 5):
            messages.post(c, closed, meeting.ann, messages.draft(f"secret {number}", ""))
        two = rooms.get(c, meeting.ann, direct.start(c, meeting.ann, [meeting.miriam.id]))
        messages.post(c, two, meeting.ann, messages.draft("secret of two", ""))
    for words in ("secret", "ecret"):
        found = ask(meeting, words, meeting.bob)
        assert [hit.message.text for hit in found.hits] == ["secret of the Lobby"]
        assert found.next is None
    assert finds(meeting, "secret", meeting.bob, room=made) == []
    assert finds(meeting, "secret", meeting.bob, author=meeting.ann.id) == ["secret of the Lobby"]
    assert finds(meeting, "two", meeting.miriam) == ["secret of two"]
    assert ask(meeting, "secret", meeting.ann).next
    with meeting.db.writing() as c:
        forever = datetime.now(UTC) + timedelta(days=1)
        memberships.remove(c, made, meeting.ann.id, forever, meeting.miriam.id)
        direct.block(c, meeting.miriam, meeting.ann)
    assert finds(meeting, "secret") == ["secret of two", "secret of the Lobby"]
    assert finds(meeting, "two", meeting.miriam) == [], "a conversation with somebody blocked"


def test_the_archive_is_found_too(meeting):
    with meeting.db.writing() as c:
        room = rooms.get(c, meeting.miriam, rooms.make(c, meeting.miriam, "Shed"))
        messages.post(c, room, meeting.miriam, messages.draft("a spade", ""))
        upkeep.mark(c, meeting.miriam, room, "archive")
    assert [hit.room.name for hit in ask(meeting, "spade").hits] == ["Shed"]


def upload(name: str, thumb: str | None) -> Upload:
    kind = "image/png" if thumb else "application/pdf"
    return Upload(name, kind, 1, "hash", "sent", 1, 1, thumb, thumb)


def test_by_room_person_and_what_it_holds(way, meeting):
    meeting.says(meeting.ann, "bean one")
    meeting.says(meeting.bob, "bean two, see www.example.org")
    meeting.says(meeting.ann, "bean three", "", upload("a.png", "t"), upload("b.png", "t"))
    meeting.says(meeting.bob, "", "", upload("bean.pdf", None))
    assert finds(meeting, "bean", author=meeting.bob.id) == ["", "bean two, see www.example.org"]
    assert finds(meeting, "bean.pdf") == [""]
    assert finds(meeting, author=meeting.ann.id) == ["bean three", "bean one"]
    assert finds(meeting, "bean", has="link") == ["bean two, see www.example.org"]
    assert finds(meeting, has="photo") == ["bean three"]
    assert finds(meeting, has="file") == [""]
    assert finds(meeting, "bean", room=rooms.LOBBY, author=meeting.ann.id, has="photo")
    assert finds(meeting, "bean", room=4711) == finds(meeting, author=4711) == []
    assert not ask(meeting).hits and not ask(meeting, room=rooms.LOBBY).hits


def test_by_day_as_the_zone_has_it(way, meeting):
    for moment in ("2026-03-01 22:30", "2026-03-01 23:30", "2020-01-05 12:00"):
        message = meeting.says(meeting.ann, f"bean of {moment}")
        with meeting.db.writing() as c:
            when = datetime.fromisoformat(f"{moment}+00:00")
            this = update(tables.messages).where(tables.messages.c.id == message.id)
            c.execute(this.values(posted_at=when))
            messages.change(c, reading.get(c, message.id), text=f"bean of {moment}")
    first, second = "bean of 2026-03-01 22:30", "bean of 2026-03-01 23:30"
    march = date(2026, 3, 1)
    assert finds(meeting, "bean", first=march, last=march) == [first]
    assert finds(meeting, "bean", first=march) == [second, first]
    assert finds(meeting, first=date(2026, 3, 2), last=date(2026, 3, 2)) == [second]
    assert finds(meeting, "bean", last=date(2020, 1, 5)) == ["bean of 2020-01-05 12:00"]
    assert len(finds(meeting, "bean", first=date.min, last=date.max)) == 3
    assert finds(meeting, "bean", first=date.max) == finds(meeting, "bean", last=date.min) == []


def test_pages_follow_each_other_without_a_gap_whatever_is_said_meanwhile(way, meeting):
    said = [f"bean {number}" + " bean" * (number % 7) for number in range(search.PAGE * 2 + 3)]
    for words in said:
        meeting.says(meeting.ann, words)
    for best in (False, True):
        found: list[str] = []
        query = Query("bean", best=best)
        while query:
            with meeting.db.reading() as c:
                page = search.search(c, search.readable(c, meeting.ann), query, "UTC")
            found += [hit.message.text for hit in page.hits]
            query = page.next
            meeting.says(meeting.bob, "bean bean bean")
        assert sorted(found) == sorted(said), best
        if not best:
            assert found == said[::-1]
        said += ["bean bean bean"] * 3


def test_the_best_come_first_and_beyond_ten_thousand_the_newest(meeting, monkeypatch):
    for words in (
        "once a bean, and then much else that has nothing to do with it",
        "bean bean",
        "beanstalk beanstalk",
        "a bean",
    ):
        meeting.says(meeting.ann, words)
    found = finds(meeting, "bean", best=True)
    assert found[0] == "bean bean" and found[-1].startswith("once")
    monkeypatch.setattr(search, "RANKED", 2)
    first = ask(meeting, "bean", best=True)
    assert first.is_cut and len(first.hits) == 2
    assert first.hits[0].message.text == "a bean"
    assert first.next == Query("bean", before=first.hits[1].message.id)
    rest = finds(meeting, "bean", before=first.next.before)
    assert [words[:4] for words in rest] == ["bean", "once"]


HOSTILE = (
    *('"', '""', '"""', "*", "**", '*"', "%", "_", "\\", "'", "';--", "(", ")", "(()", "-bean"),
    *("OR", "bean OR", "AND", "NOT bean", "NEAR(bean, 2)", "bean^2", "words:bean", "{bean}", ":*"),
    *(
        "\x00",
        "bean\x00",
        "\ud800",
        "bean\udfff",
        "\ufffd",
        "&",
        "|",
        "!bean",
        "<->",
        "a:*&b",
        "  ",
    ),
    *("bean " * 2000, "b" * 10_000, '"' * 10_000, "豆" * 10_000, "é" * 10_000, "(" * 10_000),
    *("b a n " * 1700, "%_" * 5000, "\u0301" * 100, "👍🏽" * 5000, "\u200b", "_r1", "_a1", "rowid"),
)


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_any_input_is_a_search(way, meeting, typed):
    meeting.says(meeting.ann, "bean")
    meeting.says(meeting.ann, "100% of snake_case")
    for best in (False, True):
        assert set(finds(meeting, typed, best=best)) <= {"bean", "100% of snake_case"}
    assert finds(meeting, "%") == finds(meeting, "_") == finds(meeting, "*") == []
    assert finds(meeting, "-bean") == finds(meeting, "bean*") == ["bean"]


def test_a_whole_long_message_finds_itself(way, meeting):
    long = " ".join(f"word{number}" for number in range(1200))
    for said in (long, "豆" * 10_000, "x" * 10_000):
        meeting.says(meeting.ann, said)
        assert finds(meeting, said) == [said]
    assert ask(meeting, long).is_long


def test_excerpts_mark_what_was_found(meeting):
    def marked(words: str, said: str) -> str:
        meeting.says(meeting.ann, said)
        parts = ask(meeting, words).hits[0].excerpt
        return "".join(f"[{part}]" if is_found else part for part, is_found in parts)

    assert marked("strasse", "Über die Straße, <b>") == "Über die [Straße], <b>"
    assert marked('"on the" t', "the one on the top") == "[the] one [on the] [top]"
    assert marked("喝茶", "我喝茶了") == "我[喝茶]了"
    assert marked("茶叶蛋", "买茶叶蛋") == "买[茶叶蛋]"
    assert marked("买", "去买东西") == "去[买]东西"
    assert marked("artenzaun", "am Gartenzaun") == "am [Gartenzaun]"
    long = marked("needle", "hay " * 500 + "needle " + "straw " * 500)
    assert long.startswith("… hay") and long.endswith("straw …") and "[needle] straw" in long
    assert len(long) < 300


def test_the_index_is_made_of_what_was_there_before(own_database):
    older_parley(own_database)
    migrate.upgrade(own_database)
    with own_database.reading() as c:
        miriam = people.get(c, 1)
        theirs = search.readable(c, miriam)
        for words in ("update", "pdat"):
            [hit] = search.search(c, theirs, Query(words), "UTC").hits
            assert hit.message.text == "before the update"


def test_what_was_sent_before_is_found_by_its_files(own_database):
    older_parley(own_database)
    migrate.upgrade(own_database, "0006")
    with own_database.writing() as c:
        now = "'2026-05-21 08:00:00'"
        columns = "message_id, person_id, room_id, made_at, name, type, size, alt, hash, thumb"
        for number, (name, kind, thumb) in enumerate(
            (("plan.pdf", "application/pdf", "NULL"), ("IMG_1.jpg", "image/jpeg", "'t'"))
        ):
            seen = f"1, 1, 1, {now}, '{name}', '{kind}', 9, 'seen {number}', 'h', {thumb}"
            c.execute(text(f"INSERT INTO files ({columns}) VALUES ({seen})"))
    migrate.upgrade(own_database)
    with own_database.writing() as c:
        theirs = search.readable(c, people.get(c, 1))

        def found(words: str, **more) -> int:
            return len(search.search(c, theirs, Query(words, **more), "UTC").hits)

        asked = ("plan.pdf", "before plan", "seen 1", '"the update"', "lan.p", "IMG_1")
        assert [found(words) for words in asked] == [1, 1, 1, 1, 1, 0]
        assert found("", has="photo") == found("", has="file") == 1
        if own_database.is_sqlite:
            for index in finder.OWN:  # raises when they differ from the table
                check = f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"
                c.execute(text(check))


def test_a_restored_backup_is_searched_as_before(way, talk, tmp_path):
    file = tmp_path / "backup.tar"
    backups.make(talk.db, tmp_path / "here", file)
    talk.says(talk.ann, "said later")
    backups.restore(talk.db, tmp_path / "here", file)
    assert finds(talk, "said") == finds(talk, "later") == []
    assert finds(talk, "garten") == finds(talk, "schulg") == [CORPUS[2]]
    assert not ask(talk, "string").in_parts
    talk.says(talk.ann, "said again")
    assert finds(talk, "again") == ["said again"]


def test_sqlites_indexes_hold_what_the_table_does(sqlite, monkeypatch):
    monkeypatch.setattr(finder, "TOGETHER", 10)
    meeting = Meeting(sqlite)
    for number in range(50):
        said = meeting.says(meeting.ann, f"{CORPUS[number % len(CORPUS)]} {number}")
        if number % 3 == 0:
            meeting.edits(meeting.ann, said, f"changed {number}")
        if number % 5 == 0:
            meeting.removes(meeting.ann, said)
    with sqlite.writing() as c:
        assert not c.scalar(select(tables.searched.c.id).where(~tables.searched.c.named))
        for index in finder.OWN:  # raises when they differ
            c.execute(text(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"))
