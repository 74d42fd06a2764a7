"""Join links: what they open, for whom, how long and how often."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from parley.store import tables
from parley.store.errors import Forbidden, Missing, Wrong
from parley.talk import clock, links, memberships, people, rooms
from tests.meeting import Meeting, at_once


@pytest.fixture
def code(meeting) -> str:
    """The one that was made with the space."""
    with meeting.db.reading() as c:
        return links.current(c, meeting.miriam).code


@pytest.fixture
def mo(meeting) -> people.Person:
    """A moderator."""
    with meeting.db.writing() as c:
        return people.join(c, "Mo", None, "moderator")


def make(meeting: Meeting, who: people.Person, **terms) -> links.Link:
    with meeting.db.writing() as c:
        return links.make(c, who, **terms)


def join(meeting: Meeting, code: str, name: str) -> people.Person:
    with meeting.db.writing() as c:
        return links.join(c, code, name, None)


def room(meeting: Meeting, who: people.Person, name: str = "Staff", kind: str = "closed") -> int:
    with meeting.db.writing() as c:
        return rooms.make(c, who, name, kind=kind)


def set_row(meeting: Meeting, table, row: int, **values) -> None:
    with meeting.db.writing() as c:
        c.execute(update(table).where(table.c.id == row).values(**values))


def opens(meeting: Meeting, code: str) -> bool:
    """Whether the link lets in whoever asks; a page and a form must agree."""
    try:
        with meeting.db.writing() as c:
            links.find(c, code)
    except Missing:
        with pytest.raises(Missing):
            join(meeting, code, "Xenia")
        return False
    return True


def test_a_code_cannot_be_guessed_or_misread(meeting):
    codes = {make(meeting, meeting.miriam).code for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 16 and set(code) <= set(links.ALPHABET) for code in codes)
    assert not set("il1o0") & set(links.ALPHABET)


def test_a_link_says_who_invites(meeting, code):
    with meeting.db.reading() as c:
        link = links.find(c, code)
    assert (link.host, link.uses, link.name, link.role) == ("Miriam", 0, "", "member")
    assert (link.expires_at, link.most, link.is_open) == (None, None, True)


def test_capitals_do_not_matter(meeting, code):
    join(meeting, code.upper(), "Carla")
    with meeting.db.reading() as c:
        assert links.find(c, code.upper()).uses == 1


@pytest.mark.parametrize("code", ["", "guessed", "%", "_" * 16, "nul\0", "\ud800", "a" * 100_000])
def test_another_code_leads_nowhere(meeting, code):
    assert not opens(meeting, code)


def test_one_more_link_leaves_the_others_open(meeting, code):
    other = make(meeting, meeting.miriam, name=" The  parents ")
    assert other.name == "The parents"
    assert opens(meeting, code) and opens(meeting, other.code)
    with meeting.db.reading() as c:
        assert links.current(c, meeting.miriam) == other
        assert [link.code for link in links.seen_by(c, meeting.miriam)] == [other.code, code]


def test_everybody_who_comes_in_is_counted(meeting, code):
    names = [f"Pupil {letter}" for letter in "abcdefgh"]
    results = at_once(*[lambda name=name: join(meeting, code, name) for name in names])
    assert [one.name for one in results] == names
    with meeting.db.reading() as c:
        assert links.find(c, code).uses == 8


def test_of_many_at_once_no_more_come_in_than_may(meeting):
    link = make(meeting, meeting.miriam, most="3")
    names = [f"Pupil {letter}" for letter in "abcdefgh"]
    results = at_once(*[lambda name=name: join(meeting, link.code, name) for name in names])
    assert sorted(type(one).__name__ for one in results) == ["Missing"] * 5 + ["Person"] * 3
    with meeting.db.reading() as c:
        assert people.count(c) == 3 + 3
        [used, _] = links.seen_by(c, meeting.miriam)
    assert (used.uses, used.is_open) == (3, False)
    assert not opens(meeting, link.code)


def test_a_taken_name_uses_nothing_up(meeting):
    link = make(meeting, meeting.miriam, most="1")
    with pytest.raises(Wrong):
        join(meeting, link.code, "Ann")
    assert join(meeting, link.code, "Carla").name == "Carla"


@pytest.mark.parametrize(("lasts", "hours"), [("hour", 1), ("day", 24), ("week", 168)])
def test_a_link_opens_until_its_time_is_over(meeting, lasts, hours):
    link = make(meeting, meeting.miriam, lasts=lasts)
    assert link.expires_at - link.made_at == timedelta(hours=hours)
    assert opens(meeting, link.code)
    set_row(meeting, tables.links, link.id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert not opens(meeting, link.code)


def test_a_revoked_link_opens_nothing_and_the_log_says_who_did_it(meeting, mo):
    link = make(meeting, meeting.miriam, name="Parents")
    for _ in range(2):
        with meeting.db.writing() as c:
            links.revoke(c, mo, link.id)
    assert not opens(meeting, link.code)
    with meeting.db.reading() as c:
        log = c.execute(select(tables.log.c.by_id, tables.log.c.act, tables.log.c.words)).all()
    assert log == [(mo.id, "revoked a link", "Parents")]


def test_in_a_closed_place_no_link_opens_until_it_is_open_again(meeting, code):
    set_row(meeting, tables.space, 1, joining="closed")
    assert not opens(meeting, code)
    with meeting.db.reading() as c:
        assert links.current(c, meeting.miriam) is None
    set_row(meeting, tables.space, 1, joining="link")
    assert opens(meeting, code)


def test_only_owners_and_moderators_make_links(meeting, mo):
    assert make(meeting, mo).host == "Mo"
    with pytest.raises(Forbidden, match="Only owners and moderators make links"):
        make(meeting, meeting.ann)


def test_only_owners_make_moderators(meeting, mo):
    with pytest.raises(Forbidden, match="Only an owner gives and takes roles"):
        make(meeting, mo, role="moderator")
    for nobody in ("owner", "nonsense"):
        with pytest.raises(Missing):
            make(meeting, meeting.miriam, role=nobody)
    link = make(meeting, meeting.miriam, role="moderator")
    assert join(meeting, link.code, "Carla").role == "moderator"


def test_who_joins_is_in_the_rooms_of_the_link_and_the_open_ones(meeting):
    staff, cooks, open_one = (
        room(meeting, meeting.miriam, name, kind)
        for name, kind in (("Staff", "closed"), ("Cooks", "closed"), ("Garden", "open"))
    )
    link = make(meeting, meeting.miriam, leads=[staff, staff])
    carla = join(meeting, link.code, "Carla")
    with meeting.db.reading() as c:
        seen = {one.id for one in rooms.seen_by(c, carla)}
        assert links.rooms_of(c, [link]) == {link.id: [staff]}
    assert seen == {rooms.LOBBY, staff, open_one} and cooks not in seen


def test_a_link_leads_only_where_its_maker_is(meeting, mo):
    staff = room(meeting, meeting.miriam)
    for elsewhere in (staff, 4711):
        with pytest.raises(Missing):
            make(meeting, mo, leads=[elsewhere])


def test_a_moderator_sees_no_link_that_leads_further_than_their_own_could(meeting, mo):
    plain = make(meeting, meeting.miriam)
    beyond = [
        make(meeting, meeting.miriam, leads=[room(meeting, meeting.miriam)]),
        make(meeting, meeting.miriam, role="moderator"),
    ]
    theirs = make(meeting, mo, leads=[room(meeting, mo, "Cooks")])
    with meeting.db.writing() as c:
        assert [one.id for one in links.seen_by(c, mo)][:2] == [theirs.id, plain.id]
        assert links.current(c, mo).id == theirs.id
        for link in beyond:
            with pytest.raises(Missing):
                links.get(c, mo, link.id)
            with pytest.raises(Missing):
                links.revoke(c, mo, link.id)
        assert len(links.seen_by(c, meeting.miriam)) == 5, "an owner sees all"


@pytest.mark.parametrize(
    "change",
    [
        {"role": "member"},
        {"out_until": datetime.now(UTC) + timedelta(hours=1)},
        {"left_at": datetime.now(UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_link_opens_only_while_its_maker_could_make_it(meeting, mo, change):
    link = make(meeting, mo)
    assert opens(meeting, link.code)
    set_row(meeting, tables.people, mo.id, **change)
    assert not opens(meeting, link.code)


@pytest.mark.parametrize("most", ["0", "-1", "ten", "1.5", "10001", "9" * 5000, "²"])
def test_a_number_of_uses_that_is_none_is_refused(meeting, most):
    with pytest.raises(Wrong, match="A number from 1 to 10,000") as refused:
        make(meeting, meeting.miriam, most=most)
    assert refused.value.field == "most"


def test_a_name_for_a_link_has_an_end(meeting):
    with pytest.raises(Wrong) as refused:
        make(meeting, meeting.miriam, name="a" * 61)
    assert refused.value.field == "name"


@pytest.mark.parametrize("most", ["0" * 8 + "1" + "9" * 20, "0" * 5000, "٣" * 30])
def test_a_number_with_too_many_digits_is_none(meeting, most):
    with pytest.raises(Wrong, match="A number from 1 to 10,000"):
        make(meeting, meeting.miriam, most=most)


def test_a_time_that_is_none_is_not_for_ever(meeting):
    with pytest.raises(Wrong) as refused:
        make(meeting, meeting.miriam, lasts="year")
    assert refused.value.field == "lasts"


def test_a_host_who_was_put_out_of_a_room_brings_nobody_into_it(meeting, mo):
    staff, cooks = room(meeting, meeting.miriam), room(meeting, mo, "Cooks")
    with meeting.db.writing() as c:
        memberships.bring(c, staff, [mo.id])
    link = make(meeting, mo, leads=[staff, cooks])
    with meeting.db.writing() as c:
        memberships.remove(c, staff, mo.id, clock.FOREVER, meeting.miriam.id)
    carla = join(meeting, link.code, "Carla")
    with meeting.db.reading() as c:
        assert [one.id for one in rooms.seen_by(c, carla)] == [rooms.LOBBY, cooks]
