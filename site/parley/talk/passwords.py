"""Passwords: what is taken, how they are kept. Slow on purpose, so never inside a transaction."""

import threading
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

from parley.store.errors import Wrong
from parley.talk import text

LEAST, MOST = 8, 256
method = "scrypt:32768:8:3"  # OWASP's Password Storage Cheat Sheet; tests use a weak one

_two_at_once = threading.BoundedSemaphore(2)  # each takes 32 MB


def hashed(password: str) -> str:
    """The password as it is kept. Raises Wrong when it is too short or too long."""
    if len(password) < LEAST:
        raise Wrong(f"At least {LEAST} characters. Four plain words are easy to keep.", "password")
    if len(password) > MOST:
        raise Wrong(f"That is {len(password)} characters; {MOST} is the most.", "password")
    with _two_at_once:
        return generate_password_hash(text.clean(password), method)


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password; for a person who has none, as slow and always no."""
    with _two_at_once:
        is_right = check_password_hash(kept or _of_nobody(method), text.clean(password))
    return is_right and kept is not None


@cache
def _of_nobody(method: str) -> str:
    return generate_password_hash("nobody", method)
