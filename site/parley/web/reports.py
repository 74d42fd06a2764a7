"""Reports: made by anybody who sees a message, read by owners and moderators."""

from typing import Any

from flask import Blueprint, Response, request

from parley.store.errors import Wrong
from parley.talk import reports, roles
from parley.web import answers, gate
from parley.web.messages import seen

bp = Blueprint("reports", __name__)


@bp.route("/messages/<int:message_id>/report", methods=["GET", "POST"])
def report(message_id: int) -> Response:
    """Tell owners and moderators of a message; afterwards the same page says that they know."""
    with gate.reading() as (c, me):
        message = seen(c, me, message_id)
        told = reports.made_at(c, me, message)
    shown: dict[str, Any] = {"message": message, "told": told}
    if request.method == "GET":
        return answers.page("reports/new.html", "form", wrong=None, **shown)
    try:
        with gate.writing() as (c, me):
            reports.add(c, me, seen(c, me, message_id), request.form.get("reason", ""))
    except Wrong as wrong:
        return answers.refused(wrong, "reports/new.html", "form", **shown)
    return answers.done(f"/messages/{message_id}/report", json={"message": message_id})


@bp.get("/reports")
def index() -> Response:
    """What was reported, the open ones first."""
    with gate.reading() as (c, me):
        roles.must(me, "read reports")
        found = reports.read(c, me)
    return answers.page("reports/index.html", reports=found)


@bp.post("/reports/<int:report_id>/close")
def close(report_id: int) -> Response:
    """It has been looked at."""
    with gate.writing() as (c, me):
        roles.must(me, "read reports")
        reports.close(c, me, report_id)
    return answers.done("/reports", json={"report": report_id})
