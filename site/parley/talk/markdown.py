"""What the text of a message means: paragraphs, lists, quotes, code, links, emoji. No HTML here.

A small Markdown (CommonMark's emphasis, code, quotes and lists) in which lines stay as they were
typed. Headings, tables, pictures, references and HTML mean nothing: they are read as typed.
"""

import re
from collections import deque
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, emphasis, strikethrough
from markdown_it.token import Token

from parley.talk import addresses, emoji

DEPTH = 6  # of quotes and lists in each other; a list counts twice
# What people write has less of all this; beyond it, marks are read as typed.
LINES = 1_000  # of a message with quotes and lists
MARKS = 1_000  # of *, _ and ~ in a message

_YEAR = re.compile(r"\d{4}")  # begins a sentence more often than a list
_MARK = re.compile(r"[\n\\`*_~]")
_ANY = re.compile(r"[\n\\`*_~\[:@]|(?ai:www\.)")  # that is more than words
_FOUND = re.compile(
    r"\[(?P<words>(?=\s*[^\s\]])[^\[\]]{1,300})\]"
    r"\((?P<to>(?ai:https?://|www\.|mailto:)(?:[^\s()]|\([^\s()]*\)){1,2000})\)"
    rf"|(?P<address>{addresses.PAGE}|{addresses.MAIL})"
    r"|(?<![A-Za-z0-9]):(?P<emoji>[\w+-]{1,60}):(?![A-Za-z0-9])"
)


def parse(text: str) -> list[Token]:
    """The blocks of a text, those with words followed by what is in them.

    Links have their address in `attrs` and, where the words do not say it, the host in `meta`.
    """
    tokens = _marked.parse(text)
    return tokens if any(part.strip() for part in _said(tokens)) else _bare.parse(text)


def plain(text: str, most: int) -> str:
    """The words without marks on one line of at most so many characters."""
    words = " ".join("".join(_said(parse(text[: 8 * most]))).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def spoken(text: str) -> list[str]:
    """The stretches of a text that are words: not code, not a link. Somebody may be named there."""
    return [
        token.content
        for block in parse(text)
        for token, link in inside(block)
        if token.type == "text" and not link
    ]


def inside(block: Token) -> Iterator[tuple[Token, Token | None]]:
    """What is in a block, each with the opening of the link that it belongs to, if any."""
    link = None
    for token in block.children or ():
        link = token if token.type == "link_open" else link
        yield token, link
        link = None if token.type == "link_close" else link


def _said(tokens: list[Token]) -> Iterator[str]:
    for block in tokens:
        for token in block.children or (block,):
            yield "\n" if token.tag == "br" else token.content
        yield "\n"


def _block(rule):
    """The same rule, but what lies too deep is read as typed, and none of it is lost."""

    def bounded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if state.level >= DEPTH or len(state.bMarks) > LINES:
            return False
        year = _YEAR.match(state.src, state.bMarks[start] + state.tShift[start])
        return not year and rule(state, start, end, silent)

    return bounded


def _pair(rule):
    """The same rule, for the first marks of a message."""

    def bounded(state: StateInline, silent: bool) -> bool:
        used = state.env.setdefault("marks", 0)
        marked = used < MARKS and rule(state, silent)
        state.env["marks"] = used + marked
        return marked

    return bounded


def _inside(state: StateCore) -> None:
    """What is in each block; most of what people write is words alone."""
    for block in state.tokens:
        if block.children is None:
            continue
        if _ANY.search(block.content):
            state.md.inline.parse(block.content, state.md, state.env, block.children)
        else:
            block.children.append(Token("text", "", 0, content=block.content))


def _next(state: StateInline) -> re.Match | None:
    """The next address or emoji from here on."""
    if state.env.get("of") is not state:
        state.env["of"], state.env["found"] = state, deque(_FOUND.finditer(state.src))
    found = state.env["found"]
    while found and found[0].start() < state.pos:
        found.popleft()
    return found[0] if found else None


def _text(state: StateInline, silent: bool) -> bool:
    """Text up to the next mark, address or emoji."""
    ahead = _next(state)
    end = min(ahead.start(), state.posMax) if ahead else state.posMax
    mark = _MARK.search(state.src, state.pos, end)
    end = mark.start() if mark else end
    state.append_pending(state.src[state.pos : end])
    begun, state.pos = state.pos, end
    return end > begun


def _special(state: StateInline, silent: bool) -> bool:
    """[words](address), an address alone, or an emoji's name between colons."""
    found = _next(state)
    if not found or found.start() != state.pos:
        return False
    if found["emoji"]:
        return _emoji(state, found)
    return not state.linkLevel and (_linked if found["to"] else _address)(state, found)


def _emoji(state: StateInline, found: re.Match) -> bool:
    sign = emoji.named(found["emoji"])
    if sign:
        state.append_pending(sign)
        state.pos = found.end()
    return bool(sign)


def _address(state: StateInline, found: re.Match) -> bool:
    typed = addresses.ended(found["address"])
    leads = addresses.of(typed)
    if not leads:
        return False
    _open(state, leads, leads.plain)
    state.append_pending(typed)
    state.push("link_close", "a", -1)
    state.pos += len(typed)
    return True


def _linked(state: StateInline, found: re.Match) -> bool:
    typed = found["to"].removeprefix("mailto:")
    leads = addresses.of(typed)
    if not leads:
        return False
    _open(state, leads, leads.plain and found["words"] in (typed, typed.partition("://")[2]))
    end, state.linkLevel = state.posMax, 1
    state.pos, state.posMax = found.span("words")
    state.md.inline.tokenize(state)
    state.pos, state.posMax, state.linkLevel = found.end(), end, 0
    state.push("link_close", "a", -1)
    return True


def _open(state: StateInline, leads: addresses.Address, told: bool) -> None:
    link = state.push("link_open", "a", 1)
    link.attrs, link.meta = {"href": leads.href}, {} if told else {"host": leads.host}


def _parser() -> MarkdownIt:
    marks = ("backticks", "balance_pairs", "emphasis", "escape", "newline", "strikethrough")
    it = MarkdownIt("zero", {"maxNesting": 2 * DEPTH}).enable(["fence", "fragments_join", *marks])
    within = ["paragraph", "blockquote"]
    it.enable(["blockquote", "list"])
    it.block.ruler.at("blockquote", _block(blockquote), {"alt": [*within, "list"]})
    it.block.ruler.at("list", _block(list_block), {"alt": within})
    it.core.ruler.at("inline", _inside)
    it.inline.ruler.at("text", _text)
    it.inline.ruler.before("text", "special", _special)
    it.inline.ruler.at("emphasis", _pair(emphasis.tokenize))
    it.inline.ruler.at("strikethrough", _pair(strikethrough.tokenize))
    return it


_marked, _bare = _parser(), MarkdownIt("zero").enable("newline")
_bare.inline.terminator_re = re.compile("\n")
