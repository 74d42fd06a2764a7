"""Another process holds the database for a while: writers wait or come back, readers are served."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import inf

from sqlalchemy import text

from parley.store.db import Database
from tests.callers import Caller, Space
from tests.faults.crowd import Crowd
from tests.faults.runs import MANY, told
from tests.servers import Server

SLOW = 2.0  # seconds: more is not "served", however busy the machine


def locked(server: Server, seconds: float, people=MANY) -> dict:
    """The database is locked in the middle; what people had to wait for a page and for news."""
    with Crowd(Space(server.start()), *people) as crowd:
        time.sleep(0.5)
        visitors = [Visitor(crowd.space.caller("Visitor"), path) for path in Visitor.PATHS]
        before = crowd.story.retries
        with lock(server):
            time.sleep(0.1)
            for visitor in visitors:
                visitor.start()
            time.sleep(seconds)
            for visitor in visitors:
                visitor.stays = False
            again = crowd.story.retries - before
        for visitor in visitors:
            visitor.join(20)
        time.sleep(0.5)
    found = told(crowd)
    slowest = {visitor.path: round(visitor.slowest, 2) for visitor in visitors}
    for path, most in slowest.items():
        if most > min(SLOW, 0.8 * seconds):
            found["faults"][f"slow: {path}"] = 1
    return found | {"slowest s": slowest, "asked to come back": again}


@contextmanager
def lock(server: Server) -> Iterator[None]:
    """Nobody else can write: SQLite whole, PostgreSQL's rooms."""
    address = server.environment.get("PARLEY_DATABASE")
    if address is None:
        with closing(sqlite3.connect(server.data / "parley.db", timeout=30)) as c:
            c.execute("BEGIN IMMEDIATE")
            yield
            c.rollback()
    else:
        with closing(Database(address)) as db, db.writing() as c:
            c.execute(text("LOCK TABLE rooms IN EXCLUSIVE MODE"))
            yield


class Visitor(threading.Thread):
    """Loads an address again and again."""

    PATHS = ("/rooms/1", "/rooms/1/feed?after=0", "/people")

    def __init__(self, caller: Caller, path: str):
        super().__init__(daemon=True)
        self.caller, self.path, self.stays = caller, path, True
        self.slowest = 0.0  # seconds; infinite when an answer was no page

    def run(self) -> None:
        """While the lock lasts."""
        while self.stays:
            began = time.monotonic()
            is_served = self.caller.ask("GET", self.path).status == 200
            self.slowest = max(self.slowest, time.monotonic() - began if is_served else inf)
            time.sleep(0.1)
