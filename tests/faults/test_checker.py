"""The checker finds a planted fault of each kind, and nothing in a history without one."""

import pytest

from tests.faults.checker import KINDS, faults
from tests.faults.history import GONE, Change, Poll, Quote, Shown, View
from tests.faults.marks import PIN, Mark, faults_of_marks

A, B, C, NO = (Shown(number, words) for number, words in enumerate(("a", "b", "c", "no"), 1))
A2, GONE_A, B_PHOTO, X = Shown(1, "a2"), Shown(1, GONE), Shown(2, "b", (7,)), Shown(9, "x")
POSTS = [
    Change(1, "A", "a", 0, 1, id=1),
    Change(1, "B", "b", 2, 3, id=2),
    Change(1, "C", "c", 4, None),
    Change(1, "NO", "no", 4, 5, refused=True),
]
EDIT, DELETION, UNDO = (
    Change(1, "A", words, began, began + 1) for words, began in (("a2", 10), (GONE, 20), ("a2", 30))
)
CHANGES = [*POSTS, EDIT, DELETION, UNDO]


def at(began: float, *new: Shown, **more) -> Poll:
    """A poll that was answered half a second later."""
    return Poll(began, began + 0.5, new, **more)


def told(began: float, *changed: Shown) -> Poll:
    """A poll that changed what stood there."""
    return Poll(began, began + 0.5, (), changed)


def kinds(changes, *polls, out=None) -> list[str]:
    """What is wrong when Bob sees that; Ann sees all the posts in time."""
    fine = [at(0, A), at(1.9, B), at(6)]
    views = [View("Ann", 1, fine), View("Bob", 1, list(polls), out)]
    if len(changes) > len(POSTS):
        fine += [told(10.5, A2), told(20.5, GONE_A), told(30.5, A2), at(40)]
    return faults(changes, views)


BEGUN = [at(0, A), at(2, B), at(6)]


def test_a_good_history_has_no_fault():
    assert kinds(POSTS, at(1.9, A, B), at(3.6, C), at(6)) == []
    assert kinds(CHANGES, *BEGUN, told(10, A2), told(20, GONE_A), told(30, A2), at(40)) == []


@pytest.mark.parametrize(
    "polls",
    [
        [told(21, GONE_A), told(31, A2)],  # never saw the edit alone
        [told(31, A2)],  # was away all the time
        [told(20.5, A2), told(21.5, GONE_A), told(31.5, A2)],  # asked before the deletion ended
        [told(10.5, A2), at(40)],  # a deletion undone before anyone looked changes nothing
        [at(40, B, C, whole=True)],  # the list began anew below it
    ],
)
def test_a_later_state_of_a_message_is_as_good(polls):
    assert kinds(CHANGES, *BEGUN, *polls, at(50)) == []


def test_posts_that_overlap_may_come_in_either_order():
    posts = [Change(1, "A", "a", 0, 2), Change(1, "B", "b", 1, 3)]
    assert faults(posts, [View("Ann", 1, [at(0.9, B, A), at(4)])]) == []


@pytest.mark.parametrize(
    ("polls", "kind"),
    [
        ([at(0, A), at(6)], "lost: b for Bob"),
        ([at(0, A), at(4, C)], "lost: b for Bob"),
        ([at(0, A), at(1.9, B), at(6, B)], "doubled: b for Bob"),
        ([at(0, A), at(1.9, B), at(6, Shown(8, "b"))], "doubled: b for Bob"),
        ([at(0, A), at(1.9, B, X), at(6)], "from nowhere: x for Bob"),
        ([at(0, A, B), at(6)], "from nowhere: b for Bob"),
        ([at(0, A), at(1.9, B, NO)], "refused but shown: no for Bob"),
        ([at(0, A), at(4), at(6, B)], "stale: b, 1 polls later for Bob"),
        ([at(2, B, A), at(6)], "order: Bob was shown another one than others"),
        ([*BEGUN, at(7, B, A, whole=True)], "order: Bob was shown another one than others"),
        ([*BEGUN, at(7, A, whole=True)], "lost: b for Bob"),
        ([at(0, A), at(1.9, B_PHOTO), at(6)], "torn: b has 1 of 0 photos for Bob"),
    ],
)
def test_each_kind_of_fault_is_found(polls, kind):
    assert kind in kinds(POSTS, *polls)
    assert kind.partition(":")[0] in KINDS


@pytest.mark.parametrize(
    ("polls", "kind"),
    [
        ([at(40)], "lost: a2 for Bob"),
        ([told(12, A2), at(25), at(26)], "lost: the deletion of A for Bob"),
        (
            [told(12), told(13, A2), told(21, GONE_A), told(31, A2)],
            "stale: a2, 1 polls later for Bob",
        ),
        ([told(21, GONE_A), told(22, A)], "went back: A to a for Bob"),
        ([told(12, A2), told(21, GONE_A), told(31, A2), told(32, GONE_A)], "went back"),
        ([told(12, GONE_A)], "from nowhere: the deletion of A for Bob"),
        ([told(12, Shown(1, "b"))], "doubled: b is also number 1 for Bob"),
    ],
)
def test_each_kind_of_fault_is_found_in_what_changes(polls, kind):
    found = kinds(CHANGES, *BEGUN, *polls)
    assert any(fault.startswith(kind) for fault in found), found


def test_what_is_shown_to_who_is_out_is_found():
    polls = [*BEGUN, told(12, A2), told(21, GONE_A)]
    assert kinds(CHANGES, *polls, out=20.5) == []
    assert kinds(CHANGES, *polls, out=15) == ["shown after removal: the deletion of A for Bob"]


def test_the_wrong_room_is_found():
    other = Change(2, "Z", "z", 6, 6.5)
    found = faults([*POSTS, other], [View("Bob", 1, [*BEGUN, at(7, Shown(5, "z"))])])
    assert found == ["wrong room: z for Bob"]


ON = ("👍 by 7",)
GIVEN = [
    Mark(1, "👍 by 7", True, 10, 11),
    Mark(1, "👍 by 7", False, 20, 21),
    Mark(1, PIN, True, 10, 11),
]


def marked(*marks: str) -> Shown:
    """The message A with these."""
    return A._replace(marks=marks)


def of_marks(*polls) -> list[str]:
    """What is wrong with reactions and pins when Bob sees that."""
    return faults_of_marks(POSTS, GIVEN, [View("Bob", 1, [at(0, A), *polls])])


@pytest.mark.parametrize(
    "polls",
    [
        [told(10.5, marked(*ON, PIN)), told(20.5, marked(PIN)), at(40)],
        [told(10.5, marked(PIN)), told(10.6, marked(*ON, PIN)), told(21, marked(PIN)), at(40)],
        [told(22, marked(PIN)), at(40)],  # was away meanwhile
        [at(40, marked(PIN), whole=True)],
    ],
)
def test_reactions_and_pins_that_come_in_order_are_fine(polls):
    assert of_marks(*polls) == []


@pytest.mark.parametrize(
    ("polls", "kind"),
    [
        ([told(10.5, marked(PIN)), at(12)], "lost: 👍 by 7 of 1"),
        ([told(10.5, marked(*ON)), at(12)], "lost: pin of 1"),
        ([told(10.5, marked(*ON, PIN)), at(22)], "lost: the deletion of 👍 by 7 of 1"),
        ([told(12, marked(PIN)), told(13, marked(*ON, PIN))], "stale: 👍 by 7 of 1"),
        ([told(10.5, marked(*ON, *ON, PIN))], "doubled: 👍 by 7 of 1"),
        ([told(10.5, marked(*ON, PIN, "🎉 by 7"))], "from nowhere: 🎉 by 7 of 1"),
        ([told(8, marked(PIN))], "from nowhere: pin of 1"),
        ([told(22, marked(PIN)), told(23, marked(*ON, PIN))], "went back: 👍 by 7 of 1"),
        ([told(12, marked(*ON, PIN)), told(13, marked(*ON))], "went back: pin of 1"),
    ],
)
def test_each_kind_of_fault_is_found_in_reactions_and_pins(polls, kind):
    assert any(fault.startswith(kind) for fault in of_marks(*polls)), of_marks(*polls)


def test_of_a_list_that_is_shown_whole_it_is_known_where_it_begins():
    """Though nothing in it was ever marked."""
    assert of_marks(at(40, B, C, whole=True), at(50)) == []
    assert "lost: pin of 1 for Bob" in of_marks(at(40, A, B, C, whole=True), at(50))


def test_a_mark_of_a_reply_answers_nothing():
    posts = [*POSTS, Change(1, "R", "r", 6, 7, id=11, reply_to="A")]
    given = R._replace(marks=(PIN,))
    views = [View("Bob", 1, [at(5, A, B, C), at(6, R), told(10.5, given)])]
    assert faults_of_marks(posts, [Mark(11, PIN, True, 10, 11)], views) == []


def test_an_order_against_real_time_is_found_though_all_agree():
    found = faults(POSTS, [View("Ann", 1, [at(2, B, A), at(6)])])
    assert found == ["order: A comes after a message that began when it had ended"]


ANSWERED, ONE, NONE = Shown(1, "a", replies=1), Shown(1, "a2", replies=1), Shown(1, "a2")
R = Shown(11, "r", quote=Quote(1, "a"))
R2, APART = R._replace(quote=Quote(1, "a2")), Shown(12, "x", quote=Quote(1, "a2"))
TALK = [
    Change(1, "A", "a", 0, 1, id=1),
    Change(1, "R", "r", 2, 3, id=11, reply_to="A"),
    Change(1, "X", "x", 4, 5, id=12, reply_to="A", apart=True),
    Change(1, "A", "a2", 6, 7),
]


@pytest.mark.parametrize(
    ("polls", "kind"),
    [
        ([at(2, A, R), told(4, ANSWERED), told(6, R2, ONE), at(9)], ""),
        ([at(2, A, R), told(6, R2, ONE), told(9, ONE)], ""),
        ([at(2, A, R), told(4, ANSWERED), told(6, ONE), at(9)], "outdated quote: R says a"),
        ([at(2, A, R), told(6, R2), at(9, ONE, R2, whole=True)], "outdated quote: R says a2"),
        ([at(2, A, R._replace(quote=None)), at(9, ONE, R2, whole=True)], "unquoted: R"),
        ([at(2, A, R._replace(quote=Quote(12, "x"))), told(6, R2, ONE), at(9)], "unquoted: R"),
        ([at(2, A, R), told(6, R2, ONE), at(9, APART)], "in the flow: x"),
        ([at(2, A, R), told(6, R2, NONE), at(9)], "miscounted: A has 1 replies, not 0"),
        ([at(2, A, R), told(6, R2, ONE._replace(replies=2)), at(9)], "miscounted: A"),
    ],
)
def test_each_kind_of_fault_is_found_in_replies(polls, kind):
    found = faults(TALK, [View("Bob", 1, polls)])
    assert found[0].startswith(kind) if kind else not found
    assert not kind or kind.partition(":")[0] in KINDS


def test_a_program_is_told_of_what_stands_apart_and_loses_none_of_it():
    told = [Shown(1, "a2", replies=1), Shown(11, "r"), Shown(12, "x")]
    for kept, found in ((3, []), (2, ["lost: x for a program"])):
        views = [View("a program", 1, [at(9, *told[:kept])], is_program=True)]
        assert faults(TALK, views) == found
