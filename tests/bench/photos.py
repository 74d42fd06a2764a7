"""Photos as phones send them: how soon another sees one, and what everybody notices meanwhile."""

import gzip
import io
import random
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from PIL import Image

from parley.store import darkroom
from tests.bench.figures import Figure
from tests.bench.meter import Client, client, medians, p99
from tests.bench.places import Place, place
from tests.callers import Caller
from tests.servers import Server

SIZE = 4032, 3024  # pixels: 12 million
ROUNDS = 7
PEOPLE, RATE, SECONDS, TURNS = 50, 20, 20, 3  # who wait; posts a second
LATE = 3  # seconds after the last post, for what comes late
MANY = 50  # who send at once; and the photos of one page
PHONE = "phones send 12-megapixel photos without a break"
PREVIEW = re.compile(rb"/files/\d+/thumb")
AFTER = re.compile(rb"after=(\d+)")


def figures() -> Iterator[Figure]:
    """All of them."""
    with tempfile.TemporaryDirectory() as folder:
        photos = phone_photos(Path(folder), MANY)
        large = large_picture(Path(folder))
        yield seen(photos)
        yield from pouring(photos, large)
        yield from at_once(photos)
    yield page()


# ---- Pictures


def phone_photos(folder: Path, count: int) -> list[str]:
    """About 4 MB of JPEG each, with the EXIF of a phone that lay on its side; all different."""
    across, down = SIZE[0] + 8 * count, SIZE[1]
    rough = [Image.effect_noise((across // 8, down // 8), 70) for _ in range(3)]
    grain = Image.effect_noise((across, down), 20).convert("RGB")
    view = Image.blend(Image.merge("RGB", rough).resize(grain.size), grain, 0.2)
    exif = Image.Exif()
    exif.update({0x0112: 6, 0x010F: "Phone", 0x0110: "12", 0x0132: "2026:05:21 08:02:30"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    paths = [folder / f"IMG_{number:04}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        window = 8 * number, 0, 8 * number + SIZE[0], SIZE[1]
        view.crop(window).save(path, quality=90, exif=exif)
    return [str(path) for path in paths]


def large_picture(folder: Path) -> str:
    """A PNG of nearly 16 MB, which no format makes smaller."""
    side, path = 2300, folder / "noise.png"
    octets = random.Random(7).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), octets).save(path, compress_level=1)
    return str(path)


# ---- One photo


def seen(photos: list[str]) -> Figure:
    """From the end of the upload to another's having message and preview."""
    with place() as ours, phones(ours, 1, photos[:ROUNDS]) as phone:
        [friend] = guests(ours, 1)
        rounds = [(once(ours, phone, friend), alone(path)) for path in photos[:ROUNDS]]
    late, work = medians(rounds[1:])
    what = "a 12-megapixel photo: from the end of its upload until another has it with its preview"
    return Figure(what, late, "ms", 1000, "its previews alone, without a server", work)


def once(ours: Place, phone: Client, friend: Caller) -> float:
    """Milliseconds of one photo."""
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(watch, ours, friend, ours.revision())
        time.sleep(0.3)
        [[_, sent, _, good]] = phone.ask(each=1)["photos"]
        assert good
        return (other.result() - sent) * 1e3


def watch(ours: Place, friend: Caller, after: int) -> float:
    """Poll as a page does until a message with a photo comes, then load its preview."""
    cookies = f"{ours.ticket(1)}; parley={friend.token}"
    while True:
        path = f"/rooms/1/feed?after={after}"
        headers = {"HX_Request": "true", "HX_Request_Type": "partial", "Cookie": cookies}
        body = friend.ask("GET", path, **headers).body
        if found := PREVIEW.search(body):
            answer = friend.ask("GET", found[0].decode())
            assert answer.status == 200, answer.status
            return time.monotonic()
        if told := AFTER.search(body):
            after = int(told[1])


def alone(path: str) -> float:
    """Milliseconds of the same work in this process."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        darkroom.develop(path, folder)
        return (time.monotonic() - began) * 1e3


# ---- Photos without a break


def pouring(photos: list[str], large: str) -> Iterator[Figure]:
    """What those who only write and wait in the same room notice, in turns with quiet."""
    loads = {
        f"two {PHONE}": [photos[:8], photos[8:16]],
        f"four {PHONE}": [photos[n : n + 6] for n in range(0, 24, 6)],
        f"two {PHONE} and two pictures of 16 MB": [photos[:8], photos[8:16], [large], [large]],
    }
    with place() as ours, ExitStack() as stack:
        port = ours.server.port
        crowd = stack.enter_context(client("polls", port=port, people=ours.people(PEOPLE)))
        asked = {"requests": [ours.post()], "connections": 8}
        posters = stack.enter_context(client("askers", port=port, **asked))
        senders = [stack.enter_context(phones(ours, len(it), *it)) for it in loads.values()]
        turns = [
            [talk(crowd, posters), *(under(crowd, posters, one) for one in senders)]
            for _ in range(TURNS + 1)
        ]
    quiet, *busy = (medians(column) for column in zip(*turns[1:], strict=True))
    for load, (delivered, posted, share, sent) in zip(loads, busy, strict=True):
        note = f"{PEOPLE} people, {RATE} posts a second; {sent:.1f} pictures a second"
        for what, late, before in (
            ("a message is with another", delivered, quiet[0]),
            ("a post", posted, quiet[1]),
        ):
            row = f"p99: {what}, while {load}", late, "ms", None, "quiet", before, 3
            yield Figure(*row, busy=share, note=note)


def talk(crowd: Client, posters: Client) -> tuple[float, float, float, float]:
    """p99 in milliseconds of deliveries and posts, counted from when each post was due; the
    client's share of a core; and a place for the pictures a second."""
    crowd.begin(seconds=SECONDS + LATE)
    posted = posters.ask(seconds=SECONDS, rate=RATE, tell=True)
    told = crowd.end()
    assert not posted["refused"]
    times = [
        (at - due) * 1e3
        for due, room, made in posted["told"]
        for at in told["came"].get(f"{room}:{made}", [])
    ]
    times += [LATE * 1e3] * (RATE * SECONDS * PEOPLE - len(times))  # what has not come by then
    return p99(times), p99(posted["times"]), told["busy"], 0


def under(crowd: Client, posters: Client, sender: Client) -> tuple[float, float, float, float]:
    """The same while photos pour in; and how many a second."""
    sender.begin(seconds=SECONDS + 2)
    time.sleep(1)
    delivered, posted, share, _ = talk(crowd, posters)
    told = sender.end()
    assert not told["refused"]
    span = max(done for _, _, done, _ in told["photos"]) - min(one[0] for one in told["photos"])
    return delivered, posted, share, len(told["photos"]) / span


# ---- Many at once


def at_once(photos: list[str]) -> Iterator[Figure]:
    """Everybody comes home from the trip."""
    with place() as ours:
        others = guests(ours, MANY)
        everyone = [[1, who.token, [path]] for who, path in zip(others, photos, strict=True)]
        with (
            client("senders", port=ours.server.port, phones=everyone) as senders,
            Peak(ours.server) as peak,
        ):
            told = senders.ask(each=1)
    seconds = max(it[2] for it in told["photos"]) - min(it[0] for it in told["photos"])
    crowd = f"{MANY} people send a 12-megapixel photo at once"
    yield Figure(f"{crowd}: refused", told["refused"], "of them", 0, note=f"{seconds:.1f} s")
    what = f"{crowd}: memory of all processes of the server"
    yield Figure(what, peak.most, "MB", 400, "before", peak.before)


class Peak:
    """The most that all processes of a server hold in memory while the block lasts, in MB."""

    def __init__(self, server: Server):
        self.server, self.ended = server, threading.Event()
        self.most = self.before = self.now()

    def now(self) -> float:
        """What they hold."""
        found = 0
        for pid in self.server.processes():
            try:
                found += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (ProcessLookupError, FileNotFoundError):
                continue
        return found * 4096 / 1e6

    def __enter__(self) -> "Peak":
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.ended.wait(0.05):
            self.most = max(self.most, self.now())


# ---- A page


def page() -> Figure:
    """What a browser loads before the pictures."""
    with place() as ours:
        for number in range(MANY):
            picture = io.BytesIO()
            Image.new("RGB", (400, 300), (number * 5, 90, 120)).save(picture, "JPEG")
            photo = f"IMG_{number:04}.jpg", picture.getvalue()
            ours.owner.post("/rooms/1/messages", photo, text=f"From the trip, part {number}")
        answer = ours.owner.ask("GET", "/rooms/1?end", Accept_Encoding="gzip")
    html = gzip.decompress(answer.body)
    assert len(set(PREVIEW.findall(html))) == MANY
    size = len(answer.body) / 1e3
    return Figure(f"a room page with {MANY} photos, gzip", size, "kB", 40)


# ---- People


def guests(ours: Place, count: int) -> list[Caller]:
    """Some who have come by the link, without a password."""
    link = re.search(r"/join/\w+", ours.owner.get("/people"))
    assert link
    named = (f"Guest {number}" for number in range(count))
    return [Caller(ours.server).signs_in(link[0], name=it, password="") for it in named]


@contextmanager
def phones(ours: Place, count: int, *paths: list[str]) -> Iterator[Client]:
    """So many phones of the owner's, each with photos of its own."""
    told = [[1, ours.owner.token, paths[number]] for number in range(count)]
    with client("senders", port=ours.server.port, phones=told) as found:
        yield found


if __name__ == "__main__":
    for figure in figures():
        print(figure)
