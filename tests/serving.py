"""Real servers as processes of their own, on ports that the system chooses."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(true, seconds: float = 10) -> None:
    """Wait until it is true; fail after some seconds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.01)


class Running:
    """A server process and what a client does with it."""

    def __init__(self, process: subprocess.Popen, port: int, data: Path):
        self.process, self.port, self.data, self.cookie = process, port, data, ""

    def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str):
        """One request; returns status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            known = {"Cookie": self.cookie} if self.cookie else {}
            if isinstance(body, str):
                known["Content-Type"] = "application/x-www-form-urlencoded"
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, known | named)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def form(self, path: str, **fields: str):
        """Send a form."""
        return self.ask("POST", path, urlencode(fields))

    def signs_in(self, path: str, **fields: str) -> None:
        """Send a form that signs in, and keep the cookie."""
        status, headers, body = self.form(path, **fields)
        assert status == 303, (status, body)
        self.cookie = headers["Set-Cookie"].split(";")[0]

    def is_up(self) -> bool:
        """Whether it answers."""
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}"
        try:
            return self.ask("GET", "/health")[0] == 200
        except OSError:
            return False


@contextmanager
def running(command: list[str], data: Path, port: int = 0, **environment: str) -> Iterator[Running]:
    """Start a server on some data and wait for its first answer; leave nothing behind."""
    port = port or free_port()
    settings = {
        "PARLEY_DATA": str(data),
        "PARLEY_HOST": "127.0.0.1",
        "PARLEY_PORT": str(port),
        "PYTHONPATH": str(ROOT / "site"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", *(part.replace("PORT", str(port)) for part in command)],
        cwd=ROOT,
        env=os.environ | settings | environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = Running(process, port, data)
    try:
        until(server.is_up, 20)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


SERVE = ["parley.cli", "serve"]
DEV = ["parley.cli", "dev"]
FLASK = ["flask", "--app", "site/parley", "run", "--port", "PORT"]
