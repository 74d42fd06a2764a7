"""Every figure that the docs quote, measured here and now, into docs/performance.md."""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "site")]

from tests.bench import crowd, delivery, lifetime  # noqa: E402  (the path comes first)

PAGE = """\
# How fast Parley is

Written by `just bench`. Machines are noisy: what counts is the ratio to the reference of the same
run. Not measured yet: other chats on the same machine, and what uploads and page loads do to
delivery.

{machine}

## From Enter in one browser to the text in another, and the life of the server

{small}

## One message to everybody in one room, on one process

Each round is one durable post; the figures are medians of {rounds} rounds. CPU is that of the
server for each delivered message, the next poll included; memory is what each waiting person adds.
The reference is an asyncio server that knows nothing and sends as many bytes. The crowd's tickets
are signed by the bench itself, so none of its polls reaches Flask.

{crowd}

At first ten thousand took 1,815 ms. A profile showed Python's garbage collector, which looked
through all held polls again and again while the message went out: `gc.freeze()` at the start and
a higher threshold made it 421 ms in the same setting. Looking for the cursor and the ticket
without parsing the rest of the request brought 399 ms.
"""


def main() -> None:
    """Print each figure with its reference, and the machine they are of."""
    machine = f"{os.cpu_count()} cores ({cpu()}), Python {platform.python_version()}, "
    machine += ", ".join(f"{name} {version(name)}" for name in ("flask", "sqlalchemy", "uvicorn"))
    small = [*delivery.measure().lines(), "", *lifetime.lines()]
    large = crowd.lines()
    print(machine, *small, *large, sep="\n")
    page = PAGE.format(
        machine=machine, small=indented(small), crowd=indented(large), rounds=crowd.ROUNDS
    )
    (ROOT / "docs" / "performance.md").write_text(page)


def cpu() -> str:
    """The processor's name, where the system says it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    return next(
        (one.partition(": ")[2] for one in lines if one.startswith("model name")), "unknown"
    )


def indented(lines: list[str]) -> str:
    """As a block of code."""
    return "\n".join(f"    {line}".rstrip() for line in lines)


if __name__ == "__main__":
    main()
