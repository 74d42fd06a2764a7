"""The space: made once, by its owner, with a Lobby to talk in; and what its owners decide."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from parley.store import tables
from parley.store.errors import Missing, Wrong
from parley.store.prepared import Prepared
from parley.talk import clock, languages, links, log, people, roles, rooms, text
from parley.talk.clock import Variant


@dataclass(frozen=True, slots=True)
class Space:
    """The one place of this installation."""

    id: int
    name: str
    zone: str
    language: str
    revocation: int
    owner: str
    welcome: str = ""
    picture: str | None = None
    accent: str = "pine"
    joining: str = "link"
    makes_rooms: str = roles.MEMBER
    sends_files: str = roles.MEMBER
    writes_direct: str = roles.MEMBER
    people_version: int = 0

    @property
    def beside(self) -> tuple[str | None, ...]:
        """What the list at the side shows of it, or is different by."""
        return self.name, self.picture, self.makes_rooms, self.writes_direct


ACCENTS = ("pine", "lake", "plum", "rust", "moss")  # as in parley.css
LEAST = roles.MEMBER, roles.MODERATOR  # the role from which one may
CHOICES = {"accent": ACCENTS, "joining": ("link", "closed")}  # what each setting may be
CHOICES |= dict.fromkeys(("makes_rooms", "sends_files", "writes_direct"), LEAST)

_of, _person = tables.space.c, tables.people.c
_owner = _person.name.label("owner")
_space = Prepared(
    select(*(_of.get(field.name, _owner) for field in fields(Space)))  # in this order
    .join_from(tables.space, tables.people, _person.role == roles.OWNER)
    .order_by(_person.id)
)


def find(c: Connection) -> Space | None:
    """The space, or None on a new installation."""
    row = _space.first(c)
    return Space(*row) if row else None


def variant(space: Space | None, person: people.Person | None) -> Variant:
    """How somebody reads times: as they chose, else as the space does."""
    if space is None:
        return Variant()
    mine = (person.zone, person.language) if person else (None, None)
    return Variant(mine[0] or space.zone, mine[1] or space.language)


def found(
    c: Connection, name: str, zone: str, owner: str, password: str, language=languages.ENGLISH
) -> people.Person:
    """Make the space, its owner, the Lobby and a first join link; `password` is hashed.

    Raises Missing when there is a space already, Wrong when a name cannot be taken.
    """
    # The id is given: there is one space, also when two found it at the same moment.
    row = {"id": 1, "name": text.name(name, "space", most=60), "made_at": datetime.now(UTC)}
    try:
        c.execute(insert(tables.space).values(**row, zone=zone, language=language))
    except IntegrityError:
        raise Missing() from None
    person = people.join(c, owner, password, role=roles.OWNER)
    rooms.make(c, person, "Lobby", "Everything that has no room of its own")
    links.make(c, person)
    return person


def change(c: Connection, person: people.Person, wanted: Mapping[str, str | None]) -> None:
    """Give the space other settings: any of name, welcome, zone, language, picture, and CHOICES.

    What differs is noted in the log. Raises Forbidden for all but owners, Wrong with the field
    that cannot be taken.
    """
    roles.must(person, "change the space")
    row, space = _checked(wanted), find(c)
    changed = {name: value for name, value in row.items() if value != getattr(space, name)}
    if changed:
        c.execute(update(tables.space).values(changed))
        log.note(c, person, "changed the space", words=_in_words(changed))


def _checked(wanted: Mapping[str, str | None]) -> dict[str, str | None]:
    row = dict(wanted)
    if "name" in row:
        row["name"] = text.name(row["name"] or "", most=60)
    if "welcome" in row:
        row["welcome"] = text.line(row["welcome"] or "", "welcome", 500)
    clock.check(row.get("zone"), row.get("language"))
    for name, choices in CHOICES.items():
        if row.get(name, choices[0]) not in choices:
            raise Wrong("Choose one of these.", name)
    unknown = set(row) - {"name", "welcome", "zone", "language", "picture", *CHOICES}
    assert not unknown, f"no settings of the space: {unknown}"
    return row


def _in_words(changed: Mapping[str, str | None]) -> str:
    said = {name.replace("_", " "): value for name, value in changed.items() if name != "picture"}
    words = [f"{name}: {value or 'none'}" for name, value in said.items()]
    return ", ".join([*words, "picture"] if "picture" in changed else words)
