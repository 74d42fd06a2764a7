"""The checker finds a planted fault of each kind, and nothing in a history without one."""

import pytest

from tests.faults.history import Poll, Post, View, faults

POSTS = [Post(1, "a", 0, 1), Post(1, "b", 2, 3), Post(1, "c", 4, None), Post(1, "no", 4, 5, True)]
FINE = View("Ann", 1, [Poll(0, ("a",)), Poll(1.5, ("b",)), Poll(6, ())])


def test_a_good_history_has_no_fault():
    with_lost_answer = View("Bob", 1, [Poll(0.5, ("a", "b")), Poll(3.5, ("c",)), Poll(6, ())])
    assert faults(POSTS, [FINE, with_lost_answer]) == []


def test_posts_that_overlap_may_come_in_either_order():
    posts = [Post(1, "a", 0, 2), Post(1, "b", 1, 3)]
    assert faults(posts, [View("Ann", 1, [Poll(0, ("b", "a")), Poll(4, ())])]) == []


@pytest.mark.parametrize(
    ("polls", "kind"),
    [
        ([Poll(0, ("a",)), Poll(6, ())], "lost: b for Bob"),
        ([Poll(0, ("a", "b")), Poll(6, ("b",))], "doubled: b for Bob"),
        ([Poll(0, ("a",)), Poll(1.5, ("b", "x")), Poll(6, ())], "from nowhere: x for Bob"),
        ([Poll(0, ("a",)), Poll(1.5, ("b", "no"))], "refused but shown: no for Bob"),
        ([Poll(0, ("a",)), Poll(4, ()), Poll(6, ("b",))], "stale: b for Bob, 1 polls later"),
        ([Poll(0, ("b", "a")), Poll(6, ())], "order: Bob was shown another one than others"),
    ],
)
def test_each_kind_of_fault_is_found(polls, kind):
    assert kind in faults(POSTS, [FINE, View("Bob", 1, polls)])


def test_the_wrong_room_is_found():
    assert "wrong room: z for Ann" in faults(
        [*POSTS, Post(2, "z", 0, 1)], [View("Ann", 1, [*FINE.polls, Poll(7, ("z",))])]
    )


def test_an_order_against_real_time_is_found_though_all_agree():
    view = View("Ann", 1, [Poll(0, ("b", "a")), Poll(6, ())])
    assert faults(POSTS, [view]) == ["order: a comes after a message that began when it had ended"]
