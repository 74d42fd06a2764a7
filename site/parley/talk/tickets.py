"""Tickets: a poll that carries a good one needs no question to the database.

A ticket says for ten minutes which login of which person may hear of which room, as far as the
revocations up to `seen` know, and in which variant they read it. It is signed, so that the waiting
room believes it by itself; what was taken away since, it hears as a revocation.
"""

import hmac
import time
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from itsdangerous import BadSignature, Signer

from parley.talk.clock import Variant
from parley.talk.revocations import Scope

LIFE = 600  # seconds


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may hear of which room; `seen` is the highest revocation when it was made."""

    room_id: int
    login_id: int
    person_id: int
    seen: int
    variant: Variant

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What a revocation would name to void it."""
        login, person, room = self.login_id, self.person_id, self.room_id
        mine = (login, None, None), (None, person, None), (None, person, room)
        return *mine, (None, None, room), (None, None, None)  # the last: everybody's


class Tickets:
    """Signs tickets and reads them again."""

    def __init__(self, secret: str):
        # A key of its own: what is signed elsewhere with the secret is worth nothing here.
        key = hmac.digest(secret.encode(), b"ticket", sha256)
        self._signer = Signer(key, key_derivation="none", digest_method=sha256)
        self._believed = lru_cache(maxsize=20_000)(self._checked)  # each is shown again and again

    def write(self, ticket: Ticket) -> str:
        """As it travels: numbers, zone and language, and a signature in URL-safe base64.

        Neither zones nor languages have dots or colons, and a cookie may hold all that they have.
        """
        fields = (ticket.room_id, ticket.login_id, ticket.person_id, ticket.seen)
        said = *fields, ":".join(ticket.variant), int(time.time()) + LIFE
        return self._signer.sign(".".join(map(str, said))).decode()

    def read(self, text: str) -> Ticket | None:
        """What was written, if it is ours and still good."""
        ticket, end = self._believed(text)
        # Beyond the longest life: the clock has been set back, and nobody knows how old it is.
        return ticket if 0 < end - time.time() <= LIFE else None

    def _checked(self, text: str) -> tuple[Ticket | None, int]:
        try:
            room, login, person, seen, read, end = self._signer.unsign(text).split(b".")
        except (BadSignature, ValueError):  # the latter: as they were written before variants
            return None, 0
        return Ticket(int(room), int(login), int(person), int(seen), _variant(read)), int(end)


@lru_cache(maxsize=1000)  # one for all that are alike: they are compared for each poll
def _variant(read: bytes) -> Variant:
    return Variant(*read.decode().split(":"))
