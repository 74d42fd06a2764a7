"""Parley: a chat for a class, a family, a club. `create_app` puts its parts together."""

from flask import Flask

from parley.settings import ROOT, Settings

PAGES = ["text/html", "text/css", "text/javascript", "application/javascript", "application/json"]
PAGES += ["image/svg+xml"]


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application under any WSGI server, in the order in which parts need each other."""
    from flask_compress import Compress
    from flask_session import Session
    from werkzeug.middleware.proxy_fix import ProxyFix

    from parley.store import backups, migrate, sessions
    from parley.web import Parts, pages

    settings = settings or Settings.from_environment()
    app = Flask(
        "parley",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.data),
        # Flask looks for the root of a package; ours is the folder above site/.
        root_path=str(ROOT),
    )
    app.config.update(
        SECRET_KEY=settings.signing_secret(),
        MAX_CONTENT_LENGTH=settings.largest_request,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=100,
        **sessions.settings(settings.data / "sessions", settings.secure),
        COMPRESS_MIMETYPES=PAGES,  # not files, which are fetched in pieces
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_ALGORITHM_STREAMING=["gzip"],  # static/: else not all browsers get it small
    )
    parts = Parts(settings)
    if migrate.check(parts.db):  # whatever the migration does, this is kept
        file = settings.data / "backups" / "before-update.tar"
        backups.make(parts.db, settings.data, file, rest=0)
    migrate.upgrade(parts.db)
    app.extensions["parley"] = parts
    Session(app)
    Compress(app)
    pages.register(app)
    if settings.url:  # only then is there a proxy whose headers can be believed
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app
