"""Tickets: what was signed is read, everything else is nothing."""

import hmac
import zoneinfo
from hashlib import sha256

import pytest
from itsdangerous import Signer
from werkzeug.http import dump_cookie

from parley.entrance import TICKET
from parley.talk import languages, tickets
from parley.talk.clock import Variant
from parley.talk.tickets import LIFE, Ticket, Tickets

ONE = Ticket(7, 3, 42, seen=5, variant=Variant("America/Port-au-Prince", "zh-TW"))


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


def test_every_variant_travels_in_a_cookie_as_it_is(signs):
    zones = sorted(zoneinfo.available_timezones())
    some = [Variant(zone, "de") for zone in zones] + [Variant("UTC", c) for c in languages.OFFERED]
    for variant in some:
        written = signs.write(Ticket(7, 3, 42, 5, variant))
        sent = dump_cookie("ticket", written).encode()
        assert TICKET.search(sent)[1].decode() == written
        assert signs.read(written).variant == variant


def test_those_who_read_alike_share_one_variant(signs):
    both = [signs.read(signs.write(Ticket(7, login, 42, 5, ONE.variant))) for login in (1, 2)]
    assert both[0].variant is both[1].variant


@pytest.mark.parametrize("fields", ["7.3.42.5.2000000000", "7.3.42.5.UTC:en.9.2000000000"])
def test_one_of_another_version_is_nothing(signs, monkeypatch, fields):
    at(monkeypatch, 1_999_999_999)
    key = hmac.digest(b"a secret", b"ticket", sha256)
    signer = Signer(key, key_derivation="none", digest_method=sha256)
    right = signer.sign(b"7.3.42.5.UTC:en.2000000000").decode()
    assert signs.read(right) == Ticket(7, 3, 42, 5, Variant("UTC", "en"))
    assert signs.read(signer.sign(fields).decode()) is None


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
