"""The page of search: a form that is an address, and what it finds."""

from dataclasses import astuple
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from parley.talk import people, search
from parley.talk.search import Query
from parley.web import answers, gate, messages_json
from parley.web.forms import as_id

bp = Blueprint("search", __name__)

FIELDS = "q", "room", "from", "has", "day_from", "day_to", "by", "before", "skip"  # of Query


@bp.get("/search")
def show() -> Response:
    """What was found, or the empty form. Whatever is asked is a question and never wrong."""
    query = asked()
    with gate.reading() as (c, me):
        theirs = search.readable(c, me)
        found = search.search(c, theirs, query, g.variant.zone)
        everyone = [] if answers.is_partial() or answers.wants_json() else people.everyone(c)
    following = address(found.next) if found.next else None
    if answers.wants_json():
        listed = [messages_json.of(hit.message) for hit in found.hits]
        more = {"more": bool(following), "next": following, "in_parts": found.in_parts}
        return answers.done("", json={"messages": listed} | more)
    in_rooms = [(room, list(hits)) for room, hits in groupby(found.hits, lambda hit: hit.room)]
    is_all = not following and query.before == search.END and not query.skip
    shown: dict[str, Any] = {"query": query, "found": found, "in_rooms": in_rooms}
    shown |= {"following": following, "is_all": is_all, "places": len(dict(in_rooms))}
    if answers.is_partial():
        return answers.part("search/_results.html", **shown)
    shown["in_words"] = [(room.id, f"in {room.name}") for room in theirs]
    shown["from_words"] = [(person.id, f"from {person.name}") for person in everyone]
    return answers.page("search/show.html", **shown)


def asked() -> Query:
    """The question as the address says it; what says nothing sensible is left out."""
    has = request.args.get("has", "")
    what = _id("room"), _id("from"), has if has in search.HOLDS else ""
    days, best = (_day("day_from"), _day("day_to")), request.args.get("by") == "best"
    words, before = request.args.get("q", ""), _id("before") or search.END
    return Query(words, *what, *days, best, before, _id("skip") or 0)


def address(query: Query) -> str:
    """The address that asks this."""
    said = zip(FIELDS, astuple(query), astuple(Query()), strict=True)
    told = {field: value for field, value, usual in said if value != usual}
    return f"/search?{urlencode(told | ({'by': 'best'} if query.best else {}))}"


def _id(name: str) -> int | None:
    return as_id(request.args.get(name, ""))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
