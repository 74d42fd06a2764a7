"""What moderators and owners do with a person, the log of it, and what anybody tells them of.

Blocking a person is everybody's own affair, and the same kind of act.
"""

from functools import partial
from typing import Any

from flask import Blueprint, Response, g, request

from parley.store.errors import Missing
from parley.talk import direct, log, people, reports, roles, sanctions
from parley.web import answers, bulletin, db, gate
from parley.web.forms import number
from parley.web.messages import seen

bp = Blueprint("moderation", __name__)

# POST /people/ID/...: what does it, and the field with what was chosen.
ACTS: dict[str, tuple[Any, ...]] = {
    "mute": (sanctions.mute, "end"),
    "unmute": (sanctions.unmute,),
    "remove": (sanctions.remove, "end"),
    "ban": (sanctions.ban,),
    "readmit": (sanctions.readmit,),
    "role": (sanctions.give_role, "role"),
    "block": (direct.block,),
    "unblock": (direct.unblock,),
}


def _act(act, *fields: str, person_id: int) -> Response:
    chosen = [request.form.get(field, "") for field in fields]
    with gate.writing() as (c, me):
        revocation = act(c, me, people.get(c, person_id), *chosen)
    bulletin.revoked(revocation)
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


@bp.get("/log")
def history() -> Response:
    """What owners and moderators did, the newest first, or before an entry."""
    with gate.reading() as (c, me):
        roles.must(me, "read the log")
        entries, more = log.read(c, me, number("before"))
    return answers.page("log/show.html", entries=entries, more=more, parts=log.parts)


@bp.route("/messages/<int:message_id>/report", methods=["GET", "POST"])
def report(message_id: int) -> Response:
    """Tell owners and moderators of a message; afterwards the same page says that they know."""
    with gate.reading() as (c, me):
        message, _ = seen(c, me, message_id)
        told = reports.made_at(c, me, message)
    shown: dict[str, Any] = {"message": message, "told": told}
    if asked := answers.form("reports/new.html", "form", **shown):
        return asked
    with gate.writing() as (c, me):
        reports.add(c, me, seen(c, me, message_id)[0], request.form.get("reason", ""))
    return answers.done(f"/messages/{message_id}/report", json={"message": message_id})


@bp.get("/reports")
def reported() -> Response:
    """What was reported, the open ones first, or what comes after one of them."""
    with gate.reading() as (c, me):
        roles.must(me, "read reports")
        found, more = reports.read(c, me, number("before"))
    return answers.page("reports/index.html", reports=found, more=more)


@bp.post("/reports/<int:report_id>/close")
def close(report_id: int) -> Response:
    """It has been looked at."""
    with gate.writing() as (c, me):
        roles.must(me, "read reports")
        reports.close(c, me, report_id)
    return answers.done("/reports", json={"report": report_id})
