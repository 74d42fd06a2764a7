"""Addresses to give to others: as text, as a code to photograph, and in words who can open them."""

from typing import Any
from urllib.parse import urlsplit

import segno
from flask import request
from markupsafe import Markup

from parley import network
from parley.web import settings


def outside(path: str) -> dict[str, Any]:
    """A path of ours as others open it, its QR code, and how far it reaches (the template has
    the words)."""
    base, reach = _base()
    made = segno.make(base + path, error="m")
    code = made.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    # Made of modules only; the words of the address are not in it.
    return {"address": base + path, "reach": reach, "qr": Markup(code)}  # noqa: S704


def _base() -> tuple[str, str]:
    if settings.url:
        return settings.url, "public"
    host = urlsplit(request.host_url).hostname
    if not network.is_loopback(host):
        return request.host_url.rstrip("/"), "named"
    lan = network.lan_address()
    reach = "alone" if network.is_loopback(settings.host) else "network"
    port = urlsplit(request.host_url).port or 80
    return f"http://{lan or host}:{port}", reach if lan else "offline"
