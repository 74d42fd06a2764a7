"""The bridge takes each HTTP request in whole and hands it to a WSGI application in a thread, once.

The event loop does the waiting (for a body to arrive, for a browser to take the next block), a
thread only the work: a slow client holds none. Follows PEP 3333 and ASGI 3; not for polls (the
waiting room holds them), lifespan (asgi.py) or websockets.
"""

import asyncio
import contextlib
import contextvars
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from werkzeug.wsgi import FileWrapper

BLOCK = 65_536  # bytes: a larger body goes into a file, and files go out in blocks of this size
LINGER = 2  # seconds
BODILESS = {*range(100, 200), 204, 304}

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

log = logging.getLogger("parley")


class ClientLeft(Exception):
    """The client went away before its request was whole."""


class Refusal(Exception):
    """A request that is not carried, with the status and the sentence that say why."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Bridge:
    """Carries requests to the WSGI `app`, each with a body of at most `max_body` bytes.

    `lanes(scope, size)` gives the threads for a request whose body has `size` bytes. The steps of
    one answer (the call, each further block, `close`) come one after another in one context, but
    not always in one thread.
    """

    def __init__(self, app: Callable, lanes: Callable[[Scope, int], Executor], max_body: int):
        self.app = app
        self.lanes = lanes
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            raise ValueError(f"The bridge carries http, not {scope['type']}.")
        try:
            body, size = await take_in(scope, receive, self.max_body)
        except ClientLeft:
            return
        except Refusal as refusal:
            await refuse(refusal, receive, send)
            return
        answer = Answer(self.app, environ(scope, body, size))
        await give_out(answer, self.lanes(scope, size), receive, send)


async def take_in(scope: Scope, receive: Receive, most: int) -> tuple[IO[bytes], int]:
    """Read the body to its end; gives it, rewound, and its size in bytes.

    Raises ClientLeft, or Refusal when it has more than `most` bytes or the disk is full.
    """
    if int(dict(scope["headers"]).get(b"content-length", 0)) > most:
        raise too_large(most)
    body, size = SpooledTemporaryFile(BLOCK), 0  # noqa: SIM115  the answer closes it
    try:
        while (event := await receive())["type"] == "http.request":
            size += len(event["body"])
            if size > most:
                raise too_large(most)
            if size > BLOCK:  # a disk may be slow, and everyone's polls are on this loop
                await asyncio.to_thread(body.write, event["body"])
            else:
                body.write(event["body"])
            if not event["more_body"]:
                body.seek(0)
                return body, size
        raise ClientLeft
    except BaseException as error:
        with contextlib.suppress(OSError):
            body.close()
        if isinstance(error, OSError):
            log.error("A request could not be kept: %s", error)
            raise Refusal(507, "The server has no room left for what was sent.") from error
        raise


def too_large(most: int) -> Refusal:
    """Says how many bytes would have been taken."""
    return Refusal(413, f"One request may carry at most {most / 1_000_000:g} MB.")


async def refuse(refusal: Refusal, receive: Receive, send: Send) -> None:
    """Answer at once with one sentence, and close the connection a moment later.

    Until then what still arrives is thrown away: a connection closed on a client that is sending
    is reset, and a browser then shows the reset instead of the sentence.
    """
    sentence = refusal.sentence.encode()
    headers = [*plain(sentence), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body"):
                pass
    await send({"type": "http.response.body"})


async def give_out(answer: "Answer", lane: Executor, receive: Receive, send: Send) -> None:
    """Have the answer made in the lane's threads and send it, block after block as it is taken.

    An answer of one block takes one hop to a thread. When the client leaves, the rest is not made.
    """
    loop = asyncio.get_running_loop()
    leaving: asyncio.Task | None = None
    try:
        block = await loop.run_in_executor(lane, answer.step, answer.begin)
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await send(start)
        while not answer.closed:
            # uvicorn's send() says nothing when the client is gone; its receive() does.
            leaving = leaving or loop.create_task(receive())  # type: ignore[arg-type]
            await send({"type": "http.response.body", "body": block, "more_body": True})
            if leaving.done():
                return
            block = await loop.run_in_executor(lane, answer.step, answer.more)
        await send({"type": "http.response.body", "body": block})
    finally:
        if leaving:
            leaving.cancel()
        if not answer.closed:
            await loop.run_in_executor(lane, answer.step, answer.close)


def environ(scope: Scope, body: IO[bytes], size: int) -> dict[str, Any]:
    """What PEP 3333 tells about a request; `parley.*` is what the pieces in front have added."""
    root, path = scope["root_path"].encode(), scope["raw_path"]
    query = scope["query_string"].decode("latin-1")
    target = path.decode("latin-1") + (f"?{query}" if query else "")
    server, port = scope["server"] or ("localhost", None)
    client, client_port = scope["client"] or ("", 0)
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root.decode("latin-1"),
        "PATH_INFO": unquote_to_bytes(path.removeprefix(root)).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "SERVER_NAME": server,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client,
        "REMOTE_PORT": client_port,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": in_blocks,
        **{f"parley.{key}": value for key, value in scope.get("parley", {}).items()},
        **cgi_headers(scope["headers"], size),
    }


def cgi_headers(headers: Iterable[tuple[bytes, bytes]], size: int) -> dict[str, str]:
    """The request's headers under their CGI names; `size` is that of the body, in bytes."""
    result: dict[str, str] = {}
    for name, value in headers:
        if b"_" in name:  # X_Forwarded_For would pose as X-Forwarded-For
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        text = value.decode("latin-1")
        result[key] = f"{result[key]}{between}{text}" if key in result else text
    if result.pop("HTTP_TRANSFER_ENCODING", None):
        result["CONTENT_LENGTH"] = str(size)
    return result


def in_blocks(file: IO[bytes], _size: int = 0) -> FileWrapper:
    """Send a file in blocks of our size: each costs a hop, and Werkzeug asks for 8 kB."""
    return FileWrapper(file, BLOCK)


def plain(text: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of an answer in plain text."""
    return [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))]


class Answer:
    """One call of the WSGI application; `status` and `headers` are there after begin()."""

    def __init__(self, app: Callable, environ: dict[str, Any]):
        self.app = app
        self.environ = environ
        self.body = environ["wsgi.input"]
        self.context = contextvars.copy_context()
        self.lock = threading.Lock()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.written: list[bytes] = []
        self.iterable: Iterable[bytes] = ()
        self.begun = False
        self.closed = False

    def step(self, act: Callable) -> Any:
        """Do begin, more or close; one at a time, also when the loop has stopped waiting for it."""
        with self.lock:
            return self.context.run(act)

    def begin(self) -> bytes:
        """Call the application; gives the first block, and if that is all, `closed` is True."""
        try:
            self.iterable = self.app(self.environ, self.start_response)
            self.blocks = iter(self.iterable)
            block = b"".join([*self.written, next(filter(None, self.blocks), b"")])
            if not self.status:
                raise RuntimeError("The application has not called start_response.")
        except Exception:
            log.exception("%s %s failed", self.environ["REQUEST_METHOD"], self.environ["RAW_URI"])
            self.close()
            block = b"Something went wrong on the server. Its log says what."
            self.status, self.headers = 500, plain(block)
        self.begun = True
        if self.environ["REQUEST_METHOD"] == "HEAD" or self.status in BODILESS:
            block = b""
        if not block or self.ends_with(block):
            self.close()
        return block

    def ends_with(self, block: bytes) -> bool:
        """Whether nothing can follow the first block; without asking for more, which may wait."""
        if isinstance(self.iterable, list | tuple):
            return len(self.iterable) == 1
        return (b"content-length", b"%d" % len(block)) in self.headers

    def more(self) -> bytes:
        """The next block; after the last one b"", and `closed` is True."""
        try:
            return next(self.blocks)
        except StopIteration:
            self.close()
            return b""

    def close(self) -> None:
        """Let the application and the request's body go; the second time does nothing."""
        if self.closed:
            return
        self.closed = True
        for done in (self.iterable, self.body):
            try:
                if hasattr(done, "close"):
                    done.close()
            except Exception:
                log.exception("%s could not be closed", self.environ["RAW_URI"])

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Keep status and headers; they go out with the first block."""
        if exc_info and self.begun:
            raise exc_info[1].with_traceback(exc_info[2])
        if self.status and not exc_info:
            raise RuntimeError("The application has called start_response twice.")
        self.status = int(status[:3])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers
            # uvicorn would wait for the body that it announces
            if self.status not in BODILESS or name.lower() != "content-length"
        ]
        return self.written.append
