"""The fault runs, short: on both databases, over real servers. `just faults` has them long."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests.callers import Space
from tests.faults import runs
from tests.faults.places import SQLITE


def test_killed_five_times_in_mid_post_nothing_is_lost_or_doubled(server):
    told = runs.kills(server, 5, people=(4, 6, 1), apart=0.3)
    assert told["faults"] == {}, told
    assert told["posts"] > 5
    assert told["kills with posts in flight"] >= 3


def test_posts_that_are_cut_and_sent_again_are_there_once(server):
    told = runs.cuts(server, 1, people=(4, 6, 1))
    assert told["faults"] == {}, told
    assert told["posts"] > 5


def test_the_same_post_a_hundred_times_at_once_is_one_message(server):
    space = Space(server.start())
    ann = space.caller("Ann")
    body = urlencode({"text": "said once", "key": "the same"})

    def post(_number):
        answer = ann.ask("POST", "/rooms/1/messages", body, Accept="application/json")
        return answer.status, answer.body

    with ThreadPoolExecutor(100) as threads:
        answers = set(threads.map(post, range(100)))
    assert [status for status, _ in answers] == [201], "equal answers"
    assert [message["text"] for message in ann.reads()] == ["said once"]

    assert ann.form("/rooms/1/messages", text="other words", key="the same").status == 409


@pytest.mark.parametrize("kind", [SQLITE], indirect=True)
def test_stopped_and_started_under_load_no_post_fails(server):
    told = runs.restarts(server, 2, people=(4, 6, 1), apart=0.3)
    assert told["faults"] == {}, told
    assert told["slowest stop"] < 5
