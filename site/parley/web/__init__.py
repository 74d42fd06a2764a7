"""Requests and HTML: the only part of Parley that knows Flask."""

from flask import Flask, current_app
from werkzeug.local import LocalProxy

from parley.settings import Settings
from parley.store.bulletin import Bulletin
from parley.store.db import Database
from parley.store.files import Files
from parley.store.films import Projector
from parley.store.limits import Limit
from parley.store.pictures import Darkroom
from parley.talk.lists import Lists
from parley.talk.marks import Marks
from parley.talk.tickets import Tickets
from parley.talk.uploads import GB, MB, Intake


class Parts:
    """What one application is made of; the views reach it through the names below."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.db = Database(settings.database)
        self.bulletin = Bulletin(self.db)
        self.marks = Marks(self.db)
        self.lists = Lists(self.marks)
        self.files = Files(settings.data / "files")
        self.darkroom = Darkroom()
        self.projector = Projector()
        self.intake = Intake(
            self.files,
            self.darkroom,
            self.projector,
            photo_bytes=settings.photo_mb * MB,
            file_bytes=settings.file_mb * MB,
            quota=int(settings.quota_gb * GB),
        )
        self.wrong_passwords = Limit(10, 15 * 60)
        self.wrong_names = Limit(10, 15 * 60)  # apart: invented names push out no real one
        self.tickets = Tickets(settings.signing_secret())

    def close(self) -> None:
        """Leave no process and no connection behind."""
        self.bulletin.close()
        self.marks.write()
        self.darkroom.close()
        self.projector.close()
        self.db.close()


def parts(app: Flask | None = None) -> Parts:
    """The parts of this application, or of the one that answers just now."""
    return (app or current_app).extensions["parley"]


settings: Settings = LocalProxy(lambda: parts().settings)  # type: ignore[assignment]
db: Database = LocalProxy(lambda: parts().db)  # type: ignore[assignment]
bulletin: Bulletin = LocalProxy(lambda: parts().bulletin)  # type: ignore[assignment]
lists: Lists = LocalProxy(lambda: parts().lists)  # type: ignore[assignment]
marks: Marks = LocalProxy(lambda: parts().marks)  # type: ignore[assignment]
files: Files = LocalProxy(lambda: parts().files)  # type: ignore[assignment]
intake: Intake = LocalProxy(lambda: parts().intake)  # type: ignore[assignment]
wrong_passwords: Limit = LocalProxy(lambda: parts().wrong_passwords)  # type: ignore[assignment]
wrong_names: Limit = LocalProxy(lambda: parts().wrong_names)  # type: ignore[assignment]
