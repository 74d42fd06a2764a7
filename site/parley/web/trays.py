"""The tray of a person in a room: each file goes up by itself, a post only names it.

Also how any form's files are taken in. What the page does with them by htmx (move, describe,
remove), its buttons do without scripts too: the whole form comes along, and what is typed is kept.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

from flask import Blueprint, Response, g, make_response, render_template, request
from sqlalchemy import Connection

from parley.store.errors import Out, Refused, Stranger, TooLarge, Wrong
from parley.talk import drafts, filenames, people, roles, rooms, trays
from parley.talk.reading import File
from parley.talk.uploads import MOST, Upload
from parley.web import answers, gate, intake, messages_json
from parley.web.forms import answered, as_id

bp = Blueprint("trays", __name__, url_prefix="/rooms/<int:room_id>/tray")


@bp.get("")
def show(room_id: int) -> Response:
    """What waits there, as JSON for programs; the room itself for browsers."""
    if not answers.wants_json():
        return answers.done(f"/rooms/{room_id}")
    with gate.reading() as (c, me):
        waiting = trays.of(c, me, rooms.get(c, me, room_id).id)
    return answers.done("", json={"files": [messages_json.file(one) for one in waiting]})


@bp.post("")
def add(room_id: int) -> Response:
    """Take one file in. htmx puts what is answered in the place of the upload that it shows."""
    try:
        file = _taken(room_id, request.form.get("key", ""))
    except (Stranger, Out):
        raise
    except Refused as wrong:
        wrong.field = wrong.field if wrong.field == "key" else "file"
        if not answers.is_partial():
            raise
        told = {"Content-Type": "text/plain; charset=utf-8"}  # the upload says it itself
        return answers.vary(make_response(wrong.sentence, wrong.status, told))
    html = render_template("trays/_item.html", file=file) if answers.is_partial() else ""
    response = answers.done(f"/rooms/{room_id}", html, json=messages_json.file(file), status=201)
    if answers.is_partial():  # no other server says so: its page is not taken for a file
        response.status_code, response.headers["HX-Reswap"] = 201, "outerHTML"
    return response


def _taken(room_id: int, key: str) -> File:
    """The form's file, in the tray; or what came with its key before. Raises Refused."""
    sent = request.files.get("file")
    with gate.reading() as (c, me):
        room = rooms.get(c, me, room_id)
        if known := trays.sent_before(c, me, room_id, key):
            return known
        trays.must_take(c, me, room, g.space.sends_files)
    if not sent or not sent.filename:
        raise Wrong("No file was sent.", "file")
    upload = intake.receive(sent.filename, sent.stream)
    with gate.writing() as (c, me):
        return trays.add(c, me, rooms.get(c, me, room_id), upload, key)


@bp.post("/<int:file_id>")
def change(room_id: int, file_id: int) -> Response:
    """Move it, or say what can be seen. For htmx the neighbour comes to stand on its other side."""
    by = {"earlier": -1, "later": 1}.get(request.form.get("move", ""), 0)
    ids, _ = named()
    with _changing(room_id, file_id) as (c, me):
        beside = by and trays.move(
            c, me, room_id, file_id, by, [one for one in ids if isinstance(one, int)]
        )
    if not answers.is_partial():
        return _back(room_id)
    if not beside:
        return answers.vary(make_response("", 204))
    shown = {"file": beside, "to": file_id, "by": by}
    return answers.vary(make_response(render_template("trays/moved.html", **shown)))


@bp.post("/<int:file_id>/remove")
def remove(room_id: int, file_id: int) -> Response:
    """Take it out."""
    with _changing(room_id, file_id) as (c, me):
        trays.remove(c, me, room_id, file_id)
    return answers.vary(make_response("")) if answers.is_partial() else _back(room_id)


@bp.post("/remove")
def cancel(room_id: int) -> Response:
    """Take out what came with a key, if it did: who cancels an upload cannot know how far it is."""
    with gate.writing() as (c, me):
        rooms.get(c, me, room_id)
        if file := trays.sent_before(c, me, room_id, request.form.get("cancel", "")):
            trays.remove(c, me, room_id, file.id)
    return answers.vary(make_response("")) if answers.is_partial() else _back(room_id)


@contextmanager
def _changing(room_id: int, file_id: int) -> Iterator[tuple[Connection, people.Person]]:
    """A transaction that first keeps what the form says: what is seen on each file, and the text.

    A page without scripts is made anew, so all that was typed on it has to be kept.
    """
    _, alts = named()
    if "alt" in request.form:  # a program names the file by the address
        alts[file_id] = request.form["alt"]
    with gate.writing() as (c, me):
        rooms.get(c, me, room_id)
        for one, alt in alts.items():
            trays.describe(c, me, room_id, one, alt)
        yield c, me
        words = request.form.get("text")
        # The page of a message shows no draft: its empty box says nothing about that of the room.
        if (words or (words == "" and "thread" not in request.form)) and not answers.is_partial():
            drafts.save(c, me, room_id, words, request.form.get("key", ""))


def _back(room_id: int) -> Response:
    """To the room, with what was being answered there. What had been chosen besides waits, too."""
    taken: list[Upload] = []
    try:
        received("files", room_id, taken)
    finally:
        wait(room_id, taken)
    reply_to, apart = answered()
    query = f"?reply_to={reply_to}&apart={'yes' if apart else 'no'}" if reply_to else ""
    return answers.done(f"/rooms/{room_id}{query}", json={"room": room_id})


def named() -> tuple[list[int | str], dict[int, str]]:
    """What the form names of a tray, by id or by the key of an upload; what is seen on each id."""
    tray: list[int | str] = [as_id(one) or one for one in request.form.getlist("tray") if one]
    alts = {one: request.form.get(f"alt-{one}") for one in tray if isinstance(one, int)}
    return tray, {one: alt for one, alt in alts.items() if alt is not None}


def received(
    field: str, room_id: int, taken: list[Upload] | None = None, only: Collection[str] = ()
) -> list[Upload]:
    """The files of the form, stored and checked: in `taken` those that are good, also when another
    is refused. Raises what Intake.receive does.

    Nobody works on the files of one who may not see the room, or not send any.
    """
    taken = [] if taken is None else taken
    chosen = [file for file in request.files.getlist(field) if file.filename]
    if chosen:
        with gate.reading() as (c, me):
            rooms.get(c, me, room_id)
            roles.must(me, "send files", least=g.space.sends_files)
    if len(chosen) > MOST:
        raise TooLarge(f"{MOST} files are the most in one message.", field)
    wrong: Refused | None = None
    for file in chosen:
        try:
            taken.append(intake.receive(file.filename or "", file.stream, only))
        except Refused as one:
            name, one.field = filenames.clean(file.filename or ""), field
            if len(chosen) > 1 and name not in one.sentence:
                one.sentence = f"{name}: {one.sentence}"
            wrong = wrong or one
    if wrong:
        raise wrong
    return taken


def wait(room_id: int, uploads: Iterable[Upload]) -> None:
    """What a plain form brought, and no message took along, need not be brought again."""
    if answers.is_partial() or answers.wants_json():
        return
    with suppress(Refused), gate.writing() as (c, me):
        room = rooms.get(c, me, room_id)
        for place, upload in enumerate(uploads):
            key = trays.key_for(request.form.get("key", ""), place, upload)
            with suppress(Refused):  # ten wait there already
                trays.add(c, me, room, upload, key)
