"""What moderators and owners do with a person, and what everybody may do for oneself: block."""

from flask import Blueprint, Response, g, request

from parley.store.errors import Missing
from parley.talk import blocks, people, sanctions
from parley.web import answers, bulletin, db, gate

bp = Blueprint("moderation", __name__)


@bp.get("/removed")
def removed() -> Response:
    """Where an open page of somebody who was removed is led: they are told; nobody else is."""
    with db.reading() as c:
        gate.visitor(c)
        if g.out:
            raise sanctions.told(c, g.out, g.space)
    raise Missing()


@bp.post("/people/<int:person_id>/mute")
def mute(person_id: int) -> Response:
    """They read, but do not write."""
    return _act(sanctions.mute, person_id, request.form.get("end", ""))


@bp.post("/people/<int:person_id>/unmute")
def unmute(person_id: int) -> Response:
    """They write again."""
    return _act(sanctions.unmute, person_id)


@bp.post("/people/<int:person_id>/remove")
def remove(person_id: int) -> Response:
    """They see nothing of the space."""
    return _act(sanctions.remove, person_id, request.form.get("end", ""))


@bp.post("/people/<int:person_id>/ban")
def ban(person_id: int) -> Response:
    """They see nothing of it any more, nor do their browsers."""
    return _act(sanctions.ban, person_id)


@bp.post("/people/<int:person_id>/readmit")
def readmit(person_id: int) -> Response:
    """They may come in again."""
    return _act(sanctions.readmit, person_id)


@bp.post("/people/<int:person_id>/role")
def role(person_id: int) -> Response:
    """They are owner, moderator or member."""
    return _act(sanctions.give_role, person_id, request.form.get("role", ""))


@bp.post("/people/<int:person_id>/block")
def block(person_id: int) -> Response:
    """Their direct messages no longer reach me."""
    return _act(blocks.add, person_id)


@bp.post("/people/<int:person_id>/unblock")
def unblock(person_id: int) -> Response:
    """They reach me again."""
    return _act(blocks.lift, person_id)


def _act(act, person_id: int, *chosen: str) -> Response:
    with db.writing() as c:
        me = gate.member(c)
        number = act(c, me, people.get(c, person_id), *chosen)
    if number:
        bulletin.revoked(number)
    return answers.done(f"/people/{person_id}", json={"person": person_id})
