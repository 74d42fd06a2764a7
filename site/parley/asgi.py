"""Parley as one server process: the waiting room, then the bridge, then Flask in threads."""

import asyncio
import gc
import io
import logging
import multiprocessing
import re
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import IO

from parley import create_app
from parley.aside import Aside
from parley.bridge import Bridge, environ
from parley.entrance import FEED, Entrance
from parley.settings import Settings
from parley.spool import Spool
from parley.store import backups
from parley.store.bulletin import ALL
from parley.store.errors import Refused
from parley.talk import attic
from parley.waiting import WaitingRoom
from parley.web import gate, parts
from parley.web.feed import Feed

AT_ONCE = 2_000_000_000  # bytes of requests on their way in, on disk for as long as that takes
SMALL = 64 * 1024
FILE = re.compile(rb'filename="[^"]|filename\*=')  # a part with a file in it
DOORS = re.compile(r"/(login|join/[^/]*|password|welcome)$")
LOOK = 0.5  # seconds between two looks: what they find is on screens within one
HERE = 60  # seconds between two notes of who waits
log = logging.getLogger("parley")


class Lanes:
    """Threads for Flask: a post or poll never queues behind pages, nor a page behind image work
    or the slow hashing of passwords; and while the database is locked, only changes wait."""

    def __init__(self) -> None:
        self.pages = ThreadPoolExecutor(2, "page")  # more only hand the interpreter to and fro
        self.quick = ThreadPoolExecutor(2, "quick")
        self.changes = ThreadPoolExecutor(2, "change")
        self.uploads = ThreadPoolExecutor(2, "upload")  # parsing more at once holds up posts
        self.doors = ThreadPoolExecutor(2, "door")
        self.look = ThreadPoolExecutor(1, "look")  # at the database: not behind anybody

    def __call__(self, scope, body: IO[bytes], size: int) -> Executor:
        """Where a request is answered."""
        path, is_post = scope["path"], scope["method"] == "POST"
        if is_post and DOORS.match(path):
            return self.doors
        if size > SMALL or (is_post and FILE.search(body.read(size))):
            return self.uploads
        if is_post:
            return self.changes
        return self.quick if FEED.fullmatch(path) else self.pages

    def close(self) -> None:
        """Let what is under way end, start nothing more."""
        for pool in vars(self).values():
            pool.shutdown(wait=False, cancel_futures=True)


class Application:
    """What uvicorn runs."""

    def __init__(self, settings: Settings):
        self.flask = flask = create_app(settings)
        self.parts = parts(flask)
        self.lanes = Lanes()
        largest = settings.largest_request
        folder, most = self.parts.files.tray, max(AT_ONCE, largest)
        bridge = Bridge(flask, self.lanes, Spool(folder, largest, most, self._admit))
        self.feed = Feed(flask)
        # One browser's connections are spread over all processes.
        per_login = settings.hold_per_login // settings.workers
        limits = settings.hold, per_login, settings.hold_max
        self.house = threading.Thread()  # that is kept: what is over goes, a backup is made
        self.strays_at = self.backup_at = 0.0
        self.waiting = WaitingRoom(self.feed, self.lanes.quick, *limits)
        self.entrance = Entrance(bridge, self.waiting)
        self.aside = Aside(self.waiting, self.parts.lists)

    async def __call__(self, scope, receive, send) -> None:
        """One connection's event stream (ASGI 3)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.entrance(scope, receive, send)

    async def _admit(self, scope) -> None:
        """Raise what is said to a stranger, and to who was removed."""
        told = environ(scope, io.BytesIO(), 0)
        await _in(self.lanes.quick, gate.admit, self.flask, told)

    async def _live(self, receive, send) -> None:
        await receive()
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            self._empty_at_stop(loop)
        self.parts.bulletin.listen(partial(self._hear, loop))
        await self._look()
        # Each poll is a handful of objects that live for seconds: with Python's defaults the
        # collector looks through all of them again and again while a message goes out.
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        watch = loop.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.cancel()
        self.lanes.close()
        await asyncio.to_thread(self.parts.close)
        await send({"type": "lifespan.shutdown.complete"})

    def _empty_at_stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """uvicorn tells an application to stop only after its last connection has closed. Held
        polls would keep it waiting for their whole hold, so the signal empties the room first."""
        for number in (signal.SIGINT, signal.SIGTERM):
            uvicorns = signal.getsignal(number)

            def stop(*what, then=uvicorns):
                loop.call_soon_threadsafe(self.waiting.close)
                then(*what)

            if callable(uvicorns):
                signal.signal(number, stop)
        if supervisor := multiprocessing.parent_process():  # one that is killed stops nobody
            loop.add_reader(supervisor.sentinel, self._orphaned, loop, supervisor.sentinel)

    def _orphaned(self, loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
        loop.remove_reader(sentinel)
        signal.raise_signal(signal.SIGTERM)

    def _hear(self, loop: asyncio.AbstractEventLoop, room_id: int, revision: int) -> None:
        with suppress(RuntimeError):  # the loop has ended; what was committed is committed
            loop.call_soon_threadsafe(self._heard, room_id, revision)

    def _heard(self, room_id: int, revision: int) -> None:
        if room_id == ALL:
            self.looking = asyncio.create_task(self._look())  # the loop alone keeps no task
        else:
            self.waiting.called(room_id, revision)

    async def _look(self) -> None:
        """Ask the database what has changed, and tell the waiting room."""
        known = self.waiting.revisions.copy()
        try:
            rooms, revoked = await _in(self.lanes.look, self.feed.standing, self.waiting.revocation)
        except Refused as wrong:
            log.error("looking for changes failed: %s", wrong)
            return
        self.waiting.revoked(revoked)
        self.waiting.looked(known, rooms)

    async def _watch(self) -> None:
        """Again and again: a notice may be lost, or another process wrote."""
        noted = 0.0
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self._look()
                if time.monotonic() - noted > HERE:
                    noted = time.monotonic()
                    await _in(self.lanes.quick, self.feed.here, self.waiting.people())
                    if not self.house.is_alive():  # not in the way: a backup may take minutes
                        self.house = threading.Thread(target=self._keep_house, daemon=True)
                        self.house.start()
            except Refused as wrong:
                log.error("noting who is here failed: %s", wrong)
            except Exception:
                log.exception("looking for changes failed")

    def _keep_house(self) -> None:
        """What is over goes, each minute; each hour it is looked for what was left over, too."""
        its, now = self.parts, time.monotonic()
        try:
            if attic.clear(its.db, its.files):
                its.lists.forget_all()  # a tray that is empty now is no draft
            if now > self.strays_at:
                self.strays_at = now + 3600
                attic.strays(its.db, its.files)
        except (OSError, Refused) as error:
            log.error("What is over could not be removed: %s", error)
        except Exception:  # the backup matters more
            log.exception("what is over could not be removed")
        try:
            if now > self.backup_at:
                backups.nightly(its.db, its.settings.data, datetime.now(UTC))
        except (OSError, backups.Damaged, Refused) as error:
            log.error("The nightly backup could not be made: %s", error)
            self.backup_at = now + 3600  # it would be tried again each minute


async def _in(pool: Executor, act: Callable, *arguments):
    return await asyncio.get_running_loop().run_in_executor(pool, act, *arguments)


def application() -> Application:
    """For the reload supervisor, which starts each process anew."""
    return Application(Settings.from_environment())
