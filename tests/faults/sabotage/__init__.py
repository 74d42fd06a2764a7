"""Ways to make a server go wrong on purpose, as the environment that it is started with."""

from pathlib import Path

from parley.settings import ROOT

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)  # Debian's faketime


def sabotaged(how: str) -> dict[str, str]:
    """What sitecustomize.py, beside this, does in each process of the server."""
    return {"PYTHONPATH": f"{Path(__file__).parent}:{ROOT / 'site'}", "SABOTAGE": how}


def clock_at(folder: Path) -> dict[str, str]:
    """The clock of the machine, which can be set by `set_clock` while the server runs."""
    set_clock(folder, "+0")
    return {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(_setting(folder)),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # that one never steps on a real machine either
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # or threads wait too long for each other
    }


def set_clock(folder: Path, step: str) -> None:
    """Let it be that much too early or late, as -2h or +1d, from now on."""
    new = _setting(folder).with_suffix(".new")
    new.write_text(step)
    new.rename(_setting(folder))  # never seen half written


def _setting(folder: Path) -> Path:
    return folder / "clock"
