"""Addresses in a text: where each ends, where it leads, and what is none."""

import re

import pytest

from parley.talk import addresses


def found(text: str) -> list[str]:
    """The addresses in a text, as typed."""
    pattern = re.compile(f"{addresses.PAGE}|{addresses.MAIL}")
    return [addresses.ended(one[0]) for one in pattern.finditer(text)]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("see https://example.org.", "https://example.org"),
        ("https://example.org/a, and more", "https://example.org/a"),
        ("Is it https://example.org/?", "https://example.org/"),
        ("https://example.org/?q=a&b=c#d!", "https://example.org/?q=a&b=c#d"),
        ("(https://example.org/a)", "https://example.org/a"),
        ("https://example.org/Bean_(plant)", "https://example.org/Bean_(plant)"),
        ("(see https://example.org/Bean_(plant)).", "https://example.org/Bean_(plant)"),
        ('"https://example.org/a"', "https://example.org/a"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("**https://example.org/a**", "https://example.org/a"),
        ("‘https://example.org/a’…", "https://example.org/a"),
        ("看https://example.org/路径。好", "https://example.org/路径"),
        ("HTTPS://Example.ORG", "HTTPS://Example.ORG"),
        ("http://localhost:8080/x", "http://localhost:8080/x"),
        ("www.example.org", "www.example.org"),
        ("ask ann@example.org.", "ann@example.org"),
        ("(ann.b+c@mail.example.org)", "ann.b+c@mail.example.org"),
    ],
)
def test_an_address_ends_where_its_sentence_goes_on(text, typed):
    assert found(text) == [typed]
    assert addresses.of(typed)


@pytest.mark.parametrize(
    "text",
    [
        "main.py",
        "10.30",
        "ann@home",
        "@ann",
        "a@b@c",
        "3@1.50",
        "a@b.c",
        "x://y",
        "www.",
        "httpſ://a.example",
    ],
)
def test_what_only_looks_like_an_address_is_none(text):
    assert [one for one in found(text) if addresses.of(one)] == []


@pytest.mark.parametrize(
    ("typed", "href", "host", "plain"),
    [
        ("https://Example.org/A", "https://example.org/A", "example.org", True),
        ("http://example.org:81/", "http://example.org:81/", "example.org:81", True),
        ("www.example.org/a", "https://www.example.org/a", "www.example.org", True),
        ("https://müller.de/ü", "https://xn--mller-kva.de/ü", "xn--mller-kva.de", False),
        ("https://gооgle.com", "https://xn--ggle-55da.com", "xn--ggle-55da.com", False),
        ("https://ｂａｎｋ.example", "https://bank.example", "bank.example", False),
        ("ann@example.org", "mailto:ann@example.org", "ann@example.org", True),
    ],
)
def test_where_an_address_leads_is_said_as_browsers_read_it(typed, href, host, plain):
    assert addresses.of(typed) == addresses.Address(href, host, plain)


@pytest.mark.parametrize(
    "typed",
    [
        "https://bank.example@evil.example",
        "https://bank.example:80@evil.example/",
        "https://bank.example\\@evil.example",
        "https://bank.example%2eevil.example",
        "https://bank.example\u202e.evil",
        "https://bank..example",
        "https://" + "a" * 64 + ".example",
        "https:///path",
        "https://",
        "https:bank.example",
        "//bank.example",
        "http://a.example:٨٠/",
        "httpſ://a.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "ann@example.org?cc=bob@example.org",
        "",
    ],
)
def test_what_could_deceive_leads_nowhere(typed):
    assert addresses.of(typed) is None


def test_the_end_is_found_in_one_go():
    typed = "https://a.example/" + ")" * 200_000
    assert addresses.ended(typed) == "https://a.example/"
