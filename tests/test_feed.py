"""The feed: nothing skipped, nothing twice, in order, whoever writes meanwhile."""

import random
import threading

import pytest
from sqlalchemy import insert, update

from parley.store import tables
from parley.talk import feed, messages, people, reading, rooms
from tests.meeting import Meeting, at_once


def fill(meeting: Meeting, count: int) -> list[messages.Message]:
    """So many messages by Ann, all at once: posting them one by one takes longer."""
    row = {"room_id": rooms.LOBBY, "author_id": meeting.ann.id, "digest": "", "follows": False}
    row |= {"posted_at": meeting.ann.joined_at}
    with meeting.db.writing() as c:
        revision = rooms.advance(c, rooms.LOBBY)
        numbers = range(revision, revision + count)
        rows = [row | {"made": n, "revision": n, "text": f"line {n}"} for n in numbers]
        c.execute(insert(tables.messages), rows)
        c.execute(update(tables.rooms).values(revision=numbers[-1]))
        return reading.read(c)[-count:]


def elsewhere(meeting: Meeting) -> rooms.Room:
    """Another room, with something in it that must never show in the Lobby."""
    with meeting.db.writing() as c:
        room = rooms.get(c, meeting.bob, rooms.make(c, meeting.bob, "Garden"))
        messages.post(c, room, meeting.bob, messages.draft("elsewhere", ""))
        return room


def lines(found: feed.Stretch | list[messages.Message]) -> list[int]:
    """The numbers that `fill` has given."""
    listed = found.messages if isinstance(found, feed.Stretch) else found
    return [int(message.text.removeprefix("line ")) for message in listed]


class Page:
    """What a browser makes of the feed: a list in the order it came, changed in place."""

    def __init__(self, meeting: Meeting):
        self.meeting, self.cursor = meeting, 0
        self.shown: dict[int, messages.Message] = {}
        self.told: list[int] = []  # every revision that a change was told with

    def polls(self) -> None:
        """Ask once, and take in what comes."""
        news = self.meeting.news(self.cursor)
        assert news.stretch is None
        assert bool(news) == (news.revision > self.cursor)
        for message in news.new:
            assert message.id not in self.shown, "doubled"
            assert not self.shown or message.made > max(m.made for m in self.shown.values())
            self.shown[message.id] = message
        for message in news.changed:
            assert message.id in self.shown, "changed before it was new"
            assert message.revision > self.shown[message.id].revision, "told twice"
            self.shown[message.id] = message
        for message in (*news.new, *news.changed):
            assert self.cursor < message.revision <= news.revision
            self.told.append(message.revision)
        assert news.revision >= self.cursor
        self.cursor = news.revision


def writes(meeting: Meeting, who: people.Person, seed: int, count: int) -> None:
    """Post, edit, delete and bring back, as it falls."""
    chance, mine = random.Random(seed), []
    for number in range(count):
        act = chance.choice(["post", "post", "edit", "remove", "restore"]) if mine else "post"
        if act == "post":
            mine.append(meeting.says(who, f"{who.name} {seed} {number}"))
            continue
        place = chance.randrange(len(mine))
        if act == "edit" and not mine[place].deleted_at:
            mine[place] = meeting.edits(who, mine[place], f"edited {number}")
        elif act == "remove":
            mine[place] = meeting.removes(who, mine[place])
        else:
            mine[place] = meeting.restores(who, mine[place])


def test_everything_arrives_exactly_once_and_in_order_under_six_writers(meeting):
    done = threading.Event()
    pages = [Page(meeting) for _ in range(2)]
    left = [6]

    def write(seed):
        try:
            who = (meeting.ann, meeting.bob, meeting.miriam)[seed % 3]
            writes(meeting, who, seed, 25)
        finally:
            left[0] -= 1
            if not left[0]:
                done.set()

    def follow(page):
        while not done.is_set():
            page.polls()
        page.polls()

    results = at_once(
        *[lambda seed=seed: write(seed) for seed in range(6)],
        *[lambda page=page: follow(page) for page in pages],
    )
    assert results == [None] * 8
    with meeting.db.reading() as c:
        truth = reading.read(c)
    for page in pages:
        assert list(page.shown.values()) == truth
        assert page.cursor == meeting.room.revision
        assert len(page.told) == len(set(page.told))
        assert len(page.told) > len(truth)  # edits and deletions came too


def test_nothing_new_is_nothing(meeting):
    fill(meeting, 3)
    news = meeting.news(3)
    assert not news
    assert (news.revision, news.new, news.changed, news.stretch, news.missed) == (
        3,
        [],
        [],
        None,
        0,
    )


def test_an_empty_room_has_no_news(meeting):
    assert not meeting.news(0)


def test_new_messages_come_in_the_order_of_the_room(meeting):
    fill(meeting, 5)
    news = meeting.news(2)
    assert news
    assert (lines(news.new), news.changed, news.revision) == ([3, 4, 5], [], 5)


def test_changes_come_once_as_they_are_now(meeting):
    one, two, _ = fill(meeting, 3)
    meeting.edits(meeting.ann, one, "first")
    meeting.edits(meeting.ann, one, "second")
    meeting.removes(meeting.ann, two)
    news = meeting.news(3)
    assert news.new == []
    assert [(m.id, m.text, bool(m.deleted_at)) for m in news.changed] == [
        (one.id, "second", False),
        (two.id, two.text, True),
    ]
    assert news.revision == 6


def test_a_message_that_was_changed_before_it_was_seen_is_new_and_comes_once(meeting):
    [said] = fill(meeting, 1)
    meeting.edits(meeting.ann, said, "changed")
    news = meeting.news(0)
    assert ([m.text for m in news.new], news.changed) == (["changed"], [])


def test_a_message_that_came_and_went_unseen_is_a_new_tombstone(meeting):
    [said] = fill(meeting, 1)
    meeting.removes(meeting.ann, said)
    news = meeting.news(0)
    assert ([bool(m.deleted_at) for m in news.new], news.changed) == ([True], [])


def test_another_room_is_not_told_of(meeting):
    fill(meeting, 2)
    garden = elsewhere(meeting)
    assert not meeting.news(2)
    with meeting.db.reading() as c:
        news = feed.news(c, rooms.get(c, meeting.ann, garden.id), 0)
    assert [message.text for message in news.new] == ["elsewhere"]


def test_two_hundred_changes_come_in_one_answer(meeting):
    fill(meeting, 210)
    news = meeting.news(10)
    assert lines(news.new) == list(range(11, 211))
    assert (news.stretch, news.missed) == (None, 0)


def test_one_more_and_the_list_is_shown_anew(meeting):
    fill(meeting, 210)
    news = meeting.news(9)
    assert news
    assert (news.new, news.changed, news.missed, news.revision) == ([], [], 201, 210)
    assert lines(news.stretch) == list(range(161, 211))
    assert (news.stretch.older, news.stretch.newer) == (True, False)


def test_many_changes_of_few_messages_are_not_too_many(meeting, monkeypatch):
    monkeypatch.setattr(feed, "CATCH_UP", 20)
    [said] = fill(meeting, 1)
    with meeting.db.writing() as c:
        for number in range(25):
            said = messages.edit(c, said, meeting.ann, f"edited {number}")
    news = meeting.news(1)
    assert ([m.text for m in news.changed], news.stretch) == (["edited 24"], None)


def test_only_messages_count_as_missed_not_changes(meeting, monkeypatch):
    monkeypatch.setattr(feed, "CATCH_UP", 20)
    said = fill(meeting, 60)
    with meeting.db.writing() as c:
        for message in said[:21]:
            messages.remove(c, message, meeting.ann)
    news = meeting.news(60)
    assert (len(news.stretch.messages), news.missed) == (50, 0)


def test_a_cursor_from_the_future_shows_the_list_anew(meeting):
    fill(meeting, 3)
    news = meeting.news(4)
    assert news
    assert (lines(news.stretch), news.missed, news.revision) == ([1, 2, 3], 0, 3)
    assert meeting.news(2**63 - 1).stretch == news.stretch


def test_a_cursor_from_the_future_in_an_empty_room_is_news_too(meeting):
    news = meeting.news(7)
    assert news
    assert (news.stretch, news.revision) == (feed.Stretch([], False, False), 0)


def test_the_end_of_the_room(meeting):
    assert meeting.reads(feed.newest) == feed.Stretch([], False, False)
    fill(meeting, 50)
    end = meeting.reads(feed.newest)
    assert (lines(end), end.older, end.newer) == (list(range(1, 51)), False, False)
    fill(meeting, 1)
    end = meeting.reads(feed.newest)
    assert (len(end.messages), end.older, end.newer) == (50, True, False)
    assert lines(end)[0] == 2


def test_scrolling_up_shows_every_message_once(meeting):
    elsewhere(meeting)
    fill(meeting, 120)
    stretch, seen = meeting.reads(feed.newest), []
    while True:
        seen = lines(stretch) + seen
        if not stretch.older:
            break
        stretch = meeting.reads(feed.before, stretch.messages[0].id)
        assert stretch.newer
    assert seen == list(range(1, 121))


def test_before_a_message_that_is_not_there_are_those_with_smaller_ids(meeting):
    fill(meeting, 3)
    assert lines(meeting.reads(feed.before, 10**17)) == [1, 2, 3]
    assert lines(meeting.reads(feed.before, 0)) == []


@pytest.mark.parametrize(
    ("place", "first", "last", "older", "newer"),
    [
        (1, 1, 25, False, True),
        (25, 1, 49, False, True),
        (26, 1, 50, False, True),
        (27, 2, 51, True, True),
        (60, 35, 84, True, True),
        (95, 70, 119, True, True),
        (96, 71, 120, True, False),
        (120, 95, 120, True, False),
    ],
)
def test_around_a_message_are_its_neighbours_on_both_sides(
    meeting, place, first, last, older, newer
):
    said = fill(meeting, 120)
    stretch = meeting.reads(feed.around, said[place - 1].id)
    assert lines(stretch) == list(range(first, last + 1))
    assert (stretch.older, stretch.newer) == (older, newer)


def test_since_a_revision_begins_with_what_was_missed(meeting):
    fill(meeting, 120)
    stretch = meeting.reads(feed.since, 30)
    assert lines(stretch) == list(range(31, 81))
    assert (stretch.older, stretch.newer) == (True, True)
    stretch = meeting.reads(feed.since, 70)
    assert (lines(stretch), stretch.older, stretch.newer) == (list(range(71, 121)), True, False)
    stretch = meeting.reads(feed.since, 0)
    assert (lines(stretch)[0], stretch.older) == (1, False)


def test_since_now_is_the_end(meeting):
    fill(meeting, 3)
    for revision in (3, 4711):
        stretch = meeting.reads(feed.since, revision)
        assert (lines(stretch), stretch.older, stretch.newer) == ([1, 2, 3], False, False)


def test_a_program_follows_page_by_page_and_misses_nothing(meeting):
    said = fill(meeting, 25)
    elsewhere(meeting)
    meeting.removes(meeting.ann, said[3])
    meeting.edits(meeting.ann, said[0], "line 1000")
    kept, cursor, more = {}, 0, True
    while more:
        found, more = meeting.reads(feed.changes, cursor, 7)
        assert [m.revision for m in found] == sorted(m.revision for m in found)
        kept |= {message.id: message for message in found}
        cursor = found[-1].revision
    assert cursor == meeting.room.revision == 27
    assert len(kept) == 25
    assert kept[said[3].id].deleted_at and kept[said[0].id].text == "line 1000"
    assert meeting.reads(feed.changes, cursor, 7) == ([], False)


def test_a_page_that_is_just_full_has_no_more(meeting):
    fill(meeting, 7)
    found, more = meeting.reads(feed.changes, 0, 7)
    assert (len(found), more) == (7, False)


def test_messages_bring_their_files(meeting):
    from tests.test_messages_rules import BEANS, PLAN

    said = meeting.says(meeting.ann, "", "", BEANS, PLAN)
    meeting.says(meeting.bob, "nice")
    first, second = meeting.news(0).new
    assert (first, second.files) == (said, ())
    assert [file.name for file in first.files] == ["beans.jpg", "plan.pdf"]


def test_an_answer_is_of_one_moment(meeting):
    """The room's revision and its messages are read together: a post between them waits."""
    fill(meeting, 1)
    with meeting.db.reading() as c:
        room = rooms.get(c, meeting.miriam, rooms.LOBBY)
        meeting.says(meeting.bob, "meanwhile")
        news = feed.news(c, room, 0)
    assert (lines(news.new), news.revision) == ([1], 1)
    assert [m.text for m in meeting.news(1).new] == ["meanwhile"]
