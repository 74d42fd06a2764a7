"""The bridge, on a real uvicorn, with clients down to the socket.

What a WSGI server may decide for itself is compared with Werkzeug's.
"""

import asyncio
import errno
import hashlib
import http.client
import io
import logging
import socket
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir

import pytest
import uvicorn
from flask import Flask, Response, request, send_file, stream_with_context
from werkzeug.serving import WSGIRequestHandler, make_server

from parley.bridge import Bridge
from parley.spool import Spool

MOST = 6_000_000  # bytes in a body
BLOCK = bytes(50_000)


class NewThreads(Executor):
    """A thread for each hop, so that nothing can rely on staying in one; counts them."""

    hops = 0

    def submit(self, act, *arguments):
        self.hops += 1
        pool = ThreadPoolExecutor(1)
        future = pool.submit(act, *arguments)
        pool.shutdown(wait=False)
        return future


class Stage:
    """A server whose WSGI application each test puts on."""

    def __init__(self):
        self.app = self.lane = self.uvicorn = None
        self.front = {}
        self.bridge = Bridge(self.play, self.choose, Spool(Path(gettempdir()), MOST, 10 * MOST))

    def play(self, environ, start_response):
        return self.app(environ, start_response)

    def choose(self, scope, body, size):
        self.chosen_for = scope["path"], size
        return self.lane

    async def asgi(self, scope, receive, send):
        await self.bridge(scope | self.front, receive, send)

    def idle(self):
        return not self.uvicorn.server_state.tasks

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)

    def ask(self, method="GET", path="/", body=None, **headers):
        """Ask once; gives the answer, its body in `text`."""
        client = self.connect()
        try:
            names = {name.replace("__", "-"): value for name, value in headers.items()}
            client.request(method, path, body, names, encode_chunked=True)
            answer = client.getresponse()
            answer.text = answer.read()
            return answer
        finally:
            client.close()

    @contextmanager
    def dial(self, said):
        """A bare connection on which these bytes have been sent."""
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            line.settimeout(5)
            line.connect(("127.0.0.1", self.port))
            line.sendall(said)
            yield line


@contextmanager
def on_uvicorn():
    stage = Stage()
    config = uvicorn.Config(stage.asgi, interface="asgi3", log_config=None, access_log=False)
    stage.uvicorn = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    stage.port = listener.getsockname()[1]
    thread = threading.Thread(target=stage.uvicorn.run, args=([listener],))
    thread.start()
    yield stage
    stage.uvicorn.should_exit = True
    thread.join()


@contextmanager
def on_werkzeug():
    class Silent(WSGIRequestHandler):
        def log(self, *_): ...

    stage = Stage()
    server = make_server("127.0.0.1", 0, stage.play, threaded=True, request_handler=Silent)
    stage.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield stage
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def bridged():
    with on_uvicorn() as stage:
        yield stage


@pytest.fixture(scope="module")
def plain():
    with on_werkzeug() as stage:
        yield stage


@pytest.fixture
def bridge(bridged, caplog):
    """The bridge on uvicorn; a test that makes it log clears `caplog` itself."""
    bridged.lane, bridged.front, bridged.chosen_for = NewThreads(), {}, None
    yield bridged
    until(bridged.idle)
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelno > logging.INFO] == []


@pytest.fixture(params=["bridge", "plain"])
def server(request):
    return request.getfixturevalue(request.param)


def until(fact):
    """Wait for something that must come true within five seconds."""
    end = time.monotonic() + 5
    while not fact():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.005)


def says(*blocks, status="200 OK", headers=()):
    """An application that always answers this."""

    def app(environ, start_response):
        start_response(status, list(headers))
        return list(blocks)

    return app


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def tells(*keys):
    """An application that answers with what its environ holds under these keys."""

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return ["\n".join(f"{key}={environ.get(key)!r}" for key in keys).encode()]

    return app


class Download:
    """An application whose answer is long and counts what is made of it."""

    def __init__(self, blocks=1000):
        self.blocks = blocks
        self.made = 0
        self.closed = threading.Event()

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Length", str(len(BLOCK) * self.blocks))])
        return self

    def __iter__(self):
        while self.made < self.blocks:
            self.made += 1
            yield BLOCK

    def close(self):
        assert not self.closed.is_set(), "closed twice"
        self.closed.set()

    def stalls(self):
        """Whether nothing more is made: the client's and the server's buffers are full."""
        before = self.made
        time.sleep(0.1)
        return 0 < before == self.made


# Requests


def test_a_page_is_carried(server):
    server.app = says(b"Hello", headers=[("Content-Length", "5"), ("X-One", "1")])
    answer = server.ask()
    assert (answer.status, answer.text, answer.headers["X-One"]) == (200, b"Hello", "1")


PATHS = [
    "/a%2Fb",
    "/caf%C3%A9",
    "/%FF%fe",
    "/a%20b+c;d",
    "/a%252Fb",
    "/r?x=1&x=%C3%A9",
    "/?a?b",
    "/r?",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_arrives_as_under_werkzeug(bridge, plain, path):
    app = Flask("paths")
    app.add_url_rule("/", "root", lambda: repr((request.url, request.path, request.args)))
    app.add_url_rule("/<path:rest>", "rest", lambda rest: repr((request.url, rest, request.args)))
    bridge.app = plain.app = app
    host = "chat.example"
    assert bridge.ask(path=path, Host=host).text == plain.ask(path=path, Host=host).text


def test_the_environ_is_as_under_werkzeug(bridge, plain):
    bridge.app = plain.app = tells(
        *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"),
        *("SERVER_NAME", "SERVER_PROTOCOL", "REMOTE_ADDR", "CONTENT_TYPE", "CONTENT_LENGTH"),
        *("HTTP_HOST", "HTTP_X_NAME", "wsgi.version", "wsgi.url_scheme", "wsgi.multithread"),
        *("wsgi.multiprocess", "wsgi.run_once"),
    )
    asked = {"Host": "chat", "X__Name": "Zoë".encode(), "Content__Type": "a/b"}
    for method, body in (("GET", None), ("POST", b"abc"), ("PUT", b"")):
        ours = bridge.ask(method, "/a%2Fb%C3%A9?c=%20d", body, **asked).text
        assert ours == plain.ask(method, "/a%2Fb%C3%A9?c=%20d", body, **asked).text


def test_an_application_below_a_prefix_knows_it(bridge):
    bridge.app = tells("SCRIPT_NAME", "PATH_INFO")
    bridge.front = {"root_path": "/chat", "raw_path": b"/chat/a%2Fb"}
    assert bridge.ask().text == b"SCRIPT_NAME='/chat'\nPATH_INFO='/a/b'"


def test_what_a_piece_in_front_knows_is_passed_on(bridge):
    bridge.app = tells("parley.holds")
    assert bridge.ask().text == b"parley.holds=False"
    bridge.front = {"parley.holds": True}
    assert bridge.ask().text == b"parley.holds=True"


def test_repeated_headers_are_joined(bridge):
    bridge.app = tells("HTTP_ACCEPT", "HTTP_COOKIE")
    said = b"Accept: a\r\nCookie: b=1\r\nAccept: c\r\nCookie: d=2\r\nConnection: close\r\n\r\n"
    with bridge.dial(b"GET / HTTP/1.1\r\nHost: x\r\n" + said) as line:
        answer = line.makefile("rb").read()
    assert b"HTTP_ACCEPT='a,c'\nHTTP_COOKIE='b=1; d=2'" in answer


def test_a_name_with_an_underscore_cannot_pose_as_another(server):
    server.app = tells("HTTP_X_FORWARDED_FOR", "CONTENT_LENGTH")
    answer = server.ask(X_Forwarded_For="6.6.6.6", Content_Length="7")
    assert answer.text == b"HTTP_X_FORWARDED_FOR=None\nCONTENT_LENGTH=None"


# Bodies


def test_a_chunked_body_is_read(server):
    server.app = echo
    assert server.ask("POST", body=iter([b"one ", b"two"])).text == b"one two"


def test_a_chunked_body_has_a_length_in_the_end(bridge):
    bridge.app = tells("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING", "wsgi.input_terminated")
    answer = bridge.ask("POST", body=iter([b"one ", b"two"]))
    said = b"CONTENT_LENGTH='7'\nHTTP_TRANSFER_ENCODING=None\nwsgi.input_terminated=True"
    assert answer.text == said


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_goes_whole(bridge, chunked):
    bridge.app = echo
    body = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(5_000_000 // 32))
    answer = bridge.ask("POST", "/up", io.BytesIO(body) if chunked else body)
    assert hashlib.sha256(answer.text).digest() == hashlib.sha256(body).digest()
    assert bridge.chosen_for == ("/up", 5_000_000)


NOSNIFF = b"x-content-type-options: nosniff"
ANNOUNCED = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"


def test_a_client_that_asks_may_go_on(bridge):
    bridge.app = echo
    with bridge.dial(ANNOUNCED % 5) as line:
        assert line.recv(99) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"Hello")
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.read() == b"Hello"
        answer.close()


def test_a_body_too_large_is_refused_before_it_is_sent(bridge):
    bridge.app = None
    with bridge.dial(ANNOUNCED % (MOST + 1)) as line:
        answer = line.recv(9999)
    assert answer.startswith(b"HTTP/1.1 413 ")
    for told in (b"connection: close", b"cache-control: no-store", NOSNIFF):
        assert b"\r\n%b\r\n" % told in answer
    assert b"One request may carry at most 6 MB." in answer


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_sends_on_still_reads_the_refusal(bridge, chunked):
    bridge.app = None
    body = bytes(2 * MOST)
    answer = bridge.ask("POST", body=io.BytesIO(body) if chunked else body)
    assert (answer.status, answer.text) == (413, b"One request may carry at most 6 MB.")


def test_a_chunked_body_of_the_largest_size_is_taken(bridge):
    bridge.app = echo
    assert len(bridge.ask("POST", body=io.BytesIO(bytes(MOST))).text) == MOST


class FullDisk(SpooledTemporaryFile):
    def write(self, _):
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self):
        super().close()
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told(bridge, monkeypatch, caplog):
    monkeypatch.setattr("parley.spool.SpooledTemporaryFile", FullDisk)
    assert bridge.ask("POST", body=BLOCK).status == 507
    assert [record.name for record in caplog.records] == ["parley"]
    caplog.clear()


@pytest.mark.parametrize("sent", [0, 1000, 1_000_000])
def test_a_client_that_leaves_while_sending_never_reaches_the_application(bridge, sent):
    called = []
    bridge.app = lambda *arguments: called.append(1)
    with bridge.dial(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n") as line:
        line.sendall(bytes(sent))
        until(lambda: not bridge.idle())
    until(bridge.idle)
    assert not called
    assert not bridge.lane.hops


# Answers


def test_head_has_the_headers_and_no_body(bridge):
    bridge.app = download = Download()
    with bridge.dial(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as line:
        answer = line.makefile("rb").read()
    assert b"content-length: 50000000\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")
    assert download.made == 1


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_status_without_a_body_leaves_the_connection_in_order(bridge, status):
    client = bridge.connect()
    bridge.app = Flask("bodiless")
    bridge.app.add_url_rule("/", "none", lambda: ("Hello", status))
    client.request("GET", "/")
    assert client.getresponse().read() == b""
    bridge.app = says(b"next")
    client.request("GET", "/")
    assert client.getresponse().read() == b"next"
    client.close()


def test_part_of_a_file_is_sent(server, tmp_path):
    file = tmp_path / "numbers.txt"
    file.write_bytes(b"".join(b"%09d\n" % n for n in range(50_000)))
    server.app = Flask("files")
    server.app.add_url_rule("/", "file", lambda: send_file(file, conditional=True))
    answer = server.ask(Range="bytes=100000-399999")
    assert (answer.status, answer.headers["Content-Range"]) == (206, "bytes 100000-399999/500000")
    assert answer.text == file.read_bytes()[100_000:400_000]
    assert server.ask().text == file.read_bytes()


def test_a_file_goes_in_large_blocks(bridge, tmp_path):
    file = tmp_path / "zeros"
    file.write_bytes(bytes(500_000))
    bridge.app = Flask("files")
    bridge.app.add_url_rule("/", "file", lambda: send_file(file))
    assert len(bridge.ask().text) == 500_000
    assert bridge.lane.hops < 10


def test_two_cookies_are_set(server):
    server.app = says(b"", headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    assert server.ask().headers.get_all("Set-Cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("made_by", ["Flask", "hand"])
def test_a_small_answer_takes_one_hop(bridge, made_by):
    bridge.app = says(b"Hello", headers=[("Content-Length", "5")])
    if made_by == "Flask":
        bridge.app = Flask("hello")
        bridge.app.add_url_rule("/", "hello", lambda: "Hello")
    assert bridge.ask().text == b"Hello"
    assert bridge.lane.hops == 1


def test_all_blocks_are_sent(server):
    server.app = says(b"", b"one ", b"", b"two")
    assert server.ask().text == b"one two"


def test_a_block_does_not_wait_for_the_next(bridge):
    go_on = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"first"
        assert go_on.wait(5)
        yield b"second"

    bridge.app = app
    client = bridge.connect()
    client.request("GET", "/")
    answer = client.getresponse()
    assert answer.read(5) == b"first"
    go_on.set()
    assert answer.read() == b"second"
    client.close()


def test_a_streamed_answer_keeps_its_request(server):
    server.app = Flask("stream")

    @server.app.get("/")
    def stream():
        return Response(stream_with_context(request.args[name] for name in "abc"))

    assert server.ask(path="/?a=1&b=2&c=3").text == b"123"


def test_a_download_is_made_as_it_is_read_and_holds_no_thread(bridge):
    bridge.app = download = Download()
    with ThreadPoolExecutor(1) as bridge.lane, bridge.dial(b"GET / HTTP/1.0\r\n\r\n") as line:
        until(download.stalls)
        assert download.made * len(BLOCK) < 10_000_000
        bridge.app = says(b"Hello")
        assert bridge.ask().text == b"Hello"
        with line.makefile("rb") as answer:
            assert len(answer.read().partition(b"\r\n\r\n")[2]) == 50_000_000
    assert download.closed.is_set()


def test_a_client_that_leaves_while_reading_ends_the_download(bridge):
    bridge.app = download = Download()
    with bridge.dial(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
        until(download.stalls)
    until(download.closed.is_set)
    assert download.made < download.blocks


@pytest.mark.parametrize("blocks", [1, 1000])
def test_a_client_that_leaves_before_the_answer_is_let_go(bridge, blocks):
    download, left = Download(blocks), threading.Event()

    def app(environ, start_response):
        assert left.wait(5)
        return download(environ, start_response)

    bridge.app = app
    with bridge.dial(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
        until(lambda: bridge.lane.hops)
    until(lambda: not bridge.uvicorn.server_state.connections)
    left.set()
    until(download.closed.is_set)
    assert download.made < 5


# Failures


def fails_at_once(environ, start_response):
    raise ValueError("secret")


def fails_in_the_first_block(environ, start_response):
    yield 1 / 0


def starts_twice(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return [b"Hello"]


def never_starts(environ, start_response):
    return [b"one", b"two"]


def never_starts_its_download(environ, start_response):
    return Download()


FAILURES = [
    fails_at_once,
    fails_in_the_first_block,
    starts_twice,
    never_starts,
    never_starts_its_download,
]


@pytest.mark.parametrize("app", FAILURES)
def test_a_failure_is_logged_and_not_shown(bridge, caplog, app):
    bridge.app = app
    answer = bridge.ask(path="/broken")
    assert answer.status == 500
    assert answer.text == b"Something went wrong on the server. Its log says what."
    assert [record.getMessage() for record in caplog.records] == ["GET /broken failed"]
    assert caplog.records[0].exc_info
    assert bridge.lane.hops == 1
    caplog.clear()


@pytest.mark.parametrize("politely", [False, True])
def test_a_failure_on_the_way_breaks_the_answer(bridge, caplog, politely):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"first"
        error = ValueError("secret")
        if politely:
            start_response("500 Broken", [], (ValueError, error, None))
            return
        raise error

    bridge.app = app
    with pytest.raises(http.client.IncompleteRead) as broken:
        bridge.ask()
    assert broken.value.partial == b"first"
    until(lambda: "ValueError: secret" in caplog.text)
    caplog.clear()


def test_a_failure_in_the_end_spoils_nothing(bridge, caplog):
    class Tired(list):
        def close(self):
            raise ValueError("tired")

    def app(environ, start_response):
        start_response("200 OK", [])
        return Tired([b"Hello"])

    bridge.app = app
    assert bridge.ask("POST", body=bytes(100_000)).text == b"Hello"
    assert "ValueError: tired" in caplog.text
    caplog.clear()


def test_an_application_may_change_its_mind_until_the_first_block(bridge):
    def app(environ, start_response):
        write = start_response("200 OK", [("X-One", "1")])
        write(b"written, ")
        start_response("503 Busy", [], (ValueError, ValueError("too late"), None))
        return [b"then given"]

    bridge.app = app
    answer = bridge.ask()
    assert (answer.status, answer.text) == (503, b"written, then given")
    assert "X-One" not in answer.headers


def test_a_cancelled_answer_is_closed_after_it_was_made():
    download, entered, go_on = Download(), threading.Event(), threading.Event()

    def app(environ, start_response):
        entered.set()
        assert go_on.wait(5)
        assert not download.closed.is_set()
        return download(environ, start_response)

    async def ask():
        scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http"}
        scope |= {"raw_path": b"/", "root_path": "", "query_string": b"", "headers": []}
        body = {"type": "http.request", "body": b"", "more_body": False}
        with ThreadPoolExecutor(2) as lane:
            bridge = Bridge(app, lambda scope, body, size: lane, Spool(Path(), MOST, MOST))
            calls = scope | {"server": None, "client": None}, lambda: asyncio.sleep(0, body), None
            task = asyncio.create_task(bridge(*calls))
            await asyncio.to_thread(entered.wait, 5)
            task.cancel()
            asyncio.get_running_loop().call_later(0.05, go_on.set)
            await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(ask())
    assert download.closed.is_set()
