"""The fault runs at full length, on every kind of database: `just faults`.

Words as arguments choose the runs whose names hold one of them.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "site")]

from tests.databases import POSTGRES  # noqa: E402  (the path comes first)
from tests.faults import runs  # noqa: E402
from tests.faults.away import away  # noqa: E402
from tests.faults.cluster import PROGRAMS, Cluster, cluster  # noqa: E402
from tests.faults.locks import locked  # noqa: E402
from tests.faults.outages import outages  # noqa: E402
from tests.faults.places import KINDS, POSTGRESQL, SQLITE, TWO, server_on  # noqa: E402
from tests.faults.removals import removals  # noqa: E402
from tests.faults.sabotage import FAKETIME, clock_at, sabotaged  # noqa: E402
from tests.servers import Server  # noqa: E402


class Run(NamedTuple):
    """One line of the table: what happens, and on what kind of server."""

    name: str
    act: Callable[[Server], dict]
    environment: Callable[[Path], dict[str, str]] = lambda folder: {}
    kinds: tuple[str, ...] = KINDS
    lacks: str = ""


RUNS = [
    Run("nothing goes wrong, 60 s", lambda server: runs.quiet(server, 60)),
    Run("every third post is cut, 30 s", lambda server: runs.cuts(server, 30)),
    Run("killed 50 times in mid-post", lambda server: runs.kills(server, 50)),
    Run("stopped and started 50 times", lambda server: runs.restarts(server, 50)),
    Run(
        "away while 150, 200, 201 messages change, and while 10,000 changes happen",
        lambda server: away(server, 150, 200, 201, 3_850),
    ),
    Run(
        "the clock steps back two hours and forward a day",
        lambda server: runs.clock(server, 20),
        clock_at,
        lacks="" if FAKETIME else "faketime",
    ),
    Run("the database is locked for 10 s", lambda server: locked(server, 10)),
    Run("20 people lose a room: removed, banned, closed, signed out; one is deleted", removals),
    Run(
        "they lose it, and notices come late, in any order, or never",
        removals,
        lambda folder: sabotaged("late"),
    ),
    Run(
        "50 wait where 5 may be held",
        lambda server: runs.overload(server, 20),
        lambda folder: {"PARLEY_HOLD_MAX": "5"},
    ),
]


def main(chosen: list[str]) -> int:
    """Run all, print what happened; the status says whether anything was wrong."""
    if not POSTGRES:
        print("PARLEY_TEST_POSTGRES is not set: SQLite only.")
    wrong = 0
    with ExitStack() as stack:
        for run in [*RUNS, *_with_own_postgres(stack)]:
            if chosen and not any(word in run.name for word in chosen):
                continue
            print(f"\n{run.name}{f': {run.lacks} is not installed' * bool(run.lacks)}", flush=True)
            for kind in () if run.lacks else run.kinds:
                if kind == SQLITE or POSTGRES:
                    wrong += _happens(run, kind)
    print("\nSomething was wrong." if wrong else "\nNothing was wrong.")
    return 1 if wrong else 0


def _with_own_postgres(stack: ExitStack) -> list[Run]:
    """PostgreSQL away: in need of one that may be stopped."""
    own: list[Cluster] = []

    def started(folder: Path) -> dict[str, str]:
        own[:] = [stack.enter_context(cluster())]
        return {"PARLEY_DATABASE": own[0].address}

    lacks = "" if PROGRAMS else "PostgreSQL"
    act: Callable[[Server], dict] = lambda server: outages(server, own[0], 10)  # noqa: E731
    return [Run("PostgreSQL goes away 10 times", act, started, (POSTGRESQL, TWO), lacks)]


def _happens(run: Run, kind: str) -> bool:
    """Let it happen, and say what was seen; whether anything was wrong."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with server_on(kind, Path(folder), **run.environment(Path(folder))) as server:
                told = run.act(server)
        except AssertionError as error:
            told = {"faults": {"the run itself": 1}, "first": [str(error)[-2000:]]}
    is_wrong = bool(told["faults"])
    print(f"  {kind:26}{_row(told)}, {time.monotonic() - began:.0f} s", flush=True)
    return is_wrong


def _row(told: dict) -> str:
    figures = [
        f"{what}: {count}" for what, count in told.items() if what not in ("faults", "first")
    ]
    faults = ", ".join(f"{count} {kind}" for kind, count in told["faults"].items())
    return ", ".join(figures) + (f"\n    WRONG: {faults}, as {told['first']}" if faults else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
