"""Devices in words."""

import pytest

from parley.talk.devices import in_words

# ruff: noqa: E501
GECKO, WEBKIT = "(KHTML, like Gecko)", "AppleWebKit/537.36"
AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Windows",
    f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} {GECKO} Chrome/140.0 Safari/537.36 Edg/140.0": "Edge on Windows",
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} {GECKO} Chrome/140.0 Safari/537.36": "Chrome on Linux",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} {GECKO} Chrome/140.0 Safari/537.36": "Chrome on a Chromebook",
    f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} {GECKO} Chrome/140.0 Mobile Safari/537.36": "Chrome on Android",
    f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} {GECKO} SamsungBrowser/28.0 Chrome/130.0": "Samsung Internet on Android",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1": "Safari on an iPhone",
    "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) CriOS/140.0 Mobile Safari/604.1": "Chrome on an iPad",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15": "Safari on a Mac",
    "Lynx/2.9.2 libwww-FM/2.14": "Lynx",
    "": "A browser",
    "a program of one's own": "A browser",
}  # fmt: skip


@pytest.mark.parametrize(("agent", "words"), AGENTS.items())
def test_a_device_in_words(agent, words):
    assert in_words(agent) == words
