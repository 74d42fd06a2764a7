"""What was said, as HTML: few tags, few attributes, each written here and nowhere else.

Whatever is typed is escaped. An attribute holds what was made here, or an address that
`talk.addresses` has judged.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token
from markupsafe import Markup, escape

from parley.talk import emoji, markdown
from parley.web import code

DEPTH = 6  # of bold, italic and strike in each other; what lies deeper is as what is around it
_CASED = "A-Za-z0-9_À-ɏͰ-ԯ"  # letters that go on after a name make it another's
_BLOCKS = {
    "paragraph": "p",
    "blockquote": "blockquote",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
}

Mentions = Sequence[tuple[int, str]]


def html(text: str, mentions: Mentions = ()) -> Markup:
    """A message's text as HTML. Mentions are people's ids, each with the name as typed after @.

    The id 0 stands for everyone.
    """
    blocks = markdown.parse(text)
    if len(blocks) == 3 and emoji.alone(words := _only(blocks[1])):
        return Markup('<p class="emoji">{}</p>').format(words)
    return Markup("".join(_Page(mentions).parts(blocks)))  # noqa: S704  (each part is made below)


def _only(block: Token) -> str:
    inside = block.children or ()
    return inside[0].content if len(inside) == 1 and inside[0].type == "text" else ""


class _Page:
    """One message on its way to HTML."""

    def __init__(self, mentions: Mentions):
        self._ids = {name.casefold(): person_id for person_id, name in mentions if name}
        typed = sorted((name for _, name in mentions if name), key=len, reverse=True)
        names = "|".join(map(re.escape, typed))
        pattern = rf"(?<![{_CASED}])@({names})(?![{_CASED}])"
        self._named = re.compile(pattern, re.IGNORECASE) if names else None
        self._to_colour = code.MOST

    def parts(self, blocks: list[Token]) -> Iterator[str]:
        """The HTML, piece by piece."""
        for block in blocks:
            if block.type == "inline":
                yield from self._inside(block)
            elif block.type == "fence":
                yield self._code(block)
            elif not block.hidden:
                yield _edge(block)

    def _inside(self, block: Token) -> Iterator[str]:
        depth = 0
        for token, link in markdown.inside(block):
            if token.type == "text":
                yield escape(token.content) if link else self._words(token.content)
            elif token.type == "code_inline":
                yield f'<code dir="ltr">{escape(token.content)}</code>'
            elif token.type == "link_open":
                href = escape(token.attrs["href"])
                yield f'<a dir="auto" href="{href}" rel="noopener nofollow ugc">'
            elif token.type == "link_close":
                yield _host(link) + "</a>"
            elif token.tag == "br":
                yield "<br>\n"
            else:  # em, strong, s
                depth += max(token.nesting, 0)
                if depth <= DEPTH:
                    yield f"<{'/' * (token.nesting < 0)}{token.tag}>"
                depth += min(token.nesting, 0)

    def _words(self, words: str) -> str:
        if not self._named:
            return escape(words)
        parts = self._named.split(words)
        return "".join(self._at(part) if n % 2 else escape(part) for n, part in enumerate(parts))

    def _at(self, name: str) -> str:
        person_id, name = self._ids.get(name.casefold()), escape(name)
        if person_id is None:
            return f"@{name}"
        if not person_id:
            return f'<span class="mention">@{name}</span>'
        return f'<a class="mention" href="/people/{int(person_id)}">@<bdi>{name}</bdi></a>'

    def _code(self, block: Token) -> str:
        """A block of code. What stands beside the fence and is no language is its first line."""
        beside, language = block.info.strip(), block.info.strip().lower()
        words = block.content.removesuffix("\n")
        if language not in code.LANGUAGES:
            words = f"{beside}\n{words}" if beside else words
        self._to_colour -= len(words)
        shown = code.coloured(words, language) if self._to_colour >= 0 else [("", words)]
        inside = "".join(
            f'<span class="{kind}">{escape(part)}</span>' if kind else escape(part)
            for kind, part in shown
        )
        return f'<pre dir="ltr" tabindex="0"><code>{inside}</code></pre>'


def _edge(block: Token) -> str:
    """Where a block begins or ends. The outermost turns to its first letter, all in it with it."""
    kind, _, edge = block.type.rpartition("_")
    if edge == "close":
        return f"</{_BLOCKS[kind]}>"
    turns = "" if block.level else ' dir="auto"'
    value = f' value="{int(block.info)}"' if block.info else ""
    return f"<{_BLOCKS[kind]}{turns}{value}>"


def _host(link: Token | None) -> str:
    host = link and link.meta.get("host")
    return f' <span class="host">(<bdi>{escape(host)}</bdi>)</span>' if host else ""
