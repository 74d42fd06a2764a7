"""One message to a crowd in one room: when the last one has it, and what it costs the server.

The tickets of the crowd are signed here with the server's secret: that many real sign-ins would
take longer than the measurement. Everything else is as in use: a real server, a durable post,
rendered fragments, the next poll included. Beside it a bare asyncio server sends the same bytes
to the same client, in turns.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from parley.settings import ROOT
from parley.talk.tickets import Ticket, Tickets
from tests.callers import PASSWORD, Caller
from tests.servers import Server

SECRET = "for this measurement only"
ROUNDS = 5
REQUEST = (
    "GET /rooms/1/feed?after=AFTER HTTP/1.1\r\nHost: 127.0.0.1\r\nHX-Request: true\r\n"
    "HX-Request-Type: partial\r\nCookie: ticket={}\r\n\r\n"
)
TICKS = 100  # of a second, in /proc


@dataclass(frozen=True)
class Crowd:
    """Medians over the rounds: milliseconds to the middle and last person, microseconds of CPU
    for each delivered message, kilobytes for each who waits, the client's own share of a core."""

    median: float
    last: float
    cpu: float
    memory: float
    client: float


class Meter:
    """What a process has used."""

    def __init__(self, server: Server):
        self.pids = [server.process.pid]

    def cpu(self) -> float:
        """Seconds, user and system."""
        found = 0.0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found += (int(fields[11]) + int(fields[12])) / TICKS
        return found

    def memory(self) -> float:
        """Kilobytes of its own."""
        status = Path(f"/proc/{self.pids[0]}/status").read_text()
        return float(status.partition("VmRSS:")[2].split()[0])


def measure(server: Server, post, size: int) -> Crowd:
    """Let `size` people wait at a server, and post some messages."""
    meter, tickets = Meter(server), Tickets(SECRET)
    before = meter.memory()
    requests = [
        REQUEST.format(tickets.write(Ticket(1, 1000 + number, 1000 + number, 0)))
        for number in range(size)
    ]
    client = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.client"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with client:
        task = {"port": server.port, "requests": requests, "rounds": ROUNDS + 1}
        client.stdin.write(json.dumps(task) + "\n")
        client.stdin.flush()
        assert client.stdout.readline() == "ready\n"
        memory = (meter.memory() - before) / size
        rounds = [one_round(meter, post, client, size) for _ in range(ROUNDS + 1)][1:]
    middle, last, cpu, own = (statistics.median(one) for one in zip(*rounds, strict=True))
    return Crowd(middle, last, cpu, memory, own)


def one_round(meter: Meter, post, client, size: int) -> tuple[float, float, float, float]:
    """One message: until all have it and ask again."""
    used, began = meter.cpu(), time.time()
    post()
    told = json.loads(client.stdout.readline())
    last = told["came"][-1] - began
    time.sleep(0.5)  # for the next polls
    cpu = (meter.cpu() - used) / size * 1e6
    return (told["came"][size // 2] - began) * 1e3, last * 1e3, cpu, told["client"] / last


def lines(sizes: tuple[int, ...] = (1000, 10_000)) -> list[str]:
    """For people."""
    found = []
    for size in sizes:
        ours, bare = at_parley(size), at_bare(size)
        for name, one in (("Parley", ours), ("bare asyncio", bare)):
            found.append(
                f"{size:6,} people, {name:12}: median {one.median:4.0f}, last {one.last:4.0f} ms, "
                f"{one.cpu:3.0f} us and {one.memory:4.1f} kB each, client {one.client:.0%} busy"
            )
        ratio = ours.last / bare.last
        found.append(f"{size:6,} people, the last has it: {ratio:.1f} of the bare one's time")
    return found


def at_parley(size: int) -> Crowd:
    """At a real server."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "instance", PARLEY_SECRET=SECRET)
        try:
            owner = Caller(server.start())
            owner.signs_in("/welcome", space="Class 7b", name="Ann", password=PASSWORD)
            return measure(server, lambda: owner.says("Hello to all of you"), size)
        finally:
            server.kill()


def at_bare(size: int) -> Crowd:
    """At the reference, with answers as large as Parley's."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "bare", ["tests.bench.bare", "PORT", "1700"])
        try:
            caller = Caller(server.start())
            return measure(server, lambda: caller.ask("POST", "/"), size)
        finally:
            server.kill()


if __name__ == "__main__":
    print("\n".join(lines()))
