"""What one does with a message: post, edit, delete, bring back, pin."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy import Connection

from parley.store.errors import Busy, Conflict, Full, Missing, Out, Refused, Stranger
from parley.talk import drafts, feed, mentions, messages, notices, pins, replies, rooms
from parley.talk.people import Person
from parley.talk.reading import Message
from parley.talk.uploads import Upload
from parley.web import answers, bulletin, db, gate, lists, messages_json, trays
from parley.web.forms import answered
from parley.web.rooms import scene

bp = Blueprint("messages", __name__)


@bp.post("/rooms/<int:room_id>/messages")
def create(room_id: int) -> Response:
    """Post. The answer never holds the message: only the poll writes into the list."""
    typed, sent = request.form, list[Upload]()
    try:
        trays.received("files", room_id, sent)
        words = typed.get("text", ""), typed.get("key", "")
        message = say(room_id, messages.draft(*words, sent, *answered(), *trays.named()))
    except Stranger:
        raise
    except Refused as wrong:
        trays.wait(room_id, sent)
        return _refused(wrong, room_id)
    above = "above" in typed and not message.apart
    to = place(message) if message.apart else f"/rooms/{room_id}{'?end' if above else ''}"
    ahead = rooms.Room(room_id, "", "", message.revision + feed.AHEAD)
    shown = {"above": above, "ahead": ahead, "held": request.environ.get("parley.holds", False)}
    return _said(message, to, "messages/posted.html", 201, oob=True, **shown)


def say(room_id: int, draft: messages.Draft) -> Message:
    """Post it in the name of who asks, and tell the others. Raises what messages.post does."""
    with db.writing() as c:
        rooms.lock(c, room_id)  # before anything is asked: then nobody is put out until the commit
        me = gate.member(c)
        message = messages.post(c, rooms.get(c, me, room_id), me, draft)
        if message.apart and "thread" not in request.form:  # said in the box of the room
            drafts.drop(c, me.id, room_id)
    bulletin.changed(message.room_id, message.revision)  # after the commit, never before
    if message.mentions or message.reply_to:
        _is_told(message)
    return message


def _is_told(*those: Message) -> None:
    """Lists at the side count what is for their person, also where no room tells of it."""
    ids = {one for message in those for one in notices.concerns(message)}
    if mentions.EVERYONE in ids:
        lists.forget_all()
    for person_id in ids:
        lists.forget(person_id)


def _refused(wrong: Refused, room_id: int) -> Response:
    with gate.reading() as (c, me):
        shown = scene(c, rooms.get(c, me, room_id), me, typed=request.form.get("text", ""))
        with suppress(Refused):
            reply_to, shown["apart"] = answered()
            shown["answered"] = reply_to and replies.answered(c, room_id, reply_to)
    if not isinstance(wrong, Conflict):  # a resend must be known again by its key
        shown["key"] = request.form.get("key", "")[: messages.KEY] or shown["key"]
    named, alts = trays.named()
    if wrong.field == "tray":
        shown["gone"] = set(named) - {file.id for file in shown["tray"]}
    shown["tray"] = [replace(one, alt=alts.get(one.id, one.alt)) for one in shown["tray"]]
    blocks = ("problem", "gone", *(["key"] if isinstance(wrong, Conflict) else []))
    return answers.refused(wrong, "rooms/show.html", *blocks, **shown)


@bp.get("/messages/<int:message_id>")
def show(message_id: int) -> Response:
    """Its permanent address: the room around it; for htmx the menu of what can be done with it."""
    with gate.reading() as (c, me):
        message, room = seen(c, me, message_id)
        if not answers.is_partial():
            return answers.done(place(message))
        shown: dict[str, Any] = {"message": message, "may_pin": pins.may_pin(me, room)}
        shown["why_not"] = rooms.why_not(c, me, room)
    return answers.page("messages/menu.html", "menu", **shown)


@bp.get("/messages/<int:message_id>/edit")
def edit(message_id: int) -> Response:
    """The message in the box, to be changed."""
    with gate.reading() as (c, me):
        return _in_the_box(c, me, *seen(c, me, message_id))


@bp.get("/rooms/<int:room_id>/last/edit")
def edit_last(room_id: int) -> Response:
    """The same for the last message of who asks; without one nothing happens."""
    with gate.reading() as (c, me):
        room = rooms.get(c, me, room_id)
        if last := messages.last_of(c, me, room):
            return _in_the_box(c, me, messages.get(c, last), room)
    return answers.done(f"/rooms/{room_id}", trigger="none")


def _in_the_box(c: Connection, me: Person, message: Message, room: rooms.Room) -> Response:
    if message.author_id != me.id or message.deleted_at:
        raise Missing()
    shown = scene(c, room, me, editing=message, typed=message.text)
    return answers.page("rooms/show.html", "editing", **shown)


@bp.post("/messages/<int:message_id>/edit")
def update(message_id: int) -> Response:
    """Put other words in its place."""
    words = request.form.get("text", "")
    try:
        return change(message_id, messages.edit, words)
    except (Stranger, Out, Busy, Full):  # nobody who may see the room
        raise
    except Refused as wrong:
        with db.reading() as c:
            message, room = seen(c, g.me, message_id)
            shown = scene(c, room, g.me, editing=message, typed=words)
        return answers.refused(wrong, "rooms/show.html", "edit_problem", **shown)


def place(message: Message) -> str:
    """Where the message stands among its neighbours."""
    if message.apart:
        return f"/messages/{message.reply_to}/thread?around={message.id}#message-{message.id}"
    return f"/rooms/{message.room_id}?around={message.id}#message-{message.id}"


@bp.post("/messages/<int:message_id>/delete", defaults={"act": messages.remove})
@bp.post("/messages/<int:message_id>/restore", defaults={"act": messages.restore})
@bp.post("/messages/<int:message_id>/pin", defaults={"act": pins.pin})
@bp.post("/messages/<int:message_id>/unpin", defaults={"act": pins.unpin})
def change(message_id: int, act, *more) -> Response:
    """Let the person of this browser do something to a message, and tell the others."""
    with db.writing() as c:
        messages.lock(c, message_id)
        me = gate.member(c)
        before, _ = seen(c, me, message_id)
        message = act(c, before, me, *more)
    if message.revision != before.revision:
        bulletin.changed(message.room_id, message.revision)
        _is_told(before, message)
    return _said(message, place(message), "messages/changed.html", 200)


def _said(message: Message, to: str, template: str, status: int, **shown: Any) -> Response:
    json = messages_json.of(message) if answers.wants_json() else None
    html = render_template(template, message=message, **shown) if answers.is_partial() else ""
    return answers.done(to, html, "posted", json, status)


def seen(c: Connection, me: Person, message_id: int) -> tuple[Message, rooms.Room]:
    """The message, if the person may see it, with its room. Raises Missing."""
    message = messages.get(c, message_id)
    return message, rooms.get(c, me, message.room_id)
