"""Making a room or a conversation, and looking after it: its settings, archive, lock, and end."""

from typing import Any

from flask import Blueprint, Response, g, request

from parley.talk import company, direct, memberships, people, roles, rooms, upkeep
from parley.web import answers, bulletin, gate
from parley.web.forms import numbers

bp = Blueprint("upkeep", __name__)


@bp.get("/rooms/new")
@bp.post("/rooms")
def create() -> Response:
    """A new room. Who is chosen comes into a closed one; the others have everybody."""
    with gate.reading() as (c, me):
        roles.must(me, "make rooms", least=g.space.makes_rooms)
        rooms.must_speak(me)
        everyone = company.known(c, me)
    if asked := answers.form("rooms/new.html", everyone=everyone):
        return asked
    chosen = numbers("people")
    with gate.writing() as (c, me):
        roles.must(me, "make rooms", least=g.space.makes_rooms)
        room_id = rooms.make(c, me, *_typed(), chosen)
    return answers.done(f"/rooms/{room_id}", json={"room": room_id}, status=201)


@bp.get("/direct/new")
@bp.post("/direct")
def converse() -> Response:
    """The room with one or a few: the same as before, if there is one."""
    with gate.reading() as (c, me):
        if request.method != "POST":  # who may not begin goes on with those that there are
            roles.must(me, "write directly", least=g.space.writes_direct)
        everyone = company.known(c, me)
    if asked := answers.form("rooms/direct.html", "form", everyone=everyone):
        return asked
    chosen = numbers("people")
    with gate.writing() as (c, me):
        room_id = direct.start(c, me, chosen)
    return answers.done(f"/rooms/{room_id}", json={"room": room_id}, status=201)


def _typed() -> upkeep.Said:
    form = request.form
    return form.get("name", ""), form.get("topic", ""), form.get("kind", "")


@bp.route("/rooms/<int:room_id>/settings", methods=["GET", "POST"])
def settings(room_id: int) -> Response:
    """What the room is, who made it, what one may do with it; another name, topic or kind."""
    if asked := answers.form("rooms/settings.html", **_shown(room_id)):
        return asked
    chosen = numbers("people")
    with gate.changing(room_id) as (c, me, room):
        number = upkeep.describe(c, me, room, _typed(), chosen)
    bulletin.revoked(number)
    return answers.done(f"/rooms/{room_id}/settings", json={"room": room_id})


def _shown(room_id: int) -> dict[str, Any]:
    with gate.reading() as (c, me):
        [room] = direct.named(c, me, [rooms.get(c, me, room_id)])
        may_change = company.may_change(me, room)
        asks_who_stays = may_change and room.kind in memberships.FOR_ALL
        return {
            "room": room,
            "maker": people.get(c, room.made_by),
            "made_at": rooms.made_at(c, room),
            "count": memberships.count(c, room.id),
            "present": company.present(c, room) if asks_who_stays else [],
            "may_change": may_change,
            "may_lock": may_change and roles.may(me, "lock a room"),
            "may_delete": may_change and roles.may(me, "delete a room"),
            "is_lobby": room.id == rooms.LOBBY,
        }


@bp.post("/rooms/<int:room_id>/archive", defaults={"act": "archive"})
@bp.post("/rooms/<int:room_id>/unarchive", defaults={"act": "unarchive"})
@bp.post("/rooms/<int:room_id>/lock", defaults={"act": "lock"})
@bp.post("/rooms/<int:room_id>/unlock", defaults={"act": "unlock"})
def mark(room_id: int, act: str) -> Response:
    """Put the room away, to be read only; let only moderators write; or take that back."""
    with gate.changing(room_id) as (c, me, room):
        upkeep.mark(c, me, room, act)
    return answers.done(f"/rooms/{room_id}/settings", json={"room": room_id})


@bp.route("/rooms/<int:room_id>/delete", methods=["GET", "POST"])
def delete(room_id: int) -> Response:
    """The end of a room, for who types its name."""
    with gate.reading() as (c, me):
        room = upkeep.find(c, me, room_id)
        upkeep.must_delete(me, room)
    if asked := answers.form("rooms/delete.html", room=room):
        return asked
    with gate.changing(room_id, upkeep.find) as (c, me, room):
        number = upkeep.delete_all(c, me, room, request.form.get("name", ""))
    bulletin.revoked(number)
    return answers.done("/rooms", json={"room": room_id})
