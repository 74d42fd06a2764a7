"""The tray in pages, forms and JSON: what htmx is given, what works without it, what is refused."""

import pytest
from bs4 import BeautifulSoup, Tag

from parley.store import tables
from tests.corpus import picture
from tests.visitor import HTMX, JSON, Visitor, change, said, soup, typed, words

PHOTO = "beans.jpg", picture("JPEG")
TEXT = "notes.txt", b"notes"
BROKEN = "liar.png", b"\x89PNG\r\n\x1a\n and no picture at all"
UNREADABLE = "This picture could not be read. Try saving it again, or send another."
TRAY = "/rooms/1/tray"


def sends_up(who: Visitor, file: tuple[str, bytes] = PHOTO, key: str = "", headers=JSON):
    """One file, as a program or (HTMX) a page does."""
    return who.submits(TRAY, {"key": key}, "file", file, headers=headers)


def adds(who: Visitor, file: tuple[str, bytes] = PHOTO, key: str = "") -> dict:
    answer = sends_up(who, file, key)
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def tray(who: Visitor) -> list[dict]:
    return who.gets(TRAY, **JSON).get_json()["files"]


def names(who: Visitor) -> list[str]:
    return [one["name"] for one in tray(who)]


def items(page: BeautifulSoup | Tag) -> list[Tag]:
    return page.select("#tray > li")


def form_of(page: BeautifulSoup) -> dict[str, list[str]]:
    """Every field of the composer as a browser without scripts sends it."""
    fields: dict[str, list[str]] = {}
    for one in page.select("#composer [name]:not(button, [type=file], [type=checkbox])"):
        value = one.get_text().removeprefix("\n") if one.name == "textarea" else one["value"]
        fields.setdefault(str(one["name"]), []).append(str(value))
    return fields


# ---- Sending up


def test_what_is_sent_up_is_an_item_of_the_room_s_page_for_its_sender_alone(ann, bob):
    file = adds(ann)
    assert (file["name"], file["alt"]) == ("beans.jpg", "") and file["width"]
    [item] = items(ann.page("/rooms/1"))
    assert item["id"] == f"tray-{file['id']}"
    assert item.select_one("img")["src"] == f"/files/{file['id']}/thumb"
    assert item.select_one("[name=tray]")["value"] == str(file["id"])
    assert "What can be seen?" in item.select_one("textarea")["aria-label"]
    assert not items(bob.page("/rooms/1"))
    assert ann.gets(f"/files/{file['id']}/thumb").status_code == 200
    assert ann.gets(file["url"]).status_code == 200
    for path in (f"/files/{file['id']}/thumb", f"/files/{file['id']}/large", file["url"]):
        assert bob.gets(path).status_code == 404
    assert ann.gets(f"/files/{file['id']}").status_code == 404, "no message shows it large yet"
    assert bob.room() == []


def test_htmx_gets_the_item_in_place_of_the_upload(ann):
    answer = sends_up(ann, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (201, "outerHTML")
    [item] = soup(answer).find_all(recursive=False)
    assert item["id"] == "tray-1"
    for act in item.select("button"):
        assert act["hx-post"] == act["formaction"], "each works without scripts as well"


def test_a_plain_form_is_led_back_to_the_room(ann):
    answer = sends_up(ann, headers=None)
    assert (answer.status_code, answer.location) == (303, "/rooms/1")
    assert ann.gets(TRAY).location == "/rooms/1"


def test_the_same_key_again_is_the_same_file(ann):
    assert adds(ann, key="k-1") == adds(ann, key="k-1")
    assert adds(ann, TEXT, key="k-1")["name"] == "beans.jpg"
    assert len(tray(ann)) == 1
    answer = sends_up(ann, key="1" * 5)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "key")


def test_what_cannot_be_taken_is_said_beside_the_upload(ann):
    answer = sends_up(ann, BROKEN, headers=HTMX)
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert answer.text == UNREADABLE
    answer = sends_up(ann, BROKEN)
    assert answer.get_json() == {
        "error": UNREADABLE,
        "field": "file",
    }
    answer = ann.client.post(TRAY, headers=JSON)
    assert answer.get_json() == {"error": "No file was sent.", "field": "file"}
    assert tray(ann) == []


def test_ten_at_most(ann):
    for number in range(10):
        adds(ann, (f"{number}.txt", b"%d" % number))
    answer = sends_up(ann, TEXT, headers=HTMX)
    assert answer.status_code == 422
    assert answer.text == "10 files are the most in one message. Send those first."
    ann.posts("ten", tray=[one["id"] for one in tray(ann)])
    adds(ann)


def test_where_members_send_no_files_there_is_no_way_to(ann, miriam, app):
    file = adds(ann)
    change(app, tables.space, 1, sends_files="moderator")
    assert sends_up(ann).status_code == 403
    assert ann.sends("with it", tray=file["id"], headers=JSON).status_code == 403
    page = ann.page("/rooms/1")
    assert not page.select("#upload"), "the script has nothing to show an upload with"
    assert page.select_one(".attach").has_attr("hidden")
    assert miriam.page("/rooms/1").select("#upload")


def test_a_post_whose_answer_was_lost_is_known_also_when_no_files_are_sent_any_more(ann, app):
    sent = {"text": "beans", "key": "m-1", "tray": adds(ann)["id"]}
    first = ann.posts(**sent)
    change(app, tables.space, 1, sends_files="moderator")
    assert ann.posts(**sent) == first


# ---- Moving, describing, taking out


def test_htmx_moves_the_neighbour_to_the_other_side(ann):
    first, second, third = (adds(ann, (f"{name}.txt", b"x"))["id"] for name in "abc")
    sent = {"move": "earlier", "tray": [first, second, third]}
    answer = ann.client.post(f"{TRAY}/{third}", data=sent, headers=HTMX)
    moved, gone = soup(answer).find_all(recursive=False)
    assert moved["hx-swap-oob"] == f"afterend:#tray-{third}"
    assert moved.li["id"] == gone["id"] == f"tray-{second}"
    assert gone["hx-swap-oob"] == "delete"
    assert names(ann) == ["a.txt", "c.txt", "b.txt"]
    answer = ann.client.post(f"{TRAY}/{first}", data={"move": "later"}, headers=HTMX)
    assert soup(answer).div["hx-swap-oob"] == f"beforebegin:#tray-{first}"
    assert names(ann) == ["c.txt", "a.txt", "b.txt"]
    answer = ann.client.post(f"{TRAY}/{third}", data={"move": "earlier"}, headers=HTMX)
    assert answer.status_code == 204, "it is the first already"


def test_what_can_be_seen_is_said_by_page_and_program(ann, bob):
    file = adds(ann)["id"]
    field = items(ann.page("/rooms/1"))[0].select_one("textarea")
    sent = {str(field["name"]): "Blue beans", "tray": file}
    answer = ann.client.post(str(field["hx-post"]), data=sent, headers=HTMX)
    assert answer.status_code == 204
    assert tray(ann)[0]["alt"] == "Blue beans"
    ann.client.post(f"{TRAY}/{file}", data={"alt": "Red beans"}, headers=JSON)
    assert items(ann.page("/rooms/1"))[0].select_one("textarea").get_text() == "\nRed beans"
    answer = ann.client.post(f"{TRAY}/{file}", data={"alt": "x" * 1001}, headers=JSON)
    assert answer.get_json()["field"] == f"alt-{file}"


def test_what_is_taken_out_is_gone_and_may_be_so_already(ann, bob):
    file = adds(ann)["id"]
    assert bob.client.post(f"{TRAY}/{file}/remove", headers=HTMX).status_code == 200
    assert names(ann) == ["beans.jpg"], "whoever else asks"
    for _ in range(2):
        answer = ann.client.post(f"{TRAY}/{file}/remove", headers=HTMX)
        assert (answer.status_code, answer.text) == (200, "")
    assert tray(ann) == []
    assert ann.gets(f"/files/{file}/thumb").status_code == 404


# ---- Posting


def test_a_post_names_the_tray(ann, bob):
    first, second = adds(ann, key="k-1")["id"], adds(ann, TEXT)["id"]
    said = ann.posts("two", tray=[second, "k-1"], **{f"alt-{first}": "Blue beans"})
    assert [(one["id"], one["alt"]) for one in said["files"]] == [(second, ""), (first, "")]
    assert tray(ann) == []
    assert "notes.txt" in bob.room()[0]
    assert bob.gets(f"/files/{first}/thumb").status_code == 200


def test_what_is_seen_is_kept_at_post_too(ann):
    file = adds(ann)["id"]
    said = ann.posts("", tray=file, **{f"alt-{file}": " Blue\nbeans "})
    assert said["files"][0]["alt"] == "Blue beans"


def test_what_is_not_there_refuses_the_message_and_leaves_the_page(ann, bob):
    file, other = adds(ann)["id"], adds(bob)["id"]
    answer = ann.sends("hello", tray=[file, other], headers=HTMX)
    assert answer.status_code == 422
    assert said(soup(answer)) == "A file is no longer here to be sent. Your text is still here."
    [gone] = soup(answer).select("li[hx-swap-oob=delete]")
    assert gone["id"] == f"tray-{other}"
    answer = ann.sends("hello", tray=[file, "never-arrived"], headers=JSON)
    assert answer.get_json()["field"] == "tray"
    assert bob.room() == []
    assert (names(ann), names(bob)) == (["beans.jpg"], ["beans.jpg"])


def test_a_text_alone_leaves_the_tray_and_asks_nothing_about_it(ann):
    adds(ann)
    ann.posts("no file with this")
    assert names(ann) == ["beans.jpg"]


# ---- Without scripts


def test_a_plain_form_that_is_refused_keeps_its_files_in_the_tray(ann, bob):
    answer = ann.sends("x" * 10_001, PHOTO, TEXT, key="k-1")
    page = soup(answer)
    assert (answer.status_code, len(items(page))) == (422, 2)
    ann.sends("x" * 10_001, PHOTO, TEXT, key="k-1")  # the same again, by a reload
    assert names(ann) == ["beans.jpg", "notes.txt"]
    form = form_of(page) | {"text": ["shorter"]}
    ann.client.post("/rooms/1/messages", data=form)
    assert bob.room() == ["shorter notes.txt TXT, 5 Bytes"]
    assert tray(ann) == []


def test_what_is_seen_is_still_there_when_the_message_is_refused(ann):
    file = adds(ann)["id"]
    page = soup(ann.sends("x" * 10_001, tray=file, **{f"alt-{file}": "Blue beans, in a <pan>"}))
    assert items(page)[0].select_one("textarea").get_text() == "\nBlue beans, in a <pan>"


def test_one_bad_file_among_several_is_named_and_the_others_wait(ann, bob):
    page = soup(ann.sends("four", TEXT, BROKEN, PHOTO, ("liar2.png", BROKEN[1])))
    assert said(page) == f"liar.png: {UNREADABLE}"
    assert typed(page) == "four" or "four" in page.select_one("#text").get_text()
    assert names(ann) == ["notes.txt", "beans.jpg"]
    assert bob.room() == []


def test_programs_and_open_pages_keep_what_they_have_sent_themselves(ann):
    for headers in (JSON, HTMX):
        assert ann.sends("x" * 10_001, TEXT, headers=headers).status_code == 422
    assert tray(ann) == []


def test_each_button_of_the_tray_keeps_what_was_typed(ann):
    first, second = adds(ann)["id"], adds(ann, ("two.jpg", picture("JPEG")))["id"]
    form = form_of(ann.page("/rooms/1"))
    form |= {"text": ["half a sent"], f"alt-{first}": ["Beans"], f"alt-{second}": ["More"]}
    answer = ann.client.post(f"{TRAY}/{second}", data=form | {"move": "earlier"})
    assert (answer.status_code, answer.location) == (303, "/rooms/1")
    page = ann.page("/rooms/1")
    assert page.select_one("#text").get_text() == "\nhalf a sent"
    assert [one["alt"] for one in tray(ann)] == ["More", "Beans"]
    form["text"] = ["half a sentence"]
    ann.client.post(f"{TRAY}/{second}/remove", data=form)
    page = ann.page("/rooms/1")
    assert page.select_one("#text").get_text() == "\nhalf a sentence"
    assert len(items(page)) == 1
    ann.client.post("/rooms/1/messages", data=form_of(page))
    assert ann.page("/rooms/1").select_one("#text").get_text() == "\n"


def test_the_empty_box_of_a_message_s_page_leaves_the_draft_of_the_room(ann, bob):
    message, file = bob.posts("which beans?"), adds(ann)["id"]
    ann.client.post("/rooms/1/draft", data={"text": "half a sent"})
    thread = f"/messages/{message['id']}/thread"
    for typed_there, kept in (("", "half a sent"), ("these", "these")):
        form = form_of(ann.page(thread)) | {"text": [typed_there], "move": ["later"]}
        answer = ann.client.post(f"{TRAY}/{file}", data=form)
        assert ann.page(answer.location).select_one("#text").get_text() == "\n" + kept
    form = form_of(ann.page("/rooms/1")) | {"text": [""], "move": ["later"]}
    ann.client.post(f"{TRAY}/{file}", data=form)
    assert ann.page("/rooms/1").select_one("#text").get_text() == "\n"


@pytest.mark.parametrize("act", ["", "/remove"])
def test_each_button_of_the_tray_keeps_what_was_chosen_besides(ann, act):
    file = adds(ann)["id"]
    form = form_of(ann.page("/rooms/1")) | {"text": ["half a sent"], "move": ["later"]}
    for _ in range(2):  # and again, by a reload
        answer = ann.submits(f"{TRAY}/{file}{act}", form, "files", TEXT, ("two.txt", b"two"))
        assert answer.location == "/rooms/1"
        assert names(ann)[-2:] == ["notes.txt", "two.txt"]
    assert len(tray(ann)) == (2 if act else 3)
    answer = ann.submits(f"{TRAY}/{file}{act}", form, "files", BROKEN, ("three.txt", b"three"))
    assert UNREADABLE in answer.text
    assert names(ann)[-1] == "three.txt"
    assert ann.page("/rooms/1").select_one("#text").get_text() == "\nhalf a sent"


@pytest.mark.parametrize(
    ("more", "is_apart"),
    [({}, False), ({"apart": "yes"}, True), ("thread", True), ({"flow": "yes"}, False)],
)
def test_a_reply_is_still_one_after_a_button_of_the_tray(ann, bob, more, is_apart):
    message = bob.posts("which beans?")
    other, file = adds(ann, TEXT)["id"], adds(ann)["id"]
    page = ann.page(f"/rooms/1?reply_to={message['id']}")
    if more == "thread" or "flow" in more:
        page, more = ann.page(f"/messages/{message['id']}/thread"), {} if more == "thread" else more
    for act in (f"{file}", f"{other}/remove"):
        answer = ann.client.post(f"{TRAY}/{act}", data=form_of(page) | more | {"move": "later"})
        page = ann.page(answer.location)
        assert page.select_one("[name=reply_to]")["value"] == str(message["id"])
        assert page.select_one("[name=apart]").has_attr("checked") == is_apart
        more = {"apart": "yes"} if is_apart else {}


def test_who_cancels_takes_out_what_has_come_of_their_own_and_nothing_that_was_sent(ann, bob):
    for person, key in ((ann, "a"), (ann, "b"), (bob, "c")):
        adds(person, key=key)
    ann.posts("sent", tray="b")
    for key in ("a", "b", "c", "never came", ""):
        answer = ann.client.post(f"{TRAY}/remove", data={"cancel": key}, headers=HTMX)
        assert (answer.status_code, answer.text) == (200, "")
    assert names(ann) == [] and names(bob) == ["beans.jpg"]
    assert len(ann.page("/rooms/1").select(".photo")) == 1
    assert ann.client.post(f"{TRAY}/remove", data={"cancel": "x" * 65}).status_code == 422


def test_enter_in_a_field_of_the_form_presses_no_button_of_the_tray(ann):
    adds(ann)
    [first, *_] = ann.page("/rooms/1").select("#composer button")
    assert not first.has_attr("formaction"), "a browser takes the first one for Enter"


def test_the_picker_takes_any_file_so_that_phones_offer_the_camera(ann):
    picker = ann.page("/rooms/1").select_one("#composer [type=file]")
    assert picker.has_attr("multiple") and not picker.has_attr("accept")


def test_a_page_that_names_many_costs_one_question_for_the_tray(ann, queries):
    for number in range(10):
        adds(ann, (f"{number}.txt", b"%d" % number))
    with queries() as asked:
        assert len(items(ann.page("/rooms/1"))) == 10
    assert len([one for one in asked if one.startswith("SELECT files")]) == 1


@pytest.mark.parametrize("name", ["<b>.txt", "a' onclick='x.txt", "ünï &amp;.txt"])
def test_a_name_is_text_in_the_tray(ann, name):
    adds(ann, (name, b"notes"))
    [item] = items(ann.page("/rooms/1"))
    assert words(item.bdi) == name and not item.select("b, [onclick]")
