"""Several processes on PostgreSQL: one chat, though each has a waiting room of its own."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.callers import Caller, Space
from tests.conftest import IN_CI
from tests.databases import POSTGRES, postgres_schema
from tests.servers import Server, until

HTMX = {"HX_Request": "true", "HX_Request_Type": "partial"}


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    """Two processes that answer, and the one that watches over them."""
    if not POSTGRES and not IN_CI:
        pytest.skip("PARLEY_TEST_POSTGRES not set")
    with postgres_schema() as url:
        server = Server(tmp_path / "instance", PARLEY_DATABASE=url, PARLEY_WORKERS="2")
        try:
            yield server.start()
        finally:
            server.kill_all()
        assert not server.complaints()


def workers(server: Server) -> list[int]:
    """The processes that answer."""
    return [
        pid
        for pid in server.processes()
        if b"multiprocessing.spawn" in told(pid, "cmdline")
        and told(pid, "stat").split()[3] == str(server.process.pid).encode()
    ]


def told(pid: int, file: str) -> bytes:
    """What the system says of a process; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/{file}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def held(callers: list[Caller], after: int, pool: ThreadPoolExecutor) -> list:
    """A poll of each, on its way."""
    path = f"/rooms/1/feed?after={after}"
    polls = [pool.submit(one.ask, "GET", path, **HTMX) for one in callers]
    time.sleep(0.5)
    return polls


def test_a_message_reaches_who_waits_at_either_process(server):
    space = Space(server)
    people = [space.caller(f"Person {number}") for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        polls = held(people, 0, pool)
        assert not any(poll.done() for poll in polls)
        space.owner.says("hello to both")
        assert all(b"hello to both" in poll.result(5).body for poll in polls)


def test_a_sign_out_ends_the_polls_at_both(server):
    space = Space(server)
    bob = space.caller("Bob")
    with ThreadPoolExecutor(4) as pool:
        polls = held([bob] * 4, 0, pool)
        bob.form("/logout", anyway="yes")
        statuses = [poll.result(5).status for poll in polls]
    assert set(statuses) <= {204, 401}, "one that gave way to another poll knows nothing"
    assert statuses.count(401) >= 2
    assert bob.ask("GET", "/rooms/1").status == 303


def test_one_browser_s_polls_are_held_at_both_together_no_more_than_at_one(server):
    space = Space(server)
    with ThreadPoolExecutor(12) as pool:
        polls = held([space.owner] * 12, 0, pool)
        until(lambda: sum(not poll.done() for poll in polls) <= 4)
        space.owner.says("hello")


def test_it_stops_with_polls_held_and_leaves_nothing(server):
    space = Space(server)
    with ThreadPoolExecutor(4) as pool:
        polls = held([space.owner] * 4, 0, pool)
        assert server.stop() < 4
        assert {poll.result(5).status for poll in polls} <= {200, 204}
    until(lambda: server.processes() == [], 2)


def test_a_killed_worker_is_replaced_and_a_killed_supervisor_takes_both_along(server):
    first = workers(server)
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    until(lambda: len(set(workers(server)) - {first[0]}) == 2)
    until(server.answers)
    server.kill()
    until(lambda: server.processes() == [], 6)
