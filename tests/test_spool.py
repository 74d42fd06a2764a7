"""Bodies on their way in: whose they are, and how much room they take together."""

import asyncio
import contextlib
import shutil
import threading
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import SimpleNamespace

import pytest

from parley import spool
from parley.spool import Crowded, Spool, Stalled
from parley.store.errors import Full, Stranger, TooLarge

MB = 1_000_000


class Client:
    """Sends a body in blocks, and notes how much of it was taken."""

    def __init__(self, size: int, told: bool = True, block: int = 100_000):
        self.left, self.block, self.taken = size, block, 0
        self.scope = {"headers": [(b"content-length", b"%d" % size)] if told else []}

    async def receive(self) -> dict:
        """The next block."""
        block = min(self.block, self.left)
        self.left, self.taken = self.left - block, self.taken + block
        return {"type": "http.request", "body": bytes(block), "more_body": self.left > 0}


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Spool:
    """Room for three bodies of two megabytes."""
    monkeypatch.setattr(spool, "STEP", 100_000)
    return Spool(tmp_path, 2 * MB, 6 * MB)


def on_disk(folder) -> int:
    """Bytes of files that this process has open there; they have no names."""
    found = 0
    for handle in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if str(handle.readlink()).startswith(str(folder)):
                found += handle.stat().st_size
    return found


def take(kept: Spool, client: Client) -> int:
    """Let one request come in and go; gives the size of its body."""

    async def request() -> int:
        with contextlib.ExitStack() as place:
            body, size = await kept.take_in(client.scope, client.receive, place)
            with body:
                assert len(body.read()) == size
            return size

    return asyncio.run(request())


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("size", [0, 10, 65_537, 2 * MB])
def test_a_body_is_taken_in_whole_and_its_place_given_back(kept, size, told):
    assert take(kept, Client(size, told)) == size
    assert kept.held == 0
    assert list(kept.folder.iterdir()) == []


@pytest.mark.parametrize(("told", "most"), [(True, 0), (False, 2 * MB + 100_000)])
def test_what_is_too_large_is_not_read(kept, told, most):
    client = Client(20 * MB, told)
    with pytest.raises(TooLarge, match="One request may carry at most 2 MB"):
        take(kept, client)
    assert client.taken <= most
    assert kept.held == 0


@pytest.mark.parametrize(("told", "most"), [(True, 0), (False, MB + 100_000)])
def test_a_stranger_s_large_body_is_refused_before_it_lies_on_disk(kept, told, most):
    async def nobody(scope):
        asked.append((scope, on_disk(kept.folder)))
        raise Stranger()

    asked, kept._admit = [], nobody
    client = Client(2 * MB, told)
    with pytest.raises(Stranger):
        take(kept, client)
    assert client.taken <= most
    [(scope, before)] = asked
    assert scope is client.scope
    assert before <= client.taken
    assert kept.held == on_disk(kept.folder) == 0
    assert take(kept, Client(MB, told)) == MB  # what is small anybody may send


@pytest.mark.parametrize("told", [True, False])
def test_who_sends_is_asked_once(kept, told):
    async def somebody(scope):
        asked.append(scope)

    asked, kept._admit = [], somebody
    assert take(kept, Client(2 * MB, told)) == 2 * MB
    assert len(asked) == 1


@pytest.mark.parametrize("told", [True, False])
def test_all_bodies_together_have_so_much_room_and_no_more(kept, told):
    async def held(size: int, go_on: asyncio.Event) -> int:
        client = Client(size, told)
        with contextlib.ExitStack() as place:
            body, size = await kept.take_in(client.scope, client.receive, place)
            with body:
                await go_on.wait()
            return size

    async def crowd() -> None:
        later, now = asyncio.Event(), asyncio.Event()
        now.set()
        three = [asyncio.create_task(held(2 * MB, later)) for _ in range(3)]
        while kept.held < 6 * MB:
            await asyncio.sleep(0)
        with pytest.raises(Crowded) as refused:
            await held(200_000, now)
        assert (refused.value.status, refused.value.seconds) == (507, 10)
        assert await held(1000, now) == 1000  # what needs no disk is never turned away
        later.set()
        await asyncio.gather(*three)
        assert await held(200_000, now) == 200_000

    asyncio.run(crowd())
    assert kept.held == 0


def test_strangers_take_no_room_by_what_they_only_announce(kept):
    async def crowd() -> None:
        waiting = asyncio.Event()

        async def receive() -> dict:
            await waiting.wait()
            return {"type": "http.disconnect"}

        with contextlib.ExitStack() as place:
            scope = Client(MB).scope
            many = [asyncio.create_task(kept.take_in(scope, receive, place)) for _ in range(20)]
            await asyncio.sleep(0.01)
            client = Client(2 * MB)
            body, _ = await kept.take_in(client.scope, client.receive, place)
            body.close()
            waiting.set()
            told = await asyncio.gather(*many, return_exceptions=True)
            assert {type(one) for one in told} == {EOFError}

    asyncio.run(crowd())
    assert kept.held == 0


@pytest.mark.parametrize("disk", [False, True], ids=["room", "disk"])
def test_strangers_who_trickle_take_half_of_the_room_and_no_more(kept, monkeypatch, disk):
    """Each sends less than a megabyte and does not end; whom we know can send all the same."""
    if disk:
        told = SimpleNamespace(free=spool.SPARE + 2 * kept.most)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: told)
        kept.most *= 10
    known = [Client(900_000), Client(2 * MB)]

    async def admit(scope):
        if not any(scope is one.scope for one in known):
            raise Stranger()

    class Slow(Client):
        async def receive(self):
            if self.left <= 100_000:
                await asyncio.sleep(3600)
            held.append(kept.held)
            return await super().receive()

    async def send(client: Client) -> int:
        with contextlib.ExitStack() as place:
            body, size = await kept.take_in(client.scope, client.receive, place)
            body.close()
            return size

    async def crowd() -> None:
        waiting, refused = [], []
        for client in (Slow(MB) for _ in range(9)):
            task = asyncio.create_task(send(client))
            while client.left > 100_000 and not task.done():
                await asyncio.sleep(0)
            (refused if task.done() else waiting).append(task)
        assert (len(waiting), len(refused)) == (3, 6)
        assert {type(task.exception()) for task in refused} == {Stranger}
        assert max(held) <= 3 * MB
        for client in known:
            assert await send(client)
        assert await send(Client(spool.BLOCK)) == spool.BLOCK, "forms without files go on"
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)

    held: list[int] = []
    kept._admit = admit
    asyncio.run(crowd())
    assert kept.held == 0


def test_a_body_leaves_the_disk_what_it_needs(kept, monkeypatch, caplog):
    free = spool.SPARE + 2 * MB
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    assert take(kept, Client(MB)) == MB
    client = Client(MB + 10)
    with pytest.raises(Full, match="The server has no room left for what was sent"):
        take(kept, client)
    assert client.taken == 0
    assert len(caplog.records) == 1


@pytest.mark.parametrize("size", [1000, 2 * MB])
def test_who_sends_nothing_more_holds_no_place(kept, monkeypatch, size):
    class Gone(Client):
        async def receive(self):
            return await (super().receive() if self.left > size / 2 else asyncio.sleep(3600))

    monkeypatch.setattr(spool, "PATIENCE", 0.05)
    with pytest.raises(Stalled) as refused:
        take(kept, Gone(size, block=size // 10))
    assert refused.value.status == 408
    assert kept.held == on_disk(kept.folder) == 0


def test_what_breaks_off_is_let_go_beside_the_loop(kept, monkeypatch):
    class Noted(SpooledTemporaryFile):
        def close(self):
            closed.append(threading.current_thread())
            super().close()

    async def leave() -> dict:
        return {"type": "http.disconnect"}

    closed: list[threading.Thread] = []
    monkeypatch.setattr(spool, "SpooledTemporaryFile", Noted)
    with contextlib.ExitStack() as place, pytest.raises(EOFError):
        asyncio.run(kept.take_in(Client(MB).scope, leave, place))
    assert closed and threading.current_thread() not in closed


def test_who_leaves_holds_no_place(kept):
    class Gone(Client):
        async def receive(self):
            return await super().receive() if self.taken < MB else {"type": "http.disconnect"}

    with pytest.raises(EOFError):
        take(kept, Gone(2 * MB))
    assert kept.held == on_disk(kept.folder) == 0
