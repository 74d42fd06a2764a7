"""What moderators and owners do with a person, and what everybody may do for oneself: block."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, g, request

from parley.store.errors import Missing
from parley.talk import blocks, people, sanctions
from parley.web import answers, bulletin, db, gate

bp = Blueprint("moderation", __name__)

ACTS: dict[
    str, tuple[Any, ...]
] = {  # POST /people/ID/...: what does it, and the field with what was chosen
    "mute": (sanctions.mute, "end"),
    "unmute": (sanctions.unmute,),
    "remove": (sanctions.remove, "end"),
    "ban": (sanctions.ban,),
    "readmit": (sanctions.readmit,),
    "role": (sanctions.give_role, "role"),
    "block": (blocks.add,),
    "unblock": (blocks.lift,),
}


def _act(act, *fields: str, person_id: int) -> Response:
    chosen = [request.form.get(field, "") for field in fields]
    with gate.writing() as (c, me):
        number = act(c, me, people.get(c, person_id), *chosen)
    if number:
        bulletin.revoked(number)
    return answers.done(f"/people/{person_id}", json={"person": person_id})


for name, how in ACTS.items():
    view, address = partial(_act, *how), f"/people/<int:person_id>/{name}"
    bp.add_url_rule(address, name, view, methods=["POST"])


@bp.get("/removed")
def removed() -> Response:
    """Where an open page of somebody who was removed is led: they are told; nobody else is."""
    with db.reading() as c:
        gate.visitor(c)
        if g.out:
            raise sanctions.told(c, g.out, g.space)
    raise Missing()
