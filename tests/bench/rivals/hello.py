"""The reference for pages and polls: a Flask that says hello, on the bridge and the server that
Parley runs on. PORT comes as an argument.
"""

import gc
import sys
from pathlib import Path

import uvicorn
from flask import Flask

from parley.asgi import Lanes
from parley.bridge import Bridge
from parley.cli import _config, raise_file_limit
from parley.settings import Settings
from parley.spool import Spool

flask = Flask(__name__)
bridge = Bridge(flask, Lanes(), Spool(Path(), 2**20, 2**30))


@flask.get("/")
def hello():
    """The smallest page there is."""
    return "hello"


@flask.get("/health")
def health():
    """Whether it can serve."""
    return "ok\n"


async def application(scope, receive, send) -> None:
    """What uvicorn runs (ASGI 3)."""
    if scope["type"] == "http":
        await bridge(scope, receive, send)
    else:  # lifespan
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    raise_file_limit()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)  # as in asgi.py
    config = _config(lambda: application, Settings(port=int(sys.argv[1])))
    config.http = "auto"  # ours asks for a waiting room
    uvicorn.Server(config).run()
