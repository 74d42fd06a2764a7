"""Tickets: what was signed is read, everything else is nothing."""

import pytest

from parley.talk import tickets
from parley.talk.tickets import LIFE, Ticket, Tickets

ONE = Ticket(room_id=7, login_id=3, person_id=42, seen=5)


@pytest.fixture
def signs():
    """As one server signs."""
    return Tickets("a secret")


def at(monkeypatch, moment: float) -> None:
    """As if it were that time."""
    monkeypatch.setattr(tickets.time, "time", lambda: moment)


def test_what_was_written_is_read(signs):
    assert signs.read(signs.write(ONE)) == ONE


def test_it_is_good_after_a_restart(signs):
    assert Tickets("a secret").read(signs.write(ONE)) == ONE


@pytest.mark.parametrize("change", ["8", ".", "é", "x" * 500])
def test_a_changed_one_is_nothing(signs, change):
    text = signs.write(ONE)
    for place in (0, 2, len(text) - 2):
        changed = text[:place] + change + text[place + 1 :]
        assert changed == text or signs.read(changed) is None


@pytest.mark.parametrize("text", ["", "7.3.42.5.99999999999", "....", "7.3.42.5.99999999999.abc"])
def test_what_was_never_signed_is_nothing(signs, text):
    assert signs.read(text) is None


def test_one_of_another_server_is_nothing(signs):
    assert signs.read(Tickets("another").write(ONE)) is None


def test_it_ends_after_ten_minutes(signs, monkeypatch):
    at(monkeypatch, 1_000_000)
    text = signs.write(ONE)
    at(monkeypatch, 1_000_000 + LIFE - 1)
    assert signs.read(text) == ONE
    at(monkeypatch, 1_000_000 + LIFE)
    assert signs.read(text) is None


def test_when_the_clock_was_set_back_nobody_knows_its_age(signs, monkeypatch):
    at(monkeypatch, 1_000_000)
    text = signs.write(ONE)
    at(monkeypatch, 1_000_000 - 7200)
    assert signs.read(text) is None
    assert signs.read(signs.write(ONE)) == ONE
