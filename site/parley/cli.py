"""The command line: `dev` and `serve`."""

import argparse
import io
import logging
import sys
from collections.abc import Callable
from contextlib import closing, suppress

import segno
import uvicorn
from uvicorn.supervisors import ChangeReload

from parley import create_app, network
from parley.asgi import Application, Server
from parley.settings import ROOT, BadSetting, Settings
from parley.store import migrate
from parley.talk import spaces
from parley.web import parts
from parley.web.doors import first_run_code

GRACE = 5  # seconds for answers under way when the server stops


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its result is the exit status."""
    parser = argparse.ArgumentParser("parley", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (dev, serve):
        commands.add_parser(command.__name__, help=command.__doc__).set_defaults(run=command)
    run: Callable[[], None] = parser.parse_args(arguments).run
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    try:
        run()
        return 0
    except (BadSetting, migrate.TooNew) as wrong:
        print(wrong, file=sys.stderr)
        return 2


def dev() -> None:
    """Serve on this machine alone, with reload."""
    settings = Settings.from_environment()
    _prepare(settings)
    config = _config(
        settings,
        "parley.asgi:application",
        factory=True,
        reload=True,
        reload_dirs=[str(ROOT / name) for name in ("site", "templates", "static")],
        reload_includes=["*.html", "*.css", "*.js"],
        reload_delay=0.05,
    )
    ChangeReload(config, target=Server(config).run, sockets=[config.bind_socket()]).run()


def serve() -> None:
    """Serve for real use: all devices, no reload, no debug."""
    settings = Settings.from_environment(host="0.0.0.0")  # noqa: S104  (that is the point)
    _prepare(settings)
    raise_file_limit()
    with suppress(KeyboardInterrupt):  # uvicorn says it again when all has been closed
        Server(_config(settings, Application(settings))).run()


def raise_file_limit() -> None:
    """Each person who waits is one open connection: allow as many as the system does."""
    with suppress(ImportError):  # Windows has no such limit
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _config(settings: Settings, application: Application | str, **more) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # Flask reads them, and only when PARLEY_URL is set
        timeout_graceful_shutdown=GRACE,
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
