"""Who is in a room: the list, bringing and removing people, coming back and leaving."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from parley.store.errors import Missing, Wrong
from parley.talk import clock, company, direct, memberships, mentions, rooms
from parley.web import answers, bulletin, gate
from parley.web.forms import numbers

bp = Blueprint("company", __name__)

GONE = "The room was deleted, or you are not in it any more. Your other rooms are as they were."


@bp.route("/rooms/<int:room_id>/people", methods=["GET", "POST"])
def index(room_id: int) -> Response:
    """Who is in the room; bring others in."""
    with gate.reading() as (c, me):
        [room] = direct.named(c, me, [rooms.get(c, me, room_id)])
        present, may_change = company.present(c, room), company.may_change(me, room)
        absent = company.absent(c, room) if may_change else []
    shown: dict[str, Any] = {"room": room, "present": present, "absent": absent}
    shown["removable"] = [one for one in present if may_change and company.may_remove(me, one)]
    if asked := answers.form("rooms/people.html", **shown):
        return asked
    chosen = numbers("people")
    with gate.changing(room_id) as (c, me, room):
        company.add(c, me, room, chosen)
    return answers.done(f"/rooms/{room_id}/people", json={"room": room_id})


@bp.get("/rooms/<int:room_id>/people/names")
def names(room_id: int) -> Response:
    """Some who may be meant by ?q, what is typed after "@": options for the list at the box."""
    with gate.reading() as (c, me):
        room = rooms.get(c, me, room_id)
        found = mentions.offer(c, me, room, request.args.get("q", ""))
    html = render_template("rooms/names.html", names=found) if answers.is_partial() else ""
    json = {"people": [{"id": one.id, "name": one.name} for one in found]}
    return answers.done(f"/rooms/{room_id}/people", html, json=json)


@bp.post("/rooms/<int:room_id>/people/<int:person_id>/remove")
def remove(room_id: int, person_id: int) -> Response:
    """Put somebody out, for a time or for good: their pages leave the room at once."""
    span = request.form.get("until", "")
    if span and span not in clock.SPANS:
        raise Wrong("Choose an hour, a day, a week, a month, or for good.", "until")
    until = datetime.now(UTC) + clock.SPANS[span] if span else clock.FOREVER
    with gate.changing(room_id) as (c, me, room):
        number = company.remove(c, me, room, person_id, until)
    bulletin.revoked(number)
    return answers.done(f"/rooms/{room_id}/people", json={"person": person_id})


@bp.get("/rooms/<int:room_id>/removed")
def removed(room_id: int) -> Response:
    """What happened to somebody who is no longer in the room. Raises Missing for all others."""
    with gate.reading() as (c, me):
        removal = memberships.removal(c, room_id, me.id)
        if removal is None:
            try:
                rooms.get(c, me, room_id)
            except Missing:  # open pages come here from a room that is gone, too: all are told so
                raise Missing(GONE) from None
            return answers.done(f"/rooms/{room_id}")
    return answers.page("rooms/removed.html", removal=removal)


@bp.get("/rooms/others")
def others() -> Response:
    """The open rooms that one has left, the archive, and for owners what nobody can read."""
    with gate.reading() as (c, me):
        elsewhere, deserted = company.elsewhere(c, me), company.deserted(c, me)
        archived = direct.named(c, me, [one for one in rooms.seen_by(c, me) if one.archived_at])
    shown: dict[str, Any] = {"elsewhere": elsewhere, "deserted": deserted, "archived": archived}
    return answers.page("rooms/others.html", **shown)


@bp.post("/rooms/<int:room_id>/join")
def join(room_id: int) -> Response:
    """Come into an open room again."""
    with gate.writing() as (c, me):
        company.enter(c, me, room_id)
    return answers.done(f"/rooms/{room_id}", json={"room": room_id})


@bp.post("/rooms/<int:room_id>/leave")
def leave(room_id: int) -> Response:
    """Go: other tabs leave the room as well."""
    with gate.changing(room_id) as (c, me, room):
        number = company.leave(c, me, room)
    bulletin.revoked(number)
    return answers.done("/rooms", json={"room": room_id})
