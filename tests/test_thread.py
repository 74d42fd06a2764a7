"""Answering on pages: the box, the quoted line, and the page of a message with its replies."""

import pytest

from parley.talk import replies
from tests.test_feed_page import OpenPage
from tests.test_media import NOTES, PHOTO
from tests.test_trays_page import adds
from tests.visitor import HTMX, JSON, Visitor, said, soup, typed, words


@pytest.fixture
def asked(ann: Visitor) -> dict:
    """What Ann has said, to be answered."""
    return ann.posts("who waters on Monday?")


def apart(visitor: Visitor, message: dict, text: str) -> dict:
    """A reply that stands only on the page of the message."""
    return visitor.posts(text, reply_to=message["id"], apart="yes")


def thread(visitor: Visitor, message: dict, query: str = "") -> list[str]:
    """The words of the message and of its replies, from above to below."""
    page = visitor.page(f"/messages/{message['id']}/thread{query}")
    return [words(one) for one in page.select("#thread .message .words")]


# ---- The box


def test_it_works(ann, bob, asked):
    page = bob.page(f"/rooms/1?reply_to={asked['id']}")
    assert words(page.select_one(".replying > span")) == "Replying to Ann"
    fields = {one["name"]: one.get("value", "") for one in page.select("#replying [name]")}
    assert fields == {"apart": "yes", "reply_to": str(asked["id"])}
    assert not page.select("#replying [checked]")
    bob.sends("I do", reply_to=fields["reply_to"])
    shown = ann.page("/rooms/1").select_one(".message:last-child .words")
    assert shown.select_one("a.quote")["href"] == f"/messages/{asked['id']}"
    assert words(shown.select_one("a.quote")) == "Ann who waters on Monday?"
    assert [words(one) for one in shown.select("p")] == ["I do"]


def test_the_menu_brings_it_into_the_box_and_takes_it_out_again(bob, asked):
    menu = soup(bob.gets(f"/messages/{asked['id']}", **HTMX))
    link = menu.select_one("li a")
    assert words(link) == "Reply" and link["href"] == link["hx-get"]
    parts = soup(bob.gets(link["hx-get"], **HTMX))
    assert [part["id"] for part in parts.find_all(recursive=False)] == ["replying", "menu"]
    assert all(part.has_attr("hx-swap-oob") for part in parts.find_all(recursive=False))
    leave = parts.select_one("#replying a")
    assert words(leave) == "Do not reply" and leave["href"] == "/rooms/1"
    assert not words(soup(bob.gets(leave["hx-get"], **HTMX)))


def test_a_sent_reply_leaves_the_box_a_refused_one_stays_in_it(bob, asked):
    sent = soup(bob.sends("I do", headers=HTMX, reply_to=asked["id"]))
    there = f"outerHTML: #replying:has([value='{asked['id']}'])"  # not where another is answered
    assert sent.select_one("#replying")["hx-swap-oob"] == there and not words(sent)
    refused = bob.sends("", headers=HTMX, reply_to=asked["id"])
    assert refused.status_code == 422 and not soup(refused).select("#replying")
    page = soup(bob.sends("x" * 10_001, reply_to=asked["id"], apart="yes"))
    assert words(page.select_one(".replying > span")) == "Replying to Ann"
    assert page.select_one("[name=apart]").has_attr("checked")
    assert len(typed(page)) == 10_001


@pytest.mark.parametrize("reply_to", ["4711", "x", "1x", "-1", "9" * 30, "²"])
def test_what_cannot_be_answered_is_said_and_the_text_kept(bob, asked, reply_to):
    answer = bob.sends("I do", reply_to=reply_to)
    assert answer.status_code == 422
    assert said(soup(answer)) and typed(soup(answer)) == "I do"
    answer = bob.sends("I do", headers=JSON, reply_to=reply_to)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "reply_to")


def test_without_a_reply_nothing_stands_apart(bob, asked):
    answer = bob.sends("I do", headers=JSON, apart="yes")
    assert (answer.status_code, answer.get_json()["field"]) == (422, "apart")
    assert bob.posts("I do", reply_to="")["reply_to"] is None


def test_the_deleted_is_not_offered_to_be_answered(bob, ann, asked):
    ann.deletes(asked)
    menu = soup(ann.gets(f"/messages/{asked['id']}", **HTMX))
    assert words(menu.select_one("li")) == "Replies"
    bob.page(f"/rooms/1?reply_to={asked['id']}", 422)


def test_who_may_not_write_is_not_offered_to_answer(miriam, bob, asked):
    miriam.client.post("/rooms/1/lock")
    menu = soup(bob.gets(f"/messages/{asked['id']}", **HTMX))
    assert "Reply" not in [words(act) for act in menu.select("li")]


# ---- The quoted line


def test_the_quoted_line_follows(ann, bob, asked):
    page = OpenPage(bob)
    bob.posts("I do", reply_to=asked["id"])
    page.polls()
    for act, line in (
        (lambda: ann.edits(asked, "never <b>mind</b>"), "Ann never <b>mind</b>"),
        (lambda: ann.deletes(asked), "A deleted message"),
        (lambda: ann.restores(asked), "Ann never <b>mind</b>"),
    ):
        act()
        page.polls()
        assert words(page.page.select_one(".quote")) == line
        assert page.shown() == OpenPage(bob).shown()


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ([NOTES], "notes.txt"),
        ([PHOTO], "Photo"),
        ([PHOTO, NOTES, PHOTO], "2 photos, notes.txt"),
    ],
)
def test_what_was_sent_without_words_is_quoted_by_what_it_is(ann, bob, files, line):
    sent = ann.posts("", *files)
    answering = bob.page(f"/rooms/1?reply_to={sent['id']}")
    assert words(answering.select_one(".replying")) == f"Replying to Ann {line} Do not reply"
    bob.posts("nice", reply_to=sent["id"])
    assert words(bob.page("/rooms/1").select_one(".quote")) == f"Ann {line}"


def test_a_quoted_photo_is_seen_small_until_it_is_deleted(ann, bob):
    photo = ann.posts("Beans", PHOTO, PHOTO)
    bob.posts("nice", reply_to=photo["id"])
    page = OpenPage(bob)
    [small] = page.page.select(".quote img")
    assert small["src"] == photo["files"][0]["thumb"] and small["alt"] == ""
    assert words(page.page.select_one(".quote")) == "Ann Beans"
    ann.deletes(photo)
    page.polls()
    assert not page.page.select(".quote img")


def test_what_can_be_seen_on_a_photo_stands_for_it(ann, bob):
    item = adds(ann, PHOTO)
    photo = ann.posts("", tray=item["id"], **{f"alt-{item['id']}": "Beans on a table"})
    bob.posts("nice", reply_to=photo["id"])
    assert words(bob.page("/rooms/1").select_one(".quote")) == "Ann Photo: Beans on a table"


def test_a_deleted_reply_quotes_nothing(bob, asked):
    reply = bob.posts("I do", reply_to=asked["id"])
    bob.deletes(reply)
    assert not bob.page("/rooms/1").select(".quote")


# ---- The page of a message


def test_a_message_has_a_page_with_its_replies_in_order(ann, bob, asked):
    bob.posts("in the room", reply_to=asked["id"])
    apart(ann, asked, "apart")
    bob.posts("no reply")
    line = "Ann who waters on Monday? "
    assert thread(ann, asked)[1:] == [f"{line}in the room", f"{line}apart"]
    assert ann.room()[1:] == [f"{line}in the room", "no reply"]


def test_the_count_leads_there(ann, bob, asked):
    page = OpenPage(bob)
    for text, line in (("one", "1 reply"), ("two", "2 replies")):
        reply = apart(ann, asked, text)
        page.polls()
        link = page.page.select_one(f"#message-{asked['id']} .replies")
        assert (words(link), link["href"]) == (line, f"/messages/{asked['id']}/thread")
    ann.deletes(reply)
    page.polls()
    assert words(page.page.select_one(".replies")) == "1 reply"
    assert page.shown() == OpenPage(bob).shown()


def test_its_box_answers_apart_unless_one_says_otherwise(ann, bob, asked):
    page = bob.page(f"/messages/{asked['id']}/thread")
    form = page.select_one("#composer")
    fields = {one["name"]: one.get("value", "") for one in form.select("[type=hidden]")}
    answer = bob.client.post(form["action"], data=fields | {"text": "here"})
    assert answer.location == f"/messages/{asked['id']}/thread?around=2#message-2"
    assert bob.room() == ["who waters on Monday? 1 reply"]
    bob.sends("there, too", thread=asked["id"], flow="yes")
    assert bob.sees("there, too")
    assert len(thread(bob, asked)) == 3
    other = ann.posts("something else")
    bob.sends("to another", thread=asked["id"], reply_to=other["id"])
    assert bob.sees("Ann something else to another")


def test_the_address_of_what_stands_apart_leads_to_that_page(ann, bob, asked):
    reply = apart(bob, asked, "apart")
    answer = ann.gets(f"/messages/{reply['id']}")
    assert answer.location == f"/messages/1/thread?around={reply['id']}#message-{reply['id']}"
    page = ann.page(answer.location)
    acts = page.select_one("[aria-label='This message']")
    assert "About Bob" in words(acts), "without scripts the menu is there"
    ann.page(f"/rooms/1?around={reply['id']}", 404)


def test_a_long_talk_comes_in_pages(ann, bob, asked, monkeypatch):
    monkeypatch.setattr(replies, "MOST", 3)
    some = [apart(bob, asked, f"reply {number}") for number in range(7)]
    line, found, query = "Ann who waters on Monday? ", [], ""
    while query is not None:
        page = ann.page(f"/messages/{asked['id']}/thread{query}")
        found = [words(one) for one in page.select(".reply .words")] + found
        older = page.find("a", string="Older replies")
        query = older and f"?{older['href'].partition('?')[2]}"
        assert bool(page.select("#thread-1")) == (not page.find("a", string="To the newest"))
    assert found == [f"{line}reply {number}" for number in range(7)]
    page = ann.page(f"/messages/1/thread?around={some[1]['id']}")
    assert page.select(f"#message-{some[1]['id']}") and not page.select("#thread-1")


def test_programs_read_it(ann, bob, asked):
    reply = apart(bob, asked, "apart")
    answer = ann.gets("/messages/1/thread", **JSON).get_json()
    assert (answer["messages"], answer["more"]) == ([reply], False)
    assert (reply["reply_to"], reply["apart"], reply["replies"]) == (1, True, 0)
    all_of_it = ann.gets("/rooms/1/messages?after=0", **JSON).get_json()["messages"]
    assert [(one["id"], one["apart"], one["replies"]) for one in all_of_it] == [
        (1, False, 1),
        (2, True, 0),
    ]
    newest = ann.gets("/rooms/1/messages", **JSON).get_json()["messages"]
    assert [one["id"] for one in newest] == [1]


# ---- Live


def test_one_answer_serves_the_room_and_the_page_of_the_message(ann, bob, asked):
    ann.cursor = 1
    apart(bob, asked, "apart")
    bob.posts("in the room", reply_to=asked["id"])
    news = ann.polls()
    found = {part["hx-swap-oob"]: part for part in news.select("[hx-swap-oob^=beforeend]")}
    line = "Ann who waters on Monday? "
    assert [words(one) for one in found["beforeend:#messages"].select(".words")] == [
        f"{line}in the room"
    ]
    there = news.select("[hx-swap-oob='beforeend:#thread-1'] .words")
    assert [words(one) for one in there] == [f"{line}apart", f"{line}in the room"]


def test_an_open_page_of_a_message_is_what_a_fresh_one_is(ann, bob, asked):
    page = OpenPage(ann, "/messages/1/thread")
    for number in range(4):
        reply = bob.posts(f"{number}", reply_to=1, apart=("yes" if number % 2 else ""))
        bob.posts("no reply")
        page.polls()
    bob.edits(reply, "other words")
    ann.edits(asked, "who waters?")
    page.polls()
    assert len(page.shown()) == 5
    assert page.shown() == OpenPage(ann, "/messages/1/thread").shown()


def test_who_is_too_far_behind_gets_the_page_anew(ann, bob, asked):
    page = OpenPage(ann, "/messages/1/thread")
    for number in range(201):
        apart(bob, asked, f"{number}")
    news = page.polls()
    assert not news.select("[hx-swap-oob^='beforeend:#thread']")
    again = page.page.select_one("#overtaken")
    assert (again["hx-get"], again["hx-target"]) == ("", "#thread")
    parts = soup(ann.gets("/messages/1/thread", **HTMX)).find_all(recursive=False)
    assert [part["id"] for part in parts] == ["thread", "poll", "overtaken"]
    assert len(parts[0].select(".reply")) == 200
    assert parts[1]["hx-get"] == "/rooms/1/feed?after=403", "of the same reading"
    assert not parts[2].has_attr("hx-get")
