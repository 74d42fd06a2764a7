"""How long it takes to start again, to stop with polls held, and to be back after a saved file.

Beside it stands how long Python takes, in the same run, to import the libraries alone.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from parley.settings import ROOT
from tests.bench.figures import Figure
from tests.callers import PASSWORD, Caller
from tests.servers import DEV, Server, until

ROUNDS = 5
POLLS = 3
LIBRARIES = "import flask, sqlalchemy, uvicorn"
SAVED = ("site/parley/network.py", "templates/rooms/_blank.html")


def figures() -> Iterator[Figure]:
    """All three."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "instance")
        try:
            server.start()
            owner = Caller(server)
            owner.signs_in("/welcome", space="Class 7b", name="Ann", password=PASSWORD)
            rounds = [(imports(), stops(owner), starts(server)) for _ in range(ROUNDS)]
        finally:
            server.kill()
        reloads = [reload for _ in range(ROUNDS) for reload in saves(Path(folder) / "instance")]
    reference, stop, start = (statistics.median(one) for one in zip(*rounds, strict=True))
    reload = statistics.median(reloads)
    for what, seconds in {
        "a second start": start,
        f"SIGTERM with {POLLS} held polls": stop,
        "a page after a saved file": reload,
    }.items():
        beside = "importing the libraries"
        yield Figure(what, seconds, "s", reference=beside, beside=reference)


def imports() -> float:
    """Seconds for a Python that only imports."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    return time.monotonic() - began


def starts(server: Server) -> float:
    """Seconds from the command to the first answer."""
    began = time.monotonic()
    server.start()
    return time.monotonic() - began


def stops(owner: Caller) -> float:
    """Seconds from SIGTERM to the end of the process, while polls are held."""
    hold(owner)
    return owner.server.stop()


def saves(data: Path) -> list[float]:
    """Seconds from a saved file to a page of the new process, while polls are held."""
    server, found = Server(data, DEV), []
    try:
        server.start()
        owner = Caller(server).signs_in("/login", name="Ann", password=PASSWORD)
        for name in SAVED:
            hold(owner)
            before = server.processes()[-1]
            began = time.monotonic()
            os.utime(ROOT / name)
            until(lambda before=before: server.processes()[-1] != before)
            until(server.answers)
            owner.get("/rooms/1")
            found.append(time.monotonic() - began)
    finally:
        server.stop()
    return found


def hold(owner: Caller) -> None:
    """Let the server hold some polls."""
    for _ in range(POLLS):
        poll = ("GET", "/rooms/1/feed?after=0")
        threading.Thread(target=owner.ask, args=poll, daemon=True).start()
    time.sleep(0.5)
