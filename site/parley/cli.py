"""The command line: serve the chat, keep copies of it, look after it."""

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import segno
import uvicorn
from uvicorn.supervisors import ChangeReload, Multiprocess

from parley import create_app, network
from parley.asgi import Application
from parley.connection import Connection
from parley.settings import ROOT, BadSetting, Settings
from parley.store import backups, migrate, sessions
from parley.store.db import Database
from parley.store.doctor import findings
from parley.store.errors import Busy
from parley.talk import attic, spaces
from parley.web import parts
from parley.web.first_run import first_run_code

GRACE = 5  # seconds for answers under way when the server stops


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its result is the exit status."""
    parser = argparse.ArgumentParser("parley", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (dev, serve, backup, restore, doctor, sweep):
        one = commands.add_parser(command.__name__, help=command.__doc__)
        one.set_defaults(run=command)
        if command in (backup, restore):
            one.add_argument("file", type=Path, help="the backup")
        if command is restore:
            one.add_argument("--yes", action="store_true", help="do not ask")
    given = vars(parser.parse_args(arguments))
    del given["command"]
    run: Callable[..., int | None] = given.pop("run")
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    try:
        return run(**given) or 0
    except (BadSetting, migrate.TooNew, backups.Damaged, Busy, OSError) as wrong:
        print(wrong, file=sys.stderr)
        return 2


def dev() -> None:
    """Serve on this machine alone, with reload."""
    settings = Settings.from_environment()
    _prepare(settings)
    config = _config(
        "parley.asgi:application",
        settings,
        reload=True,
        reload_dirs=[str(ROOT / name) for name in ("site", "templates", "static")],
        reload_includes=["*.html", "*.css", "*.js"],
        reload_delay=0.05,
    )
    server = uvicorn.Server(config)
    ChangeReload(config, target=server.run, sockets=[config.bind_socket()]).run()


def serve() -> None:
    """Serve for real use: all devices, no reload, no debug."""
    settings = Settings.from_environment(host="0.0.0.0")  # noqa: S104  (that is the point)
    _prepare(settings)
    raise_file_limit()
    with suppress(KeyboardInterrupt):  # uvicorn says it again when all has been closed
        config = _config(partial(Application, settings), settings, workers=settings.workers)
        if settings.workers > 1:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
        else:
            uvicorn.Server(config).run()


def backup(file: Path) -> int:
    """Write everything into one file, also while people use the place."""
    os.nice(10)  # they come first
    with _opened() as its:
        lost = backups.make(its.db, its.settings.data, file)
    print(f"{file} has everything, {file.stat().st_size / 1e6:.1f} MB.")
    for path in lost:
        print(f"But {path} is missing or torn.", file=sys.stderr)
    return 1 if lost else 0


def restore(file: Path, yes: bool) -> int:
    """Put everything back as it was when a backup was made; asks before it replaces anything."""
    file.stat()  # nobody is asked about what is not there
    with _opened() as its:
        with its.db.reading() as c:
            space = spaces.find(c)
        if space and not yes and not _agrees(f"Replace {space.name} by what is in {file}?"):
            print("Nothing was changed.")
            return 1
        backups.restore(its.db, its.settings.data, file)
    print("It is as it was when the backup was made.")
    return 0


def _agrees(question: str) -> bool:
    with suppress(EOFError):  # nobody there who could answer
        return input(f"{question} (yes/no) ").strip().lower() == "yes"
    print()
    return False


def doctor() -> int:
    """Look at everything that must survive, and say what is wrong."""
    settings = Settings.from_environment()
    with closing(Database(settings.database)) as database:
        found = list(findings(database, settings.data))
    print("\n".join(found) or "All is well.")
    return 1 if found else 0


def sweep() -> None:
    """Remove files that nothing names any more and sessions that have ended."""
    with _opened() as its:
        found = attic.clear(its.db, its.files) + attic.strays(its.db, its.files)
        ended = sessions.sweep(its.settings.data / "sessions")
    print(f"{found} files and {ended} sessions were removed.")


def _opened() -> closing:
    return closing(parts(create_app(Settings.from_environment())))


def raise_file_limit() -> None:
    """Each person who waits is one open connection: allow as many as the system does."""
    with suppress(ImportError):  # Windows has no such limit
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _config(
    application: str | Callable[[], Application], settings: Settings, **more
) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=Connection,
        factory=True,
        lifespan="on",
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # Flask reads them, and only when PARLEY_URL is set
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=15,  # the list at the side asks every ten seconds
        ws="none",
        **more,
    )


def _prepare(settings: Settings) -> None:
    """Say where the chat is, and bring the database up to date before anybody comes."""
    with closing(parts(create_app(settings))) as its, its.db.reading() as c:
        is_new = spaces.find(c) is None
    for line in announce(settings, is_new, first_run_code(settings.signing_secret())):
        print(line, flush=True)


def announce(settings: Settings, is_new: bool, code: str) -> list[str]:
    """The lines that a start prints: addresses, a code to photograph, the way to the first run."""
    here = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104
    lines = [f"Parley is at http://{here}:{settings.port}"]
    lan = None if network.is_loopback(settings.host) else network.lan_address()
    public = settings.url or (lan and f"http://{lan}:{settings.port}")
    if public:
        lines += [f"for other devices: {public}", _qr(public)]
    if is_new:
        address = public or f"http://{here}:{settings.port}"
        lines.append(f"It is new. Open the doors at {address}/welcome?code={code}")
    return [*lines, "Ctrl-C stops it."]


def _qr(address: str) -> str:
    out = io.StringIO()
    segno.make(address).terminal(out, compact=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
