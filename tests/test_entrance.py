"""Who may wait, who is passed on to Flask, and what a ticket of Flask's is good for."""

import pytest

from parley.talk.clock import Variant
from tests.stage import TICKETS, played, settled, ticket


@played
async def test_without_a_ticket_flask_decides(stage):
    assert await stage.polls() == (200, b"flask")
    assert stage.asked == [True]


@pytest.mark.parametrize(
    "cookie",
    [
        b"",
        b"ticket=",
        b"ticket=1.1.1.0.UTC:en.99999999999.AAAA",
        b"parley=ticket=1",
        b"ticket=\xff\xfe",
    ],
)
def test_a_forged_one_is_none(cookie):
    @played
    async def scene(stage):
        assert await stage.polls(cookie=cookie) == (200, b"flask")

    scene()


@played
async def test_the_ticket_of_another_room_is_worth_nothing(stage):
    assert await stage.polls(0, ticket(room=2)) == (200, b"flask")


@played
async def test_the_ticket_that_flask_gives_is_used_at_once(stage):
    told = b"ticket=" + TICKETS.write(ticket()).encode() + b"; Path=/rooms/1/feed"
    stage.answer = (204, b"", [(b"set-cookie", told)])
    poll = stage.polls()
    await settled()
    assert not poll.done()
    stage.happens(1)
    assert await poll == (200, b"0-1")


@played
async def test_the_ticket_says_how_its_reader_reads_times(stage):
    stage.happens(1)
    reader = ticket(variant=Variant("Etc/GMT+5", "zh-TW"))
    assert await stage.polls(0, reader) == (200, b"0-1 Etc/GMT+5 zh-TW")


@played
async def test_when_too_many_wait_the_next_is_not_held(stage):
    stage.room.most = 2
    held = [stage.polls(0, ticket(login=number)) for number in (1, 2)]
    await settled()
    stage.answer = (204, b"", ())
    assert await stage.polls(0, ticket(login=3)) == (204, b"")
    assert stage.asked == [False]
    assert not any(poll.done() for poll in held)
