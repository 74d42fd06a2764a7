"""A PostgreSQL of one's own, in a folder, that may be stopped and started at will."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers import free_port

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
OPTIONS = "-c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=100"


class Cluster:
    """One PostgreSQL. It refuses to run as root, so then it belongs to the user `postgres`."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.address = f"postgresql://parley@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-U", "parley", "--auth=trust", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        """Come back when it takes connections."""
        options = f"{OPTIONS} -p {self.port} -k {self.folder}"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, how: str) -> None:
        """`fast` ends all connections, `immediate` is as a crash."""
        self._run("pg_ctl", "-m", how, "stop")

    def _run(self, name: str, *arguments: str) -> None:
        program = PROGRAMS[-1].with_name(name)
        subprocess.run(
            [program, "-D", self.folder / "data", *arguments],
            cwd=self.folder,
            user="postgres" if os.getuid() == 0 else None,
            stdout=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )


@contextmanager
def cluster() -> Iterator[Cluster]:
    """It runs when the block begins, and is gone when it ends."""
    with TemporaryDirectory() as folder:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        found = Cluster(Path(folder))
        found.start()
        try:
            yield found
        finally:
            found.stop("immediate")
