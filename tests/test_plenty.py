"""A thousand people in two hundred rooms: no page asks its database more for that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text, update

from parley.store import tables
from parley.talk import keys, links, people
from parley.web import parts
from tests.databases import questions
from tests.installations import opened
from tests.test_matrix import ROWS
from tests.visitor import HTMX, Visitor

MOST = 12
OPEN, CLOSED, DIRECT = 120, 40, 40
MANY, FEW = OPEN + CLOSED + 2, OPEN + CLOSED + 3  # conversations with so much unread
OWNER, MEMBER = 1, 2
NOW = datetime.now(UTC)
EVERYBODY = """INSERT INTO memberships (room_id, person_id, seen, joined_at)
    SELECT rooms.id, people.id, 0, people.joined_at FROM rooms CROSS JOIN people
    WHERE rooms.id > 1 AND (kind = 'open' OR people.id <= 2)"""


def fill(app: Flask) -> dict[str, object]:
    """Everything in great numbers, in a few statements; returns what addresses name."""
    with parts(app).db.writing() as c:
        row = {"role": "member", "joined_at": NOW, "seen_at": NOW - timedelta(days=1)}
        names = [row | {"name": f"P{n}", "folded": f"p{n}"} for n in range(3, 1001)]
        c.execute(insert(tables.people), names)
        kinds = ["open"] * OPEN + ["closed"] * CLOSED + ["direct"] * DIRECT
        row = {"made_by": MEMBER, "made_at": NOW, "revision": 200}
        made = [row | {"name": f"R{n}", "kind": kind, "pair": None} for n, kind in enumerate(kinds)]
        for n, one in enumerate(made[-DIRECT:]):
            one["pair"] = f"1-2-{n + 3}"
        c.execute(insert(tables.rooms), made)
        c.execute(text(EVERYBODY))
        row = {"digest": "", "text": "hello", "follows": False, "posted_at": NOW}
        said = [
            row | {"room_id": room, "author_id": 3 + n % 900, "made": n, "revision": n}
            for room, least in ((2, 1), (3, 1), (MANY, 1), (FEW, 190))
            for n in range(least, 201)
        ]
        c.execute(insert(tables.messages), said)
        c.execute(insert(tables.log), [{"by_id": 1, "act": "x", "made_at": NOW}] * 200)
        row = {"made_by": OWNER, "made_at": NOW}
        c.execute(insert(tables.links), [row | {"code": f"code{n}"} for n in range(200)])
        row = {"reason": "", "made_at": NOW}
        reports = [row | {"message_id": n, "by_id": n + 2} for n in range(1, 201)]
        c.execute(insert(tables.reports), reports)
        row = {"kind": "mention", "made_at": NOW, "room_id": 2}
        told = [row | {"message_id": n, "by_id": 3 + n % 900, "made": n} for n in range(2, 200)]
        c.execute(insert(tables.notices), [one | {"person_id": n} for one in told for n in (1, 2)])
        token = keys.make(c, people.get(c, OWNER), people.get(c, 5))
        code = links.current(c, people.get(c, OWNER)).code
        said = tables.messages.c  # one of them answers another, and all that follow it
        message = c.scalar(select(func.min(said.id)).where(said.room_id == 2)) + 1
        c.execute(update(tables.messages).where(said.id == message).values(reply_to=message - 1))
        answers = said.room_id == 2, said.id > message
        c.execute(update(tables.messages).where(*answers).values(reply_to=message))
        given = [{"message_id": n, "person_id": 9, "emoji": "👍"} for n in (message, message + 150)]
        c.execute(insert(tables.reactions), [row | {"made_at": NOW} for row in given])
    return {"token": token, "code": code, "message_id": message, "person_id": 5, "link_id": 1}


@pytest.fixture(scope="module")
def crowded(tmp_path_factory, prepared) -> Iterator[tuple[dict[str, Visitor], dict[str, object]]]:
    """The owner and a member, signed in, and what addresses name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("parley.talk.passwords.method", "pbkdf2:sha256:1")
        with prepared.installed(tmp_path_factory.mktemp("plenty") / "instance") as app:
            owner = Visitor(opened(app), "Miriam")
            owner.signs_in()
            member = owner.brings_in("Ann")
            file = member.posts("hello", ("notes.txt", b"notes"))["files"][0]
            named = fill(app) | {"file_id": file["id"], "name": file["name"]}
            yield {"owner": owner, "member": member}, named


@pytest.mark.parametrize("who", ["owner", "member"])
def test_no_page_asks_more_than_a_dozen_questions(crowded, who):
    visitors, named = crowded
    visitor, wrong = visitors[who], []
    more = [f"/rooms/2?{place}" for place in ("before=150", "around=150", "since=100", "end")]
    paths = [rule for method, rule in ROWS if method == "GET"]
    for path in [*paths, "/rooms/3", f"/rooms/{FEW}", f"/rooms/{MANY}", *more, "/side?room=1"]:
        for name, value in (named | {"room_id": 2}).items():
            path = path.replace(f"<{name}>", str(value))
        with questions(parts(visitor.app).db) as asked:
            answer = visitor.gets(path, **(HTMX if path.startswith("/side?") else {}))
        assert answer.status_code < 500, path
        if len(asked) > MOST:
            wrong.append((path, len(asked), asked))
    assert not wrong, "\n\n".join(
        f"{path}: {n}\n" + "\n".join(q[:150] for q in qs) for path, n, qs in wrong
    )
