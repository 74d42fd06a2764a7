"""Code in colours: the kinds of its stretches, and when it stays plain."""

import pytest

from parley.web import code


def kinds(text: str, language: str) -> dict[str, str]:
    """The stretches that have a kind."""
    return {words: kind for kind, words in code.coloured(text, language) if kind}


def test_each_kind_of_stretch_is_told():
    text = '@app.get("/")\ndef show(bed):  # dry\n    return len(bed) + 1'
    assert kinds(text, "python") == {
        "@app": "n",
        '"/"': "s",
        "def": "k",
        "show": "n",
        "# dry": "c",
        "return": "k",
        "len": "b",
        "1": "m",
    }


def test_a_difference_is_told():
    assert kinds("-old\n+new\n", "diff") == {"-old": "d", "+new": "i"}


@pytest.mark.parametrize("language", sorted(code.LANGUAGES))
@pytest.mark.parametrize("text", ["", "\n\n", "\n  a = 'b' <c>&\n\n", "\\\"'/*<<`${\x00\u202e😀"])
def test_every_language_leaves_nothing_out(language, text):
    shown = list(code.coloured(text, language))
    assert "".join(words for _, words in shown) == text
    assert {kind for kind, _ in shown} <= code.CLASSES | {""}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("print(1)", "no such language"),
        ("print(1)", "../python"),
        ("print(1)\n" * 250, "python"),
        ("print(1)" + "\n" * 150, "python"),
        ("print(1) # " + "a" * 150, "python"),
    ],
    ids=["unknown", "path", "long", "gap", "word"],
)
def test_what_is_unknown_or_endless_stays_plain(text, language):
    assert list(code.coloured(text, language)) == [("", text)]


def test_what_takes_too_long_stays_plain(monkeypatch):
    assert kinds("print(1)", "python")
    monkeypatch.setattr(code, "PATIENCE", 0)
    assert list(code.coloured("print(1)", "python")) == [("", "print(1)")]
