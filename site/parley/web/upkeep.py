"""Making a room, and looking after it: its settings, archive, lock, and end."""

from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import Connection

from parley.store.errors import Wrong
from parley.talk import company, direct, memberships, people, roles, rooms, upkeep
from parley.web import answers, bulletin, db, gate
from parley.web.forms import numbers

bp = Blueprint("upkeep", __name__)


@bp.get("/rooms/new")
def new() -> Response:
    """The form for a new room."""
    with gate.reading() as (c, me):
        roles.must(me, "make rooms", least=g.space.makes_rooms)
        everyone = company.known(c, me)
    return answers.page("rooms/new.html", wrong=None, everyone=everyone)


@bp.post("/rooms")
def create() -> Response:
    """Make it. Who is chosen comes into a closed room; the others have everybody."""
    try:
        chosen = numbers("people")
        with db.writing() as c:
            me = gate.member(c)
            roles.must(me, "make rooms", least=g.space.makes_rooms)
            room_id = rooms.make(c, me, *_typed(), chosen)
    except Wrong as wrong:
        with gate.reading() as (c, me):
            everyone = company.known(c, me)
        return answers.refused(wrong, "rooms/new.html", everyone=everyone)
    return answers.done(f"/rooms/{room_id}", json={"room": room_id}, status=201)


def _typed() -> tuple[str, str, str]:
    return tuple(request.form.get(field, "") for field in ("name", "topic", "kind"))  # type: ignore[return-value]


@bp.get("/rooms/<int:room_id>/settings")
def show(room_id: int) -> Response:
    """What the room is, who made it, and what one may do with it."""
    with gate.reading() as (c, me):
        shown = _shown(c, me, rooms.get(c, me, room_id))
    return answers.page("rooms/settings.html", wrong=None, **shown)


@bp.post("/rooms/<int:room_id>/settings")
def change(room_id: int) -> Response:
    """Another name, topic or kind."""
    try:
        chosen = numbers("people")
        with db.writing() as c:
            me = gate.member(c)
            number = upkeep.describe(c, me, rooms.get(c, me, room_id), *_typed(), chosen)
    except Wrong as wrong:
        with gate.reading() as (c, me):
            shown = _shown(c, me, rooms.get(c, me, room_id))
        return answers.refused(wrong, "rooms/settings.html", **shown)
    return _done(room_id, number)


def _shown(c: Connection, me: people.Person, room: rooms.Room) -> dict[str, Any]:
    may_change = company.may_change(me, room)
    asks_who_stays = may_change and room.kind in memberships.FOR_ALL
    present = company.present(c, room) if asks_who_stays else []
    return {
        "room": direct.named(c, me, [room])[0],
        "origin": upkeep.origin(c, room),
        "count": memberships.count(c, room.id),
        "everyone": [one for one in present if one.id != me.id],
        "may_change": may_change,
        "may_lock": may_change and roles.may(me, "lock a room"),
        "may_delete": may_change and roles.may(me, "delete a room"),
        "is_lobby": room.id == rooms.LOBBY,
    }


@bp.post("/rooms/<int:room_id>/archive", endpoint="archive", defaults={"archived": True})
@bp.post("/rooms/<int:room_id>/unarchive", endpoint="unarchive", defaults={"archived": False})
def archive(room_id: int, archived: bool) -> Response:
    """Put the room away, to be read only; or bring it back."""
    return _act(room_id, upkeep.archive, archived)


@bp.post("/rooms/<int:room_id>/lock", endpoint="lock", defaults={"locked": True})
@bp.post("/rooms/<int:room_id>/unlock", endpoint="unlock", defaults={"locked": False})
def lock(room_id: int, locked: bool) -> Response:
    """Let only owners and moderators write, or everybody again."""
    return _act(room_id, upkeep.lock, locked)


def _act(room_id: int, act, value: bool) -> Response:
    with db.writing() as c:
        me = gate.member(c)
        act(c, me, rooms.get(c, me, room_id), value)
    return _done(room_id)


def _done(room_id: int, revocation: int = 0) -> Response:
    if revocation:
        bulletin.revoked(revocation)
    return answers.done(f"/rooms/{room_id}/settings", json={"room": room_id})


@bp.route("/rooms/<int:room_id>/delete", methods=["GET", "POST"])
def delete(room_id: int) -> Response:
    """The end of a room, for who types its name."""
    with gate.reading() as (c, me):
        room = rooms.get(c, me, room_id)
        upkeep.must_delete(me, room)
    if request.method == "GET":
        return answers.page("rooms/delete.html", wrong=None, room=room)
    try:
        with db.writing() as c:
            me = gate.member(c)
            room = rooms.get(c, me, room_id)
            number = upkeep.delete_all(c, me, room, request.form.get("name", ""))
    except Wrong as wrong:
        return answers.refused(wrong, "rooms/delete.html", room=room)
    bulletin.revoked(number)
    return answers.done("/rooms", json={"room": room_id})
