"""A real Parley in a process of its own, and people who talk to it in plain HTTP.

What they see on pages is not for here: people.py has browsers.
"""

import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from parley.settings import ROOT

PASSWORD = "four plain words"


class Server:
    """One process that serves `data`, as `just serve` starts it, on a free port of loopback."""

    def __init__(self, data: Path, **environment: str):
        self.data, self.environment = data, environment
        self.log = data.with_name(f"{data.name}.log")
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
                [sys.executable, "-m", "parley.cli", "serve"],
                env=outside | own | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that what it leaves behind can be found
            )
        end = time.monotonic() + 40
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)
        return self

    def answers(self) -> bool:
        """Whether it can serve."""
        try:
            with urlopen(f"{self.address}/health", timeout=2) as answer:
                return answer.read() == b"ok\n"
        except (URLError, OSError):
            return False

    def kill(self) -> None:
        """As a power cut ends it."""
        self._end(signal.SIGKILL)

    def stop(self) -> float:
        """As Ctrl-C or a service manager ends it; returns the seconds that it took."""
        begin = time.monotonic()
        self._end(signal.SIGTERM)
        return time.monotonic() - begin

    def left_behind(self) -> bool:
        """Whether a process of it is still there."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 0)
            return True
        return False

    def complaints(self) -> list[str]:
        """Tracebacks in what it has printed."""
        return re.findall(r"^Traceback.*?(?=^\S+ \S+ |\Z)", self.log.read_text(), re.M | re.S)

    def _end(self, how: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(10)


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Caller:
    """A person's program: plain HTTP with a cookie."""

    def __init__(self, address: str):
        self.address = address
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    @property
    def cookie(self) -> str:
        """What makes a browser this person's."""
        return next(cookie.value for cookie in self.jar if cookie.name == "parley")

    def get(self, path: str) -> str:
        """The page as text."""
        with self.opener.open(self.address + path, timeout=10) as answer:
            return answer.read().decode()

    def post(self, path: str, *files: tuple[str, bytes], as_json=False, **fields: str) -> str:
        """Send a form; returns the page that follows, or the JSON as text."""
        form = MultiDict(fields)
        for name, octets in files:
            form.add("files", FileStorage(io.BytesIO(octets), name))
        boundary, body = encode_multipart(form)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        if as_json:
            headers["Accept"] = "application/json"
        with self.opener.open(Request(self.address + path, body, headers), timeout=30) as answer:
            return answer.read().decode()

    def says(self, text: str = "", *files: tuple[str, bytes]) -> dict[str, Any]:
        """Post to the Lobby; returns the message."""
        return json.loads(self.post("/rooms/1/messages", *files, as_json=True, text=text))

    def reads(self) -> list[dict[str, Any]]:
        """Every message of the Lobby, from the first to the last."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            after = found[-1]["revision"] if found else 0
            path = f"{self.address}/rooms/1/messages?after={after}&limit=200"
            request = Request(path, headers={"Accept": "application/json"})
            with self.opener.open(request, timeout=10) as page:
                answer = json.load(page)
            found += answer["messages"]
            more = answer["more"]
        return sorted(found, key=lambda message: message["id"])

    def edits(self, message: dict[str, Any], text: str) -> None:
        """Put other words in its place."""
        self.post(f"/messages/{message['id']}/edit", as_json=True, text=text)

    def deletes(self, message: dict[str, Any]) -> None:
        """Leave a tombstone."""
        self.post(f"/messages/{message['id']}/delete", as_json=True)


class Space:
    """The space on a server: its owner, and whoever comes by the link when first asked for."""

    def __init__(self, server: Server, name: str = "Class 7b", owner: str = "Miriam Okonkwo"):
        self.server = server
        self.callers: dict[str, Caller] = {}
        self.owner = self.callers[owner] = Caller(server.address)
        self.owner.post("/welcome", space=name, name=owner, password=PASSWORD)
        shown = re.search(r"/join/\w+", self.owner.get("/people"))
        assert shown
        self.link = shown[0]

    def caller(self, name: str) -> Caller:
        """The person of that name; without a password, so without its slow hashing."""
        if name not in self.callers:
            self.callers[name] = Caller(self.server.address)
            self.callers[name].post(self.link, name=name, password="")
        return self.callers[name]

    def lets_pass(self, minutes: float) -> None:
        """As if everything said so far had been said that much earlier."""
        earlier = f"-{minutes * 60:.0f} seconds"
        moments = ("posted_at", "previous_at", "edited_at", "deleted_at")
        sets = ", ".join(f"{it} = strftime('%Y-%m-%d %H:%M:%f', {it}, :earlier)" for it in moments)
        with closing(sqlite3.connect(self.server.data / "parley.db", timeout=5)) as c, c:
            c.execute(f"UPDATE messages SET {sets}", {"earlier": earlier})
