"""docs/performance.md, written from the last figures alone: the same figures give the same page.

Run by itself it compares the two, for `just check`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure

LAST = Path(__file__).with_name("last.json")
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
LIMIT = 0.8  # of a core: a client that needs more may itself be what is slow

TEXT = """\
# How fast Parley is

Written by `just bench`, which starts every server itself. Machines are noisy: what counts is the
ratio to a reference that was measured in the same run, in turns. Each figure is the median of
three rounds or more; the minute of ten thousand is one run, its p99 that of all 300,000 deliveries.

{machines}

## What was to be reached

{goals}

"Client" is what the load client, a process of its own, used of a core meanwhile: where it is near
100 %, it is the client that is slow.

One message is one durable post. Parley's time holds the commit, the rendering and the waiting
room; its CPU the next poll of everyone too. Flask-SocketIO is a minimal room on gevent, without a
database and without sign-in, that sends the same HTML through websockets. The bare asyncio server
knows nothing and sends as many bytes. "hello" is a Flask view of one word on Parley's own bridge
and server. The tickets of a crowd are signed by the bench, so none of its polls reaches Flask.

A photo is a JPEG of 12 megapixels and about 4.4 MB with the EXIF of a phone. It goes up into the
tray as a browser sends it, and a post names it; its time counts from the last byte that was handed
over. Memory is that of the server and all its children, looked at twenty times a second.
Of a photo, libvips makes the same files, in a child process that has done so before, as the
darkroom's has; memory is the most that such a process ever held, with all that it had loaded.

{missed}

## Also measured

{others}

{profiles}

## What helped

At first ten thousand took 1,815 ms. A profile showed Python's garbage collector, which looked
through all held polls again and again while the message went out: `gc.freeze()` at the start and
a higher threshold made it 421 ms in the same setting. Looking for the cursor and the ticket
without parsing the rest of the request brought 399 ms.

- Messages are kept as rendered, what was read once is asked for by its number, and statements are
  built once: a room page took 12.4 ms in Flask, now 1.9; a post 5.1, now 1.7.
- One timer for all holds, a ticket believed once, one wake-up for each who waits instead of two:
  a delivered message cost 95 us at ten thousand, now 74, and a waiting person 12.5 kB, now 11.2.
- Three threads for pages instead of eight: 348 pages a second instead of 229, and a message is with
  a thousand after 75 ms instead of 104 meanwhile. Now it is two.
- The list of a room is asked for by one row, kept joined and compressed, and put between the first
  and last bytes of each page; the statements of every page are made ready for the driver once: a
  page cost 38 times the CPU in Flask that "hello" costs there, now 16 times.
- A backup that syncs what it writes every 4 MB: a post's p99 meanwhile was 66 ms, then 28. Now it
  writes a tenth of a megabyte, waits until the disk has it and rests for three times as long: 7 ms.
- While photos pour in, a core is kept free of pictures, and two threads take uploads, not four:
  beside four phones a post's p99 was 4.1 times the quiet one, then 2.6, for 4.5 photos a second
  instead of 5.6. Pictures are made in what others leave of the processors (SCHED_IDLE), not only
  nicely: beside two phones a delivery's p99 was 6 times the quiet one, then 2.4.
- A poll that waits is no task: it has a seat, and its answer goes into the connection. A poll that
  is asked again on the same connection is compared with the last one instead of being parsed.

## What was tried and did not help

- a Flask view that holds the poll: with gevent the last of a thousand had the message after 376 ms,
  with threads after 808, the waiting room took 28 on the same machine;
- granian instead of uvicorn: less CPU for each message, but 623 ms instead of 258 to the last of
  ten thousand, and 30 kB instead of 12 for each who waits;
- a task for each connection that notices its end: 3 kB and 20 to 50 us for each delivery, and twice
  the time to ten thousand;
- another switch interval of the interpreter: no difference to delivery while pages are loaded, nor
  while photos pour in; nor did larger pieces of what comes in help there, or not waiting for the
  disk;
- a backup in what others leave of the processors: it then holds the database for longer, and a
  post's p99 was 40 ms, not 21;
- the messages of a page as one row for each: 40 us in SQLite, as for one row with all of them, but
  the interpreter changes hands at each row.
"""


def render(last: dict) -> str:
    """The whole page."""
    rows = [Figure(**row) for part in last["parts"].values() for row in part]
    return TEXT.format(
        machines=machines(last["machines"]),
        goals=table(row for row in rows if row.is_reached is not None),
        others=table(row for row in rows if row.is_reached is None),
        missed=missed([row for row in rows if row.is_reached is False]),
        profiles="\n\n".join(profile(what, one) for what, one in last["profiles"].items()),
    )


def table(rows) -> str:
    """One line for each figure."""
    head = ["what", "measured", "to reach", "reference", "ratio", "client", "reached"]
    lines = [head, ["---"] * len(head), *(list(cells(row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cells(row: Figure) -> Iterator[str]:
    """Of one line."""
    yield f"{row.what} ({row.note})" if row.note else row.what
    yield amount(row.measured, row.unit)
    goals = [amount(row.most, row.unit)] if row.most is not None else []
    if row.ratio_most is not None:
        goals.append(f"at most {row.ratio_most:g} of it")
    if row.ratio_least is not None:
        goals.append(f"at least {row.ratio_least:g} of it")
    yield ", ".join(goals)
    yield f"{row.reference}: {amount(row.beside, row.unit)}" if row.beside is not None else ""
    yield f"{row.ratio:.2f}" if row.ratio is not None else ""
    busy = f"{row.busy:.0%}" if row.busy is not None else ""
    yield f"**{busy}**" if row.busy is not None and row.busy > LIMIT else busy
    yield {None: "", True: "yes", False: "**no**"}[row.is_reached]


def amount(number: float, unit: str) -> str:
    """Three digits and the unit."""
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    text = f"{number:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}"


def missed(rows: list[Figure]) -> str:
    """What is not reached, in a sentence."""
    if not rows:
        return "All of it was reached."
    return f"Not reached: {'; '.join(row.what for row in rows)}."


def profile(what: str, found: dict) -> str:
    """Where its time goes."""
    whole = found["milliseconds"]
    lines = [
        f"    {share:4.0%}  {share * whole:6.2f} ms  {layer}"
        for layer, share in found["shares"].items()
        if share >= 0.005
    ]
    head = f"## Where the time of a {what} goes"
    told = f'{whole:.2f} ms in Flask; the server and the bridge in front cost what "hello" costs.'
    return "\n".join([head, "", told, "", *lines])


def machines(of: dict[str, str]) -> str:
    """On what each part was measured, if not all on the same."""
    found: dict[str, list[str]] = {}
    for part, machine in of.items():
        found.setdefault(machine, []).append(part)
    if len(found) == 1:
        return next(iter(found))
    return "\n".join(f"- {', '.join(parts)}: {machine}" for machine, parts in found.items())


def save(last: dict) -> None:
    """Keep the figures, and write the page."""
    LAST.write_text(json.dumps(last, indent=1) + "\n")
    PAGE.write_text(render(last))


def main() -> int:
    """Whether the page is what the figures say."""
    if PAGE.read_text() == render(json.loads(LAST.read_text())):
        return 0
    print("docs/performance.md is not what the last bench gave: run `just bench`.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
