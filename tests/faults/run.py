"""The fault runs at full length, on every kind of database: `just faults`.

Words as arguments choose the runs whose names hold one of them.
"""

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "site")]

from tests.databases import POSTGRES  # noqa: E402  (the path comes first)
from tests.faults import runs  # noqa: E402
from tests.faults.away import away  # noqa: E402
from tests.faults.places import KINDS, SQLITE, server_on  # noqa: E402

RUNS = {
    "nothing goes wrong, 60 s": lambda server: runs.quiet(server, 60),
    "every third post is cut, 30 s": lambda server: runs.cuts(server, 30),
    "away while 150, 200, 201 messages change, and while 10,000 changes happen": lambda server: (
        away(server, 150, 200, 201, 3_850)
    ),
    "killed 50 times in mid-post": lambda server: runs.kills(server, 50),
}


def main(chosen: list[str]) -> int:
    """Run all, print what happened; the status says whether anything was wrong."""
    if not POSTGRES:
        print("PARLEY_TEST_POSTGRES is not set: SQLite only.")
    wrong = 0
    for name, run in RUNS.items():
        if chosen and not any(word in name for word in chosen):
            continue
        print(f"\n{name}", flush=True)
        for kind in KINDS if POSTGRES else (SQLITE,):
            with tempfile.TemporaryDirectory() as folder, server_on(kind, Path(folder)) as server:
                told = run(server)
            wrong += bool(told["faults"])
            print(f"  {kind:26}{_row(told)}", flush=True)
    print("\nSomething was wrong." if wrong else "\nNothing was wrong.")
    return 1 if wrong else 0


def _row(told: dict) -> str:
    figures = [f"{count} {what}" for what, count in told.items() if what not in ("faults", "first")]
    faults = [f"{count} {kind}" for kind, count in told["faults"].items()]
    return ", ".join(figures) + (f"  WRONG: {', '.join(faults)}: {told['first']}" if faults else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
