"""The page of search: form, hits, the way on; and that nothing typed is an error."""

from urllib.parse import urlencode

import pytest

from parley.talk import search
from tests.test_media import NOTES, PHOTO
from tests.test_search import HOSTILE
from tests.test_trays_page import adds
from tests.visitor import HTMX, JSON, Visitor, fill, soup, words


def ask(visitor: Visitor, **fields) -> str:
    told = urlencode(fields, errors="surrogatepass")
    return f"/search?{told}"


def results(page) -> list[str]:
    return [words(one) for one in page.select(".results p[dir]")]


def test_it_works(ann, bob):
    message = ann.posts("Row 2 needs <b>string</b>")
    page = bob.page(ask(bob, q="STRING"))
    [hit] = page.select(".results a")
    assert hit["href"] == f"/messages/{message['id']}"
    assert hit.select_one("p").decode_contents() == (
        "Row 2 needs &lt;b&gt;<mark>string</mark>&lt;/b&gt;"
    )
    assert words(hit.select_one("b")) == "Ann"
    assert words(page.select_one(".entry h2")) == "Lobby"
    assert words(page.select_one(".top p")) == "One message in one room"
    assert page.select_one("[name=q]")["value"] == "STRING"
    assert f"around={message['id']}" in bob.gets(hit["href"]).location


def test_the_empty_form_and_a_room_chosen_before(ann):
    page = ann.page("/search?room=1")
    assert page.select_one("[name=room] [selected]")["value"] == "1"
    assert page.select_one("form")["method"] == "get"
    assert not page.select(".results, .blank")


def test_nothing_found_says_what_to_do(ann):
    page = ann.page(ask(ann, q="<strign>"))
    assert words(page.select_one(".blank h2")) == "No message has “ <strign> ” in it"
    assert words(page.select_one(".blank p")) == "Fewer letters find more."


def test_what_was_chosen_stays_chosen(ann, bob):
    chosen = {"q": "bean", "room": "1", "from": "3", "has": "link", "by": "best"}
    chosen |= {"day_from": "2026-01-02", "day_to": "2026-01-03"}
    page = ann.page(ask(ann, **chosen))
    kept = {
        one["name"]: one.get("value") or one.select_one("[selected]")["value"]
        for one in page.select("form.filters [name]")
    }
    assert kept == chosen


def test_every_filter_is_heard(ann, bob):
    ann.posts("bean of Ann")
    bob.posts("bean of Bob, http://example.org", ("notes.txt", b"notes"))
    assert results(ann.page(ask(ann, q="bean", **{"from": "2"}))) == ["bean of Ann"]
    for has in ("link", "file"):
        page = ann.page(ask(ann, has=has))
        assert results(page) == ["bean of Bob, http://example.org"]
    assert "notes.txt" in words(page.select_one(".results"))
    assert not results(ann.page(ask(ann, q="bean", day_to="2020-01-01")))
    assert not results(ann.page(ask(ann, q="bean", room=99)))


def test_files_are_found_by_their_names_and_photos_by_what_can_be_seen(ann, bob):
    item = adds(ann)
    ann.posts("", tray=item["id"], **{f"alt-{item['id']}": "Beans on a table"})
    bob.posts("It is the new one", ("Garden plan.pdf", b"%PDF-1.7"))
    [hit] = ann.page(ask(ann, q="beans")).select(".results li")
    assert words(hit.select_one("mark")) == "Beans" and hit.select_one("img")["alt"] == ""
    [hit] = ann.page(ask(ann, q="plan.pdf")).select(".results li")
    assert hit.select_one(".soft bdi").decode_contents() == "Garden <mark>plan.pdf</mark>"
    assert results(ann.page(ask(ann, q="plan new"))) == ["It is the new one"]
    assert not results(ann.page(ask(ann, q='"one garden"'))), "they do not stand beside each other"
    assert words(ann.page(ask(ann, q="arden"))).count("Garden plan.pdf") == 1
    assert not ann.page(ask(ann, q="jpg")).select(".results"), "no camera's names"


def test_parts_of_words_are_said_to_be_parts(ann):
    ann.posts("in the Schulgarten")
    page = ann.page(ask(ann, q="garten"))
    assert "within others" in words(page.select_one(".filters + .soft"))
    assert words(page.select_one("mark")) == "Schulgarten"


@pytest.mark.parametrize("by", ["newest", "best"])
def test_more_is_a_link_that_htmx_takes_over(app, ann, by):
    said = [f"bean {number}" for number in range(search.PAGE + 2)]
    fill(app, 2, *said)
    page = ann.page(ask(ann, q="bean", by=by))
    assert words(page.select_one(".top p")) == f"The {by} first"
    link = page.select_one(".further a")
    assert link["href"] == link["hx-get"]
    first, rest = results(page), results(ann.page(link["href"]))
    assert len(rest) == 2 and sorted(first + rest) == sorted(said)
    part = ann.gets(link["href"], **HTMX)
    assert results(soup(part)) == rest and "<form" not in part.text
    assert not soup(part).select(".further")


def test_the_same_for_programs(app, ann):
    fill(app, 2, *(f"bean {number}" for number in range(search.PAGE + 1)))
    first = ann.gets(ask(ann, q="bean"), **JSON).get_json()
    assert len(first["messages"]) == search.PAGE and first["more"] and not first["in_parts"]
    assert first["messages"][0]["text"] == f"bean {search.PAGE}"
    rest = ann.gets(first["next"], **JSON).get_json()
    assert [one["text"] for one in rest["messages"]] == ["bean 0"]
    assert (rest["more"], rest["next"]) == (False, None)


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_any_input_gives_a_page(ann, typed):
    ann.posts("bean")
    for headers in ({}, HTMX, JSON):
        assert ann.gets(ask(ann, q=typed), **headers).status_code == 200


@pytest.mark.parametrize(
    "field", ["room", "from", "has", "day_from", "day_to", "by", "before", "skip"]
)
@pytest.mark.parametrize(
    "value", ["", "x", "-1", "9" * 18, "9" * 400, "\x00", "0001-01-01", "9999-12-31"]
)
def test_any_other_field_gives_a_page_too(ann, field, value):
    ann.posts("bean")
    assert ann.gets(ask(ann, q="bean", **{field: value})).status_code == 200


def test_search_is_one_step_from_every_page_and_from_a_room(ann):
    assert ann.page("/rooms").select_one('#side header a[href="/search"]')
    assert ann.page("/rooms/1").select_one('.top a[href="/search?room=1"]')


def test_a_page_of_hits_asks_its_database_no_more_than_others(app, ann, queries):
    fill(app, 2, *("Schulgarten",) * (search.PAGE + 1))
    for typed in ("schul", "garten", "nothing"):
        with queries() as asked:
            assert ann.gets(ask(ann, q=typed)).status_code == 200
        assert len(asked) <= 12, asked


def test_photos_are_shown_and_other_files_are_named(ann, bob):
    ann.posts("the garden", PHOTO, NOTES)
    hit = bob.page("/search?q=garden").select_one(".results li")
    shown = [(image["src"], image["alt"]) for image in hit.select("img")]
    assert shown == [("/files/1/thumb", "Photo")]
    assert words(hit).endswith("notes.txt")
