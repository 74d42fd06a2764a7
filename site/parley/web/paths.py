"""Numbers in addresses: in paths and queries, and what is not one."""

from flask import Flask, request
from werkzeug.routing import IntegerConverter

from parley.store.errors import Wrong

LARGEST = 2**63 - 1  # what the databases' integers hold


class Id(IntegerConverter):
    """A positive number that fits a column; any other path is not there (404)."""

    regex = r"[0-9]{1,18}"


def register(app: Flask) -> None:
    """Let `<int:...>` mean an id."""
    app.url_map.converters["int"] = Id


def number(name: str, default: int | None = None) -> int | None:
    """A number from the query. Raises Wrong with a sentence when it is none."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST or len(text) > 19:
        raise Wrong(f"“{name}” in the address is not a number.", name)
    return int(text)
