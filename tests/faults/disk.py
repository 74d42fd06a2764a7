"""What a power cut would leave: in which order the server wrote to its disk and to its callers.

`faults` reads what strace saw of some posts that came one after the other.
"""

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.callers import Space
from tests.corpus import picture
from tests.servers import Server, until

SYNCS, WRITES = ("fsync", "fdatasync"), ("write", "writev", "pwrite64", "sendto", "sendmsg")
CALLS = (*SYNCS, *WRITES, "rename", "renameat", "renameat2", "mkdir", "mkdirat")
CALL = re.compile(r"(\d+) +(\w+)\((.*?)(?:\) += +(-?\d+).*| <unfinished \.\.\.>)?$")
RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>.*\) += +(-?\d+)")
FILE = re.compile(r"\d+<(.*?)>")


def posts(server: Server, trace: Path) -> list[str]:
    """Twenty posts, half of them with photos, under strace; its lines."""
    space = Space(server.start())
    space.owner.says("so that all has been opened")
    assert server.process
    command = ["strace", "-f", "-y", "-s", "40", "-e", f"trace={','.join(CALLS)}"]
    tracer = subprocess.Popen(
        [*command, "-o", str(trace), "-p", str(server.process.pid)], stderr=subprocess.PIPE
    )
    assert tracer.stderr and b"attached" in tracer.stderr.readline()
    for number in range(20):
        photos = [("a.jpg", picture("JPEG", (60 + number, 40)))] if number % 2 else []
        space.owner.says(f"post {number}", *photos)
    until(lambda: trace.read_text().count("HTTP/1.1 201") == 20)
    tracer.send_signal(signal.SIGINT)
    tracer.communicate(timeout=10)
    return trace.read_text().splitlines()


def faults(lines: list[str]) -> list[str]:
    """Whatever was told or committed before it was on disk."""
    disk = Disk()
    for has_ended, call, arguments in _calls(lines):
        disk.ended(call, arguments) if has_ended else disk.begins(call, arguments)
    found = disk.faults
    if not (disk.told and disk.commits and disk.moves):
        found.append("nothing seen: no post, commit or file")
    return found


def _calls(lines: list[str]) -> Iterator[tuple[bool, str, str]]:
    """Whether it begins or ends, the system call and its arguments; what failed does not end."""
    open_calls: dict[str, str] = {}
    for line in lines:
        if begun := CALL.match(line):
            thread, call, arguments, result = begun.groups()
            open_calls[thread] = arguments
            yield False, call, arguments
        elif resumed := RESUMED.match(line):
            thread, call, result = resumed.groups()
        else:
            continue
        if result is not None and int(result) >= 0:
            yield True, call, open_calls.pop(thread, "")


class Disk:
    """What has been written and not yet synced."""

    def __init__(self) -> None:
        self.log_is_synced, self.has_committed = True, False
        self.synced: set[str] = set()  # files of which the bytes are on disk
        self.due: set[str] = set()  # files and folders that must be before the next commit
        self.told = self.commits = self.moves = 0
        self.faults: list[str] = []

    def begins(self, call: str, arguments: str) -> None:
        """Writing counts from its beginning."""
        if call not in WRITES:
            return
        if "-wal>" in arguments:
            self.log_is_synced, self.has_committed = False, True
            self.faults += [f"committed before {path} was synced" for path in sorted(self.due)]
            self.due = set()
        elif "HTTP/1.1 201" in arguments:
            self.told += 1
            if not self.has_committed:
                self.faults.append("told without a commit")
            elif not self.log_is_synced:
                self.faults.append("told before the commit was synced")
            self.has_committed = False

    def ended(self, call: str, arguments: str) -> None:
        """Syncing counts from its end, and so does what makes a name."""
        if call in SYNCS and (found := FILE.match(arguments)):
            self.synced.add(found[1])
            self.due.discard(found[1])
            if found[1].endswith("-wal"):
                self.log_is_synced, self.commits = True, self.commits + 1
        named = [Path(path) for path in re.findall(r'"(.*?)"', arguments)]
        if not named or "files" not in named[-1].parts or "tray" in named[-1].parts:
            return  # a backup, or the workplace of a photo
        if call.startswith("rename"):
            source, target = named
            self.moves += 1
            self.due |= {str(target.parent)} | ({str(source)} - self.synced)
        elif call.startswith("mkdir"):
            self.due.add(str(named[0].parent))
