"""What comes through a connection, byte for byte: polls that wait, and those that ask again."""

import asyncio
import threading
from contextlib import asynccontextmanager

import uvicorn
from uvicorn.server import ServerState

from parley.connection import Connection
from parley.talk.clock import Variant
from parley.talk.feed import Shared
from parley.talk.revocations import Revocation
from tests.stage import HERE, TICKETS, Stage, played, settled, ticket

REFUSED = 401, b"", [(b"content-length", b"0")]
FLASK = 200, b"flask", [(b"content-length", b"5")]


class Line:
    """A browser's connection to a stage."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ours: list):
        self.reader, self.writer = reader, writer
        self._ours = ours

    @property
    def unsent(self) -> int:
        """Bytes that the server keeps because nobody takes them."""
        return self._ours[0].transport.get_write_buffer_size()

    def sends(self, *requests: bytes) -> None:
        """As they are, in one piece."""
        self.writer.write(b"".join(requests))

    async def hears(self) -> tuple[int, bytes]:
        """The next answer's status and body."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        first, *lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length")), 0)
        return int(first.split()[1]), await self.reader.readexactly(length)

    async def asks(self, *requests: bytes) -> tuple[int, bytes]:
        """Send, and hear the answer."""
        self.sends(*requests)
        return await self.hears()


def poll(after: int, login: int = 1, more: bytes = b"", variant: Variant = HERE) -> bytes:
    """A poll as a browser sends it."""
    own = b"ticket=" + TICKETS.write(ticket(login, variant=variant)).encode()
    first = b"GET /rooms/1/feed?after=%d HTTP/1.1\r\nHost: here\r\n" % after
    return first + b"Cookie: %b\r\n%b\r\n" % (own, more)


SIDE = b"GET /side?room=1 HTTP/1.1\r\nHost: here\r\n\r\n"


class Aside:
    """Knows the answer to one question."""

    def same(self, data: bytes) -> bytes:
        return b"HTTP/1.1 304 Not Modified\r\n\r\n" if data == SIDE else b""


class App:
    """A stage as uvicorn takes an application."""

    def __init__(self, stage: Stage):
        self.waiting, self.entrance, self.aside = stage.room, stage.entrance, Aside()

    async def __call__(self, scope, receive, send) -> None:
        await self.entrance(scope, receive, send)


@asynccontextmanager
async def line(stage: Stage):
    """A connection for as long as the block lasts."""
    config, state = uvicorn.Config(App(stage), proxy_headers=False), ServerState()
    ours: list[Connection] = []

    def connection() -> Connection:
        ours.append(Connection(config, state, {}))
        return ours[-1]

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield Line(reader, writer, ours)
    finally:
        writer.close()
        await settled()
        server.close()


@played
async def test_a_poll_is_answered_and_asked_again_and_again(stage):
    async with line(stage) as browser:
        for number in range(1, 5):
            browser.sends(poll(number - 1))
            await settled()
            stage.happens(number)
            assert await browser.hears() == (200, b"%d-%d" % (number - 1, number))
    assert stage.asked == [], "Flask was never asked"


@played
async def test_what_is_before_the_query_and_behind_it_counts(stage):
    stage.happens(9)
    stage.answer = REFUSED
    async with line(stage) as browser:
        same = poll(3)
        assert await browser.asks(same) == (200, b"3-9")
        assert await browser.asks(same.replace(b"after=3", b"after=7")) == (200, b"7-9")
        assert await browser.asks(same.replace(b"rooms/1", b"rooms/2")) == (401, b"")
        assert await browser.asks(same) == (200, b"3-9")
        assert await browser.asks(same.replace(b"ticket=", b"TICKET=")) == (401, b"")
        assert await browser.asks(same.replace(b"GET", b"PUT")) == (401, b"")


@played
async def test_another_ticket_of_the_same_login_reads_otherwise_from_then_on(stage):
    stage.happens(9)
    async with line(stage) as browser:
        assert await browser.asks(poll(3)) == (200, b"3-9")
        tokyo = Variant("Asia/Tokyo", "ja")
        for after in (7, 8):  # the second time the poll is not parsed anew
            told = b"%d-9 Asia/Tokyo ja" % after
            assert await browser.asks(poll(after, variant=tokyo)) == (200, told)
        assert await browser.asks(poll(8)) == (200, b"8-9")


@played
async def test_one_who_is_signed_out_goes_to_flask_though_they_say_the_same(stage):
    stage.happens(1)
    stage.answer = REFUSED
    async with line(stage) as browser:
        assert await browser.asks(poll(0)) == (200, b"0-1")
        browser.sends(poll(1))
        await settled()
        stage.room.revoked([Revocation(1, 1, None, None)])
        assert await browser.hears() == (401, b"")
        assert await browser.asks(poll(0)) == (401, b"")
        assert await browser.asks(poll(0, login=2)) == (200, b"0-1"), "somebody else signs in"


@played
async def test_polls_may_come_in_pieces_or_several_at_once(stage):
    stage.happens(9)
    async with line(stage) as browser:
        for after in range(1, 8):  # also where the one before was whole
            browser.sends(poll(after)[: after * 9])
            await settled()
            assert await browser.asks(poll(after)[after * 9 :]) == (200, b"%d-9" % after)
            assert await browser.asks(poll(after)) == (200, b"%d-9" % after)
        browser.sends(poll(1), poll(2), poll(3))
        assert [await browser.hears() for _ in "123"] == [(200, b"%d-9" % n) for n in (1, 2, 3)]


@played
async def test_who_asks_on_while_a_poll_waits_gets_the_answers_in_order(stage):
    async with line(stage) as browser:
        for number in (1, 2):  # the second time the poll is not parsed anew
            browser.sends(poll(number - 1))
            await settled()
            browser.sends(poll(0, login=2))
            await settled()
            stage.happens(number)
            assert await browser.hears() == (200, b"%d-%d" % (number - 1, number))
            assert await browser.hears() == (200, b"0-%d" % number)


@played
async def test_the_body_of_another_request_is_not_taken_for_a_poll(stage):
    stage.happens(9)
    async with line(stage) as browser:
        asked = poll(1, more=b"Content-Length: 5\r\n")
        assert await browser.asks(asked) == (200, b"1-9")
        assert (await browser.asks(asked))[0] == 400, "five bytes of body, then nonsense"


@played
async def test_nor_are_the_headers_of_another_request(stage):
    stage.happens(9)
    async with line(stage) as browser:
        assert await browser.asks(poll(1)) == (200, b"1-9")
        browser.sends(b"GET /rooms/1/feed?after=2 HTTP/1.1\r\nX: ")
        await settled()
        assert await browser.asks(poll(3)) == (200, b"2-9")


@played
async def test_who_wants_the_connection_closed_gets_it_closed(stage):
    stage.happens(9)
    async with line(stage) as browser:
        assert await browser.asks(poll(1, more=b"Connection: close\r\n")) == (200, b"1-9")
        assert await asyncio.wait_for(browser.reader.read(), 2) == b"", "not when it has idled"


@played
async def test_who_is_cut_off_waits_no_longer(stage):
    async with line(stage) as browser:
        browser.sends(poll(0))
        await settled()
        assert len(stage.room.seats.polls) == 1
        browser.writer.close()
        await settled()
        assert not stage.room.seats.polls
    stage.happens(1)
    await settled()
    assert stage.feed.reads == 1, "only to find out that nothing was new"


@played
async def test_flask_is_not_asked_for_somebody_who_has_gone(stage):
    stage.happens(1)
    read, gate = stage.feed.read, threading.Event()
    stage.feed.read = lambda *asked: gate.wait(5) and read(*asked)
    async with line(stage) as browser:
        browser.sends(poll(0))
        await settled()
        browser.writer.close()
        await settled()
        stage.room.revoked([Revocation(1, 1, None, None)])
        gate.set()
        await settled()
    assert stage.asked == []


@played
async def test_who_takes_nothing_is_not_sent_more_and_more(stage):
    large = Shared(9, b"x" * 20_000_000, b"", [])
    stage.feed.read = lambda room_id, seen, revocation: dict.fromkeys(seen, large)
    async with line(stage) as browser:
        browser.sends(poll(1))
        await settled()
        kept = browser.unsent
        assert kept > 0
        for after in (1, 2, 3):
            browser.sends(poll(after))
            await settled()
        assert browser.unsent <= kept
        answers = [await browser.hears() for _ in "1234"]
        assert [len(body) for _, body in answers] == [20_000_000] * 4


@played
async def test_an_answer_has_a_date_and_the_headers_of_the_feed(stage):
    stage.happens(9)
    async with line(stage) as browser:
        browser.sends(poll(1))
        head = await browser.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\ndate: ")
    assert b"\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\n" in head


# ---- The list at the side ----


@played
async def test_a_list_that_is_the_same_is_said_so_between_other_requests(stage):
    stage.happens(9)
    stage.answer = FLASK
    async with line(stage) as browser:
        for after in range(3):
            assert await browser.asks(SIDE) == (304, b"")
            assert await browser.asks(poll(after)) == (200, b"%d-9" % after)
        assert stage.asked == []
        assert await browser.asks(SIDE.replace(b"room=1", b"room=2")) == (200, b"flask")
        assert await browser.asks(SIDE) == (304, b"")


@played
async def test_who_asks_for_it_while_a_poll_waits_is_told_after_the_poll(stage):
    stage.answer = FLASK
    async with line(stage) as browser:
        browser.sends(poll(0))
        await settled()
        browser.sends(SIDE)
        await settled()
        stage.happens(1)
        assert [await browser.hears() for _ in "12"] == [(200, b"0-1"), (200, b"flask")]


@played
async def test_what_belongs_to_another_request_is_no_question_for_a_list(stage):
    stage.answer = FLASK
    post = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n" % len(SIDE)
    async with line(stage) as browser:
        headers = b"GET /x HTTP/1.1\r\nX: "
        for begun in (headers, headers, post):  # its headers, also after another one, its body
            browser.sends(begun)
            await settled()
            assert await browser.asks(SIDE) == (200, b"flask")
        assert [await browser.asks(SIDE) for _ in "12"] == [(200, b"flask"), (304, b"")]
