"""A client written for the handbook's exercise works against Parley, in the Lobby."""

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from parley.store import tables
from parley.web import parts
from tests import corpus
from tests.visitor import Visitor, change, fill

ANN = 2
ZIP = b"PK\5\6" + bytes(18)
OF_THE_HANDBOOK = {
    "txt": b"some notes",
    "pdf": b"%PDF-1.7\n",
    "png": corpus.picture("PNG"),
    "jpg": corpus.picture("JPEG"),
    "jpeg": corpus.picture("JPEG"),
    "gif": corpus.picture("GIF"),
    "zip": ZIP,
    "doc": b"\xd0\xcf\x11\xe0 and so on",
    "docx": ZIP,
    "webp": corpus.picture("WEBP"),
}


def says(visitor: Visitor, text: str) -> TestResponse:
    """As the handbook's client does."""
    return visitor.client.post("/message", data={"message": text})


def sends(visitor: Visitor, name: str, octets: bytes) -> TestResponse:
    """As the handbook's client does."""
    return visitor.submits("/photo", {}, "file", (name, octets))


def test_a_message_is_received_and_seen_by_others(ann, bob):
    answer = says(ann, "hello")
    assert (answer.status_code, answer.text) == (200, "message received")
    assert answer.mimetype == "text/plain"
    assert bob.room() == ["hello"]
    assert len(bob.polls().select(".message")) == 1


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "nothing in it yet"), ("x" * 10_001, "10,000 is the most")]
)
def test_a_message_that_cannot_be_is_refused_in_words(ann, bob, text, sentence):
    answer = says(ann, text)
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert sentence in answer.text
    assert bob.room() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_messages_come_newest_first_as_time_name_and_text(ann, bob, app, method):
    says(ann, "one <b>")
    says(bob, "two")
    moment = datetime(2026, 5, 21, 6, 2, 30, 999_000, tzinfo=UTC)
    change(app, tables.messages, 1, posted_at=moment)
    answer = getattr(ann.client, method)("/messages")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    newest, oldest = answer.get_json()
    assert newest[1:] == ["Bob", "two"]
    assert oldest == [int(moment.timestamp()), "Ann", "one <b>"]
    assert abs(newest[0] - datetime.now(UTC).timestamp()) < 60


def test_messages_are_the_newest_fifty(ann, app):
    fill(app, ANN, *map(str, range(1, 61)))
    listed = [text for _, _, text in ann.client.get("/messages").get_json()]
    assert listed == [str(number) for number in range(60, 10, -1)]


def test_deleted_messages_are_not_among_the_fifty(ann, app):
    fill(app, ANN, *map(str, range(1, 61)))
    ann.deletes({"id": 60})
    ann.deletes({"id": 40})
    listed = [text for _, _, text in ann.client.get("/messages").get_json()]
    assert listed == [str(number) for number in range(59, 8, -1) if number != 40]


def test_an_empty_room_is_an_empty_list(ann):
    assert ann.client.get("/messages").get_json() == []


@pytest.mark.parametrize("ending", OF_THE_HANDBOOK)
def test_a_file_is_uploaded(ann, bob, ending):
    answer = sends(ann, f"thing.{ending}", OF_THE_HANDBOOK[ending])
    assert (answer.status_code, answer.text) == (200, "file uploaded successfully")
    assert answer.mimetype == "text/plain"
    shown = bob.page("/rooms/1").select(".message a[href^='/files/']")
    assert len(shown) == 1
    assert bob.gets(shown[0]["href"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "octets", "status"),
    [
        ("run.exe", b"MZ", 415),
        ("notes.txt", b"x" * (16 * 2**20 + 1), 413),
        ("plan.pdf", b"no PDF", 422),
        ("b.png", corpus.packed_bomb(), 422),
    ],
    ids=["kind", "large", "lying", "bomb"],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words(ann, bob, app, name, octets, status):
    answer = sends(ann, name, octets)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert answer.text.endswith(".") and "<" not in answer.text
    assert bob.room() == []
    assert list(parts(app).files.tray.iterdir()) == []


def test_a_file_of_exactly_16_mb_is_taken(ann):
    assert sends(ann, "notes.txt", b"x" * 16 * 2**20).text == "file uploaded successfully"


def test_no_file_is_refused_in_words(ann):
    answer = ann.client.post("/photo")
    assert (answer.status_code, answer.text) == (422, "No file was sent.")


def test_last_here_is_the_end_of_the_visit_before(ann, app):
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)
    change(app, tables.people, ANN, seen_at=yesterday)
    for _ in range(2):  # the first of them begins the visit
        answer = ann.client.get("/lasthere")
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
        assert answer.text.startswith("You were last here yesterday at ")
    change(app, tables.people, ANN, seen_at=now - timedelta(minutes=40))
    assert ann.client.get("/lasthere").text == "You were last here 40 minutes ago"


def test_who_is_here_for_the_first_time(ann):
    assert ann.client.get("/lasthere").text == "You were last here just now"


def test_a_stranger_gets_401_and_no_page(stranger, bob):
    for answer in (
        says(stranger, "hello"),
        stranger.client.get("/messages"),
        stranger.client.post("/messages"),
        sends(stranger, "notes.txt", b"some notes"),
        stranger.client.get("/lasthere"),
    ):
        assert (answer.status_code, answer.mimetype) == (401, "text/plain")
    assert bob.room() == []


def test_another_site_can_send_nothing_in_ones_name(ann, bob):
    headers = {"Sec-Fetch-Site": "cross-site"}
    for path, data in (("/message", {"message": "hello"}), ("/photo", {}), ("/messages", {})):
        assert ann.client.post(path, data=data, headers=headers).status_code == 403
    assert bob.room() == []


def test_what_is_not_in_the_table_is_not_there(ann):
    assert ann.client.get("/message").status_code == 405
    assert ann.client.get("/photo").status_code == 405
    assert ann.client.post("/lasthere").status_code == 405


def test_where_members_send_no_files_a_photo_is_refused_in_words(ann, miriam, app):
    change(app, tables.space, 1, sends_files="moderator")
    answer = sends(ann, "thing.txt", b"hello")
    assert (answer.status_code, answer.mimetype) == (403, "text/plain")
    assert answer.text == "Only owners and moderators send files here."
    assert ann.room() == []
    assert sends(miriam, "thing.txt", b"hello").status_code == 200
