"""What was said, as HTML: golden lines, and a proof that little else ever leaves."""

import gc
import random
import re
import time

import pytest
from bs4 import BeautifulSoup, Tag

from parley.web import code, words
from tests.test_markdown import HOSTILE, steps

REL = 'rel="noopener nofollow ugc"'
LINK = f'<a dir="auto" href="https://example.org/a" {REL}>'
PRE = '<pre dir="ltr" tabindex="0"><code>'

# All that ever leaves: tags with their attributes, and where links lead.
ALLOWED = {
    **dict.fromkeys(("br", "em", "strong", "s", "bdi"), frozenset()),
    **dict.fromkeys(("blockquote", "ul", "ol"), frozenset({"dir"})),
    "p": frozenset({"dir", "class"}),
    "li": frozenset({"value"}),
    "code": frozenset({"dir"}),
    "pre": frozenset({"dir", "tabindex"}),
    "span": frozenset({"class"}),
    "a": frozenset({"class", "dir", "href", "rel"}),
}
SCHEMES = frozenset({"http", "https", "mailto"})

# What is typed, and what is shown; a paragraph where it begins with no tag.
GOLDEN = [
    ("hello", "hello"),
    ("**bold** and __bold__", "<strong>bold</strong> and <strong>bold</strong>"),
    ("*italic* and _italic_", "<em>italic</em> and <em>italic</em>"),
    ("~~gone~~ and `code`", '<s>gone</s> and <code dir="ltr">code</code>'),
    ("***both***", "<em><strong>both</strong></em>"),
    ("one\ntwo", "one<br>\ntwo"),
    ("one\n\ntwo", '<p dir="auto">one</p><p dir="auto">two</p>'),
    ("snake_case_name * 2", "snake_case_name * 2"),
    (r"\*as typed\*", "*as typed*"),
    ("# no heading", "# no heading"),
    ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
    ("`<b>`", '<code dir="ltr">&lt;b&gt;</code>'),
    # lists and quotes
    ("- a\n- b", '<ul dir="auto"><li>a</li><li>b</li></ul>'),
    (
        "3. a\n5. b",
        '<ol dir="auto"><li value="3">a</li><li value="5">b</li></ol>',
    ),
    (
        "- a\n  - b",
        '<ul dir="auto"><li>a<ul><li>b</li></ul></li></ul>',
    ),
    ("> a\n> b", '<blockquote dir="auto"><p>a<br>\nb</p></blockquote>'),
    (">", "&gt;"),
    ("1.", "1."),
    # emoji
    ("nice :tada:", "nice 🎉"),
    ("`:tada:`", '<code dir="ltr">:tada:</code>'),
    (":tada:", '<p class="emoji">🎉</p>'),
    ("🌻🐝😂", '<p class="emoji">🌻🐝😂</p>'),
    ("🌻🐝😂🌻", "🌻🐝😂🌻"),
    ("**🌻**", "<strong>🌻</strong>"),
    # links
    ("at https://example.org/a.", f"at {LINK}https://example.org/a</a>."),
    ("[https://example.org/a](https://example.org/a)", f"{LINK}https://example.org/a</a>"),
    (
        "[my *bank*](https://example.org/a)",
        f'{LINK}my <em>bank</em> <span class="host">(<bdi>example.org</bdi>)</span></a>',
    ),
    (
        "[bank.example](https://example.org/a)",
        f'{LINK}bank.example <span class="host">(<bdi>example.org</bdi>)</span></a>',
    ),
    (
        "https://gооgle.com",
        f'<a dir="auto" href="https://xn--ggle-55da.com" {REL}>https://gооgle.com '
        '<span class="host">(<bdi>xn--ggle-55da.com</bdi>)</span></a>',
    ),
    ("https://bank.example@evil.example", "https://bank.example@evil.example"),
    ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
    (
        "![a](https://example.org/a)",
        f'!{LINK}a <span class="host">(<bdi>example.org</bdi>)</span></a>',
    ),
    (
        "https://example.org/*a*_b_?c='d'&e=\"",
        f'<a dir="auto" href="https://example.org/*a*_b_?c=&#39;d&#39;&amp;e=" {REL}>'
        "https://example.org/*a*_b_?c=&#39;d&#39;&amp;e=</a>&#34;",
    ),
    (
        "ann@example.org",
        f'<a dir="auto" href="mailto:ann@example.org" {REL}>ann@example.org</a>',
    ),
    # code
    ("```\na  <b>\n  c\n```", f"{PRE}a  &lt;b&gt;\n  c</code></pre>"),
    (
        "```python\nif 1:\n```",
        f'{PRE}<span class="k">if</span> <span class="m">1</span>:</code></pre>',
    ),
    ("```nonsense\na\n```", f"{PRE}nonsense\na</code></pre>"),
    ("```print(1)\nprint(2)\n```", f"{PRE}print(1)\nprint(2)</code></pre>"),
    ("```\nnever closed", f"{PRE}never closed</code></pre>"),
    ("```\n@Ann :tada: https://example.org\n```", f"{PRE}@Ann :tada: https://example.org</code></pre>"),
    # mentions
    ("@Ann, come", '<a class="mention" href="/people/1">@<bdi>Ann</bdi></a>, come'),
    ("@ann lee!", '<a class="mention" href="/people/2">@<bdi>ann lee</bdi></a>!'),
    ("@everyone", '<span class="mention">@everyone</span>'),
    ("**@Ann**", '<strong><a class="mention" href="/people/1">@<bdi>Ann</bdi></a></strong>'),
    ("`@Ann` @Anna @Bob x@Ann", '<code dir="ltr">@Ann</code> @Anna @Bob x@Ann'),
    ("@田中さん", '<a class="mention" href="/people/3">@<bdi>田中</bdi></a>さん'),
    ("@straße", '<a class="mention" href="/people/5">@<bdi>straße</bdi></a>'),
    ("@<i>", '<a class="mention" href="/people/4">@<bdi>&lt;i&gt;</bdi></a>'),
]  # fmt: skip
MENTIONS = [(1, "Ann"), (2, "Ann Lee"), (3, "田中"), (4, "<i>"), (5, "Straße"), (0, "everyone")]

MARKS = ["*", "**", "_", "~~", "`", "``", "```", "```js ", "> ", "- ", "1. ", "\n", "\n\n", "    "]
MARKS += ["[", "](", ")", "](https://", "](javascript:", "<", "</p>", "<script>", "<img src=x a="]
MARKS += [
    '" onclick="',
    "' hx-get='/",
    "https://",
    "http://a.example/",
    "www.",
    "mailto:",
    "@",
    ":",
]
MARKS += [
    "&lt;",
    "&#106;",
    "\u202e",
    "\u200d",
    "\ufffd",
    "é",
    "😀",
    ":tada:",
    "@Ann",
    "a@b.example",
]
MARKS += ["data:text/html,", "//evil.example", "user:pass@", "#", "---", "~~~", "![", "|", "\\"]
MARKS += ["httpſ://a.example ", "https://é.example/", "{{ 7 }}"]


def inside(shown: str) -> str:
    return shown if shown.startswith(("<p", "<ul", "<ol", "<bl")) else f'<p dir="auto">{shown}</p>'


@pytest.mark.parametrize(("typed", "shown"), GOLDEN)
def test_what_is_typed_is_shown(typed, shown):
    assert words.html(typed, MENTIONS) == inside(shown)


def test_only_the_first_code_of_a_message_is_coloured():
    block = "```python\n" + "print(1)\n" * 100 + "```\n"
    first, *others = BeautifulSoup(words.html(block * 4), "html.parser").select("pre")
    assert first.select("span")
    assert not others[-1].select("span")


def judged(html: str) -> BeautifulSoup:
    """The parsed page, every tag, attribute, class and address of it allowed."""
    page = BeautifulSoup(html, "html.parser")
    for tag in page.find_all(True):
        assert isinstance(tag, Tag)
        assert tag.name in ALLOWED, tag
        assert set(tag.attrs) <= ALLOWED[tag.name], tag
        assert set(tag.get("class") or ()) <= {"emoji", "host", "mention"} | code.CLASSES, tag
        assert tag.get("dir") in (None, "auto", "ltr")
        assert re.fullmatch(r"\d{0,9}", str(tag.get("value") or "")), tag
        if tag.name == "a" and "mention" in (tag.get("class") or ()):
            assert re.fullmatch(r"/people/\d+", str(tag["href"]))
        elif tag.name == "a":
            assert str(tag["href"]).partition(":")[0] in SCHEMES, tag
            assert tag["rel"] == ["noopener", "nofollow", "ugc"]
    return page


@pytest.mark.parametrize("seed", range(40))
def test_only_what_is_allowed_leaves_and_no_word_is_lost(seed):
    chance = random.Random(seed)
    for _ in range(25):
        known = [f"{chance.choice('qwzj')}{number}x" for number in range(chance.randrange(1, 15))]
        parts = [
            part
            for word in known
            for part in (*chance.choices(MARKS, k=chance.randrange(4)), chance.choice(" \n "), word)
        ]
        typed = "".join(parts)
        page = judged(words.html(typed, MENTIONS))
        shown = page.get_text() + " ".join(str(link["href"]) for link in page.select("a"))
        assert [word for word in known if word not in shown] == [], typed


@pytest.mark.parametrize("seed", range(10))
def test_only_what_is_allowed_leaves_whatever_comes(seed):
    chance = random.Random(seed)
    for _ in range(20):
        letters = [chr(chance.choice([chance.randrange(32, 127), chance.randrange(0xD000)]))
                   for _ in range(300)]  # fmt: skip
        judged(words.html("".join(letters), MENTIONS))
        judged(words.html("".join(chance.choices(MARKS, k=200)), MENTIONS))


@pytest.mark.parametrize(
    "mark", [*HOSTILE, "```c\n$ \n \n", "```bash\n<<", "```python\nimport a \n"]
)
def test_hostile_text_takes_a_tenth_of_a_second_at_most(mark):
    typed = (mark * 10_000)[:10_000]
    page = judged(words.html(typed, MENTIONS))
    assert len(page.get_text()) > 1_000

    def took() -> float:
        begun = time.thread_time()
        words.html(typed, MENTIONS)
        return time.thread_time() - begun

    gc.disable()  # the server's comes so rarely that a message seldom meets it
    try:
        assert min(took() for _ in range(5)) < 0.1
    finally:
        gc.enable()


@pytest.mark.parametrize("mark", [*HOSTILE, "@Ann ", "@", "[a](http://b)"])
def test_twice_the_length_is_at_most_twice_the_work(mark):
    short, long = ((mark * size)[:size] for size in (2_500, 5_000))
    named = lambda text: words.html(text, MENTIONS)  # noqa: E731
    assert steps(named, long) <= 2.5 * steps(named, short)
