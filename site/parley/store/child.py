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
from collections.abc import Callable
from contextlib import suppress

MEMORY = 1536 * 2**20  # bytes of address space
NICE = 10  # pages and messages come first
ALONE = 600  # seconds; the parent gives up much sooner, this is for when it is gone


def serve(answer: Callable[[str], dict]) -> None:
    """Answer requests, a line of JSON each, until nobody is left to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then ends this
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a server that was killed hears no answer
    os.nice(NICE)
    with suppress(OSError, ValueError):  # not every system allows it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        signal.alarm(ALONE)
        said = json.dumps(answer(line))
        signal.alarm(0)
        make_way()
        print(said, flush=True)
        with suppress(OSError, TypeError, AttributeError):  # glibc keeps what was freed otherwise
            ctypes.CDLL(None).malloc_trim(0)


def make_way() -> None:
    """From now on, have only what others leave of the processor, so that they go on at once.

    Who is only nice finishes a turn first. There is no way back without rights, so a new process
    that has not answered yet is what helps when others leave nothing: see children.py.
    """
    with suppress(OSError, AttributeError):  # not every system has it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def failed(error: Exception) -> dict:
    """What is answered for work that went wrong: the disk is full, or it cannot be read."""
    full = getattr(error, "errno", None) == errno.ENOSPC
    return {"ok": False, "error": "full" if full else "unreadable"}
