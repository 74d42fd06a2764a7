"""Making a room or a conversation, and looking after it: its settings, archive, lock, and end."""

from typing import Any

from flask import Blueprint, Response, g, request

from parley.store.errors import Wrong
from parley.talk import company, direct, memberships, people, roles, rooms, upkeep
from parley.web import answers, bulletin, gate
from parley.web.forms import numbers

bp = Blueprint("upkeep", __name__)


@bp.get("/rooms/new")
def new() -> Response:
    """The form for a new room."""
    with gate.reading() as (c, me):
        roles.must(me, "make rooms", least=g.space.makes_rooms)
        rooms.must_speak(me)
        everyone = company.known(c, me)
    return answers.page("rooms/new.html", wrong=None, everyone=everyone)


@bp.get("/direct/new")
def new_conversation() -> Response:
    """Choose one to write to, or a few."""
    with gate.reading() as (c, me):
        roles.must(me, "write directly", least=g.space.writes_direct)
        everyone = company.known(c, me)
    return answers.page("rooms/direct.html", "form", wrong=None, everyone=everyone)


@bp.post("/rooms")
def create() -> Response:
    """Make it. Who is chosen comes into a closed room; the others have everybody."""
    try:
        chosen = numbers("people")
        with gate.writing() as (c, me):
            roles.must(me, "make rooms", least=g.space.makes_rooms)
            room_id = rooms.make(c, me, *_typed(), chosen)
    except Wrong as wrong:
        return _choose_again(wrong, "rooms/new.html")
    return answers.done(f"/rooms/{room_id}", json={"room": room_id}, status=201)


@bp.post("/direct")
def converse() -> Response:
    """The room with these people: the same as before, if there is one."""
    try:
        chosen = numbers("people")
        with gate.writing() as (c, me):
            room_id = direct.start(c, me, chosen)
    except Wrong as wrong:
        return _choose_again(wrong, "rooms/direct.html", "form")
    return answers.done(f"/rooms/{room_id}", json={"room": room_id}, status=201)


def _choose_again(wrong: Wrong, template: str, *blocks: str) -> Response:
    with gate.reading() as (c, me):
        everyone = company.known(c, me)
    return answers.refused(wrong, template, *blocks, everyone=everyone)


def _typed() -> upkeep.Said:
    form = request.form
    return form.get("name", ""), form.get("topic", ""), form.get("kind", "")


@bp.route("/rooms/<int:room_id>/settings", methods=["GET", "POST"])
def settings(room_id: int) -> Response:
    """What the room is, who made it, what one may do with it; another name, topic or kind."""
    if request.method == "GET":
        return answers.page("rooms/settings.html", wrong=None, **_shown(room_id))
    try:
        chosen = numbers("people")
        with gate.changing(room_id) as (c, me, room):
            number = upkeep.describe(c, me, room, _typed(), chosen)
    except Wrong as wrong:
        return answers.refused(wrong, "rooms/settings.html", **_shown(room_id))
    if number:
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
    if request.method == "GET":
        return answers.page("rooms/delete.html", wrong=None, room=room)
    try:
        with gate.changing(room_id, upkeep.find) as (c, me, room):
            number = upkeep.delete_all(c, me, room, request.form.get("name", ""))
    except Wrong as wrong:
        return answers.refused(wrong, "rooms/delete.html", room=room)
    bulletin.revoked(number)
    return answers.done("/rooms", json={"room": room_id})
