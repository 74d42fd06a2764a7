"""Every figure that the docs quote, measured here and now, into last.json and performance.md.

Names of parts as arguments measure those alone; what the other parts gave last is kept.
"""

import json
import os
import platform
import sqlite3
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.bench import (
    busy,
    crowd,
    delivery,
    lifetime,
    multitude,
    pages,
    photos,
    pictures,
    posts,
    report,
    samples,
    seeking,
    side,
    words,
)
from tests.bench.figures import Figure

PARTS = {
    "crowd": crowd,
    "multitude": multitude,
    "busy": busy,
    "pages": pages,
    "posts": posts,
    "side": side,
    "search": seeking,
    "words": words,
    "pictures": pictures,
    "photos": photos,
    "delivery": delivery,
    "lifetime": lifetime,
}
PROFILES = "profiles"
PACKAGES = "flask", "sqlalchemy", "uvicorn", "uvloop", "flask-socketio", "gevent", "pyvips-binary"


def main(wanted: list[str]) -> None:
    """Measure, print each figure as it comes, and write all down."""
    if unknown := {*wanted} - {*PARTS, PROFILES}:
        sys.exit(f"There is no {', '.join(unknown)}. There is {', '.join([*PARTS, PROFILES])}.")
    last = {"machines": {}, "parts": {}, "profiles": {}}
    if report.LAST.exists():
        last |= json.loads(report.LAST.read_text())
    print(machine())
    for name in [*PARTS, PROFILES]:
        if wanted and name not in wanted:
            continue
        last["machines"][name] = machine()
        if name == PROFILES:
            last["profiles"] = samples.profiles()
        else:
            last["parts"][name] = measure(name)
        order = (part for part in PARTS if part in last["parts"])
        last["parts"] = {part: last["parts"][part] for part in order}
        report.save(last)  # after each part: ten minutes are long


def measure(name: str) -> list[dict]:
    """One part: its figures as they are kept."""
    began, found = time.monotonic(), []
    for figure in PARTS[name].figures():
        print("  ".join(filter(None, report.cells(figure))), flush=True)
        found.append(kept(figure))
    print(f"-- {name}: {time.monotonic() - began:.0f} s", flush=True)
    return found


def kept(figure: Figure) -> dict:
    """Without what is empty, and not more exact than it is."""
    fields = {key: value for key, value in asdict(figure).items() if value not in (None, "")}
    return {
        key: float(f"{value:.4g}") if isinstance(value, float) else value
        for key, value in fields.items()
    }


def machine() -> str:
    """What it was measured on; no name of a host."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{os.cpu_count()} cores ({cpu()}), {python}, {packages}"


def cpu() -> str:
    """The processor's name, where the system says it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    return next(
        (one.partition(": ")[2] for one in lines if one.startswith("model name")), "unknown"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
