"""The front door: where to go from the address alone, what this place is, and whether it is up."""

from flask import Blueprint, Response, g

from parley.talk import people, spaces
from parley.web import answers, db, gate

bp = Blueprint("doors", __name__)


@bp.get("/")
def home() -> Response:
    """The last room visited; the first run on a new installation; the door for strangers."""
    with db.reading() as c:
        me = gate.visitor(c)
    if g.space is None:
        return answers.done("/welcome")
    if me is None:
        return answers.done("/rooms" if g.out else "/login")
    return answers.done(_last_room(me))


def _last_room(me: people.Person) -> str:
    """The one that the person has visited last, if they are still in it, else the first."""
    mine = g.get("my_rooms")
    room = mine and (mine.room(me.room_id) or next(iter(mine.rooms), None))
    if not room:
        return "/rooms"
    return f"/rooms/{room.id}#new" if room.unread else f"/rooms/{room.id}"


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
