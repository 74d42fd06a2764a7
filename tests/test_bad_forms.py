"""Whatever comes into the forms of rooms, people, links and the space: refused in one sentence."""

import logging
from typing import Any

import pytest

from tests.visitor import JSON, soup, words

HUGE, LONG = "9" * 5000, "x" * 600
GARDEN = "/rooms/2"  # an open room that Ann made
CHOOSE = "Choose from the list."
UNFIT = "There is a character in it that cannot be shown. Type it again."
OPEN: dict[str, Any] = {"name": "Garden", "topic": "", "kind": "open"}
# By whom, where, what; the status, and the sentence.
TABLE: list[tuple[str, str, Any, int, str]] = [
    ("ann", "/rooms", OPEN | {"kind": "direct"}, 422, "Choose who is in it:"),
    ("ann", "/rooms", OPEN | {"kind": ""}, 422, "Choose who is in it:"),
    ("ann", "/rooms", OPEN | {"kind": ["closed", "x"], "people": HUGE}, 422, CHOOSE),
    ("ann", "/rooms", OPEN | {"people": ["3", "x"]}, 422, CHOOSE),
    ("ann", "/rooms", OPEN | {"people": "٣"}, 422, CHOOSE),
    ("ann", "/rooms", OPEN | {"name": "a\0b"}, 422, UNFIT),
    ("ann", "/rooms", OPEN | {"name": LONG}, 422, "That is 600 characters; 60 is the most."),
    ("ann", "/rooms", OPEN | {"topic": LONG}, 422, "That is 600 characters; 250 is the most."),
    ("ann", f"{GARDEN}/settings", OPEN | {"name": " "}, 422, "A name is needed here."),
    ("ann", f"{GARDEN}/settings", OPEN | {"kind": "closed"}, 422, "Choose who stays."),
    ("ann", f"{GARDEN}/settings", OPEN | {"people": "-1"}, 422, CHOOSE),
    ("ann", f"{GARDEN}/people", {"people": "999999999999999999"}, 422, "Choose who comes in."),
    ("ann", f"{GARDEN}/people", {"people": HUGE}, 422, CHOOSE),
    ("ann", f"{GARDEN}/people/3/remove", {"until": "year"}, 422, "Choose an hour, a day,"),
    ("ann", f"{GARDEN}/people/99/remove", {"until": "day"}, 404, "The address may be mistyped"),
    ("miriam", f"{GARDEN}/delete", {"name": "a\0b"}, 422, "That is not its name."),
    ("miriam", f"{GARDEN}/delete", {"name": LONG}, 422, "That is not its name."),
    ("ann", "/direct", {"people": "a"}, 422, CHOOSE),
    ("ann", "/direct", {"people": [str(n) for n in range(9)]}, 422, "Eight people are the most."),
    ("ann", "/direct", {"people": "999999999999999999"}, 422, "Choose people who are here."),
    (
        "ann",
        f"{GARDEN}/notify",
        {"level": "loud"},
        422,
        "Choose one of: all, mentions, mute, hide.",
    ),
    ("ann", f"{GARDEN}/notify", {}, 422, "Choose one of: all, mentions, mute, hide."),
    ("ann", "/people/me/leave", {"messages": "some"}, 422, "Choose whether your messages"),
    (
        "ann",
        "/messages/1/report",
        {"reason": LONG},
        422,
        "That is 600 characters; 500 is the most.",
    ),
    ("ann", "/people/2/block", {}, 403, "Nobody can block themselves."),
    ("ann", "/people/99/block", {}, 404, "The address may be mistyped"),
    ("miriam", "/people/3/mute", {"end": "year"}, 422, "Choose how long it lasts."),
    ("miriam", "/people/3/remove", {}, 422, "Choose how long it lasts."),
    ("miriam", "/people/3/role", {"role": "king"}, 422, "Choose a role."),
    ("miriam", "/people/1/role", {"role": "member"}, 403, "Miriam is the only owner."),
    ("miriam", "/people/1/ban", {}, 403, "Moderators do that to members,"),
    ("miriam", "/people/99/key", {}, 404, "The address may be mistyped"),
    ("miriam", "/links", {"most": "0" * 9 + HUGE}, 422, "A number from 1 to 10,000"),
    ("miriam", "/links", {"name": LONG}, 422, "That is 600 characters; 60 is the most."),
    ("miriam", "/links", {"rooms": "999999999999999999"}, 404, "The address may be mistyped"),
    ("miriam", "/links", {"role": "king"}, 404, "The address may be mistyped"),
    ("miriam", "/links/99/revoke", {}, 404, "The address may be mistyped"),
    ("miriam", "/reports/99/close", {}, 404, "The address may be mistyped"),
    ("miriam", "/space", {"name": "a\0b"}, 422, UNFIT),
    ("miriam", "/space", {"welcome": LONG}, 422, "That is 600 characters; 500 is the most."),
    ("miriam", "/space", {"zone": "../../etc"}, 422, "That time zone is not known here."),
    ("miriam", "/space", {"joining": "\0"}, 422, "Choose one of these."),
    ("miriam", "/space", {"sends_files": ["owner", "member"]}, 422, "Choose one of these."),
]


@pytest.fixture
def garden(ann, bob, miriam):
    """Everybody, a message and a room."""
    ann.posts("hello")
    assert ann.client.post("/rooms", data=OPEN).location == GARDEN
    return {"ann": ann, "bob": bob, "miriam": miriam}


def test_it_is_refused_in_one_sentence_and_what_was_typed_is_kept(garden, caplog):
    for who, path, form, status, sentence in TABLE:
        answer = garden[who].client.post(path, data=form)
        page, case = soup(answer), f"{path} {str(form)[:80]}"
        assert answer.status_code == status, case
        assert words(page.main).count(sentence) == 1, case
        kept = form.get("name", "")
        if status == 422 and page.select_one("input#name") and path != f"{GARDEN}/delete":
            assert page.select_one("input#name")["value"] in (kept, "Class 7b"), case
        told = garden[who].client.post(path, data=form, headers=JSON)
        assert told.status_code == status and told.get_json()["error"].startswith(sentence), case
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
