"""Every figure that README and docs quote, measured here and now: `just bench`."""

import os
import platform
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "site")]

from tests.bench import crowd, delivery, lifetime  # noqa: E402  (the path comes first)


def main() -> None:
    """Print each figure with its reference, and the machine they are of."""
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for figures in (delivery.measure().lines(), lifetime.lines(), crowd.lines()):
        print("", *figures, sep="\n")


if __name__ == "__main__":
    main()
