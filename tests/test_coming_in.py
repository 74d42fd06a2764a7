"""Files on their way into a real server: cut off, sent by strangers, sent twice, and very large."""

import http.client
import io
import json
import os
import random
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.callers import Answer, Caller, Space
from tests.corpus import picture
from tests.meeting import at_once
from tests.servers import Server, running, until

MB = 1_000_000
JSON = "application/json"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """One for all of these."""
    with running(tmp_path_factory.mktemp("coming") / "instance") as found:
        yield found


@pytest.fixture(scope="module")
def space(server: Server) -> Space:
    """With whoever is asked for."""
    return Space(server)


def form(name: str, octets: bytes, field: str = "files", **fields: str) -> tuple[bytes, str]:
    """A form with one file, and what it says it is."""
    sent = MultiDict(fields)
    sent.add(field, FileStorage(io.BytesIO(octets), name))
    boundary, body = encode_multipart(sent)
    return body, f"multipart/form-data; boundary={boundary}"


def request(caller: Caller, path: str, body: bytes, kind: str) -> bytes:
    """All bytes of a POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: parley={caller.token}\r\n"
    head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nAccept: {JSON}\r\n\r\n"
    return head.encode() + body


def on_disk(server: Server) -> dict[str, int]:
    """Every file below files/ and how many bytes it has."""
    found = {}
    for path in (server.data / "files").rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.suffix != ".lock":
                found[path.name] = path.stat().st_size
    return found


def spooled(server: Server) -> int:
    """Bytes in files without a name that the server has open in its folder of files."""
    assert server.process
    found = 0
    for handle in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with suppress(OSError):
            name = str(handle.readlink())  # a backup has those open that have one
            if name.startswith(str(server.data / "files")) and name.endswith(" (deleted)"):
                found += handle.stat().st_size
    return found


def most_memory(server: Server) -> int:
    """Bytes of memory that the server has had at most."""
    assert server.process
    told = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    assert found
    return int(found[1]) * 1024


def test_what_is_cut_off_at_any_byte_leaves_nothing(server, space):
    ann = space.caller("Ann")
    chance = random.Random(100)
    ways = [
        ("/rooms/1/messages", form("a.jpg", picture("JPEG", (300, 200)), text="look", key="cut")),
        ("/rooms/1/messages", form("a.txt", b"notes\n" * 40_000, text="read", key="cut too")),
        ("/rooms/1/tray", form("a.png", picture("PNG", (300, 200)), "file", key="cut as well")),
    ]
    before = on_disk(server), ann.reads()
    for number in range(102):
        path, (body, kind) = ways[number % 3]
        whole = request(ann, path, body, kind)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
            line.sendall(whole[: chance.randrange(1, len(whole))])
            if number % 2:  # as when a phone loses its network in the middle of it
                line.shutdown(socket.SHUT_WR)
    until(lambda: not spooled(server))
    assert (on_disk(server), ann.reads()) == before
    assert json.loads(ann.get("/rooms/1/tray", Accept=JSON)) == {"files": []}
    for path, (body, kind) in ways:  # whole, each is taken
        assert ann.ask("POST", path, body, Content_Type=kind, Accept=JSON).status == 201


def test_a_stranger_s_fifty_megabytes_are_refused_before_they_lie_anywhere(server, space):
    body, kind = form("a.bin", bytes(50 * MB))
    stranger, seen = Caller(server), []
    reader, ask = io.BytesIO(body), stranger.ask

    class Watched:
        def read(self, size: int) -> bytes:
            seen.append((len(on_disk(server)), spooled(server)))
            return reader.read(size * 64)

    before = len(on_disk(server))
    for accept, said in ((JSON, b'{"error": "Sign in first.", "field": ""}'), ("*/*", None)):
        reader.seek(0)
        named = {"Content_Type": kind, "Accept": accept, "Content_Length": str(len(body))}
        answer = ask("POST", "/rooms/1/messages", Watched(), **named)  # type: ignore[arg-type]
        assert (answer.status, answer.body) == (401, said or b"Sign in first.")
        assert answer.headers["Connection"] == "close"
    assert set(seen) == {(before, 0)}


@pytest.mark.parametrize("size", [107 * MB, 5000 * MB])
def test_what_no_file_may_be_is_refused_before_a_byte_of_it(server, space, size):
    told = request(space.caller("Ann"), "/rooms/1/tray", b"", "multipart/form-data; boundary=x")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(told.replace(b"Length: 0", b"Length: %d" % size))
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 MB is the most for one file. Your text is still here." in answer


def test_a_stranger_s_megabytes_in_pieces_are_refused_after_the_first(server, space):
    def pieces() -> Iterator[bytes]:
        for _ in range(400):
            seen.append(spooled(server))
            yield bytes(64_000)

    seen: list[int] = []
    answer = Caller(server).ask("POST", "/rooms/1/messages", pieces(), Accept=JSON)  # type: ignore[arg-type]
    assert answer.status == 401
    assert max(seen) <= 1_100_000
    assert spooled(server) == 0


def test_who_has_a_login_no_more_is_a_stranger(server, space):
    dan = space.caller("Dan")
    body, kind = form("a.txt", b"x" * 2 * MB, text="look")
    assert dan.ask("POST", "/rooms/1/messages", body, Content_Type=kind, Accept=JSON).status == 201
    dan.form("/logout", anyway="yes")
    assert dan.ask("POST", "/rooms/1/messages", body, Content_Type=kind, Accept=JSON).status == 401


def test_two_who_send_the_same_at_once_have_one_file(server, space):
    before = on_disk(server)
    octets = b"the same" * MB
    people = [space.caller(name) for name in ("Ann", "Bob")] * 2
    posts = [lambda who=who: who.says("look", ("a.txt", octets)) for who in people]
    messages = at_once(*posts)
    assert [message["files"][0]["size"] for message in messages] == [8 * MB] * 4
    new = on_disk(server).keys() - before.keys()
    assert len(new) == 1


def test_a_hundred_megabytes_are_never_in_memory(server, space):
    """Neither on their way in nor on their way out, when who takes them is slow."""
    ann = space.caller("Ann")
    body, kind = form("a.bin", os.urandom(100 * MB), text="large", key="large")
    before = most_memory(server)
    sent = ann.ask("POST", "/rooms/1/messages", body, Content_Type=kind, Accept=JSON)
    assert sent.status == 201
    file = json.loads(sent.body)["files"][0]
    assert file["size"] == 100 * MB
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    line.request("GET", file["url"], headers={"Cookie": f"parley={ann.token}"})
    answer = line.getresponse()
    taken = 0
    while block := answer.read(MB):
        taken += len(block)
    line.close()
    assert taken == 100 * MB
    assert most_memory(server) - before < 30 * MB


def test_a_file_of_more_than_is_taken_is_named_with_its_size(server, space):
    body, kind = form("volcano.mov", bytes(110 * MB), text="look", key="volcano")
    answer: Answer = space.owner.ask(
        "POST", "/rooms/1/messages", body, Content_Type=kind, Accept=JSON
    )
    told = "volcano.mov is 105 MB; 100 MB is the most. Your text is still here."
    assert (answer.status, json.loads(answer.body)["error"]) == (413, told)
