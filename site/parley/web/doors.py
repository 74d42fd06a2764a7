"""The front door: where to go from the address alone, what this place is, and whether it is up."""

from flask import Blueprint, Response, g

from parley.talk import people, rooms, spaces
from parley.web import answers, db, gate

bp = Blueprint("doors", __name__)


@bp.get("/")
def home() -> Response:
    """The Lobby; the first run on a new installation; the door for strangers."""
    with db.reading() as c:
        me = gate.visitor(c)
    if g.space is None:
        return answers.done("/welcome")
    if not me and not g.out:
        return answers.done("/login")
    # Who was removed from the Lobby finds their other rooms; who is out is told so anywhere.
    return answers.done("/rooms/1" if g.out or _sees_lobby() else "/rooms")


def _sees_lobby() -> bool:
    return "my_rooms" not in g or g.my_rooms.room(rooms.LOBBY) is not None


@bp.get("/health")
def health() -> tuple[str, dict[str, str]]:
    """Whether the database answers."""
    with db.reading() as c:
        spaces.find(c)
    return "ok\n", {"Content-Type": "text/plain", "Cache-Control": "no-store"}


@bp.get("/about")
def about() -> Response:
    """What this is and who runs it, for anyone."""
    with db.reading() as c:
        gate.visitor(c)
        count = people.count(c)
    return answers.page("doors/about.html", count=count)
