"""Who keeps whom company in a room: coming, going, being brought and being removed."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, exists, select

from parley.store import tables
from parley.store.errors import Forbidden, Missing, Wrong
from parley.talk import log, memberships, people, revocations, roles, rooms

_of, _in, _room = tables.people.c, tables.memberships.c, tables.rooms.c


def present(c: Connection, room: rooms.Room) -> list[people.Person]:
    """All who can read the room, by name."""
    return people.some(c, _of.id.in_(_there(room)), people.may_enter(datetime.now(UTC)))


def absent(c: Connection, room: rooms.Room) -> list[people.Person]:
    """All who could be brought in, by name."""
    return people.some(c, _of.id.not_in(_there(room)), *people.STILL_HERE)


def known(c: Connection, person: people.Person) -> list[people.Person]:
    """Everybody else in the space, by name."""
    return people.some(c, _of.id != person.id, *people.STILL_HERE)


def _there(room: rooms.Room):
    now = datetime.now(UTC)
    return select(_in.person_id).where(_in.room_id == room.id, memberships.is_in(now))


def add(c: Connection, me: people.Person, room: rooms.Room, people_ids: Collection[int]) -> None:
    """Bring people in. Raises Forbidden, or Wrong when there is nobody to bring."""
    must_change(me, room)
    brought = [one for one in absent(c, room) if one.id in people_ids]
    if not brought:
        raise Wrong("Choose who comes in.", "people")
    removed = {} if me.is_moderator else memberships.removed_by_others(c, room.id, me.id)
    for one in brought:
        if by := removed.get(one.id):
            raise Forbidden(f"{by} removed {one.name}. Only moderators can undo that.")
    memberships.bring(c, room.id, [one.id for one in brought])
    names = ", ".join(one.name for one in brought)
    log.note(c, me, "brought people into {room}", room_id=room.id, words=f"{room.name}: {names}")


def remove(
    c: Connection, me: people.Person, room: rooms.Room, person_id: int, until: datetime
) -> int:
    """Put somebody out until then; return the revocation's number.

    Raises Forbidden, or Missing when they are not in the room.
    """
    must_change(me, room)
    other = next((one for one in present(c, room) if one.id == person_id), None)
    if other is None:
        raise Missing()
    if other.id == me.id:
        raise Forbidden("Nobody removes themselves. Leave the room instead.")
    if not may_remove(me, other):
        raise Forbidden(f"{other.name} looks after this space and can only leave by themselves.")
    memberships.remove(c, room.id, other.id, until, me.id)
    named = {"person_id": other.id, "room_id": room.id}
    log.note(c, me, "removed {person} from {room}", **named, words=room.name)
    return revocations.add(c, **named)


def enter(c: Connection, me: people.Person, room_id: int) -> None:
    """Come into an open room again. Raises Missing for any other, and for who was removed."""
    memberships.enter(c, room_id, me.id)
    rooms.get(c, me, room_id)


def leave(c: Connection, me: people.Person, room: rooms.Room) -> int:
    """Go; return the revocation's number. Raises Forbidden."""
    if room.id == rooms.LOBBY:
        raise Forbidden("The Lobby is where everybody arrives, so nobody leaves it.")
    if len(room.people_ids) == 2:
        raise Forbidden("A conversation of two has both of you in it.")
    number = revocations.add(c, person_id=me.id, room_id=room.id)
    memberships.leave(c, room.id, me.id)  # under its lock: a file that goes up goes, too
    return number


def elsewhere(c: Connection, me: people.Person) -> list[rooms.Room]:
    """The rooms for everybody that this person has left, by name."""
    gone = select(_in.room_id).where(_in.person_id == me.id)  # also where they were removed
    for_all = _room.kind.in_(memberships.FOR_ALL), _room.archived_at.is_(None)
    return rooms.some(c, *for_all, _room.id.not_in(gone))


def deserted(c: Connection, me: people.Person) -> list[rooms.Room]:
    """The closed rooms that nobody is in any more, for who may delete rooms."""
    if not roles.may(me, "delete a room"):
        return []
    there = _in.room_id == _room.id, memberships.is_in(datetime.now(UTC))
    somebody = exists().where(*there, _of.id == _in.person_id, *people.STILL_HERE)
    return rooms.some(c, _room.kind == rooms.CLOSED, ~somebody)


def may_remove(me: people.Person, other: people.Person) -> bool:
    """Whether somebody who may change a room may put the other out: not who has a higher role."""
    return other.id != me.id and roles.RANK[other.role] <= roles.RANK[me.role]


def may_change(me: people.Person, room: rooms.Room) -> bool:
    """Whether the person may change the room and who is in it."""
    return not (room.is_direct or me.is_muted) and roles.may(me, "change a room", room.made_by)


def must_change(me: people.Person, room: rooms.Room) -> None:
    """Raise Forbidden unless the person may change the room and who is in it."""
    if room.is_direct:
        raise Forbidden("A conversation has the people with whom it began, and their names.")
    rooms.must_speak(me)
    roles.must(me, "change a room", room.made_by)
