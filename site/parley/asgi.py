"""Parley as one server process: the waiting room, then the bridge, then Flask in threads."""

import asyncio
import logging
from concurrent.futures import Executor, ThreadPoolExecutor

import uvicorn

from parley import create_app
from parley.bridge import Bridge
from parley.settings import Settings
from parley.talk import rooms
from parley.waiting import FEED, WaitingRoom
from parley.web import parts

LARGEST_REQUEST = 170 * 1024 * 1024  # ten files of 16 MB and the form around them
SMALL = 64 * 1024
log = logging.getLogger("parley")


class Lanes:
    """Threads for Flask: a post or poll never queues behind pages, nor a page behind uploads."""

    def __init__(self) -> None:
        self.pages = ThreadPoolExecutor(8, "page")
        self.quick = ThreadPoolExecutor(2, "quick")
        self.uploads = ThreadPoolExecutor(4, "upload")

    def __call__(self, scope, size: int) -> Executor:
        """Where a request is answered."""
        if size > SMALL:
            return self.uploads
        path = scope["path"]
        is_post = scope["method"] == "POST" and path.endswith("/messages")
        return self.quick if is_post or FEED.fullmatch(path) else self.pages

    def close(self) -> None:
        """Let what is under way end, start nothing more."""
        for pool in (self.pages, self.quick, self.uploads):
            pool.shutdown(wait=False, cancel_futures=True)


class Application:
    """What uvicorn runs."""

    def __init__(self, settings: Settings):
        flask = create_app(settings)
        self.parts = parts(flask)
        self.lanes = Lanes()
        bridge = Bridge(flask, self.lanes, LARGEST_REQUEST)
        self.waiting = WaitingRoom(
            bridge, settings.hold, settings.hold_per_login, settings.hold_max
        )

    async def __call__(self, scope, receive, send) -> None:
        """One connection's event stream (ASGI 3)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.waiting(scope, receive, send)

    async def _live(self, receive, send) -> None:
        await receive()
        loop = asyncio.get_running_loop()
        called = self.waiting.called
        self.parts.bulletin.listen(lambda *news: loop.call_soon_threadsafe(called, *news))
        watch = loop.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.cancel()
        self.lanes.close()
        await asyncio.to_thread(self.parts.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch(self) -> None:
        """Each second, ask the database itself: a notice may be lost, or another process wrote."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1)
            if self.waiting.is_empty:
                continue
            try:
                for room in await loop.run_in_executor(self.lanes.quick, self._revisions):
                    self.waiting.called(*room)
            except Exception:
                log.exception("asking for revisions failed")

    def _revisions(self) -> list[tuple[int, int]]:
        with self.parts.db.reading() as c:
            return rooms.revisions(c)


class Server(uvicorn.Server):
    """uvicorn tells the application to stop only after the last connection has closed; held polls
    would keep it waiting for their whole hold, so the waiting room is emptied first."""

    async def shutdown(self, sockets=None) -> None:
        """Stop within a second, however many polls are held."""
        self.config.loaded_app.waiting.close()
        await super().shutdown(sockets)


def application() -> Application:
    """For uvicorn's --factory and the reload supervisor."""
    return Application(Settings.from_environment())
