"""The life of a child process that children.py starts: its limits, and one answer a request.

A part of darkroom.py and projector.py, which run isolated: it imports nothing of Parley.
"""

import ctypes
import errno
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

MEMORY = 1536 * 2**20  # bytes of address space
NICE = 10  # where SCHED_IDLE is unknown
WORK = 60  # seconds of a processor for one answer; the process ends at the next
ALONE = 600  # seconds; the parent gives up much sooner, this is for when it is gone


def serve(answer: Callable[[str], dict]) -> None:
    """Answer requests, a line of JSON each, until nobody is left to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then ends this
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a server that was killed hears no answer
    make_way()
    _limit(resource.RLIMIT_AS, MEMORY)
    for line in sys.stdin:
        signal.alarm(ALONE)
        _limit(resource.RLIMIT_CPU, int(time.process_time()) + WORK + 1)
        said = json.dumps(answer(line))
        signal.alarm(0)
        print(said, flush=True)
        with suppress(OSError, TypeError, AttributeError):  # glibc keeps what was freed otherwise
            ctypes.CDLL(None).malloc_trim(0)


def make_way() -> None:
    """Pages and messages come first, at once: this has what they leave of the processor.

    Being nice alone has it finish its turn, in which a message waits.
    """
    os.nice(NICE)
    with suppress(OSError, AttributeError):  # not every system has it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _limit(kind: int, most: int) -> None:
    with suppress(OSError, ValueError):  # not every system allows it
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def failed(error: Exception) -> dict:
    """What is answered for work that went wrong: the disk is full, or it cannot be read."""
    full = getattr(error, "errno", None) == errno.ENOSPC
    return {"ok": False, "error": "full" if full else "unreadable"}
