"""Where the time of a room page and of a post goes, layer by layer.

The application runs in this process, called as the bridge calls it, and a timer looks a thousand
times a second which layer is at work. A look is late when it meets a long call into C (an fsync,
zlib), so each counts for the time since the one before.
"""

import io
import re
import signal
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from parley import bridge, create_app
from parley.settings import ROOT, Settings
from parley.web import parts
from tests.bench import plenty
from tests.bench.places import SECRET, WORDS
from tests.callers import PASSWORD

COUNT = 400
EVERY = 0.001  # seconds
# What the innermost frame that fits belongs to: "file function" of a frame, and the layer.
LAYERS = [
    (r"/sqlalchemy/.* do_commit$", "SQLite: the commit and its fsync"),
    (r"(/sqlalchemy/.* do_execute|/store/db.py _begin_sqlite)$", "SQLite: statements"),
    (r"/store/prepared\.py all$", "SQLite: statements"),
    (r"/sqlalchemy/(sql|util)/", "SQLAlchemy: building statements"),
    (r"/sqlalchemy/", "SQLAlchemy: running them"),
    (r"/gzip\.py |/flask_compress/|/web/joined\.py ", "gzip"),
    (r"/(jinja2|markupsafe|jinja2_fragments)/|^TEMPLATES", "templates"),
    (r"/parley/(web/filters|talk/text|talk/clock)\.py ", "text and times as HTML"),
    (r"/parley/(web/(words|code)|talk/(markdown|addresses|emoji))\.py ", "text and times as HTML"),
    (r"/(markdown_it|pygments|emoji)/", "text and times as HTML"),
    (r"/(flask_session|cachelib)/", "the session's file"),
    (r"/parley/(talk|store)/", "the rules of the chat"),
    (r"/parley/web/", "views"),
    (r"/(flask|werkzeug|itsdangerous|flask_htmx)/", "Flask: routing, request, answer"),
    (r"/parley/bridge\.py ", "the bridge"),
]
RULES = [
    (re.compile(rule.replace("TEMPLATES", str(ROOT / "templates"))), layer)
    for rule, layer in LAYERS
]


class Sampler:
    """Counts for each layer the seconds in which it was at work."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.known: dict[object, str | None] = {}

    def __enter__(self) -> "Sampler":
        self.last = time.perf_counter()
        signal.signal(signal.SIGALRM, self.look)
        signal.siginterrupt(signal.SIGALRM, False)
        signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
        return self

    def __exit__(self, *_) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def look(self, _signal, frame) -> None:
        """Which layer is it?"""
        layer = None
        while frame and layer is None:
            layer, frame = self.layer(frame.f_code), frame.f_back
        now = time.perf_counter()
        self.seconds[layer or "other"] += now - self.last
        self.last = now

    def layer(self, code) -> str | None:
        """That of one function, or None when its caller decides."""
        if code not in self.known:
            name = f"{code.co_filename} {code.co_name}"
            self.known[code] = next((layer for rule, layer in RULES if rule.search(name)), None)
        return self.known[code]


def profiles() -> dict[str, dict]:
    """Of each: milliseconds in all, and the share of each layer, the largest first."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder), secret=SECRET))
        with closing(parts(app)):
            fields = {"space": "Class 7b", "name": "Ann", "password": PASSWORD}
            answer = app.test_client().post("/welcome", data=fields)
            told = answer.headers.getlist("Set-Cookie")
            [cookie] = [one.partition(";")[0] for one in told if one.startswith("parley=")]
            plenty.rooms(Path(folder), {1: 50})
            return {
                "room page": profile(app, "GET", "/rooms/1", cookie),
                "post": profile(app, "POST", "/rooms/1/messages", cookie),
            }


def profile(app, method: str, path: str, cookie: str) -> dict:
    """Ask the same again and again."""
    for number in range(COUNT // 10):
        ask(app, method, path, cookie, f"warm{number}")
    sampler, began = Sampler(), time.perf_counter()
    with sampler:
        for number in range(COUNT):
            ask(app, method, path, cookie, f"{number}")
    passed, seen = time.perf_counter() - began, sampler.seconds
    shares = {layer: round(seconds / seen.total(), 3) for layer, seconds in seen.most_common()}
    return {"milliseconds": round(passed / COUNT * 1000, 2), "shares": shares}


def ask(app, method: str, path: str, cookie: str, key: str) -> None:
    """One request, as the bridge hands it over."""
    body = f"text={WORDS.replace(' ', '+')}&key={key}".encode() if method == "POST" else b""
    headers = [(b"host", b"127.0.0.1"), (b"cookie", cookie.encode())]
    headers += [(b"accept", b"text/html"), (b"accept-encoding", b"gzip")]
    if body:
        headers[2] = b"accept", b"application/json"
        headers.append((b"content-type", b"application/x-www-form-urlencoded"))
        headers.append((b"content-length", b"%d" % len(body)))
    scope = {
        "method": method,
        "root_path": "",
        "raw_path": path.encode(),
        "query_string": b"",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "scheme": "http",
        "headers": headers,
        "parley.holds": True,
    }
    start: dict = {}
    told = bridge.environ(scope, io.BytesIO(body), len(body))
    for _ in bridge.answer(app, told, start):
        pass
    assert start["status"] < 300, start


if __name__ == "__main__":
    for what, found in profiles().items():
        print(what, found)
