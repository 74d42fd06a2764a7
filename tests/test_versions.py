"""What a message said before: kept at each edit, for its author and moderators."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from parley.store import tables
from parley.store.errors import Missing
from parley.talk import leaving, messages, people, versions
from tests.meeting import Meeting
from tests.test_company_rules import does
from tests.test_media import PHOTO
from tests.visitor import HTMX, change, soup, words


def earlier(meeting: Meeting, who: people.Person, message) -> list[str]:
    """The words that somebody finds."""
    with meeting.db.reading() as c:
        now = messages.get(c, message.id)
        return [version.text for version in versions.read(c, now, who)]


@pytest.fixture
def edited(meeting: Meeting) -> messages.Message:
    """Ann's, in its third version."""
    said = meeting.says(meeting.ann, "one")
    meeting.edits(meeting.ann, said, "two")
    return meeting.edits(meeting.ann, said, "three")


def test_the_newest_stands_first_with_the_time_of_its_end(meeting, edited):
    with meeting.db.reading() as c:
        found = versions.read(c, edited, meeting.ann)
    assert [version.text for version in found] == ["two", "one"]
    assert found[0].until == edited.edited_at and found[1].until < found[0].until


def test_an_edit_that_changes_nothing_keeps_nothing(meeting, edited):
    meeting.edits(meeting.ann, edited, "three")
    assert earlier(meeting, meeting.ann, edited) == ["two", "one"]


def test_moderators_see_them_and_others_do_not(meeting, edited):
    assert earlier(meeting, meeting.miriam, edited) == ["two", "one"]
    with pytest.raises(Missing):
        earlier(meeting, meeting.bob, edited)


def test_what_was_deleted_shows_no_versions_until_that_is_undone(meeting, edited):
    gone = meeting.removes(meeting.ann, edited)
    for who in (meeting.ann, meeting.miriam):
        with pytest.raises(Missing):
            earlier(meeting, who, gone)
    meeting.restores(meeting.ann, gone)
    assert earlier(meeting, meeting.ann, gone) == ["two", "one"]


def test_fifty_are_kept_and_of_other_messages_all(meeting, edited):
    other = meeting.says(meeting.bob, "a")
    meeting.edits(meeting.bob, other, "b")
    for number in range(52):
        meeting.edits(meeting.ann, edited, f"{number}")
    found = earlier(meeting, meeting.ann, edited)
    assert found == [*(f"{number}" for number in range(50, 0, -1))]
    assert earlier(meeting, meeting.bob, other) == ["a"]


def test_who_takes_their_messages_away_takes_their_versions(meeting, edited):
    does(meeting, leaving.leave, meeting.ann, True)
    with meeting.db.reading() as c:
        assert c.scalar(select(func.count()).select_from(tables.versions)) == 0


# ---- The page ----


def test_it_works(miriam, ann, bob):
    message = ann.posts("We meet at nine <b>")

    def linked(visitor) -> bool:
        return bool(soup(visitor.gets("/messages/1", **HTMX)).select("[href$=versions]"))

    assert not linked(ann)
    ann.edits(message, "We meet at ten")
    assert [linked(visitor) for visitor in (ann, miriam, bob)] == [True, True, False]
    page = miriam.page("/messages/1/versions")
    assert [words(one) for one in page.select("blockquote")] == [
        "We meet at ten",
        "We meet at nine <b>",
    ]
    assert [words(one).split()[0] for one in page.select("ol .label")] == ["Now", "Until"]
    assert bob.gets("/messages/1/versions").data == bob.gets("/messages/99/versions").data
    assert bob.gets("/messages/1/versions").status_code == 404


def test_a_version_without_words_says_what_was_sent(ann):
    message = ann.posts("", PHOTO)
    ann.edits(message, "Beans")
    page = ann.page("/messages/1/versions")
    assert [words(one) for one in page.select("blockquote")] == ["Beans", "Photo"]


def test_a_deletion_ends_with_undo_and_after_ten_minutes_with_a_sentence(app, ann):
    message = ann.posts("oops")
    ann.deletes(message)
    (undo,) = ann.page("/rooms/1").select(".gone .own a")
    assert words(undo) == "Undo" and undo["hx-post"] == "/messages/1/restore"
    place = ann.gets(undo["href"]).location.partition("#")[0]
    assert "Bring it back" in words(ann.page(place).select_one(".acts"))
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    change(app, tables.messages, 1, deleted_at=long_ago, posted_at=long_ago)
    sentence = "ten minutes have passed"
    answer = ann.client.post(undo["hx-post"], headers=HTMX)
    assert answer.status_code == 403
    assert sentence in words(soup(answer).select_one("#problem[hx-swap-oob]"))
    assert sentence in ann.client.post(undo["hx-post"]).text
    assert "stays away" in words(ann.page(place).select_one(".acts"))
