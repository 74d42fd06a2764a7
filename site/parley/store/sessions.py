"""Sessions as files, by Flask-Session. They hold a random login token and nothing else."""

import time
from datetime import timedelta
from pathlib import Path

from cachelib.file import FileSystemCache

LIFETIME = timedelta(days=400)  # the longest that browsers keep a cookie (RFC 6265bis)


def settings(folder: Path, secure: bool) -> dict[str, object]:
    """What Flask and Flask-Session are told."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "SESSION_TYPE": "cachelib",
        # threshold=0: with any other, the cache forgets sessions when there are many.
        "SESSION_CACHELIB": FileSystemCache(str(folder), threshold=0, mode=0o600),
        "SESSION_COOKIE_NAME": "parley",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_PERMANENT": True,
        "PERMANENT_SESSION_LIFETIME": LIFETIME,
        # With a refresh, a held poll that ends after a sign-out writes the old session back.
        "SESSION_REFRESH_EACH_REQUEST": False,
    }


def sweep(folder: Path) -> int:
    """Remove sessions that have ended; gives their number."""
    cache = FileSystemCache(str(folder), threshold=0, mode=0o600)
    before = len(list(folder.iterdir()))
    cache._remove_expired(time.time())
    return before - len(list(folder.iterdir()))
