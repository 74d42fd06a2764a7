"""The rival for the crowd: a room of Flask-SocketIO on gevent, as its documentation shows one.

PORT comes as an argument, ANSWER in the environment names a file with the answer of a poll: a POST
sends the same HTML to everyone in the room. No database and no sign-in; websockets only; pings too
far apart to fall into the measurement.
"""

import os
import re
import resource
import sys
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO, join_room

app = Flask(__name__)
io = SocketIO(app, async_mode="gevent", ping_interval=3600)
html = Path(os.environ["ANSWER"]).read_text()
posted = 0


@io.on("connect")
def come_in():
    """Everyone is in the one room."""
    join_room("lobby")


@app.post("/")
def say():
    """Tell everyone in it; the number in the HTML counts the messages."""
    global posted
    posted += 1
    io.emit("message", re.sub(r"after=\d+", f"after={posted}", html), to="lobby")
    return "", 204


@app.get("/health")
def health():
    """Whether it can serve."""
    return "ok\n"


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    io.run(app, "127.0.0.1", int(sys.argv[1]), backlog=4096)
