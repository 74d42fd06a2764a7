"""What a page does with an answer of the feed: which messages it appends, morphs or shows anew."""

import html
import re
from functools import lru_cache
from typing import NamedTuple

from tests.faults.history import GONE, Quote, Shown
from tests.faults.marks import PIN

ARTICLE = re.compile(
    r'<article class="message[^"]*" id="message-(\d+)"([^>]*)>(.*?)</article>', re.S
)
SAID = re.compile(r'<p dir="auto">(.*?)</p>', re.S)
MENTION = re.compile(r'<a class="mention"[^>]*>@<bdi>(.*?)</bdi></a>')
PHOTO = re.compile(r'<img src="/files/(\d+)/large"')
CHIP = re.compile(r'class="reaction" data-people="([\d ]+)">.*?hx-swap="none">(\S+) ', re.S)
# What the page of a message would append; a room's page has no place for it.
THREAD = re.compile(r'<div hx-swap-oob="beforeend:#thread-.*?</article>\s*</div>\s*</div>', re.S)
QUOTE = re.compile(
    r'<a class="quote"[^>]* href="/messages/(\d+)">(?:<b>.*?<span class="of"[^>]*>(.*?)</span>)?',
    re.S,
)
REPLIES = re.compile(r'<a class="replies"[^>]*>([\d,]+) repl')
CURSOR = re.compile(r"feed\?after=(\d+)")
MISSED = re.compile(r'([\d,]+) missed, <a href="(/rooms/\d+\?since=\d+)#past">')


class News(NamedTuple):
    """One answer: with `whole`, `new` is the list that takes the place of the one before."""

    cursor: int
    new: tuple[Shown, ...]
    changed: tuple[Shown, ...]
    whole: bool
    missed: tuple[int, str]  # how many messages, and the address at which they begin


@lru_cache(maxsize=4000)  # the waiting room gives the same bytes to everybody
def read(said: str) -> News:
    """The news in an answer of the feed, or in a page of the room."""
    new: list[Shown] = []
    changed: list[Shown] = []
    for number, more, inside in ARTICLE.findall(THREAD.sub("", said)):
        is_changed = "outerMorph" in more
        (changed if is_changed else new).append(_shown(int(number), inside))
    whole = 'id="messages"' in said
    count, address = (MISSED.findall(said) or [("0", "")])[0]
    missed = int(count.replace(",", "")), address
    return News(int(CURSOR.findall(said)[-1]), tuple(new), tuple(changed), whole, missed)


def _shown(number: int, inside: str) -> Shown:
    count = REPLIES.search(inside)
    replies = int(count[1].replace(",", "")) if count else 0
    if 'class="gone"' in inside:
        return Shown(number, GONE, replies=replies)
    words, quote = SAID.search(inside), QUOTE.search(inside)
    photos = tuple(map(int, PHOTO.findall(inside)))
    quoted = Quote(int(quote[1]), html.unescape(quote[2] or GONE)) if quote else None
    said = html.unescape(MENTION.sub(r"@\1", words[1])) if words else "?"
    return Shown(number, said, photos, _marks(inside), quoted, replies)


def _marks(inside: str) -> tuple[str, ...]:
    given = [f"{emoji} by {one}" for ids, emoji in CHIP.findall(inside) for one in ids.split()]
    return tuple(given + [PIN] * ("#i-pin" in inside))


class Page:
    """The list as it stands in a browser, by the number of the message."""

    def __init__(self) -> None:
        self.cursor = 0
        self.list: dict[int, Shown] = {}

    def take(self, news: News) -> None:
        """As htmx does: append, morph what is there, or show another list."""
        if news.whole:
            self.list = {}
        assert not set(self.list) & {one.id for one in news.new}, "appended twice"
        self.list |= {one.id: one for one in news.new}
        self.list |= {one.id: one for one in news.changed if one.id in self.list}
        self.cursor = news.cursor
