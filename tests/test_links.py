"""Join links."""

import pytest

from parley.store.errors import Missing
from parley.talk import links
from tests.meeting import at_once


@pytest.fixture
def code(meeting) -> str:
    """The one that was made with the space."""
    with meeting.db.reading() as c:
        return links.current(c).code


def test_a_code_cannot_be_guessed_or_misread(meeting):
    with meeting.db.writing() as c:
        codes = {links.make(c, meeting.miriam) for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 16 and set(code) <= set(links.ALPHABET) for code in codes)
    assert not set("il1o0") & set(links.ALPHABET)


def test_a_link_says_who_invites(meeting, code):
    with meeting.db.reading() as c:
        assert links.find(c, code) == links.Link(code, 0, "Miriam")


def test_capitals_do_not_matter(meeting, code):
    with meeting.db.writing() as c:
        links.use(c, code.upper())
        assert links.find(c, code.upper()).uses == 1


@pytest.mark.parametrize("code", ["", "guessed", "%", "_" * 16, "nul\0", "\ud800", "a" * 100_000])
def test_another_code_leads_nowhere(meeting, code):
    with meeting.db.writing() as c:
        with pytest.raises(Missing):
            links.find(c, code)
        with pytest.raises(Missing):
            links.use(c, code)


def test_everybody_who_comes_in_is_counted(meeting, code):
    def use():
        with meeting.db.writing() as c:
            links.use(c, code)

    assert at_once(*[use] * 8) == [None] * 8
    with meeting.db.reading() as c:
        assert links.current(c).uses == 8


def test_a_new_link_closes_all_others(meeting, code):
    with meeting.db.writing() as c:
        second = links.make(c, meeting.miriam)
        third = links.replace(c, meeting.miriam)
        assert links.current(c).code == links.find(c, third).code == third
        for old in (code, second):
            with pytest.raises(Missing):
                links.find(c, old)


def test_without_any_link_there_is_no_way_in(meeting):
    from sqlalchemy import delete

    from parley.store import tables

    with meeting.db.writing() as c:
        c.execute(delete(tables.links))
        with pytest.raises(Missing):
            links.current(c)
