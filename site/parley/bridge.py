"""The bridge takes each HTTP request in whole and hands it to a WSGI application in a thread, once.

The event loop does the waiting (for a body to arrive, for a browser to take the next block), a
thread only the work: a slow client holds none. Follows PEP 3333 and ASGI 3; not for polls (the
waiting room holds them), lifespan (asgi.py) or websockets.
"""

import asyncio
import contextlib
import contextvars
import json
import logging
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from werkzeug.wsgi import FileWrapper

from parley.spool import Spool
from parley.store.errors import Refused

BLOCK = 65_536  # bytes: files go out in blocks of this size
LINGER = 2  # seconds

log = logging.getLogger("parley")


class Bridge:
    """Carries requests to the WSGI `app`, the body of each by way of the `spool`.

    `lanes(scope, body, size)` gives the threads for a request, by its body of `size` bytes.
    """

    def __init__(self, app: Callable, lanes: Callable[..., Executor], spool: Spool):
        self.app, self.lanes, self.spool = app, lanes, spool

    async def __call__(self, scope, receive, send) -> None:
        """One request (ASGI 3)."""
        with contextlib.ExitStack() as place:  # on disk, until all is over
            try:
                body, size = await self.spool.take_in(scope, receive, place)
            except EOFError:
                pass  # the client has left
            except Refused as wrong:
                await refuse(wrong, scope, receive, send)
            else:
                lane, told = self.lanes(scope, body, size), environ(scope, body, size)
                body.seek(0)
                await give_out(self.app, told, lane, receive, send)


async def refuse(wrong: Refused, scope, receive, send) -> None:
    """Answer at once with one sentence, and close the connection a moment later.

    Until then what still arrives is thrown away: a connection closed on a client that is sending
    is reset, and a browser then shows the reset instead of the sentence.
    """
    asked = dict(scope["headers"])
    if b"application/json" in asked.get(b"accept", b""):
        block = json.dumps({"error": wrong.sentence, "field": wrong.field}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(block))]
    else:
        block = wrong.sentence.encode()
        headers = plain(block)
    headers += [(b"connection", b"close"), (b"vary", b"Accept"), (b"cache-control", b"no-store")]
    headers.append((b"x-content-type-options", b"nosniff"))
    if wrong.seconds:
        headers.append((b"retry-after", b"%d" % wrong.seconds))
    if wrong.status == 401 and b"hx-request" in asked:
        headers.append((b"hx-redirect", b"/login"))
    await send({"type": "http.response.start", "status": wrong.status, "headers": headers})
    await send({"type": "http.response.body", "body": block, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body"):
                pass
    await send({"type": "http.response.body"})


async def give_out(app: Callable, environ: dict[str, Any], lane: Executor, receive, send) -> None:
    """Have the answer made in the lane's threads and send it, block after block as it is taken.

    An answer of one block takes one hop to a thread. When the client leaves, the rest is not made.
    """
    start = {"type": "http.response.start"}
    blocks = answer(app, environ, start)
    context, lock = contextvars.copy_context(), threading.Lock()

    def step(act: Callable) -> Any:
        with lock:  # one at a time, also when the loop has stopped waiting for the one before
            return context.run(act, blocks)

    loop = asyncio.get_running_loop()
    leaving: asyncio.Future = loop.create_future()
    more = True
    try:
        block, more = await loop.run_in_executor(lane, step, next)
        await send(start)
        if more:  # uvicorn's send() says nothing when the client is gone; its receive() does
            leaving = loop.create_task(receive())
        while more and not leaving.done():
            await send({"type": "http.response.body", "body": block, "more_body": True})
            block, more = await loop.run_in_executor(lane, step, next)
        await send({"type": "http.response.body", "body": block, "more_body": more})
    finally:
        leaving.cancel()
        if more:
            await loop.run_in_executor(lane, step, Generator.close)


def answer(app: Callable, environ: dict[str, Any], start: dict[str, Any]) -> Generator:
    """Call the application; yields each block of its answer, and whether more follow.

    Status and headers are in `start` with the first block; at the last one all has been closed.
    """
    written: list[bytes] = []
    iterable: Iterable[bytes] = ()
    begun = False

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None):
        if exc_info and begun:
            raise exc_info[1]
        if "status" in start and not exc_info:
            raise RuntimeError("The application has called start_response twice.")
        start["status"] = int(status[:3])
        start["headers"] = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers]
        return written.append

    try:
        iterable = app(environ, start_response)
        blocks = iter(iterable)
        block = b"".join([*written, next(filter(None, blocks), b"")])
        # A KeyError if start_response was not called. More is not asked for: that may wait.
        whole = (b"content-length", b"%d" % len(block)) in start["headers"] or not block
        if not whole and environ["REQUEST_METHOD"] != "HEAD":
            begun = True
            yield block, True
            for block in blocks:
                yield block, True
            block = b""
    except Exception:
        if begun:
            raise
        log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
        block = b"Something went wrong on the server. Its log says what."
        start |= {"status": 500, "headers": plain(block)}
    finally:
        for part in (iterable, environ["wsgi.input"]):
            close(part)
    yield block, False


def close(part: Any) -> None:
    """Let it go, if it can be closed; what goes wrong then is only noted."""
    try:
        getattr(part, "close", lambda: None)()
    except Exception:
        log.exception("an answer could not be closed")


def environ(scope, body: IO[bytes], size: int) -> dict[str, Any]:
    """What PEP 3333 tells about a request; `parley.*` is what the pieces in front have added."""
    root, path = scope["root_path"].encode(), scope["raw_path"]
    server, port = scope["server"] or ("localhost", 80)
    client, _ = scope["client"] or ("", 0)
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root.decode("latin-1"),
        "PATH_INFO": unquote_to_bytes(path.removeprefix(root)).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        # A block costs a hop, and Werkzeug asks for 8 kB.
        "wsgi.file_wrapper": lambda file, _size: FileWrapper(file, BLOCK),
        "parley.holds": scope.get("parley.holds", False),
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


def plain(text: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of an answer in plain text."""
    return [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))]
