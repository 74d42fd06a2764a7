"""A database that does not agree with itself is found out."""

import pytest
from sqlalchemy import delete, update

from parley.store import tables
from parley.talk import messages, pins, reactions
from tests.faults.books import faults_of_books


@pytest.fixture
def talk(meeting):
    """Ann names Bob, who answers apart and reacts; Miriam pins it."""
    said = meeting.says(meeting.ann, "hello @Bob")
    meeting.replies(meeting.bob, said, "hello", apart=True)
    with meeting.db.writing() as c:
        reactions.react(c, messages.get(c, said.id), meeting.bob, "👍", True)
        pins.pin(c, messages.get(c, said.id), meeting.miriam)
    return meeting


def found(meeting, *acts) -> list[str]:
    with meeting.db.writing() as c:
        for act in acts:
            c.execute(act)
        return faults_of_books(c)


def test_what_agrees_has_no_fault(talk):
    assert found(talk) == []


@pytest.mark.parametrize(
    ("act", "kinds"),
    [
        (delete(tables.notices), ["lost"] * 3),
        (update(tables.notices).values(by_id=1), ["lost"] * 3 + ["from nowhere"] * 3),
        (delete(tables.reactions), ["from nowhere"]),
        (update(tables.messages).values(replies=0), ["miscounted"]),
        (update(tables.rooms).values(pins=0), ["miscounted"]),
    ],
)
def test_each_fault_is_found(talk, act, kinds):
    assert [fault.partition(":")[0] for fault in found(talk, act)] == kinds
