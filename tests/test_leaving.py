"""Leaving the space: a former member, whose words stay or go."""

import pytest
from sqlalchemy import func, select, update

from parley.store import tables
from parley.store.errors import Forbidden
from parley.talk import feed, leaving, logins, memberships, people, rooms
from parley.web import parts
from tests.corpus import picture
from tests.meeting import Meeting
from tests.visitor import HTMX, PASSWORD, Visitor, said, soup, words


def leaves(meeting: Meeting, who: people.Person, take_away: bool = False) -> dict[int, int]:
    with meeting.db.writing() as c:
        return leaving.leave(c, people.get(c, who.id), take_away)[1]


def test_who_leaves_is_a_former_member_and_their_words_stay(meeting):
    meeting.says(meeting.bob, "I was here")
    with meeting.db.writing() as c:
        token = logins.begin(c, meeting.bob.id, "a browser")
    assert leaves(meeting, meeting.bob) == {}
    [message] = meeting.news(0).new
    assert (message.text, message.author, message.deleted_at) == (
        "I was here",
        "Former member",
        None,
    )
    with meeting.db.writing() as c:
        assert logins.find(c, token) is None
        assert memberships.count(c, rooms.LOBBY) == 2
        assert people.by_name(c, "Bob") is None
        assert people.join(c, "Bob", None).id != meeting.bob.id  # the name is free again


def test_two_may_leave(meeting):
    for who in (meeting.ann, meeting.bob):
        leaves(meeting, who)
    with meeting.db.reading() as c:
        assert [one.name for one in people.everyone(c)] == ["Miriam"]


def test_words_that_go_leave_tombstones_each_with_a_number_of_its_own(meeting):
    for number in range(5):
        meeting.says(meeting.bob, f"mine {number}")
        meeting.says(meeting.ann, f"hers {number}")
    assert leaves(meeting, meeting.bob, take_away=True) == {rooms.LOBBY: 15}
    news = meeting.news(10)
    assert (len(news.new), len(news.changed), news.revision) == (0, 5, 15)
    assert all(one.deleted_at and not one.text for one in news.changed)
    assert sorted(one.revision for one in news.changed) == [11, 12, 13, 14, 15]
    some, more = meeting.reads(feed.changes, 10, 3)  # a page of it is cut without a hole
    assert more and [one.revision for one in some] == [11, 12, 13]


def test_the_last_owner_stays(meeting):
    with pytest.raises(Forbidden, match="only owner"):
        leaves(meeting, meeting.miriam)


def test_one_chooses_and_is_gone_at_once(app, ann, bob):
    bob.posts("look", ("beach.jpg", picture("JPEG")))
    ann.polls()
    answer = bob.client.post("/people/me/leave", data={})
    assert answer.status_code == 422
    assert "Choose" in words(soup(answer).select_one("#messages-note"))
    answer = bob.client.post("/people/me/leave", data={"messages": "go"})
    assert (answer.status_code, answer.location) == (303, "/about")
    assert bob.gets("/rooms/1").status_code == 303
    assert bob.signs_in(PASSWORD).status_code == 422
    news = ann.polls()
    assert "Former member deleted this message" in words(news)
    with parts(app).db.reading() as c:
        assert c.scalar(select(func.count()).select_from(tables.files)) == 0


def test_the_only_owner_is_told_what_to_do(miriam: Visitor):
    answer = miriam.client.post("/people/me/leave", data={"messages": "stay"}, headers=HTMX)
    assert answer.status_code == 403
    assert "Make somebody else an owner" in said(soup(answer))


def test_words_that_were_deleted_before_go_too_and_nobody_brings_them_back(meeting):
    own, moderated = meeting.says(meeting.bob, "mine"), meeting.says(meeting.bob, "rude")
    meeting.removes(meeting.bob, own)
    meeting.removes(meeting.miriam, moderated)
    leaves(meeting, meeting.bob, take_away=True)
    found = meeting.news(0).new
    assert [(one.text, one.deleted_by) for one in found] == [("", meeting.bob.id)] * 2
    with pytest.raises(Forbidden):
        meeting.restores(meeting.miriam, moderated)


def test_nothing_more_is_done_to_a_former_member(miriam, bob):
    bob.client.post("/people/me/leave", data={"messages": "stay"})
    page = miriam.page("/people/2")
    assert words(page.h1) == "Former member" and not page.select("main form")
    acts = {"mute": "end", "remove": "end", "ban": "", "readmit": "", "role": "role", "key": ""}
    for act, field in acts.items():
        form = {field: {"end": "day", "role": "owner"}.get(field, "")}
        assert miriam.client.post(f"/people/2/{act}", data=form).status_code == 404, act


def test_who_became_the_only_owner_a_moment_ago_stays(meeting):
    with meeting.db.writing() as c:
        stale = people.get(c, meeting.ann.id)
        for person, role in ((meeting.ann, "owner"), (meeting.miriam, "member")):
            c.execute(
                update(tables.people).where(tables.people.c.id == person.id).values(role=role)
            )
        with pytest.raises(Forbidden, match="only owner"):
            leaving.leave(c, stale, False)
