"""The waiting room alone, between people and an application, played by the test."""

import asyncio
import threading

import pytest

from parley.store.errors import Busy
from parley.talk.clock import Variant
from parley.talk.revocations import Revocation
from tests.stage import HERE, played, settled, ticket

TOKYO = Variant("Asia/Tokyo", "ja")


@played
async def test_all_who_wait_get_the_same_bytes_of_one_reading(stage):
    polls = [stage.polls(0, ticket(login=number)) for number in range(50)]
    await settled()
    stage.feed.reads = 0
    stage.happens(1)
    assert set(await asyncio.gather(*polls)) == {(200, b"0-1")}
    assert stage.feed.reads == 1
    assert stage.asked == [], "Flask was never asked"


@played
async def test_who_reads_times_otherwise_gets_bytes_of_their_own_rendered_once(stage):
    here = [stage.polls(0, ticket(login=number)) for number in range(20)]
    there = [stage.polls(0, ticket(login=number, variant=TOKYO)) for number in range(20, 40)]
    await settled()
    stage.feed.reads, stage.feed.rendered = 0, []
    stage.happens(1)
    assert set(await asyncio.gather(*here)) == {(200, b"0-1")}
    assert set(await asyncio.gather(*there)) == {(200, b"0-1 Asia/Tokyo ja")}
    assert stage.feed.reads == 1, "both are told of one moment"
    assert sorted(stage.feed.rendered) == [(TOKYO, 0), (HERE, 0)]


@played
async def test_the_end_of_a_hold_is_the_same_for_all_variants(stage):
    stage.room.hold = 0.1
    polls = [stage.polls(0, ticket(login=1)), stage.polls(0, ticket(login=2, variant=TOKYO))]
    assert await asyncio.gather(*polls) == [(200, b"poller 0")] * 2


@played
async def test_only_who_has_not_seen_the_head_of_the_room_is_told_to_look_at_the_side(stage):
    stage.feed.head = 1
    for seen, is_told in ((0, True), (1, False)):
        poll = stage.polls(seen, ticket())
        await settled()
        stage.happens(seen + 1)
        await poll
        assert ((b"hx-trigger", b"side") in stage.headers) == is_told


@played
async def test_who_has_missed_something_does_not_wait(stage):
    stage.happens(3)
    assert await stage.polls(1, ticket()) == (200, b"1-3")


@played
async def test_who_asks_during_a_reading_is_in_the_next_whatever_they_have_seen(stage):
    stage.happens(3)
    read, gate = stage.feed.read, threading.Event()
    stage.feed.read = lambda *asked: gate.wait(5) and read(*asked)
    first = stage.polls(2, ticket(login=1))
    await settled()
    others = [stage.polls(after, ticket(login=9)) for after in (0, 1, 2)]
    await settled()
    gate.set()
    assert await first == (200, b"2-3")
    assert await asyncio.gather(*others) == [(200, b"0-3"), (200, b"1-3"), (200, b"2-3")]
    assert stage.feed.reads == 2, "one for the first, one for all others"


@played
async def test_who_comes_later_is_read_for_anew_though_no_notice_has_come(stage):
    stage.happens(3)
    assert await stage.polls(1, ticket()) == (200, b"1-3")
    stage.feed.revision = 4  # and the notice is late
    assert await stage.polls(1, ticket()) == (200, b"1-4")


@played
async def test_a_hold_ends_with_the_poller(stage):
    stage.room.hold = 0.1
    assert await stage.polls(0, ticket()) == (200, b"poller 0")


@played
async def test_an_open_poll_of_somebody_signed_out_goes_to_flask(stage):
    stage.answer = (401, b"", ())
    mine, other = stage.polls(0, ticket(login=1)), stage.polls(0, ticket(login=2))
    await settled()
    stage.room.revoked([Revocation(1, 1, None, None)])
    assert await mine == (401, b"")
    assert not other.done()
    stage.happens(1)
    assert await other == (200, b"0-1")


@played
async def test_the_reading_itself_tells_who_is_signed_out(stage):
    stage.answer = (401, b"", ())
    polls = [stage.polls(0, ticket(login=number, person=number)) for number in (1, 2, 3)]
    await settled()
    stage.feed.revoked = [Revocation(1, 1, None, None), Revocation(2, None, 2, 1)]
    stage.happens(1)  # the notice of the change was quicker than that of the revocation
    assert await asyncio.gather(*polls) == [(401, b""), (401, b""), (200, b"0-1")]


@played
async def test_notices_may_come_late_twice_and_in_another_order(stage):
    stage.answer = (401, b"", ())
    stage.room.revoked([Revocation(2, None, 7, None)])
    stage.room.revoked([Revocation(1, 1, None, None), Revocation(2, None, 7, None)])
    assert await stage.polls(0, ticket(login=1)) == (401, b"")
    assert await stage.polls(0, ticket(login=2, person=7, seen=1)) == (401, b"")
    newer = stage.polls(0, ticket(login=1, seen=2))
    await settled()
    assert not newer.done(), "a ticket that was given out later"


@played
async def test_a_revocation_that_is_heard_late_does_not_hide_a_newer_one(stage):
    stage.answer = (401, b"", ())
    stage.room.revoked([Revocation(9, 1, None, None)])
    stage.room.revoked([Revocation(7, 1, None, None)])
    assert await stage.polls(0, ticket(login=1, seen=8)) == (401, b"")


@played
async def test_a_notice_that_was_overtaken_hides_nothing(stage):
    stage.happens(11)
    stage.room.called(1, 10)
    assert await stage.polls(10, ticket()) == (200, b"10-11")


@played
async def test_nor_does_a_look_that_began_before_the_change(stage):
    stage.room.looked({}, [(1, 10)])
    known = stage.room.revisions.copy()
    stage.happens(11)
    stage.room.looked(known, [(1, 10)])
    assert await stage.polls(10, ticket()) == (200, b"10-11")


@played
async def test_a_reading_that_is_quicker_than_the_notice_wakes_the_others(stage):
    stage.happens(42)
    waiting = stage.polls(42, ticket(login=1))
    await settled()
    stage.feed.revision = 43  # committed, and not told yet
    assert await stage.polls(40, ticket(login=3)) == (200, b"40-43")
    stage.room.called(1, 43)
    assert await asyncio.wait_for(waiting, 1) == (200, b"42-43")


@played
async def test_a_look_finds_what_nobody_has_told(stage):
    stage.room.looked({}, [(1, 10)])
    poll = stage.polls(10, ticket())
    await settled()
    stage.feed.revision = 5  # another database, put in its place
    stage.room.looked({1: 10}, [(1, 5)])
    assert await poll == (200, b"10-5")


@played
async def test_the_fifth_poll_of_a_login_makes_the_oldest_give_way(stage):
    polls = [stage.polls(0, ticket()) for _ in range(5)]
    await settled()
    assert [poll.done() for poll in polls] == [True, False, False, False, False]
    assert await polls[0] == (204, b"")


@played
async def test_a_notice_during_the_reading_is_not_lost(stage):
    read, begun = stage.feed.read, asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(*arguments):
        shared = read(*arguments)  # the moment before the change
        loop.call_soon_threadsafe(begun.set)
        asyncio.run(asyncio.sleep(0.1))
        return shared

    stage.feed.read = slow
    poll = stage.polls(0, ticket())
    await begun.wait()
    stage.happens(1)
    assert await poll == (200, b"0-1")


@pytest.mark.parametrize("wrong", [Busy(), OSError("no database")])
def test_when_the_feed_cannot_be_read_they_are_told_to_come_back(wrong):
    @played
    async def scene(stage):
        def broken(*_):
            raise wrong

        stage.feed.read = broken
        assert await stage.polls(0, ticket()) == (503, b"")
        assert stage.asked == [], "Flask has enough to do"

    scene()


@played
async def test_when_it_closes_nobody_is_told_that_nothing_is_new_who_has_not_seen_all(stage):
    stage.happens(3)
    read, gate = stage.feed.read, threading.Event()
    stage.feed.read = lambda *asked: gate.wait(5) and read(*asked)
    first = stage.polls(2, ticket(login=1))
    await settled()
    second = stage.polls(1, ticket(login=2))  # waits for the next reading
    await settled()
    stage.room.close()
    gate.set()
    assert await asyncio.gather(first, second) == [(200, b"2-3"), (200, b"1-3")]


@played
async def test_when_it_closes_each_gets_its_poller(stage):
    polls = [stage.polls(0, ticket(login=number)) for number in range(3)]
    await settled()
    stage.room.close()
    assert await asyncio.gather(*polls) == [(200, b"poller 0")] * 3
