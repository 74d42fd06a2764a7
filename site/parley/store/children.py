"""Child processes that work on what people send, so that none of it can take the server down.

What they do is their program's: it answers each line of JSON with a line of JSON.
"""

import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

SOON = 1  # seconds after which is looked whether a child that makes way gets on
SHARE = 0.25  # of a processor is enough for that


class Starved(Exception):
    """The child makes way for others (child.py), and they have left it next to nothing."""


class Unanswered(Exception):
    """The child died at its work, took too long, or made no sense; or there are none any more."""


class Children:
    """`count` processes of one program, each at work on one request, started when first needed.

    Any thread may ask. No answer may take longer than `seconds`.
    """

    def __init__(self, program: Path, count: int, seconds: float):
        self._seconds, self._closed, self._lock = seconds, False, threading.Lock()
        self._command = [sys.executable, "-I", str(program)]
        self._children: list[subprocess.Popen | None] = [None] * count
        self._places: queue.Queue[int] = queue.Queue()  # of children that have nothing to do
        for place in range(count):
            self._places.put(place)

    def ask(self, request: dict) -> dict:
        """What the next free child answers. A child that raises Unanswered is replaced, and one
        that is Starved by one that does not make way yet."""
        place = self._places.get()
        try:
            try:
                return self._answer(self._running(place), request)
            except Starved:
                self._end(place)
                return self._answer(self._running(place), request)
        except BaseException:  # what it may still say would be taken for the next answer
            self._end(place)
            raise
        finally:
            self._places.put(place)

    def close(self) -> None:
        """End every child; what one was at work on is Unanswered, as is all that comes later."""
        with self._lock:
            self._closed = True
            for child in filter(None, self._children):
                child.kill()
        for place in [self._places.get() for _ in self._children]:
            self._end(place)
            self._places.put(place)

    def _running(self, place: int) -> subprocess.Popen:
        child = self._children[place]
        if child and child.poll() is None:
            return child
        self._end(place)
        with self._lock:
            if self._closed:
                raise Unanswered
            pipe = subprocess.PIPE
            child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe)  # noqa: S603 - our own
            self._children[place] = child
            return child

    def _answer(self, child: subprocess.Popen, request: dict) -> dict:
        assert child.stdin and child.stdout
        patience = threading.Timer(self._seconds, child.kill)
        patience.start()
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            _gets_on(child)
            return json.loads(child.stdout.readline())
        except (OSError, ValueError) as error:
            raise Unanswered from error
        finally:
            patience.cancel()

    def _end(self, place: int) -> None:
        child, self._children[place] = self._children[place], None
        if child:
            child.kill()
            child.communicate()  # closes its pipes and waits for its end


def _gets_on(child: subprocess.Popen) -> None:
    """Give a child that makes way some time for its answer. Raises Starved if it had none."""
    if not hasattr(os, "SCHED_IDLE") or os.sched_getscheduler(child.pid) != os.SCHED_IDLE:
        return
    before, answer = worked(child.pid), select.poll()  # select() knows 1,024 files, we have more
    assert child.stdout
    answer.register(child.stdout, select.POLLIN)
    if not answer.poll(SOON * 1000) and worked(child.pid) - before < SHARE * SOON:
        raise Starved


def worked(pid: int) -> float:
    """Seconds that a process has had of processors (Linux: clock_getcpuclockid(3))."""
    return time.clock_gettime(~pid << 3 | 2)
