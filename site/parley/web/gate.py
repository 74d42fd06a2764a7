"""Who is asking: the login of this browser, and what it may see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy import Connection

from parley.store.db import LITTLE
from parley.store.errors import Busy, Full, Stranger
from parley.talk import logins, memberships, people, rooms, sanctions, spaces, unread
from parley.talk.tickets import LIFE, Ticket
from parley.web import answers, browsers, bulletin, db, intake, lists, parts, security, times


def register(app: Flask) -> None:
    """Note after each answer that the person is here, and give pages what all of them show."""
    app.after_request(_note_visit)
    app.context_processor(_shown_everywhere)


def visitor(c: Connection) -> people.Person | None:
    """The person of this browser, or None for a stranger; in `g.out` one who was removed.

    Who is banned counts as a stranger, but is still told why.
    """
    g.space = spaces.find(c)
    g.login = logins.find(c, session.get("login"))
    g.me = g.login and g.login.person
    g.variant = spaces.variant(g.space, g.me)
    g.out = g.me if g.me and g.me.is_out else None
    if g.out and g.out.banned_at:
        g.login = g.me = None
    if g.me and not (g.out or answers.is_partial() or answers.wants_json()):
        front = (request.view_args or {}).get("room_id")
        g.my_rooms = unread.listed(c, g.me, front)
    return g.me


def member(c: Connection) -> people.Person:
    """The person of this browser. Raises Stranger, and Out for who was removed."""
    me = visitor(c)
    if g.out:
        raise sanctions.told(c, g.out, g.space)
    if me is None:
        raise Stranger()
    return me


@contextmanager
def reading() -> Iterator[tuple[Connection, people.Person]]:
    """A moment of the database, and the person of this browser. Raises Stranger."""
    with db.reading() as c:
        yield c, member(c)


@contextmanager
def writing() -> Iterator[tuple[Connection, people.Person]]:
    """A transaction, and the person of this browser. Raises Stranger."""
    with db.writing() as c:
        yield c, member(c)


@contextmanager
def changing(
    room_id: int, find: Callable[..., rooms.Room] = rooms.get
) -> Iterator[tuple[Connection, people.Person, rooms.Room]]:
    """A transaction in a room that the person of this browser is in. Raises Stranger, Missing.

    Until it ends nobody else changes who is where, or who may do what. Afterwards its open pages
    are told, if there is something new above their messages.
    """
    with db.writing() as c:
        memberships.lock(c)
        me = member(c)
        room = find(c, me, room_id)
        yield c, me, room
        now = rooms.find(c, room_id)
    if now and now.revision != room.revision:
        lists.forget_all()  # before anybody asks for the list again
        bulletin.changed(now.id, now.revision)


def signed_in(even_out: bool = False) -> people.Person:
    """The person of this browser, where nothing else is asked; `even_out` also one who was
    removed. Raises Stranger, and else Out."""
    with db.reading() as c:
        return (even_out and visitor(c)) or member(c)


def admit(app: Flask, environ: dict) -> None:
    """Nothing, for who may send something large; else raises Stranger, Out, or what Intake does
    about one file alone that need not go up to be known as too large.
    """
    with app.request_context(environ):
        signed_in()
        if request.endpoint == "trays.add":
            intake.must_fit(request.content_length or 0)


def sign_in(c: Connection, person_id: int) -> None:
    """This browser belongs to that person from now on, under a new session id. Raises Out."""
    person = people.get(c, person_id)
    if person.is_out:
        raise sanctions.told(c, person, g.space)
    token = logins.begin(c, person_id, request.user_agent.string, browsers.kept())
    session["login"] = token
    g.login = logins.find(c, token)
    current_app.session_interface.regenerate(session)  # type: ignore[attr-defined]
    _learn_variant(c, person)


def _learn_variant(c: Connection, person: people.Person) -> None:
    """Who has chosen nothing yet reads times as their browser does: that is asked once."""
    if not (space := g.get("space")):  # just founded, in the way of this browser
        return
    chosen, usual = (person.zone, person.language), (space.zone, space.language)
    told = ("" if one == its else one for one, its in zip(times.of_browser(), usual, strict=True))
    now = tuple(its if its is not None else one for its, one in zip(chosen, told, strict=True))
    if now != chosen:
        people.read_times(c, person.id, *now)


def give_ticket(response: Response, room: rooms.Room) -> None:
    """Let this browser's next poll of the room be held without asking again."""
    ticket = Ticket(room.id, g.login.id, g.me.id, g.space.revocation, g.variant)
    written, path = parts().tickets.write(ticket), f"/rooms/{room.id}/feed"
    security.keep(response, "ticket", written, timedelta(seconds=LIFE), path)


def _note_visit(response: Response) -> Response:
    login, now = g.get("login"), datetime.now(UTC)
    # A new person's or a signed-out browser's request says nothing about a visit.
    # Nor does a page that only leads to another: that one greets. The list at the side asks by
    # itself, as a poll does, and for the polls the waiting room notes who is here, all at once.
    if login is None or "login" not in session or response.status_code >= 300:
        return response
    if request.endpoint == "side.side":
        return response
    # Only a page renews the session: a poll that ends after a sign-out must not write it back.
    is_page = request.method == "GET" and not answers.is_partial() and response.status_code == 200
    renews = is_page and login.needs_renewal
    # Polls say that the person is here; which of their browsers it is, pages note.
    seen_at = login.person.seen_at
    noted = min(seen_at, login.used_at) if is_page else seen_at
    if now - noted < people.FRESH and not renews:
        return response

    def note(c: Connection) -> None:
        people.seen(c, [login.person.id], now)
        logins.seen(c, login, now, renews)
        session.modified |= renews

    in_passing(note)
    return response


def in_passing(note: Callable[[Connection], object]) -> None:
    """Write something down that can wait when the answer cannot; another time will do too."""
    try:
        with db.writing(LITTLE) as c:
            note(c)
    except (Busy, Full):
        pass


def _shown_everywhere() -> dict[str, object]:
    shown = {"space": g.get("space"), "me": g.get("me"), "my_rooms": g.get("my_rooms")}
    shown |= {"at": request.path if request else "", "front": None, "new": None, "menus": ""}
    return shown | {"oob": answers.is_partial()}  # fragments say themselves where they belong
