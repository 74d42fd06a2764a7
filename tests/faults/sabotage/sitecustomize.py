"""Makes a server go wrong on purpose: Python runs this first, in each process of a server that is
started with this folder on its path. SABOTAGE names what is to go wrong.

unsafe      commits do not wait for the disk, as with SQLite's synchronous = NORMAL
late        notices of the bulletin come up to half a second late, in any order, and some never
"""

import os
import random
import threading


def unsafe() -> None:
    """The check of the disk has to notice this."""
    from parley.store import db

    prepare = db._prepare_sqlite

    def prepare_less(connection, record) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous = NORMAL")

    db._prepare_sqlite = prepare_less


def late() -> None:
    """Nothing may depend on when a notice comes, or whether."""
    from parley.store.bulletin import Bulletin

    tell = Bulletin.changed

    def tell_late(bulletin, *news) -> None:
        if random.random() < 0.8:
            threading.Timer(random.uniform(0, 0.5), tell, (bulletin, *news)).start()

    Bulletin.changed = tell_late


{"unsafe": unsafe, "late": late, "": lambda: None}[os.environ.get("SABOTAGE", "")]()
