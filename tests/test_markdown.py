"""What a text means, without HTML: its words, and those in which somebody may be named."""

import sys

import pytest

from parley.talk import markdown

HOSTILE = ["*", "_", "[", "`", ">", "- ", "a_", "<", "http://a.", ":a", "**a ", "~~", "![](", "@"]
HOSTILE += ["*_", "[*", "a\n", "a\n\n", "* a\n", "> - ", "1) a\n", "a@b.cc ", "www.a ", "\\", ":a:"]
HOSTILE += ["http://é.a ", "[[a](http://b(", "[a :", "é"]


def steps(does, text: str) -> int:
    """The calls that it takes: work, not time."""
    count = 0

    def note(frame, event, it):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        does(text)
    finally:
        sys.setprofile(None)
    return count


def kinds(text: str) -> list[str]:
    """What a text is made of: blocks, and the marks in them."""
    found = []
    for block in markdown.parse(text):
        inside = [token.type for token in block.children or () if token.type != "text"]
        found += [] if block.hidden else inside if block.type == "inline" else [block.type]
    return [kind.removesuffix("_open") for kind in found if not kind.endswith("_close")]


@pytest.mark.parametrize(
    ("text", "made_of"),
    [
        ("words", ["paragraph"]),
        ("one\ntwo\n\nthree", ["paragraph", "softbreak", "paragraph"]),
        ("**b** *i* ~~s~~ `c`", ["paragraph", "strong", "em", "s", "code_inline"]),
        ("- a\n- b", ["bullet_list", "list_item", "list_item"]),
        ("1. a\n2. b", ["ordered_list", "list_item", "list_item"]),
        ("> a", ["blockquote", "paragraph"]),
        ("```\na\n```", ["fence"]),
        ("~~~ python\na", ["fence"]),
        ("https://example.org", ["paragraph", "link"]),
        ("[a](https://example.org)", ["paragraph", "link"]),
    ],
)
def test_marks_have_a_meaning(text, made_of):
    assert kinds(text) == made_of


@pytest.mark.parametrize(
    "text",
    [
        *("# heading", "heading\n===", "---", "***", "| a | b |\n| - | - |", "    indented"),
        *("<b>bold</b>", "<!-- x -->", "&amp;", "![a](a.png)"),
        *("[a]: https://", "[a][b]", "[a](javascript:alert(1))", "[ ](www.)"),
        *(
            "2026. What a year",
            "snake_case_name",
            "2 * 3 * 4",
            "~one~",
            "a:b:c",
            ":no_such_thing:",
            "10:30:15",
        ),
        *(">", "-", "1.", "```", "> >", "- - -", "~~~~"),
    ],
)
def test_what_is_no_mark_stays_as_it_was_typed(text):
    assert set(kinds(text)) <= {"paragraph", "softbreak"}
    assert markdown.plain(text, 100).split() == text.split()


def test_a_name_between_colons_is_an_emoji():
    assert markdown.plain("well done :tada::tada:", 50) == "well done 🎉🎉"
    assert markdown.plain("`:tada:` https://example.org/:tada:", 50) == (
        ":tada: https://example.org/:tada:"
    )


def test_a_link_says_where_it_leads_unless_its_words_do():
    def links(text):
        inside = (token for block in markdown.parse(text) for token in block.children or ())
        return [(it.attrs["href"], it.meta) for it in inside if it.type == "link_open"]

    here = "https://example.org/a"
    assert links(here) == [(here, {})]
    assert links(f"[{here}]({here}) [example.org/a]({here})") == [(here, {})] * 2
    assert links(f"[bank.example]({here})") == [(here, {"host": "example.org"})]
    assert links("https://müller.de") == [
        ("https://xn--mller-kva.de", {"host": "xn--mller-kva.de"})
    ]
    assert links(f"[see {here}]({here})") == [(here, {"host": "example.org"})]


def test_quotes_and_lists_in_each_other_end_and_nothing_is_lost():
    for marks in (">" * 5_000, "> - " * 2_000, "- " * 4_000):
        tokens = markdown.parse(marks + "deep")
        assert max(token.level for token in tokens) <= markdown.DEPTH + 2
        assert tokens[len(tokens) // 2].content.endswith("deep")


def test_the_words_fit_on_one_line():
    text = "> **What** a\n> day\n\n- `one`\n- [two](https://example.org)\n\n```py\nthree\n```"
    assert markdown.plain(text, 100) == "What a day one two three"
    assert markdown.plain(text, 12) == "What a day…"
    assert markdown.plain("a" * 10_000, 5) == "aaaa…"


def test_who_is_named_in_code_or_a_link_is_not_spoken_of():
    text = "**@Ann** `@Bob` and @Mei\n\n```\n@Jo\n```\nask bob@example.org [@Yu](https://a.example)"
    said = " ".join(markdown.spoken(text))
    assert "@Ann" in said
    assert "@Mei" in said
    assert not {"@Bob", "@Jo", "@Yu", "@example"} & set(said.replace(".", " ").split())


@pytest.mark.parametrize("mark", HOSTILE)
def test_twice_the_length_is_at_most_twice_the_work(mark):
    short, long = ((mark * size)[:size] for size in (2_500, 5_000))
    assert steps(markdown.parse, long) <= 2.5 * steps(markdown.parse, short)
