"""What templates may say: sizes, faces, addresses of static files; times.py adds those."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, render_template, request
from jinja2 import StrictUndefined
from markupsafe import Markup

from parley.talk import clock, devices, markdown, mentions, replies, roles, unread
from parley.talk.reading import File, Message
from parley.web import articles, words
from parley.web.times import variant

IMMUTABLE = "public, max-age=31536000, immutable"
COMMENT = re.compile(rb"\s*/\*.*?\*/", re.DOTALL)  # in CSS; no text of ours has one in it
PREVIEWS = {"thumb": 320, "large": 1280, "huge": 2560}  # pixels on the longer side
HALVED = 1920  # ... or from so many on, if a decoder gives them at once: see store/darkroom.py
MOVES = 2_000_000  # bytes of a GIF that plays in its message; a larger one does so large alone
ALONE = (432, 320)  # pixels: the most that a photo alone in its message takes
ICONS = {  # of files, by how their names end, which says what they are
    "pdf": "pdf",
    **dict.fromkeys(("csv", "ods", "tsv", "xls", "xlsx"), "sheet"),
    **dict.fromkeys(("doc", "docx", "epub", "md", "odt", "rtf", "txt"), "text"),
    **dict.fromkeys(("7z", "bz2", "gz", "rar", "tar", "tgz", "xz", "zip"), "archive"),
}
PLAYED = {"video": "film", "audio": "sound"}  # ... or by the first half of their type
KINDS = {"": "Photo", "video": "Film", "audio": "Recording"}  # in words, by what plays it


def register(app: Flask) -> None:
    """Put the filters and functions into the templates' language."""
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(asset=asset, fixed=fixed, may=roles.may, forever=clock.FOREVER)
    for say in (initials, lasts, alone, srcset, sizes, tile, icon, mentioned, names):
        env.filters[say.__name__] = say
    env.filters.update(
        device=devices.in_words,
        tone=lambda person_id: person_id % 6 + 1,
        is_clear=lambda file: not file.colour and file.type != "image/jpeg",
        moves=lambda file: file.type == "image/gif" and file.size <= MOVES,
        articles=lambda messages: articles.articles(messages, variant()),
        stretch=lambda shown: articles.stretch(shown, variant()),
        counted=unread.up_to_most,
        words=words.html,
        people=people_in_words,
        excerpt=lambda text: markdown.plain(text, replies.EXCERPT),
        said=said,
        replies=lambda count: f"{count:,} {'reply' if count == 1 else 'replies'}",
    )
    app.after_request(_as_sent)


@lru_cache(maxsize=64)  # under `just dev` a saved file starts the process anew
def asset(name: str) -> str:
    """The address of a static file; it changes with its content, so browsers may keep it."""
    content = Path(current_app.static_folder or "", name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


@lru_cache(maxsize=64)
def fixed(name: str) -> Markup:
    """A template that shows the same on every page."""
    return Markup(render_template(name))  # noqa: S704


def initials(name: str) -> str:
    """Two letters: of the first and last word, or the first alone."""
    words = [word for word in re.split(r"[\s\-]+", name) if word]
    chosen = [words[0], words[-1]] if len(words) > 1 else words[:1]
    letters = [next((c for c in word if c.isalnum()), word[0]) for word in chosen]
    return unicodedata.normalize("NFC", "".join(letters)).upper()[:2]


def lasts(seconds: float) -> str:
    """How long something plays, as a player says it: 0:04, 12:30, 1:02:03."""
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def alone(photo: File) -> tuple[int, int]:
    """Width and height at which a photo alone in its message, or a film, is shown, never enlarged.

    Said in the HTML: nothing moves when the picture itself arrives, whatever size it has.
    """
    assert photo.width and photo.height
    scale = min(1, ALONE[0] / photo.width, ALONE[1] / photo.height)
    return max(1, round(photo.width * scale)), max(1, round(photo.height * scale))


def srcset(photo: File, *names: str) -> str:
    """For <img srcset>: those of these previews that there are, with the width of each, or about.

    A camera's photo may be halved to its huge one, which is then down to a quarter smaller.
    """
    assert photo.width and photo.height
    longer, there = max(photo.width, photo.height), (name for name in names if getattr(photo, name))
    shares = ((name, _longer(longer, name, photo.type) / longer) for name in there)
    return ", ".join(
        f"/files/{photo.id}/{name} {max(1, round(photo.width * share))}w" for name, share in shares
    )


def _longer(side: int, name: str, kind: str) -> float:
    """The longer side of a preview of a picture with this one."""
    if name == "huge" and kind == "image/jpeg":
        by = next((by for by in (8, 4, 2) if side >= by * HALVED), 1)
        return min(PREVIEWS[name], side / by)
    return min(PREVIEWS[name], side)


def sizes(photo: File, place: int, count: int) -> str:
    """For <img sizes>: how wide one of several is shown, of which a square is then seen.

    `place` counts from 0. The squares are those of .photos in parley.css, the whole at most 432 px
    wide, on phones about 70 of a hundred.
    """
    assert photo.width and photo.height
    halves = (0, 4, 2)[count % 3]
    share = 2 / 3 if (count, place) == (3, 0) else 1 / 2 if place < halves else 1 / 3
    share *= min(4, max(1, photo.width / photo.height))
    return f"min({round(ALONE[0] * share)}px,{round(70 * share)}vw)"


def tile(photo: File, large: bool) -> str:
    """For <img sizes>: the same of a square in the gallery, or of one that takes four."""
    assert photo.width and photo.height
    wide = (2 if large else 1) * min(4, max(1, photo.width / photo.height))
    return f"min({round(135 * wide)}px,{round(30 * wide)}vw)"


def icon(file: File) -> str:
    """The name of the picture of what is no photo."""
    by_type = PLAYED.get(file.type.partition("/")[0], "file")
    return ICONS.get(file.name.rpartition(".")[2].lower(), by_type)


def mentioned(message: Message) -> str:
    """For data-mention, which /me.css looks at: ids, "everyone" among them."""
    ids = dict.fromkeys(person_id for person_id, _ in message.mentions)
    return " ".join(str(one) if one != mentions.EVERYONE else mentions.ALL for one in ids)


def people_in_words(count: int) -> str:
    """One person, six people, 24 people"""
    small = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    word = small[count] if count < len(small) else str(count)
    return f"{word} {'person' if count == 1 else 'people'}"


def names(some: Sequence[tuple[int, str]], most: int = 3) -> Markup:
    """Ann; Ann and Bob; Ann, Bob, Cleo and 3 others. Each with the direction of its own letters."""
    told = [Markup("<bdi>{}</bdi>").format(name) for _, name in some[:most]]
    if more := len(some) - most if len(some) > most else 0:
        told.append(Markup("{} {}").format(more, "other" if more == 1 else "others"))
    return Markup(" and ").join([Markup(", ").join(told[:-1]), told[-1]] if told[1:] else told)


def said(text: str, files: Sequence[File]) -> str:
    """The beginning of a message on one line; of one without words what it holds.

    Photo: Beans on a table; or 3 photos, Film, plan.pdf
    """
    return markdown.plain(text, replies.EXCERPT) or ", ".join(_held(files))[: replies.EXCERPT]


def _held(files: Sequence[File]) -> list[str]:
    """What is seen or heard, counted, and the names of the rest."""
    shown = [one for one in files if one.is_photo or one.plays]
    if len(files) == 1 and shown and files[0].alt:
        return [f"{KINDS[files[0].plays]}: {files[0].alt}"]
    counts = Counter(KINDS[one.plays] for one in shown)
    told = [kind if count == 1 else f"{count} {kind.lower()}s" for kind, count in counts.items()]
    return told + [one.name for one in files if one not in shown]


def _as_sent(response):
    """Static files are kept; the stylesheet comes without its comments, a fifth of its weight."""
    if request.endpoint == "static" and response.status_code == 200:
        if "v" in request.args:
            response.headers["Cache-Control"] = IMMUTABLE
        if response.mimetype == "text/css":
            response.direct_passthrough = False
            response.data = COMMENT.sub(b"", response.data)
    return response
