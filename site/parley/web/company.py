"""Who is in a room: the list, bringing and removing people, coming back and leaving."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import Connection

from parley.store.errors import Wrong
from parley.talk import company, direct, memberships, people, roles, rooms
from parley.web import answers, bulletin, db, gate
from parley.web.forms import numbers

bp = Blueprint("company", __name__)

SPANS = {
    "": None,
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


@bp.get("/rooms/<int:room_id>/people")
def index(room_id: int) -> Response:
    """Who is in the room, and who may be brought in."""
    with gate.reading() as (c, me):
        shown = _shown(c, me, rooms.get(c, me, room_id))
    return answers.page("rooms/people.html", wrong=None, **shown)


@bp.post("/rooms/<int:room_id>/people")
def add(room_id: int) -> Response:
    """Bring people in."""
    try:
        chosen = numbers("people")
        with db.writing() as c:
            me = gate.member(c)
            company.add(c, me, rooms.get(c, me, room_id), chosen)
    except Wrong as wrong:
        with gate.reading() as (c, me):
            shown = _shown(c, me, rooms.get(c, me, room_id))
        return answers.refused(wrong, "rooms/people.html", **shown)
    return answers.done(f"/rooms/{room_id}/people", json={"room": room_id})


def _shown(c: Connection, me: people.Person, room: rooms.Room) -> dict[str, Any]:
    may_change, present = company.may_change(me, room), company.present(c, room)
    return {
        "room": direct.named(c, me, [room])[0],
        "present": present,
        "removable": [one for one in present if may_change and company.may_remove(me, one)],
        "absent": company.absent(c, room) if may_change else [],
        "may_change": may_change,
    }


@bp.post("/rooms/<int:room_id>/people/<int:person_id>/remove")
def remove(room_id: int, person_id: int) -> Response:
    """Put somebody out, for a time or for good: their pages leave the room at once."""
    span = request.form.get("until", "")
    if span not in SPANS:
        raise Wrong("Choose an hour, a day, a week, a month, or for good.", "until")
    length = SPANS[span]
    until = datetime.now(UTC) + length if length else memberships.FOR_GOOD
    with db.writing() as c:
        me = gate.member(c)
        number = company.remove(c, me, rooms.get(c, me, room_id), person_id, until)
    bulletin.revoked(number)
    return answers.done(f"/rooms/{room_id}/people", json={"person": person_id})


@bp.get("/rooms/<int:room_id>/removed")
def removed(room_id: int) -> Response:
    """What happened to somebody who is no longer in the room. Raises Missing for all others."""
    with gate.reading() as (c, me):
        removal = memberships.removal(c, room_id, me.id)
        if removal is None:
            rooms.get(c, me, room_id)
            return answers.done(f"/rooms/{room_id}")
        may_write = roles.may(me, "write directly", least=g.space.writes_direct)
    return answers.page("rooms/removed.html", removal=removal, may_write=may_write)


@bp.get("/rooms/others")
def others() -> Response:
    """The open rooms that one has left, and the archive."""
    with gate.reading() as (c, me):
        elsewhere = company.elsewhere(c, me)
        archived = direct.named(c, me, [one for one in rooms.seen_by(c, me) if one.archived_at])
        may_make = roles.may(me, "make rooms", least=g.space.makes_rooms)
    shown: dict[str, Any] = {"elsewhere": elsewhere, "archived": archived}
    return answers.page("rooms/others.html", may_make=may_make, **shown)


@bp.post("/rooms/<int:room_id>/join")
def join(room_id: int) -> Response:
    """Come into an open room again."""
    with db.writing() as c:
        company.enter(c, gate.member(c), room_id)
    return answers.done(f"/rooms/{room_id}", json={"room": room_id})


@bp.post("/rooms/<int:room_id>/leave")
def leave(room_id: int) -> Response:
    """Go: other tabs leave the room as well."""
    with db.writing() as c:
        me = gate.member(c)
        number = company.leave(c, me, rooms.get(c, me, room_id))
    bulletin.revoked(number)
    return answers.done("/rooms", json={"room": room_id})
