"""Passwords: what is taken, how they are kept. Slow on purpose, so never inside a transaction."""

import threading
import unicodedata
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

from parley.store.errors import Wrong
from parley.talk import text

LEAST, MOST = 8, 256
COMMON = 3_000  # of those that are long enough: what is guessed first
method = "scrypt:32768:8:3"  # OWASP's Password Storage Cheat Sheet; tests use a weak one

_two_at_once = threading.BoundedSemaphore(2)  # each takes 32 MB


def hashed(password: str) -> str:
    """The password as it is kept. Raises Wrong when it is too short, too long or too common."""
    if len(password) < LEAST:
        raise Wrong(f"At least {LEAST} characters. Four plain words are easy to keep.", "password")
    if len(password) > MOST:
        raise Wrong(f"That is {len(password)} characters; {MOST} is the most.", "password")
    if password.casefold() in _common():
        often = "Many people use this one, so it is guessed first."
        raise Wrong(f"{often} Four plain words are easy to keep.", "password")
    with _two_at_once:
        return generate_password_hash(_prepared(password), method)


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password; for a person who has none, as slow and always no."""
    # As it was typed too: passwords were once kept so. How often it is tried says nothing of
    # the person, only of what was typed.
    written = dict.fromkeys((_prepared(password), text.clean(password)))
    with _two_at_once:
        tries = [check_password_hash(kept or _of_nobody(method), one) for one in written]
    return any(tries) and kept is not None


def _prepared(password: str) -> str:
    """The same from every keyboard (RFC 8265, 4.2.2: OpaqueString)."""
    plain = "".join(" " if unicodedata.category(one) == "Zs" else one for one in password)
    return unicodedata.normalize("NFC", text.clean(plain))


@cache
def _common() -> frozenset[str]:
    # Only here: it takes 15 MB, and many a place never sets a password again.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset([one for one in FREQUENCY_LISTS["passwords"] if len(one) >= LEAST][:COMMON])


@cache
def _of_nobody(method: str) -> str:
    return generate_password_hash("nobody", method)
