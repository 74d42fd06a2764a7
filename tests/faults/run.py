"""The fault runs at full length, on both databases: `just faults`."""

import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "site")]

from tests.databases import POSTGRES, postgres_schema  # noqa: E402  (the path comes first)
from tests.faults import runs  # noqa: E402
from tests.servers import Server  # noqa: E402

RUNS = {
    "nothing goes wrong, 60 s": lambda server: runs.quiet(server, 60),
    "every third post is cut, 30 s": lambda server: runs.cuts(server, 30),
    "killed 50 times in mid-post": lambda server: runs.kills(server, 50),
}


@contextmanager
def server_on(kind: str):
    """A server that is not started yet."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()), "instance")
        own = {}
        if kind == "PostgreSQL":
            own["PARLEY_DATABASE"] = stack.enter_context(postgres_schema())
        server = Server(data, **own)
        stack.callback(server.kill)
        yield server


def main() -> int:
    """Run all, print what happened; the status says whether anything was wrong."""
    kinds = ["SQLite", *(["PostgreSQL"] if POSTGRES else [])]
    if not POSTGRES:
        print("PARLEY_TEST_POSTGRES is not set: SQLite only.")
    wrong = 0
    for name, run in RUNS.items():
        for kind in kinds:
            with server_on(kind) as server:
                told = run(server)
            wrong += bool(told["faults"])
            print(f"{name}, {kind}: {told}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
