"""The waiting room: polls wait here, on the event loop, until their room has news.

They are answered with bytes that were rendered once for all who have seen the same revision and
read times alike. Correctness never depends on this: under any WSGI server the same page polls once
a second.
"""

import asyncio
import logging
from concurrent.futures import Executor
from itertools import chain
from typing import Protocol

from parley.seats import Answer, Header, Poll, Seats
from parley.store.errors import Refused
from parley.talk.feed import Seen, Shared
from parley.talk.revocations import Revocation, Scope
from parley.talk.tickets import Ticket, Tickets

GIVES_WAY = Answer(204, [])
GZIP = b"content-encoding", b"gzip"
COME_BACK = Answer(503, [(b"retry-after", b"1"), (b"content-length", b"0")])
log = logging.getLogger("parley")


class Feed(Protocol):
    """What the waiting room asks, from a thread."""

    tickets: Tickets
    headers: list[Header]
    headers_of_head: list[Header]  # where the list at the side is to renew itself as well

    def read(self, room_id: int, seen: list[Seen], revocation: int) -> dict[Seen, Shared]:
        """What is new for who has seen each of these, and the revocations after a number."""

    def poller(self, room_id: int, after: int) -> bytes:
        """The poller alone, for the end of a hold."""


class WaitingRoom:
    """Everything in it happens on the event loop; only the feed is read in a thread of `lane`."""

    def __init__(self, feed: Feed, lane: Executor, hold: float, per_login: int, most: int):
        self.feed, self.lane, self.hold, self.most = feed, lane, hold, most
        self.seats = Seats(per_login, self._over)
        self.revisions: dict[int, int] = {}  # of each room, as last heard
        self._revoked: dict[Scope, int] = {}  # the newest revocation of each scope
        self.revocation = 0  # the newest of all
        self._reading: dict[int, asyncio.Task[None]] = {}  # of each room one at most

    @property
    def holds(self) -> bool:
        """Whether there is room for one more."""
        return self.hold > 0 and len(self.seats.polls) < self.most

    def wait(self, poll: Poll) -> None:
        """Let it wait until there is something to say."""
        if self._has_seen_all(poll) and not self.hold:
            self._over([poll])
            return
        if oldest := self.seats.take(poll):
            asyncio.get_running_loop().call_soon(oldest.answer, GIVES_WAY)
        if not self._has_seen_all(poll):
            self._tell(poll.ticket.room_id)

    def _has_seen_all(self, poll: Poll) -> bool:
        return self.revisions.get(poll.ticket.room_id) == poll.after

    def _tell(self, room_id: int) -> None:
        """Answer all who have not seen the room as it is now."""
        if room_id not in self._reading:  # it begins when all whose turn it is now have joined in
            self._reading[room_id] = asyncio.create_task(self._read(room_id))

    async def _read(self, room_id: int) -> None:
        """One reading at a time: who asks meanwhile is in the next, so none gets an older moment.

        All who are answered at once have seen the same and come back at once.
        """
        try:
            while behind := self._not_up_to_date(room_id):
                polls = {seen: self.seats.rise(room_id, seen) for seen in behind}
                await self._read_once(room_id, polls)
        finally:
            del self._reading[room_id]

    def _not_up_to_date(self, room_id: int) -> list[Seen]:
        now = self.revisions.get(room_id)
        return [seen for seen in self.seats.seen(room_id) if seen[1] != now]

    async def _read_once(self, room_id: int, polls: dict[Seen, list[Poll]]) -> None:
        known, loop = self.revisions.get(room_id), asyncio.get_running_loop()
        asked = room_id, list(polls), self.revocation
        try:
            found = await loop.run_in_executor(self.lane, self.feed.read, *asked)
        except Exception as wrong:
            unforeseen = not isinstance(wrong, Refused)
            log.error("The feed could not be read: %s", wrong, exc_info=unforeseen)
            for poll in chain(*polls.values()):
                poll.answer(COME_BACK)
            return
        for shared in found.values():  # of one moment
            self.revoked(shared.revoked)
            if known != shared.revision and self.revisions.get(room_id) == known:
                self._is_at(room_id, shared.revision)  # it was quicker than the notice
        for seen, those in polls.items():
            self._hand_out(found.get(seen), those)

    def _hand_out(self, shared: Shared | None, polls: list[Poll]) -> None:
        """The same bytes to all but those whose tickets are void; who has no news waits on."""
        body, gzipped = (shared.body, shared.compressed) if shared else (b"", b"")
        headers = self.feed.headers_of_head if shared and shared.head else self.feed.headers
        plain = Answer(200, headers, body)
        small = Answer(200, [*headers, GZIP], gzipped) if gzipped else plain
        for poll in polls:
            if shared is None or self.is_void(poll.ticket):
                poll.answer(None)
            elif body:
                poll.answer(small if poll.gzip else plain)
            else:
                self.wait(poll)

    def _over(self, polls: list[Poll]) -> None:
        """To those whose hold has ended the poller is all there is to say."""
        answers: dict[tuple[int, int], Answer] = {}
        for poll in polls:
            key = poll.ticket.room_id, poll.after
            if key not in answers:
                answers[key] = Answer(200, self.feed.headers, self.feed.poller(*key))
            poll.answer(answers[key])

    def is_void(self, ticket: Ticket) -> bool:
        """Whether a newer revocation names it."""
        if ticket.seen >= self.revocation:
            return False
        return any(self._revoked.get(scope, 0) > ticket.seen for scope in ticket.scopes)

    def called(self, room_id: int, revision: int) -> None:
        """A room is at a revision: wake the polls that have not seen it. On the event loop only.

        Notices may overtake each other: an older one says nothing.
        """
        if revision > self.revisions.get(room_id, -1):
            self._is_at(room_id, revision)

    def looked(self, known: dict[int, int], found: list[tuple[int, int]]) -> None:
        """The database was looked at, when `known` was what had been heard of it.

        A room of which more was heard meanwhile is left alone. A lower revision counts here: the
        database is another one.
        """
        for room_id, revision in found:
            heard = self.revisions.get(room_id)
            if heard == known.get(room_id) and heard != revision:
                self._is_at(room_id, revision)

    def _is_at(self, room_id: int, revision: int) -> None:
        self.revisions[room_id] = revision
        if self._not_up_to_date(room_id):
            self._tell(room_id)

    def revoked(self, revocations: list[Revocation]) -> None:
        """These tickets are void: wake the polls that hold them. On the event loop only."""
        for one in revocations:
            self._revoked[one.scope] = max(one.number, self._revoked.get(one.scope, 0))
            self.revocation = max(self.revocation, one.number)
        if revocations:
            for poll in [poll for poll in self.seats.polls if self.is_void(poll.ticket)]:
                self.seats.leave(poll)
                poll.answer(None)

    def people(self) -> set[int]:
        """The ids of all who wait."""
        return {poll.ticket.person_id for poll in self.seats.polls}

    def close(self) -> None:
        """Hold no more, the server is about to stop: each poll gets its news, or is over."""
        self.hold = 0
        polls = [poll for poll in self.seats.polls if self._has_seen_all(poll)]
        for poll in polls:
            self.seats.leave(poll)
        self._over(polls)
