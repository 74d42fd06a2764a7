"""What a role may do: one table, asked by everything that acts.

Not for what one may see: that is a membership (talk/memberships.py).
"""

from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from parley.store.errors import Forbidden

OWNER, MODERATOR, MEMBER = "owner", "moderator", "member"
RANK = {MEMBER: 0, MODERATOR: 1, OWNER: 2}
SPACE = "space"  # in place of a role: the space's own settings say which


class May(NamedTuple):
    """Who may do something: the least role, or (`own`) whoever made the thing."""

    least: str
    own: bool
    otherwise: str  # said to everybody else


ACTS = {
    "change the space": May(OWNER, False, "Only an owner can change the space."),
    "give roles": May(OWNER, False, "Only an owner gives and takes roles."),
    "read the log": May(OWNER, False, "Only owners read the log."),
    "delete a room": May(OWNER, False, "Only an owner can delete a room."),
    "invite": May(MODERATOR, False, "Only owners and moderators make links."),
    "give a key": May(MODERATOR, False, "Only owners and moderators let people back in."),
    "sanction": May(MODERATOR, False, "Only owners and moderators can do that."),
    "read reports": May(MODERATOR, False, "Reports are for owners and moderators."),
    "lock a room": May(MODERATOR, False, "Only owners and moderators lock rooms."),
    "write anywhere": May(MODERATOR, False, "Only owners and moderators write here."),
    "change a room": May(MODERATOR, True, "Only who made the room, and moderators, change it."),
    "call everyone": May(MODERATOR, False, "Only owners and moderators call everyone."),
    "announce": May(MODERATOR, True, "Only who made the room, and moderators, write here."),
    "pin a message": May(MODERATOR, True, "Only who made the room, and moderators, pin here."),
    "see earlier": May(MODERATOR, True, "Only who wrote a message, and moderators, see that."),
    "delete a message": May(MODERATOR, True, "Only who wrote a message can delete it."),
    "make rooms": May(SPACE, False, "Only owners and moderators make rooms here."),
    "send files": May(SPACE, False, "Only owners and moderators send files here."),
    "write directly": May(SPACE, False, "Members do not write to each other directly here."),
}


class HasRole(Protocol):
    """A person, as far as roles go."""

    @property
    def id(self) -> int:
        """Which one."""

    @property
    def role(self) -> str:
        """One of RANK."""


def may(person: HasRole, act: str, maker: int = 0, least: str = "") -> bool:
    """Whether the person may do an act of ACTS.

    `maker` is the id of who made the thing, `least` the role that the space asks for, where the
    table leaves it to the space.
    """
    rule = ACTS[act]
    enough = RANK[person.role] >= RANK[least if rule.least == SPACE else rule.least]
    return enough or (rule.own and person.id == maker)


def must(person: HasRole, act: str, maker: int = 0, least: str = "") -> None:
    """Raise Forbidden, with the sentence of the act, unless the person may do it."""
    if not may(person, act, maker, least):
        raise Forbidden(ACTS[act].otherwise)


def is_over(person: HasRole, other: HasRole) -> bool:
    """Whether the person may mute, remove or ban the other, or let them back in.

    Never oneself, so there is always an owner left.
    """
    higher = RANK[person.role] > RANK[other.role] or person.role == OWNER
    return may(person, "sanction") and higher and person.id != other.id


def lasts(until: datetime | None) -> bool:
    """Whether a sanction until then is still on; None: there is none."""
    return until is not None and until > datetime.now(UTC)
