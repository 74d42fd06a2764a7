"""Text as HTML: what is usual, and the worst that anybody can send."""

import gc
import math
import time
from collections.abc import Callable, Iterator
from html import escape

from parley.web import words
from tests.bench.figures import Figure
from tests.test_markdown import HOSTILE

LENGTH = 10_000
LONG = 0.8  # seconds for each kind of text
CODE = ["```python\na = 1\n```\n", "```c\n$ \n \n", "```bash\n<<", "```html\n&a", '```js\n\\"']
NAMED = [(number, f"Person {number}") for number in range(1, 101)]
USUAL = "Row 2 needs *string* by Monday, see https://example.org/beds. @Person 7 has it :tada: "


def figures() -> Iterator[Figure]:
    """The worst text, the one that grows worst with its length, and a usual message."""
    kinds = [*HOSTILE, *CODE, "@", "@Person ", "@Person 7 ", "[a](http://b)"]
    found = {kind: quickest(cut(kind, LENGTH // 2), cut(kind, LENGTH)) for kind in kinds}
    halves, wholes = ({kind: one[at] for kind, one in found.items()} for at in (0, 1))
    worst = max(kinds, key=lambda kind: wholes[kind])
    steep = max(kinds, key=lambda kind: wholes[kind] / halves[kind])
    what = f"hostile text of {LENGTH:,} characters as HTML"
    [prose] = quickest(cut(USUAL, LENGTH))
    note = f"the worst of {len(kinds)} kinds: {worst!r} again and again"
    yield Figure(what, wholes[worst], "ms", 100, "such as people write", prose, note=note)
    note = f"the steepest: {steep!r}"
    half = f"{LENGTH // 2:,} of them"
    yield Figure(what, wholes[steep], "ms", None, half, halves[steep], 2.5, note=note)
    [usual], [escaped] = quickest(USUAL), quickest(USUAL, does=escape)
    yield Figure("a usual message as HTML", usual * 1e3, "us", None, "escaped", escaped * 1e3)


def cut(kind: str, length: int) -> str:
    """The same again and again, so long."""
    return (kind * length)[:length]


def named(text: str) -> str:
    """As HTML, where a hundred people are named."""
    return words.html(text, NAMED)


def quickest(*texts: str, does: Callable[[str], str] = named) -> list[float]:
    """Milliseconds of this thread's own time for each, the least of several rounds in turns."""
    gc.set_threshold(100_000, 50, 50)  # as the server does
    least = [math.inf] * len(texts)
    until = time.monotonic() + LONG
    while time.monotonic() < until:
        for at, text in enumerate(texts):
            begun = time.thread_time()
            does(text)
            least[at] = min(least[at], (time.thread_time() - begun) * 1e3)
    return least
