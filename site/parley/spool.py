"""Bodies of requests on their way in: who may send a large one, and how much all together.

A body is taken in whole before a thread works on it, small ones in memory, others on the disk on
which files are kept. Not for what is in them.
"""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from parley.store.errors import Full, Refused, TooLarge

BLOCK = 65_536  # bytes: a larger body goes into a file
PATIENCE = 60  # seconds between two blocks
FREE = 1_000_000  # bytes that anybody may send; of a larger body we want to know whose it is
KNOWN = 0.5  # of the room is for those whom we know: above it, of any body that needs a file
STEP = 8_000_000  # bytes for which a place is asked at once, when nobody says how long a body is
SPARE = 256_000_000  # bytes of the disk that no body may take: the database goes on writing
TOO_MUCH = "Too much is being sent just now. Try again in a few seconds."
NO_ROOM = "The server has no room left for what was sent."

log = logging.getLogger("parley")


class Crowded(Full):
    """Others are sending so much that this has to wait."""

    sentence, seconds = TOO_MUCH, 10


class Stalled(Refused):
    """A client holds a place and sends nothing: often it is gone, and nobody has told."""

    status = 408
    sentence = "Nothing more came for a minute, so this was given up. Send it again."


class Spool:
    """Where bodies lie until their requests are answered: in `folder`, each of at most `largest`
    bytes, all together at most `most` and never what the disk needs.

    `admit` raises what a request with a large body is refused with.
    """

    def __init__(
        self,
        folder: Path,
        largest: int,
        most: int,
        admit: Callable[[dict], Awaitable[None]] | None = None,
    ):
        self.folder, self.largest, self.most, self._admit = folder, largest, most, admit
        self.held = 0  # bytes for which there are places

    async def take_in(self, scope, receive, undo: contextlib.ExitStack) -> tuple[IO[bytes], int]:
        """Read the body to its end; gives it, rewound, and its size in bytes.

        Its place is given back by `undo`. Raises EOFError when the client leaves before the end,
        TooLarge, Full when the disk is, Crowded, Stalled, and what `admit` does.
        """
        try:
            place = undo.enter_context(self._place())
            return await self._take_in(scope, receive, place)
        except OSError as error:
            log.error("A request could not be kept: %s", error)
            raise Full(NO_ROOM) from error

    async def _take_in(self, scope, receive, place) -> tuple[IO[bytes], int]:
        told = int(dict(scope["headers"]).get(b"content-length", 0))
        if is_known := told > FREE:  # before a byte of it is read
            await self._check(scope, told)
            place(told)  # less than that has a place when it comes: anybody can announce it
        size, more = 0, True
        body = SpooledTemporaryFile(BLOCK, dir=str(self.folder))  # noqa: SIM115 - it is given away
        try:
            while more:
                block, more = await _next(receive)
                size += len(block)
                if not is_known and size > BLOCK and size > self._for_anybody():
                    await self._check(scope, size)
                    is_known = True
                if size > self.largest:
                    raise self._too_large()
                place(size)
                if size > BLOCK:  # a disk may be slow, and everyone's polls are on this loop
                    await asyncio.to_thread(body.write, block)
                else:
                    body.write(block)
            body.seek(0)
        except BaseException:
            await asyncio.to_thread(body.close)  # to let a gigabyte go may take half a second
            raise
        return body, size

    async def _check(self, scope, size: int) -> None:
        if self._admit:
            await self._admit(scope)
        if size > self.largest:
            raise self._too_large()

    def _too_large(self) -> TooLarge:
        return TooLarge(f"One request may carry at most {self.largest / 1_000_000:g} MB.")

    @contextlib.contextmanager
    def _place(self):
        """Gives what makes the place large enough for so many bytes, or raises that it cannot."""
        mine = 0

        def reach(size: int) -> None:
            nonlocal mine
            if BLOCK < size > mine:
                more = max(size - mine, STEP if mine > FREE else 0)
                self._find_room(more)
                self.held, mine = self.held + more, mine + more

        try:
            yield reach
        finally:
            self.held -= mine

    def _find_room(self, more: int) -> None:
        if self.held + more > self.most:
            raise Crowded()
        if self.held + more > self._on_disk():
            log.error("A request was refused: the disk is almost full.")
            raise Full(NO_ROOM)

    def _on_disk(self) -> float:
        # Half, since what is in a body is written down once more before the body can go.
        return (shutil.disk_usage(self.folder).free - SPARE) / 2

    def _for_anybody(self) -> int:
        """How large a body may be of which we do not know whose it is: strangers who send slowly,
        a little each, would otherwise take all the room."""
        is_ample = self.held < KNOWN * min(self.most, self._on_disk())
        return FREE if is_ample else BLOCK


async def _next(receive) -> tuple[bytes, bool]:
    """The next block, and whether more follow. Raises EOFError and Stalled."""
    try:
        async with asyncio.timeout(PATIENCE):
            event = await receive()
    except TimeoutError:
        raise Stalled() from None
    if event["type"] != "http.request":
        raise EOFError
    return event["body"], event["more_body"]
