"""What a server uses, seen from outside, and the load clients as processes."""

import json
import math
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from parley.settings import ROOT


class Meter:
    """What a process has used so far."""

    def __init__(self, pid: int):
        self.pid = pid

    def cpu(self) -> float:
        """Seconds of CPU, of all its threads (the clock of clock_getcpuclockid(3))."""
        return time.clock_gettime(~self.pid << 3 | 2)

    def memory(self, which="VmRSS") -> float:
        """Kilobytes in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return float(re.search(rf"{which}:\s+(\d+)", status)[1])

    def peak(self) -> float:
        """The most kilobytes that it ever had in memory."""
        return self.memory("VmHWM")


class Client:
    """A load client under way; `kind` is its module in clients/."""

    def __init__(self, kind: str, **task):
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.clients.{kind}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._write(task)
        assert self.process.stdout.readline() == "ready\n"

    def begin(self, **order) -> None:
        """Give an order; `end` gives what it told."""
        self._write(order)

    def end(self) -> dict:
        """What the last order brought."""
        return json.loads(self.process.stdout.readline())

    def ask(self, **order) -> dict:
        """Give an order and wait for what it brings."""
        self.begin(**order)
        return self.end()

    def _write(self, told: dict) -> None:
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """Let it go."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def client(kind: str, **task):
    """A load client for as long as the block lasts."""
    one = Client(kind, **task)
    try:
        yield one
    finally:
        one.close()


def p99(values: Sequence[float]) -> float:
    """The value that 99 of 100 do not exceed."""
    return sorted(values)[math.ceil(len(values) * 0.99) - 1]


def medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    """Of each column."""
    return [statistics.median(column) for column in zip(*rounds, strict=True)]
