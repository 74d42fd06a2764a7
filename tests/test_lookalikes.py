"""Names that look alike: which are one, which stay two."""

from collections import defaultdict

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from parley.talk import lookalikes


def alike(one: str, other: str) -> bool:
    """Whether one of the two names keeps the other away."""
    pairs = zip(lookalikes.forms(one), lookalikes.forms(other), strict=True)
    return any(a == b for a, b in pairs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "\u0410nn"),  # Cyrillic A
        ("Ann", "\u0430nn"),  # ... small
        ("Ann", "\u0410NN"),  # ... among capitals
        ("Miriam", "\u039ciriam"),  # Greek Mu
        ("Ilan", "llan"),
        ("Ilan", "1lan"),
        ("Nell", "NeIl"),
        ("Tom", "Torn"),
        ("Otto", "0tto"),
        ("Bob", "\U0001d401ob"),  # mathematical bold
        ("Sam", "\uff33am"),  # full width
        ("Sam", "S\u200bam"),
        ("paypal", "\u0440\u0430\u0443\u0440\u0430l"),
    ],
)
def test_names_that_look_alike(one, other):
    assert alike(one, other) and alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Ann", "Anne"), ("Ian", "Lan"), ("Neil", "Nell"), ("Ali", "All"), ("Lisa", "Iisa")),
        *(("Zoe", "Zo\u00eb"), ("Mia", "Mila"), ("\u0410\u043d\u043d\u0430", "Anna")),
        *(("Ann 1", "Ann 2"), ("\U0001f33b", "\U0001f33c")),
    ],
)
def test_names_in_normal_use_stay_two(one, other):
    assert not alike(one, other)


def test_of_all_first_names_of_a_census_two_pairs_are_too_alike():
    names = {
        name.capitalize()
        for kind in ("female_names", "male_names")
        for name in FREQUENCY_LISTS[kind]
    }
    found = defaultdict(set)
    for name in names:
        for place, form in enumerate(lookalikes.forms(name)):
            found[place, form].add(name)
    assert len(names) > 4000
    pairs = {frozenset(one) for one in found.values() if len(one) > 1}
    assert pairs == {frozenset({"Lorna", "Loma"}), frozenset({"Marnie", "Mamie"})}


def test_a_skeleton_of_a_skeleton_is_the_same():
    for point in [*range(0x20, 0xD800), *range(0xE000, 0x20000)]:
        drawn = lookalikes.skeleton(chr(point))
        assert lookalikes.skeleton(drawn) == drawn, hex(point)
