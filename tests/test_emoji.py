"""Emoji: their names, and messages that are made of nothing else."""

import pytest

from parley.talk import emoji


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("tada", "🎉"),
        ("+1", "👍"),
        ("thumbs_up", "👍"),
        ("Smile", "😄"),
        ("heart", "❤️"),
        ("germany", "🇩🇪"),
        ("no_such_thing", None),
        ("", None),
    ],
)
def test_an_emoji_has_the_names_that_people_know(name, sign):
    assert emoji.named(name) == sign


@pytest.mark.parametrize(
    "words", ["🌻", "🌻🐝😂", " 🌻 🐝\n😂 ", "👩‍👩‍👧", "🇩🇪🇫🇷🇯🇵", "👍🏽", "❤️", "1️⃣"]
)
def test_up_to_three_emoji_stand_alone(words):
    assert emoji.alone(words)


@pytest.mark.parametrize(
    "words", ["", " ", "a", "1", "🌻!", "🌻🌻🌻🌻", "a 🌻", "ü", "\u200d", "🌻" * 10_000]
)
def test_words_and_crowds_do_not(words):
    assert not emoji.alone(words)
