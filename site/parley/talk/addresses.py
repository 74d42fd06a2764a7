"""Addresses in a text: of pages and of mail. Where one leads is said as browsers read it."""

import re
from dataclasses import dataclass

# What no address holds here: white space, quotes, what turns or hides text, CJK punctuation.
_APART = (
    r"\s<>\"`\\|{}^\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufeff\u3000-\u303f\uff00-\uff0f"
)
PAGE = rf"(?<![A-Za-z0-9_./@-])(?ai:https?://|www\.)[^{_APART}]+"
MAIL = (
    r"(?<![A-Za-z0-9_.+@-])[A-Za-z0-9_.+-]{1,64}"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,9}[A-Za-z][A-Za-z0-9-]{1,62}"
)

_ENDS = ".,;:!?'*_~…’”»"  # of a sentence, or a mark around the address
_OPENED = {")": "(", "]": "["}
_PARTS = re.compile(
    r"(?:(https?)://|(?=www\.))([^/?#:]{1,253})((?::\d{1,5})?)((?:[/?#].*)?)", re.I | re.A
)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a link leads: the whole address, and the host or mailbox that people judge it by."""

    href: str
    host: str
    plain: bool  # the host was typed just so


def ended(typed: str) -> str:
    """Without what belongs to the sentence around it: its full stop, a bracket opened before."""
    spare = {shut: typed.count(shut) - typed.count(opens) for shut, opens in _OPENED.items()}
    end = len(typed)
    while end and (typed[end - 1] in _ENDS or spare.get(typed[end - 1], 0) > 0):
        end -= 1
        if typed[end] in spare:
            spare[typed[end]] -= 1
    return typed[:end]


def of(typed: str) -> Address | None:
    """Where this leads, if that is plain to see; None for what could deceive.

    A name before the host (`https://bank.example@other.example`) is never an address, and a host
    in other letters than a to z is given in the form that is asked for in the net (RFC 3492).
    """
    if re.fullmatch(MAIL, typed):
        return Address(f"mailto:{typed}", typed, True)
    found = _PARTS.fullmatch(typed)
    if not found:
        return None
    scheme, named, port, rest = found.groups()
    try:
        host = named.encode("idna").decode().lower()
    except UnicodeError:
        return None
    if not _HOST.fullmatch(host):
        return None
    href = f"{(scheme or 'https').lower()}://{host}{port}{rest}"
    return Address(href, host + port, host == named.lower())
