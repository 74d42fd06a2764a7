"""The pages on which a room is made and looked after."""

import pytest
from sqlalchemy import insert, update

from parley.store import tables
from parley.talk import people, rooms
from parley.web import parts
from tests.databases import questions
from tests.test_company import ANN, BOB, MIRIAM, make, posts
from tests.visitor import JSON, Visitor, beside, said, soup, typed, words


def settings(visitor: Visitor, room: str, **form):
    """Save the form of the settings; what is not given stays."""
    kept = {"name": "School garden", "topic": "beds", "kind": "open"}
    return visitor.client.post(f"{room}/settings", data=kept | form)


def test_it_works(ann, bob):
    room = make(ann)
    page = bob.page(room)
    assert words(page.h1) == "School garden" and words(page.select_one(".top p")) == "beds"
    assert room in [one["href"] for one in bob.page("/rooms").select("li a")]


def test_a_new_room_asks_for_all_it_needs(ann, bob):
    page = ann.page("/rooms/new")
    assert words(page.h1) == "New room"
    kinds = page.select("input[name=kind]")
    assert [one["value"] for one in kinds if one.has_attr("checked")] == ["open"]
    assert [one["value"] for one in kinds] == list(rooms.CHOSEN)
    offered = page.select("input[name=people]")
    assert [one["value"] for one in offered] == [str(BOB), str(MIRIAM)]


def test_what_was_typed_and_chosen_is_kept(ann, bob):
    form = {"name": "a" * 61, "topic": "beds", "kind": "closed", "people": str(BOB)}
    answer = ann.client.post("/rooms", data=form)
    assert answer.status_code == 422
    page = soup(answer)
    assert "60 is the most" in beside(page, "name")
    assert page.select_one("#topic")["value"] == "beds"
    assert [one["value"] for one in page.select("[checked]")] == ["closed", str(BOB)]


def test_a_room_of_no_kind_is_not_made(ann):
    answer = ann.client.post("/rooms", data={"name": "Garden"})
    assert answer.status_code == 422
    assert words(soup(answer).select_one("#kind-note")).startswith("Choose who is in it")


def test_programs_make_rooms_too(ann):
    form = {"name": "Garden", "kind": "open"}
    answer = ann.client.post("/rooms", data=form, headers=JSON)
    assert (answer.status_code, answer.get_json()) == (201, {"room": 2})


def test_where_members_make_no_rooms_they_are_told_so(app, ann, miriam):
    with parts(app).db.writing() as c:
        c.execute(update(tables.space).values(makes_rooms="moderator"))
    for answer in (ann.gets("/rooms/new"), ann.client.post("/rooms", data={"name": "x"})):
        assert answer.status_code == 403 and "make rooms here" in answer.text
    assert not ann.page("/rooms/others").select("a[href='/rooms/new']")
    assert make(miriam) and miriam.page("/rooms/others").select("a[href='/rooms/new']")


# ---- Settings ----


def test_the_room_leads_to_its_settings_which_say_who_made_it(ann, bob):
    room = make(ann)
    assert bob.page(room).select_one(".top a.round[href$=settings]")["href"] == f"{room}/settings"
    page = bob.page(f"{room}/settings")
    assert "Ann made it on" in words(page.main) and page.select_one("main time")
    assert "Three people can read it." in words(page.main)
    assert "Everybody is in it" in words(page.main)
    acts = [one["action"] for one in page.select("main form[method=post]")]
    assert acts == [f"{room}/leave"], "Bob cannot change it"


def test_each_has_the_buttons_for_what_they_may_do(ann, miriam):
    room = make(ann)
    acts = [one["action"] for one in ann.page(f"{room}/settings").select("main form[method=post]")]
    assert acts == [f"{room}/{act}" for act in ("settings", "archive", "leave")]
    page = miriam.page(f"{room}/settings")
    acts = [one["action"] for one in page.select("main form[method=post]")]
    assert acts == [f"{room}/{act}" for act in ("settings", "lock", "archive", "leave")]
    assert page.select_one("a.danger")["href"] == f"{room}/delete"
    acts = [
        one["action"] for one in miriam.page("/rooms/1/settings").select("main form[method=post]")
    ]
    assert acts == ["/rooms/1/settings", "/rooms/1/lock"], "the Lobby stays"


def test_it_gets_another_name(ann, bob):
    room = make(ann)
    answer = settings(ann, room, name="Beds", topic="who waters")
    assert (answer.status_code, answer.location) == (303, f"{room}/settings")
    page = bob.page(room)
    assert words(page.h1) == "Beds" and words(page.select_one(".top p")) == "who waters"
    answer = settings(ann, room, name="")
    assert answer.status_code == 422 and "A name is needed here." in beside(soup(answer), "name")
    answer = settings(bob, room, name="Bobs")
    assert answer.status_code == 403 and "Only who made the room" in answer.text


def test_it_is_closed_for_those_who_were_chosen(ann, bob, miriam):
    room = make(ann)
    offered = ann.page(f"{room}/settings").select("input[name=people]")
    assert [one["value"] for one in offered] == [str(BOB), str(MIRIAM)]
    answer = settings(ann, room, kind="closed")
    assert answer.status_code == 422
    assert words(soup(answer).select_one("#people-note")).startswith("Choose who stays.")
    assert settings(ann, room, kind="closed", people=str(BOB)).status_code == 303
    assert bob.gets(room).status_code == 200 and miriam.gets(room).status_code == 404
    told = miriam.page(f"{room}/removed")
    assert words(told.h1) == "School garden was closed"
    assert "What you wrote there stays" in words(told.main) and not told.select("form")
    assert not ann.page(f"{room}/settings").select("input[name=people]"), "it is closed already"
    assert settings(ann, room, kind="open").status_code == 303
    assert miriam.gets(room).status_code == 200


# ---- Where one may not write ----


@pytest.mark.parametrize(
    ("act", "sentence"),
    [("archive", "This room is archived."), ("lock", "Only owners and moderators write here.")],
)
def test_who_may_not_write_reads_why_in_place_of_the_box(ann, bob, miriam, act, sentence):
    room = make(miriam)
    assert typed(bob.page(room)) == ""
    assert posts(miriam, f"{room}/{act}") == 303
    page = bob.page(room)
    assert sentence in words(page.select_one("main > .silent"))
    assert not page.select("main textarea")
    assert page.select_one(page.select_one("a.skip")["href"])
    assert sentence not in words(miriam.page(room).main) or act == "archive"
    answer = bob.client.post(f"{room}/messages", data={"text": "hello"}, headers=JSON)
    assert answer.status_code == 403 and sentence in answer.get_json()["error"]
    answer = bob.client.post(f"{room}/messages", data={"text": "hello"})
    assert answer.status_code == 403
    assert typed(soup(answer)) == "hello" and sentence in said(soup(answer)), "nothing is lost"
    assert posts(miriam, f"{room}/un{act}") == 303
    assert bob.page(room).select("main textarea")


def test_announcements_are_written_by_who_made_them_and_moderators(ann, bob, miriam):
    room = make(ann, "announcement")
    for writer in (ann, miriam):
        assert writer.page(room).select("main textarea")
    assert "write here" in words(bob.page(room).select_one(".silent"))
    assert "Write the first line" not in words(bob.page(room).main)


# ---- The end ----


def test_an_owner_deletes_a_room_by_typing_its_name(ann, miriam):
    room = make(ann)
    assert ann.gets(f"{room}/delete").status_code == posts(ann, f"{room}/delete") == 403
    page = miriam.page(f"{room}/delete")
    assert "goes, with all its photos and files, for everybody" in words(page.main)
    answer = miriam.client.post(f"{room}/delete", data={"name": "garden"})
    assert answer.status_code == 422 and "That is not its name." in beside(soup(answer), "name")
    answer = miriam.client.post(f"{room}/delete", data={"name": "school GARDEN"})
    assert (answer.status_code, answer.location) == (303, "/rooms")
    assert ann.gets(room).data == ann.gets("/rooms/99").data
    assert ann.gets(f"{room}/removed").status_code == 404


# ---- However many there are ----


PATHS = ("", "/settings", "/people", "/removed", "/delete", "/feed?after=0")


@pytest.mark.parametrize("path", [*("/rooms/2" + it for it in PATHS), "/rooms/others",
                                  "/rooms/new", "/direct/new", "/rooms/3"])  # fmt: skip
def test_no_page_asks_more_when_there_are_many(app, miriam, ann, bob, path):
    make(miriam)
    miriam.client.post("/direct", data={"people": [str(ANN), str(BOB)]})

    def asked() -> int:
        miriam.gets(path)  # what is kept for later is kept now
        with questions(parts(app).db) as queries:
            assert miriam.gets(path).status_code in (200, 204, 303)
        return len(queries)

    few = asked()
    crowd(app)
    assert asked() == few <= 12


def crowd(app) -> None:
    """A hundred people and forty rooms, half of them archived, and twenty conversations."""
    with parts(app).db.writing() as c:
        miriam = people.get(c, MIRIAM)
        now = miriam.joined_at
        c.execute(
            insert(tables.people),
            [
                {"name": f"P{n}", "folded": f"p{n}", "role": "member", "joined_at": now}
                | {"seen_at": now}
                for n in range(100)
            ],
        )
        for number in range(40):
            room_id = rooms.make(c, miriam, f"Room {number}")
            if number % 2:
                archived = update(tables.rooms).where(tables.rooms.c.id == room_id)
                c.execute(archived.values(archived_at=now))
        for number in range(20):
            row = {"name": "-", "kind": "direct", "pair": f"{MIRIAM}-{10 + number}"}
            row |= {"made_by": MIRIAM, "made_at": now}
            room_id = c.scalar(insert(tables.rooms).values(row).returning(tables.rooms.c.id))
            rooms.memberships.bring(c, room_id, [MIRIAM, 10 + number])


def test_a_closed_room_that_its_last_person_has_left_is_the_owners_to_delete(ann, miriam):
    room = make(ann, kind="closed")
    assert "You are the last one in it." in words(ann.page(f"{room}/settings").main)
    assert ann.client.post(f"{room}/leave").location == "/rooms"
    assert "School garden" not in words(ann.page("/rooms/others").main)
    link = miriam.page("/rooms/others").select_one(f"main a[href='{room}/delete']")
    assert words(link) == "Delete School garden …"
    assert miriam.gets(room).status_code == miriam.gets(f"{room}/settings").status_code == 404
    page = miriam.page(link["href"])
    assert words(page.h1) == "Delete School garden"
    assert words(page.select_one("main form a[href='/rooms/others']")) == "Keep it"
    answer = miriam.client.post(link["href"], data={"name": "school garden"})
    assert answer.location == "/rooms"
    assert "School garden" not in words(miriam.page("/rooms/others").main)
