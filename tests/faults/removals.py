"""Somebody loses a room in the middle of a stream of messages: their polls end and bring no more.

They sign out, are removed from the room, banned, or left outside when it is closed; at last a
room is deleted while all talk in it.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import NamedTuple

from tests.callers import PASSWORD, Answer, Caller, Space
from tests.corpus import picture
from tests.faults.crowd import END, Crowd
from tests.faults.readers import Reader
from tests.faults.runs import MANY, told
from tests.servers import Server

SOON = 1.0  # seconds after the answer to the act in which every poll has ended
SLACK = 0.5  # for a busy machine


class Act(NamedTuple):
    """What takes a room away, and what whoever lost it is answered afterwards."""

    name: str
    does: Callable[[Space, int, int, Caller], Answer]  # the room, its victim, a browser of theirs
    poll: tuple[int, str]  # the status, and where the page is led; # is the room's number
    file: int = 404
    browsers: int = 1


def _remove(space: Space, room: int, victim: int, browser: Caller) -> Answer:
    return space.owner.form(f"/rooms/{room}/people/{victim}/remove", until="")


def _ban(space: Space, room: int, victim: int, browser: Caller) -> Answer:
    return space.owner.form(f"/people/{victim}/ban")


def _close(space: Space, room: int, victim: int, browser: Caller) -> Answer:
    stay = [str(one) for one in space.ids().values() if one != victim]
    form = {"name": "Garden", "topic": "", "kind": "closed", "people": stay}
    return space.owner.form(f"/rooms/{room}/settings", **form)


def _open(space: Space, room: int) -> None:
    form = {"name": "Garden", "topic": "", "kind": "open"}
    assert space.owner.form(f"/rooms/{room}/settings", **form).status == 303


def _delete(space: Space, room: int, victim: int, browser: Caller) -> Answer:
    return space.owner.form(f"/rooms/{room}/delete", name="Shed")


def _sign_out(space: Space, room: int, victim: int, browser: Caller) -> Answer:
    return browser.form("/logout", anyway="yes")


def _sign_out_everywhere(space: Space, room: int, victim: int, browser: Caller) -> Answer:
    return browser.form("/logout", anyway="yes", everywhere="yes")


ACTS = [
    Act("removed", _remove, (404, "/rooms/#/removed"), browsers=2),
    Act("signed out", _sign_out, (401, "/login"), file=303),
    Act("banned", _ban, (403, "/removed"), browsers=2),
    Act("left outside", _close, (404, "/rooms/#/removed")),
    Act("signed out everywhere", _sign_out_everywhere, (401, "/login"), file=303, browsers=2),
]
DELETED = Act("deleted", _delete, (404, "/rooms/#/removed"))


def removals(server: Server, people=MANY, victims: int = 20, apart: float = 0.5) -> dict:
    """One after the other loses the Garden, by each of the ACTS in turn; then the Shed is deleted.

    Who was left outside is in again before the next, for whom it is closed anew.
    """
    space, tally = Space(server.start()), Tally()
    garden = _crowd(space, people, "Garden", "Person")
    acts = [ACTS[number % len(ACTS)] for number in range(victims)]
    browsers = [_browsers(space, f"Victim {n}", act.browsers) for n, act in enumerate(acts)]
    with garden:
        files = _photo(garden)
        for number, (act, some) in enumerate(zip(acts, browsers, strict=True)):
            victim, room = space.ids()[f"Victim {number}"], garden.room
            pages = [Reader(one, f"victim {number}", END, room) for one in some for _ in "ab"]
            garden.join(pages)
            time.sleep(apart)
            tally.could_load(files, some)
            assert act.does(space, room, victim, some[0]).status == 303
            tally.lost(act, pages, files)
            if act.does is _close:
                _open(space, room)
    shed = _deleted(space, people, apart, tally)
    one, other = told(garden), told(shed)
    both = {what: one[what] + other[what] for what in one}
    return both | {"faults": both["faults"] + tally.faults} | tally.figures()


def _deleted(space: Space, people, apart: float, tally: "Tally") -> Crowd:
    """The end of a room, and of all who talk in it."""
    shed = _crowd(space, people, "Shed", "Digger")
    for reader in shed.readers:
        reader.looks = False  # a photo may go while it is on its way
    with shed:
        files = _photo(shed)
        time.sleep(apart + 0.5)
        tally.could_load(files, [shed.readers[0].caller])
        shed.story.may_end = True
        assert DELETED.does(space, shed.room, 0, space.owner).status == 303
        tally.lost(DELETED, shed.readers, files)
    return shed


def _crowd(space: Space, people, room: str, name: str) -> Crowd:
    crowd = Crowd(space, *people, room=space.makes_room(room), name=name, markers=0)
    for author in crowd.authors:
        author.pause = 0.3  # so that some posts are the first news after an act
    return crowd


def _browsers(space: Space, name: str, count: int) -> list[Caller]:
    """Somebody who is signed in with one browser, or with two."""
    first = space.caller(name)
    if count == 1:
        return [first]
    first.form("/password", password=PASSWORD)
    return [first, Caller(space.server).signs_in("/login", name=name, password=PASSWORD)]


def _photo(crowd: Crowd) -> list[str]:
    """A photo that is shown in the room: the addresses of the file and its previews."""
    [file] = crowd.owner_says("look", ("photo.jpg", picture("JPEG")))["files"]
    return [file["url"], file["thumb"], f"/files/{file['id']}/large"]


class Tally:
    """What was seen of those who lost a room: how soon their polls ended, and what was wrong."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self.faults: Counter[str] = Counter()

    def could_load(self, files: list[str], browsers: list[Caller]) -> None:
        """Before: the photo is theirs to see."""
        self._all_answer(files, browsers, 200)

    def lost(self, act: Act, pages: list[Reader], files: list[str]) -> None:
        """It was answered just now that the room is not theirs any more."""
        now = time.monotonic()
        for page in pages:
            page.view.out = now
        for page in pages:
            while page.left is None and time.monotonic() < now + 4:
                time.sleep(0.005)
            took = (page.left or time.monotonic()) - now
            self.took[act.name].append(took)
            self.faults["slow: a poll outlived its right"] += took > SOON + SLACK
        let_in = sum(not (page.left and _is_sent_away(page, act)) for page in pages)
        self.faults["let in: who had lost the room"] += let_in
        self._all_answer(files, [page.caller for page in pages], act.file)

    def _all_answer(self, files: list[str], browsers: list[Caller], status: int) -> None:
        asked = (one.ask("GET", file).status for one in browsers for file in files)
        self.faults[f"file: was not {status}"] += sum(found != status for found in asked)

    def figures(self) -> dict[str, object]:
        """How many polls ended, and the slowest of each act in seconds."""
        slowest = {act: round(max(took), 2) for act, took in self.took.items()}
        return {"polls ended": sum(map(len, self.took.values())), "slowest s": slowest}


def _is_sent_away(page: Reader, act: Act) -> bool:
    """Whether the old ticket opens nothing, and the page is led to where it is told why."""
    status, leads_to = act.poll
    with closing(HTTPConnection("127.0.0.1", page.caller.server.port, timeout=40)) as line:
        answered = page.poll(line), page.leads_to
    return answered == (status, leads_to.replace("#", str(page.view.room)))
