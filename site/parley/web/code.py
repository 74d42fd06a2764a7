"""Code in colours, by Pygments: which stretch of it is which of a few kinds."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from time import thread_time

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType

# By the names that are typed for them. Each was tried with hostile text.
_TYPED = """
    bash c c# c++ cpp csharp css diff go html ini java javascript js json kotlin lua php py pycon
    python r rb rs ruby rust scala sh sql swift toml ts typescript xml yaml yml"""
LANGUAGES = frozenset(_TYPED.split())
# Some patterns of Pygments need the square of the length or its cube, so: short code, no endless
# words or gaps in it, and between two of its stretches an end to patience.
MOST = 2_000  # characters
PATIENCE = 0.02  # seconds of this thread's own time
_ENDLESS = re.compile(r"\w{150}|\s{150}")
# Kinds, the special before the general: the class of each.
_KINDS = {
    Token.Comment: "c",
    Token.Literal.String: "s",
    Token.Literal.Number: "m",
    Token.Keyword: "k",
    Token.Operator.Word: "k",
    Token.Name.Tag: "k",
    Token.Name.Function: "n",
    Token.Name.Class: "n",
    Token.Name.Decorator: "n",
    Token.Name.Attribute: "n",
    Token.Name.Builtin: "b",
    Token.Generic.Deleted: "d",
    Token.Generic.Inserted: "i",
}
CLASSES = frozenset(_KINDS.values())


def coloured(code: str, language: str) -> Iterator[tuple[str, str]]:
    """The code in stretches, each with its kind, one of CLASSES or nothing; nothing is left out."""
    if language not in LANGUAGES or len(code) > MOST or _ENDLESS.search(code):
        return iter([("", code)])
    lexer, found = _lexer(language), []
    until = thread_time() + PATIENCE
    for one, words in lexer.get_tokens(f"{code}\n"):  # some rules want the end of a line
        if thread_time() > until:
            return iter([("", code)])
        found.append((_kind(one), words))
    found[-1] = found[-1][0], found[-1][1].removesuffix("\n")
    grouped = groupby(found, itemgetter(0))
    return ((kind, "".join(words for _, words in stretch)) for kind, stretch in grouped)


@cache
def _lexer(language: str) -> Lexer:
    """Made once, with those that HTML needs inside of it, so that no text has to wait for them."""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    list(lexer.get_tokens("<style>a {}</style><script>a</script>"))
    return lexer


@cache
def _kind(of: _TokenType) -> str:
    return next((name for known, name in _KINDS.items() if of in known), "")
