"""Under its own server and under a plain WSGI server the application answers the same."""

import io
import re
import socket

import pytest
from PIL import Image

from tests.callers import Caller
from tests.servers import FLASK, running

ONE = {"space": "Class 7b", "name": "Ann", "password": "four plain words"}
COMPARED = ("Content-Type", "Content-Range", "Cache-Control", "Content-Security-Policy",
            "Location", "Accept-Ranges", "ETag", "Content-Disposition", "HX-Redirect", "Allow",
            "X-Content-Type-Options", "Referrer-Policy")  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The owner at two servers on one space: ours, and Flask's."""
    data = tmp_path_factory.mktemp("both") / "instance"
    with running(data, PARLEY_HOLD="0") as waiting, running(data, FLASK) as flask:
        ours = Caller(waiting).signs_in("/welcome", **ONE)
        plain = Caller(flask, ours.token)
        for number in range(60):
            ours.form("/rooms/1/messages", text=f"message {number} ü", key=f"k{number}")
        picture = io.BytesIO()
        Image.new("RGB", (640, 480), "teal").save(picture, "PNG")
        body = multipart(text="Grüße", key="photo", files=("grün é.png", picture.getvalue()))
        assert ours.ask("POST", "/rooms/1/messages", body, Content_Type=MULTIPART)[0] == 303
        yield ours, plain


MULTIPART = "multipart/form-data; boundary=line"


def multipart(**fields) -> bytes:
    """A form with a file."""
    parts = b""
    for name, value in fields.items():
        if isinstance(value, tuple):
            head = f'name="{name}"; filename="{value[0]}"\r\nContent-Type: image/png'
            content = value[1]
        else:
            head, content = f'name="{name}"', value.encode()
        parts += f"--line\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
        parts += content + b"\r\n"
    return parts + b"--line--\r\n"


def same(answer) -> tuple:
    """An answer without what differs by nature: each form's own key, and the ports."""
    status, headers, body = answer
    body = re.sub(rb'name="key" value="[^"]*"', b"", body)
    body = re.sub(rb"(\d+\.){3}\d+:\d+", b"HERE", body)
    body = re.sub(rb'<svg[^>]*class="qr".*?</svg>', b"", body, flags=re.DOTALL)
    kept = {name: re.sub(r"127\.0\.0\.1:\d+", "HERE", headers[name] or "") for name in COMPARED}
    return status, kept, body


PAGES = ["/", "/rooms", "/rooms/1", "/rooms/1?before=20", "/rooms/1?around=20", "/rooms/1/list",
         "/rooms/1/feed?after=0", "/rooms/1/feed?after=61", "/rooms/1/feed?after=x", "/rooms/2",
         "/rooms/abc", "/people", "/people/1", "/people/me", "/messages", "/messages/5", "/me.css",
         "/about", "/login", "/welcome", "/join/none", "/files/1", "/files/1/thumb",
         "/files/1/large", "/files/1/gr%C3%BCn%20%C3%A9.png", "/lasthere", "/health",
         "/static/parley.css", "/rooms%2F1", "/rooms/1%2Ffeed?after=0", "/gr%C3%BC%C3%9Fe",
         "/%FF%FE", "//rooms/1", "/rooms/1/../1", "/rooms/1?before=%FF"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_is_the_same_under_both(both, method, path):
    ours, plain = (same(caller.ask(method, path)) for caller in both)
    assert ours == plain
    if method == "HEAD":
        assert ours[2] == b""


@pytest.mark.parametrize("wanted", ["bytes=0-99", "bytes=100-", "bytes=-50", "bytes=999999-"])
def test_a_range_is_the_same_under_both(both, wanted):
    path = "/files/1/gr%C3%BCn%20%C3%A9.png"
    ours, plain = (same(caller.ask("GET", path, Range=wanted)) for caller in both)
    assert ours == plain
    assert ours[0] in (206, 416)


@pytest.mark.parametrize(
    "fields",
    [{"text": ""}, {"text": "x" * 10_001}, {"text": "ok", "key": "k" * 65}, {"other": "1"}],
)
def test_a_refusal_is_the_same_under_both(both, fields):
    ours, plain = (same(caller.form("/rooms/1/messages", **fields)) for caller in both)
    assert ours == plain
    assert ours[0] == 422


def test_a_post_from_another_site_is_refused_by_both(both):
    for caller in both:
        status, _, _ = caller.ask(
            "POST", "/rooms/1/messages", "text=x", Origin="http://evil.example"
        )
        assert status == 403


def raw(caller, request: bytes) -> bytes:
    """Send bytes as they are; read until the end."""
    with socket.create_connection(("127.0.0.1", caller.server.port), timeout=5) as line:
        line.sendall(request)
        answer = b""
        while block := line.recv(65536):
            answer += block
        return answer


def head(caller, method: str, *lines: str) -> bytes:
    """The head of a request for posting into the room."""
    fixed = [f"{method} /rooms/1/messages HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
             f"Cookie: parley={caller.token}", "Accept: application/json",
             "Content-Type: application/x-www-form-urlencoded"]  # fmt: skip
    return "\r\n".join([*fixed, *lines, "", ""]).encode()


def test_a_chunked_post_arrives_whole_at_both(both):
    for number, caller in enumerate(both):
        key = f"chunked{number}"
        body = f"e\r\ntext=in+pieces\r\n{len(key) + 5:x}\r\n&key={key}\r\n0\r\n\r\n".encode()
        answer = raw(caller, head(caller, "POST", "Transfer-Encoding: chunked") + body)
        assert b" 201 " in answer.split(b"\r\n")[0], answer
        assert b'"text":"in pieces"' in answer


def test_who_asks_first_is_told_to_go_on_by_both(both):
    for number, caller in enumerate(both):
        body = f"text=asked+first&key=asked{number}".encode()
        with socket.create_connection(("127.0.0.1", caller.server.port), timeout=5) as line:
            line.sendall(
                head(caller, "POST", f"Content-Length: {len(body)}", "Expect: 100-continue")
            )
            assert line.recv(1024).startswith(b"HTTP/1.1 100")
            line.sendall(body)
            answer = b""
            while block := line.recv(65536):
                answer += block
        assert b'"text":"asked first"' in answer


def test_a_client_that_leaves_half_way_has_posted_nothing_at_either(both):
    for number, caller in enumerate(both):
        sent = head(caller, "POST", "Content-Length: 1000") + f"text=half+{number}".encode()
        with socket.create_connection(("127.0.0.1", caller.server.port), timeout=5) as line:
            line.sendall(sent)
    for caller in both:
        said = caller.ask("GET", "/rooms/1/messages", Accept="application/json")[2]
        assert b"half" not in said
