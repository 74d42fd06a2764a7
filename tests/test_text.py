"""What people type: cleaned once, the same for both databases."""

import unicodedata

import pytest
from sqlalchemy import Column, MetaData, Table, Text, insert, select

from parley.store.errors import Wrong
from parley.talk import text

CLEANED = [
    ("plain", "plain"),
    ("a\r\nb\rc\nd", "a\nb\nc\nd"),
    ("\r\r\n\n\r", "\n\n\n\n"),
    ("tab\tstays", "tab\tstays"),
    ("nul\0here", "nul\ufffdhere"),
    ("\x01\x08\x0b\x0c\x0e\x1b\x1f", "\ufffd" * 7),
    ("\x7f\x80\x85\x9f", "\ufffd" * 4),
    ("\xa0\xad", "\xa0\xad"),
    ("lone \ud83c surrogate \udf3b", "lone \ufffd surrogate \ufffd"),
    ("\ufdd0\ufdef\ufffe\uffff", "\ufffd" * 4),
    ("\U0001fffe\U0010ffff", "\ufffd" * 2),
    ("\ufdcf\ufdf0\ufffd", "\ufdcf\ufdf0\ufffd"),
    ("\U0001f33b 👩\u200d🌾 ﷽", "\U0001f33b 👩\u200d🌾 ﷽"),
    ("e\u0301 and \xe9", "e\u0301 and \xe9"),
    ("\u2028\u202e", "\u2028\u202e"),
    ("", ""),
]

SAME_NAME = [
    ("Ann", "ANN"),
    ("Ann", "ａｎｎ"),
    ("Zoë", "Zoe\u0308"),
    ("Straße", "STRASSE"),
    ("ﬁona", "Fiona"),
    ("Å", "\u212b"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ("한글", unicodedata.normalize("NFD", "한글")),
    ("ｱﾝ", "アン"),
    ("Ann Lee", "ann\u00a0LEE"),
    ("Ann Lee", " Ann  \u3000 Lee "),
    ("Ann", "A\u200bn\u200dn\ufeff"),
    ("Ann", "\u202eAnn\u2066"),
    ("Ann", "Ann\ufe0f\U000e0100"),
    ("Ann", "Ann\U000e0041\U000e007f"),
    ("Ann", "A\u00adnn\u034f"),
    ("Ann", "Ann\u3164\u2800"),
]

REFUSED_NAMES = [
    ("", "A name is needed here."),
    ("   ", "A name is needed here."),
    ("a" * 41, "That is 41 characters; 40 is the most."),
    *(
        (f"An{bad}n", "There is a character in it that cannot be shown. Type it again.")
        for bad in "\0\t\n\r\x1b\x7f\x85\ud800\ufdd0\ufffe\U0005ffff\ufffd"
    ),
    *(
        (name, "A name needs a letter or a number.")
        for name in (
            "...",
            "\u200b",
            "\u3164",
            "\u2800",
            "\u115f",
            "\u0301",
            "\u00ad",
            "\U000e0041",
        )
    ),
]


@pytest.mark.parametrize(("typed", "kept"), CLEANED)
def test_clean(typed, kept):
    assert text.clean(typed) == kept
    assert text.clean(kept) == kept


def test_only_controls_surrogates_and_non_characters_are_replaced():
    everything = "".join(map(chr, range(0x110000))).replace("\r", "")
    changed = [
        ord(was) for was, now in zip(everything, text.clean(everything), strict=True) if was != now
    ]
    expected = [
        point
        for point in range(0x110000)
        if (unicodedata.category(chr(point)) == "Cc" and chr(point) not in "\t\n\r")
        or 0xD800 <= point <= 0xDFFF
        or 0xFDD0 <= point <= 0xFDEF
        or point & 0xFFFE == 0xFFFE
    ]
    assert changed == expected


def test_whatever_is_cleaned_both_databases_keep_as_it_is(own_database):
    kept = Table("kept", MetaData(), Column("words", Text))
    kept.create(own_database.engine)
    words = text.clean("".join(map(chr, range(0x11000))) + "".join(typed for typed, _ in CLEANED))
    with own_database.writing() as c:
        c.execute(insert(kept).values(words=words))
    with own_database.reading() as c:
        assert c.scalar(select(kept.c.words)) == words


@pytest.mark.parametrize(("one", "other"), SAME_NAME)
def test_names_that_look_alike_are_folded_to_one(one, other):
    assert text.folded(one) == text.folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "Anna"), ("Ann", "Änn"), ("Ann L", "AnnL"), ("1", "2"), ("🌻", "🌼")]
)
def test_names_that_differ_stay_two(one, other):
    assert text.folded(one) != text.folded(other)


def test_folding_twice_changes_nothing():
    for point in [*range(0xD800), *range(0xE000, 0x20000)]:
        once = text.folded(f"a{chr(point)}b")
        assert text.folded(once) == once, hex(point)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann", "Ann"),
        ("  Ann   Lee ", "Ann Lee"),
        ("Zoe\u0308", "Zoë"),
        ("ｱﾝ", "ｱﾝ"),
        ("7", "7"),
        ("🌻", "🌻"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("ليلى", "ليلى"),
        ("a" * 40, "a" * 40),
        (" " * 50 + "a" * 40, "a" * 40),
        ("e\u0301" * 40, "\xe9" * 40),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_names_are_kept_on_one_line(typed, kept):
    assert text.name(typed) == kept


@pytest.mark.parametrize(("typed", "sentence"), REFUSED_NAMES)
def test_names_that_are_refused(typed, sentence):
    with pytest.raises(Wrong) as refused:
        text.name(typed)
    assert (refused.value.sentence, refused.value.field) == (sentence, "name")


def test_a_name_of_something_else_has_its_own_field_and_length():
    assert text.name("a" * 60, "space", most=60) == "a" * 60
    with pytest.raises(Wrong) as refused:
        text.name("a" * 61, "space", most=60)
    assert refused.value.field == "space"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hello", "hello"),
        ("\n\n  indented\nsecond  \n\n", "  indented\nsecond"),
        ("one\r\n\r\ntwo", "one\n\ntwo"),
        ("a" * 10_000, "a" * 10_000),
        ("a" * 10_000 + "\n" * 500, "a" * 10_000),
        ("🌻" * 10_000, "🌻" * 10_000),
        ("\0", "\ufffd"),
    ],
)
def test_messages_lose_empty_lines_around_them(typed, kept):
    assert text.message(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "\n\r\n", "\t \u3000\u00a0"])
def test_an_empty_message_is_refused_unless_something_else_is_in_it(typed):
    with pytest.raises(Wrong, match="There is nothing in it yet") as refused:
        text.message(typed)
    assert refused.value.field == "text"
    assert text.message(typed, empty_is_fine=True) == ""


def test_a_message_that_is_too_long_is_told_by_how_much():
    with pytest.raises(Wrong) as refused:
        text.message("a" * 10_001)
    assert (
        refused.value.sentence == "That is 10,001 characters; 10,000 is the most. Send it in two."
    )
    with pytest.raises(Wrong):
        text.message("a" * 10_001, empty_is_fine=True)


def test_a_line_is_one_line_and_may_be_empty():
    assert text.line(" a\r\nb\tc  d\0 ", "about", 250) == "a b c d\ufffd"
    assert text.line("", "about", 250) == ""
    assert text.line("a" * 250, "about", 250) == "a" * 250
    with pytest.raises(Wrong) as refused:
        text.line("a" * 251, "about", 250)
    assert (refused.value.sentence, refused.value.field) == (
        "That is 251 characters; 250 is the most.",
        "about",
    )
