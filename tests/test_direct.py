"""The pages of conversations."""

from sqlalchemy import insert, update

from parley.store import tables
from parley.web import parts
from tests.test_company import ANN, BOB, MIRIAM, posts
from tests.visitor import JSON, Visitor, soup, words


def starts(visitor: Visitor, *people: int) -> str:
    """Write to these; returns the address of the room."""
    answer = visitor.client.post("/direct", data={"people": [str(one) for one in people]})
    assert answer.status_code == 303, answer.text
    return answer.location


def test_it_works(ann, bob, miriam):
    room = starts(ann, BOB)
    assert starts(bob, ANN) == room
    ann.client.post(f"{room}/messages", data={"text": "between us"})
    assert words(bob.page(room).select_one(".message .words")) == "between us"
    assert miriam.gets(room).status_code == 404


def test_each_sees_the_others_names(ann, bob, miriam):
    room = starts(ann, BOB, MIRIAM)
    for visitor, names in ((ann, "Bob, Miriam"), (bob, "Ann, Miriam"), (miriam, "Ann, Bob")):
        for path in (room, f"{room}/settings", f"{room}/list"):
            assert words(visitor.page(path).h1) == names
        listed = [words(one) for one in visitor.page("/rooms").select("li a .name")]
        assert names in listed
        assert words(visitor.page(room).title).startswith(names)


def test_who_has_left_still_gives_the_conversation_its_name(ann, bob, miriam):
    room = starts(ann, BOB, MIRIAM)
    posts(bob, f"{room}/leave")
    assert words(ann.page(room).h1) == "Bob, Miriam"
    assert "Bob, Miriam" in [words(one) for one in ann.page("/rooms").select("li a .name")]


def test_choosing_shows_everybody_else(ann, bob, miriam):
    page = ann.page("/direct/new")
    offered = page.select("input[name=people]")
    assert [one["value"] for one in offered] == [str(BOB), str(MIRIAM)]
    answer = ann.client.post("/direct", data={})
    assert answer.status_code == 422
    assert words(soup(answer).select_one("#people-note")) == "Choose whom to write to."


def test_programs_start_one_too(ann, bob):
    answer = ann.client.post("/direct", data={"people": str(BOB)}, headers=JSON)
    assert (answer.status_code, answer.get_json()) == (201, {"room": 2})


def test_a_conversation_of_two_has_nothing_to_change(ann, bob, miriam):
    room = starts(miriam, ANN)
    page = miriam.page(f"{room}/settings")
    assert not page.select("main form[method=post], main a.danger")
    assert "A conversation of two has both of you in it." in words(page.main)
    form = {"name": "x", "topic": "", "kind": "open", "people": str(BOB)}
    assert "Two people can read this room." in words(miriam.page(room).main)
    assert not miriam.page(room).select(".blank a"), "nobody else comes in"
    for path in ("settings", "people", "leave", "archive", "lock", "delete",
                 f"people/{ANN}/remove"):  # fmt: skip
        assert posts(miriam, f"{room}/{path}", **form) == 403, path
    assert posts(bob, f"{room}/join") == 404
    page = starts(miriam, ANN, BOB)
    assert miriam.page(f"{page}/settings").select("form[action$=leave]")


def test_where_members_do_not_write_directly(app, ann, bob, miriam):
    room = starts(ann, BOB)
    with parts(app).db.writing() as c:
        c.execute(update(tables.space).values(writes_direct="moderator"))
    for answer in (ann.gets("/direct/new"), ann.client.post("/direct", data={"people": "1"})):
        assert answer.status_code == 403 and "directly here" in answer.text
    assert "directly here" in words(ann.page(room).select_one(".silent"))
    assert starts(miriam, ANN)


def test_who_is_blocked_is_not_told_by_whom(app, ann, bob):
    with parts(app).db.writing() as c:
        c.execute(insert(tables.blocks).values(person_id=BOB, blocked_id=ANN))
    told = [one.client.post("/direct", data={"people": str(whom)})
            for one, whom in ((ann, BOB), (bob, ANN))]  # fmt: skip
    assert [one.status_code for one in told] == [403, 403]
    assert told[0].data == told[1].data
    assert "You cannot write to each other here." in words(soup(told[0]))
