"""Times in HTML, as the reader of an answer reads them; and what a browser says of its own."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial

from flask import Flask, g, request
from markupsafe import Markup, escape

from parley.talk import clock, languages
from parley.talk.clock import Variant
from parley.talk.reading import Message


def register(app: Flask) -> None:
    """Put the filters into the templates' language, and what forms offer."""
    clock.zones()  # read from the disk once, and not while somebody signs in
    env = app.jinja_env
    for say in (clock.clock, clock.day, clock.whole, clock.ago):
        env.filters[say.__name__] = partial(_time, say)
    env.filters["iso"] = iso
    env.filters["month"] = month
    env.tests["first_of_day"] = _first_of_day
    env.globals.update(lang=lang, zones=_zones, languages=languages.OFFERED)


def variant() -> Variant:
    """How the reader of this answer reads times; gate.py and the feed have noted it."""
    return g.get("variant") or Variant()


def of_browser() -> tuple[str | None, str | None]:
    """The zone that came with the form, and the language preferred, if they are known here."""
    zone = request.form.get("zone", "")
    language = request.accept_languages.best_match(languages.OFFERED)
    return zone if zone in clock.zones() else None, language


def iso(moment: datetime) -> str:
    """For <time datetime>: UTC, whole seconds."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def month(moment: datetime) -> Markup:
    """For a heading."""
    reader = variant()
    there, words = moment.astimezone(clock.zone(reader.zone)), escape(clock.month(moment, reader))
    return Markup(f'<time datetime="{there:%Y-%m}"{_tells(reader.language)}>{words}</time>')  # noqa: S704


@lru_cache(maxsize=100)
def lang(code: str) -> Markup:
    """The attribute of what is in this language, within pages that are in English."""
    return Markup("" if languages.is_english(code) else f' lang="{escape(code)}"')  # noqa: S704


@lru_cache(maxsize=1)
def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in clock.zones()]


@lru_cache(maxsize=100)
def _tells(code: str) -> Markup:
    is_rtl = languages.locale(code).text_direction == "rtl"
    return lang(code) + (Markup(' dir="rtl"') if is_rtl else "")


def _time(say: Callable[[datetime, Variant], str], moment: datetime) -> Markup:
    """In the words of `say`; the exact one shows where it is pointed at."""
    reader = variant()
    title, words = escape(clock.exact(moment, reader)), escape(say(moment, reader))
    tells = f'datetime="{iso(moment)}" title="{title}"{_tells(reader.language)}'
    return Markup(f"<time {tells}>{words}</time>")  # noqa: S704


def _first_of_day(message: Message) -> bool:
    return clock.day_begins(message.posted_at, message.previous_at, variant())
