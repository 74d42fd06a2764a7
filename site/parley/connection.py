"""uvicorn's side of a connection, but a poll that waits is no task: it lies in the waiting room.

A task with its frames, and a request read anew, cost more than all else that a delivery takes.
So a poll with a good ticket gets no task, its answer goes into the connection as the bytes that
all get, and the next poll, which says the same after another revision, is not parsed again.
Nor is a question for the list at the side that is still the same. Everything else, also a poll
whose ticket is void when its turn comes, takes uvicorn's way.
"""

import re
from functools import partial

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from parley.aside import FIRST
from parley.seats import Answer, Poll

# One whole poll and nothing else, around what it has seen.
WHOLE = re.compile(rb"(GET /rooms/\d+/feed\?after=)\d+( HTTP/1\.1\r\n(?:[^\r\n]+\r\n)+\r\n)")


class Connection(HttpToolsProtocol):
    """Give it to uvicorn as `http`, with an application that has an entrance and a waiting room."""

    poll: Poll | None = None  # that waits
    words: tuple[bytes, bytes] | None = None  # of the last one, around what it had seen

    def data_received(self, data: bytes) -> None:
        """Bytes have come: usually the poll of just now, after what it was told."""
        is_aside = data.startswith(FIRST) and self._is_between
        if is_aside and (same := self.app.aside.same(data)):
            self.transport.write(same)
            self.on_response_complete()
            return
        if (seen := self._asks_again(data)) and self.cycle.response_complete:
            self._unset_keepalive_if_required()
            self.cycle.response_started = self.cycle.response_complete = False
            self.cycle.scope["query_string"] = b"after=" + seen
            self._start_asgi_task(self.cycle, self.app)
            return
        self.words = None
        super().data_received(data)
        if self.poll and not self.cycle.more_body and (asked := WHOLE.fullmatch(data)):
            self.words = asked[1], asked[2]

    @property
    def _is_between(self) -> bool:
        """Whether the last request is over, and nothing of another one has come."""
        last = self.cycle
        if last is None:
            return self.scope is None
        is_over = last.response_complete and not last.more_body
        return is_over and self.scope is last.scope and not self.flow.write_paused

    def _asks_again(self, data: bytes) -> bytes:
        """What is seen now, if these are the same words."""
        before, behind = self.words or (b"", b"")
        same = behind and data.startswith(before) and data.endswith(behind)
        seen = data[len(before) : -len(behind)] if same else b""
        return seen if seen.isdigit() else b""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app) -> None:
        """A request is there."""
        if not self.flow.write_paused:  # else the one before has not been taken yet
            self.poll = app.entrance.take(cycle.scope, partial(self._answer, cycle, app))
        if not self.poll:
            self._pass_on(cycle, app)

    def _pass_on(self, cycle: RequestResponseCycle, app) -> None:
        self.words = None  # a cycle that has run cannot be used again
        super()._start_asgi_task(cycle, app)

    def _answer(self, cycle: RequestResponseCycle, app, answer: Answer | None) -> None:
        """The poll has waited long enough; without an answer the application decides."""
        self.poll = None
        if cycle.disconnected:
            return
        if not answer:
            self._pass_on(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        self.transport.write(answer.octets)
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits here any more."""
        super().connection_lost(exc)
        if self.poll:
            self.app.waiting.seats.leave(self.poll)
