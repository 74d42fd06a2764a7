"""Real servers as processes of their own, on ports that the system chooses."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from parley.settings import ROOT

SERVE = ["parley.cli", "serve"]
DEV = ["parley.cli", "dev"]
FLASK = ["flask", "--app", "site/parley", "run", "--port", "PORT"]


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(true: Callable[[], object], seconds: float = 10, why: Callable[[], str] = str) -> None:
    """Wait until it is true; fail after some seconds, and say why."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s {why()}"
        time.sleep(0.01)


class Server:
    """One server process on `data`. `command` follows `python -m`; PORT in it is the port."""

    def __init__(self, data: Path, command: list[str] = SERVE, **environment: str):
        self.data, self.command, self.environment = data, command, environment
        self.log = data.with_name(f"{data.name}.{command[-1]}.log")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> "Server":
        """Start, also again after a kill, and come back when it answers."""
        own = {
            "PYTHONPATH": str(ROOT / "site"),
            "PARLEY_DATA": str(self.data),
            "PARLEY_HOST": "127.0.0.1",
            "PARLEY_PORT": str(self.port),
        }
        outside = {key: text for key, text in os.environ.items() if not key.startswith("PARLEY_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    *(it.replace("PORT", str(self.port)) for it in self.command),
                ],
                cwd=ROOT,
                env=outside | own | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that what it leaves behind can be found
            )
        until(lambda: self._has_ended() or self.answers(), 40, self.log.read_text)
        assert not self._has_ended(), self.log.read_text()
        return self

    @property
    def database(self) -> str:
        """The URL of its database."""
        return self.environment.get("PARLEY_DATABASE", f"sqlite:///{self.data / 'parley.db'}")

    def answers(self) -> bool:
        """Whether it can serve."""
        with suppress(OSError), urlopen(f"{self.address}/health", timeout=2) as answer:
            return answer.read() == b"ok\n"
        return False

    def kill(self) -> None:
        """As a power cut ends it."""
        self.end(signal.SIGKILL)

    def kill_all(self) -> None:
        """The same for every process that it has started."""
        assert self.process
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> float:
        """As a service manager ends it; returns the seconds that it took."""
        return self.end(signal.SIGTERM)

    def end(self, how: signal.Signals) -> float:
        """Send the process a signal and wait for its end; returns the seconds that it took."""
        begin = time.monotonic()
        if self.process and not self._has_ended():
            self.process.send_signal(how)
            self.process.wait(10)
        return time.monotonic() - begin

    def processes(self) -> list[int]:
        """The numbers of its processes: the one that was started and what that has started."""
        assert self.process
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(ProcessLookupError):
                if os.getpgid(int(entry.name)) == self.process.pid:
                    found.append(int(entry.name))
        return sorted(found)

    def complaints(self) -> list[str]:
        """Tracebacks in what it has printed."""
        return re.findall(r"^Traceback.*?(?=^\S+ \S+ |\Z)", self.log.read_text(), re.M | re.S)

    def _has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@contextmanager
def running(data: Path, command: list[str] = SERVE, **environment: str) -> Iterator[Server]:
    """A server until the block ends; leaves no process, and a traceback in its log is an error."""
    server = Server(data, command, **environment)
    try:
        yield server.start()
    finally:
        server.kill_all()
    assert not server.complaints()
