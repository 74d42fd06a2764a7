"""The children that develop pictures: one may die, hang or babble, and the server goes on."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parley.store import children
from parley.store.errors import Full, Refused
from parley.store.pictures import Darkroom, TooManyPixels, Unreadable
from tests import corpus

SITE = Path(__file__).parents[1] / "site"
# Does what is written in the file that it is sent, and calls its result by its process number.
OBEDIENT = """
import json, os, sys, time
for line in sys.stdin:
    wish = json.loads(line)
    order = open(wish["source"]).read()
    if order == "die":
        os._exit(1)
    if order == "hang":
        time.sleep(60)
    if order == "stop half way":
        print('{"ok": tr', end="", flush=True)
        time.sleep(60)
    if order == "babble":
        print("Hello?", flush=True)
        continue
    if order == "dawdle":
        time.sleep(0.05)
    if order.startswith("refuse "):
        answer = {"ok": False, "error": order.split()[1]}
    else:
        answer = {"ok": True, "type": order, "width": 1, "height": 1, "full": str(os.getpid())}
    print(json.dumps(answer), flush=True)
"""
PARENT = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from parley.store.pictures import Darkroom
Darkroom().develop(Path(sys.argv[2]), Path(sys.argv[2]).parent)
print("developed", flush=True)
time.sleep(60)
"""


@pytest.fixture
def sent(tmp_path):
    """A file as it was sent, with these bytes or this text in it."""
    numbers = itertools.count()

    def sent(content: bytes | str) -> Path:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / f"sent {next(numbers)}"
        path.write_bytes(data)
        return path

    return sent


@pytest.fixture
def darkroom():
    room = Darkroom(workers=1)
    yield room
    room.close()


@pytest.fixture
def obedient(tmp_path):
    """A darkroom of two workers that do as they are told, and may take two seconds to."""
    (tmp_path / "obedient.py").write_text(OBEDIENT)
    room = Darkroom(workers=2, seconds=2, program=tmp_path / "obedient.py")
    yield room
    room.close()


@pytest.fixture
def tell(obedient, sent, tmp_path):
    """Tell a worker what to do; get the number of the one that did it."""
    return lambda order: int(obedient.develop(sent(order), tmp_path).full.name)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_photo_is_developed(darkroom, sent, tmp_path):
    photo = darkroom.develop(sent(corpus.picture("JPEG", (1600, 1200))), tmp_path)
    assert (photo.type, photo.width, photo.height) == ("image/jpeg", 1600, 1200)
    for path in (photo.full, photo.large, photo.thumb):
        assert path.parent == tmp_path and path.stat().st_size


def test_a_large_photo_has_a_huge_preview_and_a_colour(darkroom, sent, tmp_path):
    photo = darkroom.develop(sent(corpus.phone_photo(6, (2700, 1800))), tmp_path)
    assert photo.huge.parent == tmp_path and photo.huge.stat().st_size
    assert photo.colour.startswith("#") and len(photo.colour) == 7


def test_a_profile_picture_is_one_file(darkroom, sent, tmp_path):
    photo = darkroom.develop(sent(corpus.picture("PNG")), tmp_path, square=256)
    assert (photo.type, photo.width, photo.height) == ("image/jpeg", 256, 256)
    assert photo.full.stat().st_size and photo.large is photo.thumb is None


def test_names_of_folders_may_be_in_any_script(darkroom, sent, tmp_path):
    folder = tmp_path / "Fotos äöü 写真\n"
    folder.mkdir()
    assert darkroom.develop(sent(corpus.picture("PNG")), folder).full.parent == folder


def test_what_cannot_be_developed_is_refused_with_a_sentence(darkroom, sent, tmp_path):
    with pytest.raises(Unreadable, match="could not be read") as refused:
        darkroom.develop(sent("no picture"), tmp_path)
    assert isinstance(refused.value, Refused)
    with pytest.raises(TooManyPixels, match="50 million pixels"):
        darkroom.develop(sent(corpus.claims("PNG")), tmp_path)


def test_a_full_disk_is_not_the_pictures_fault(tell):
    with pytest.raises(Full):
        tell("refuse full")


def test_no_child_is_started_before_there_is_a_picture(monkeypatch):
    def start(*_, **__):
        raise AssertionError("it was started")

    monkeypatch.setattr(subprocess, "Popen", start)
    Darkroom().close()


def test_one_child_develops_many_pictures(tell):
    """The two are asked in turn."""
    assert len({tell("well") for _ in range(6)}) == 2


MAKES_WAY = """
import json, os, sys, time
for number, line in enumerate(sys.stdin):
    if number:
        time.sleep(float(open(json.loads(line)["source"]).read()))
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    print(json.dumps({"ok": True, "type": "", "full": str(os.getpid())}), flush=True)
"""


@pytest.fixture
def making_way(tmp_path, sent):
    """Let a worker that makes way for others have nothing for some seconds; which one answers."""
    if not hasattr(os, "SCHED_IDLE"):
        pytest.skip("this system knows no making way")
    (tmp_path / "makes_way.py").write_text(MAKES_WAY)
    room = Darkroom(workers=1, program=tmp_path / "makes_way.py")
    yield lambda seconds: int(room.develop(sent(str(seconds)), tmp_path).full.name)
    room.close()


def test_who_makes_way_and_is_left_nothing_is_replaced_by_who_does_not(making_way):
    first = making_way(0)
    assert making_way(60) != first
    assert is_gone(first)


def test_who_makes_way_and_gets_on_may_take_longer(making_way, monkeypatch):
    monkeypatch.setattr(children, "worked", lambda pid: time.monotonic())
    assert making_way(0) == making_way(1.2)


def test_a_refused_picture_costs_no_child(tell):
    before = {tell("well"), tell("well")}
    for _ in range(2):
        with pytest.raises(Unreadable):
            tell("refuse unreadable")
    assert {tell("well"), tell("well")} == before


@pytest.mark.parametrize("order", ["die", "hang", "stop half way", "babble"])
def test_a_worker_that_fails_is_replaced(tell, order):
    before = [tell("well"), tell("well")]
    with pytest.raises(Unreadable):
        tell(order)
    after = {tell("well"), tell("well")}
    assert before[0] not in after and before[1] in after
    assert is_gone(before[0])


def test_nobody_waits_to_kill_a_worker_that_has_answered(tell):
    before = set(threading.enumerate())
    tell("well")
    for waiting in set(threading.enumerate()) - before:
        waiting.join(1)
        assert not waiting.is_alive()


def test_a_worker_that_died_between_two_pictures_costs_none(tell):
    before = {tell("well"), tell("well")}
    for pid in before:
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert not before & {tell("well"), tell("well")}


def test_a_worker_that_hangs_does_not_hold_up_the_other(tell):
    tell("well"), tell("well")
    with ThreadPoolExecutor() as threads:
        hanging = threads.submit(tell, "hang")
        for _ in range(5):
            tell("well")
            assert not hanging.done()
        with pytest.raises(Unreadable):
            hanging.result()


def test_many_threads_each_get_their_own_answer(obedient, sent, tmp_path):
    orders = [f"{number}" for number in range(40)] + ["dawdle"] * 10
    files = [sent(order) for order in orders]
    with ThreadPoolExecutor(8) as threads:
        photos = list(threads.map(lambda file: obedient.develop(file, tmp_path), files))
    assert [photo.type for photo in photos] == orders
    assert len({photo.full for photo in photos}) == 2


def test_no_child_is_left_when_it_is_closed(obedient, tell):
    pids = {tell("well"), tell("well")}
    obedient.close()
    assert all(is_gone(pid) for pid in pids)


def test_no_child_is_left_when_it_is_closed_at_work(tmp_path, sent):
    (tmp_path / "obedient.py").write_text(OBEDIENT)
    room = Darkroom(workers=1, program=tmp_path / "obedient.py")
    pid = int(room.develop(sent("well"), tmp_path).full.name)
    with ThreadPoolExecutor() as threads:
        waiting = [threads.submit(room.develop, sent("hang"), tmp_path) for _ in range(3)]
        threading.Event().wait(0.1)
        before = time.monotonic()
        room.close()
        assert time.monotonic() - before < 15  # and it could have waited for 30
        for each in waiting:
            with pytest.raises(Unreadable):
                each.result(10)
    assert is_gone(pid)


def test_nothing_is_developed_after_it_is_closed(obedient, tell):
    tell("well")
    obedient.close()
    obedient.close()
    with pytest.raises(Unreadable):
        tell("well")


def test_children_end_when_their_parent_is_killed(sent):
    """The child holds the parent's stderr, too: that is at its end when both have ended."""
    command = [sys.executable, "-c", PARENT, str(SITE), str(sent(corpus.picture("PNG")))]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as parent:
        assert parent.stdout.readline() == b"developed\n"
        parent.kill()
        assert parent.communicate(timeout=10) == (b"", b"")
