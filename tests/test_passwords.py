"""Passwords: what is taken, how they are kept."""

import threading

import pytest

from parley.store.errors import Wrong
from parley.talk import passwords
from tests.meeting import at_once


def test_the_real_method_is_scrypt_as_owasp_says(real_passwords):
    kept = passwords.hashed("four plain words")
    assert kept.startswith("scrypt:32768:8:3$")
    assert passwords.fits(kept, "four plain words")
    assert not passwords.fits(kept, "five plain words")


def test_two_people_with_one_password_keep_two_hashes():
    assert passwords.hashed("four plain words") != passwords.hashed("four plain words")


@pytest.mark.parametrize(
    "password", ["eight 88", "a" * 256, "🌻" * 8, "  spaces  ", "pä\u0308ssword"]
)
def test_it_fits_as_it_was_typed(password):
    kept = passwords.hashed(password)
    assert passwords.fits(kept, password)
    assert not passwords.fits(kept, password + " ")
    assert not passwords.fits(kept, password.upper() + "x")


def test_what_no_database_takes_still_fits():
    kept = passwords.hashed("nul\0 and \ud800")
    assert passwords.fits(kept, "nul\0 and \ud800")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "At least 8 characters. Four plain words are easy to keep."),
        ("seven 7", "At least 8 characters. Four plain words are easy to keep."),
        ("a" * 257, "That is 257 characters; 256 is the most."),
    ],
)
def test_too_short_and_too_long_are_refused(password, sentence):
    with pytest.raises(Wrong) as refused:
        passwords.hashed(password)
    assert (refused.value.sentence, refused.value.field) == (sentence, "password")


@pytest.mark.parametrize(
    "password", ["password", "12345678", "Football", "QWERTYUIOP", "iloveyou", "trustno1"]
)
def test_what_many_people_choose_is_refused(password):
    with pytest.raises(Wrong) as refused:
        passwords.hashed(password)
    assert refused.value.sentence.startswith("Many people use this one")
    assert refused.value.field == "password"


def test_three_thousand_are_too_common_and_no_more():
    assert len(passwords._common()) == passwords.COMMON
    assert all(len(one) >= passwords.LEAST for one in passwords._common())


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("pa\u0308ssword is long", "p\xe4ssword is long"),
        ("p\xe4ssword is long", "pa\u0308ssword is long"),
        ("four\u00a0plain words", "four plain words"),
        ("four plain words", "four\u3000plain words"),
    ],
)
def test_the_same_from_every_keyboard(kept, typed):
    assert passwords.fits(passwords.hashed(kept), typed)


def test_width_and_case_are_not_the_same():
    kept = passwords.hashed("four plain words")
    assert not passwords.fits(kept, "four plain wordS")
    assert not passwords.fits(kept, "\uff46our plain words")


def test_a_password_that_was_kept_as_it_was_typed_still_fits():
    old = passwords.generate_password_hash("pa\u0308ssword is long", passwords.method)
    assert passwords.fits(old, "pa\u0308ssword is long")
    assert not passwords.fits(old, "password is long")


@pytest.mark.parametrize("password", ["", "nobody", "four plain words", "a" * 300_000, "\0\ud800"])
def test_nothing_fits_who_has_no_password(password):
    assert passwords.fits(None, password) is False


def test_an_empty_password_fits_nobody():
    assert not passwords.fits(passwords.hashed("four plain words"), "")


def test_who_has_no_password_costs_as_much_work(monkeypatch):
    worked = []
    check = passwords.check_password_hash
    monkeypatch.setattr(
        passwords, "check_password_hash", lambda *what: worked.append(1) or check(*what)
    )
    for typed, times in (("four plain words", 1), ("pa\u0308ssword is long", 2)):
        for kept in (None, passwords.hashed(typed), passwords.hashed("five plain words")):
            worked.clear()
            passwords.fits(kept, typed)
            assert len(worked) == times


def test_at_most_two_are_hashed_at_once(monkeypatch):
    inside, most, lock = 0, 0, threading.Lock()

    def slow(*_):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.02)
        with lock:
            inside -= 1
        return "kept"

    monkeypatch.setattr(passwords, "generate_password_hash", slow)
    monkeypatch.setattr(passwords, "check_password_hash", slow)
    hash_it = [lambda: passwords.hashed("four plain words")] * 4
    try_it = [lambda: passwords.fits("kept", "x"), lambda: passwords.fits(None, "x")] * 2
    at_once(*hash_it, *try_it)
    assert most == 2
