"""The room in lynx and w3m: readable, and one can post. They send the form as a person would."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.callers import Caller
from tests.servers import running

IN_CI = os.environ.get("CI") == "true"
CONFIGURATION = "ACCEPT_ALL_COOKIES:TRUE\nPERSISTENT_COOKIES:TRUE\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server where Ann has said hello."""
    data = tmp_path_factory.mktemp("text") / "instance"
    with running(data, PARLEY_HOLD="0") as found:
        ann = Caller(found)
        ann.signs_in("/welcome", space="Class 7b", name="Ann", password="four plain words")
        ann.says("hello from a large screen")
        yield found


def lynx(server, home: Path, path: str, form: str) -> str:
    """What lynx shows after sending a form."""
    (home / "lynx.cfg").write_text(CONFIGURATION)
    jar = home / "cookies"
    command = ["lynx", f"-cfg={home / 'lynx.cfg'}", "-dump", "-nolist", "-post_data",
               f"-cookie_file={jar}", f"-cookie_save_file={jar}"]  # fmt: skip
    return shown(command, server, home, path, form + "\n---\n")


def w3m(server, home: Path, path: str, form: str) -> str:
    """What w3m shows after sending a form."""
    (home / "form").write_text(form)
    return shown(["w3m", "-cookie", "-dump", "-post", str(home / "form")], server, home, path, "")


def shown(command: list[str], server, home: Path, path: str, text: str) -> str:
    """Run a text browser; its output."""
    if not shutil.which(command[0]):
        assert not IN_CI, f"CI needs {command[0]}"
        pytest.skip(f"{command[0]} is not installed")
    address = f"{server.address}{path}"
    environment = os.environ | {"HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [*command, address], input=text, capture_output=True, text=True, timeout=20, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("browser", [lynx, w3m])
def test_the_room_can_be_read_and_written_in(server, tmp_path, browser):
    page = browser(server, tmp_path, "/login", "name=Ann&password=four+plain+words")
    assert "hello from a large screen" in page
    assert "Send" in page
    assert "Reconnecting" not in page, "a text browser holds no poll"
    said = f"hello from {browser.__name__}"
    page = browser(server, tmp_path, "/rooms/1/messages", f"text={said}&key={browser.__name__}")
    assert page.count(said) == 1
