"""What every answer keeps: headers at every address, and the flags of the cookie."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from parley import create_app
from parley.settings import ROOT, Settings
from parley.talk import passwords, spaces
from parley.web import parts
from tests import corpus
from tests.visitor import HTMX, JSON, PASSWORD, Visitor, soup

DIRECTIVES = {
    "default-src": "'none'",
    **dict.fromkeys(("script-src", "style-src", "img-src", "media-src", "connect-src"), "'self'"),
    **dict.fromkeys(("form-action", "frame-src", "manifest-src"), "'self'"),
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
SANDBOX = {"default-src": "'none'", "sandbox": ""}
OF_FILES = {"media.thumb", "media.large", "media.huge", "media.download", "people.picture"}
VARIES = {"HX-Request-Type", "Accept", "Cookie"}


@pytest.fixture
def full(miriam: Visitor) -> Visitor:
    """The owner of a space in which each address has something to show."""
    miriam.posts("hello", ("garden.jpg", corpus.picture("JPEG")))
    miriam.submits("/people/me", {"name": "Miriam"}, "photo", ("me.png", corpus.picture("PNG")))
    return miriam


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Every address of the application that takes the method, with its endpoint."""
    known = dict.fromkeys(("room_id", "message_id", "file_id", "person_id", "report_id"), 1)
    known |= {"link_id": 1, "login_id": 1, "name": "garden.jpg"}
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            yield rule.endpoint, built(rule, known)


def built(rule: Rule, known: dict) -> str:
    """The address, with its parts filled in."""
    values = {name: known.get(name, "unknown") for name in rule.arguments}
    if rule.endpoint == "static":
        values = {"filename": "parley.css"}
    found = rule.build(values)
    assert found, rule
    return found[1]


def policy(answer: TestResponse) -> dict[str, str]:
    """The content security policy, by directive."""
    said = [part.split(maxsplit=1) for part in answer.headers["Content-Security-Policy"].split(";")]
    return {part[0]: part[1] if part[1:] else "" for part in said}


def everything(full: Visitor, stranger: Visitor) -> Iterator[tuple[str, TestResponse]]:
    """Every answer: to a member and a stranger, in each of the three kinds, good and refused."""
    for visitor in (full, stranger):
        for headers in ({}, HTMX, JSON):
            for endpoint, path in addresses(full.app, "GET"):
                yield endpoint, visitor.gets(path, **headers)
            yield "", visitor.gets("/nothing", **headers)
            yield "", visitor.client.put("/rooms/1", headers=headers)
            hostile = headers | {"Sec-Fetch-Site": "cross-site"}
            for endpoint, path in addresses(full.app, "POST"):
                yield endpoint, visitor.client.post(path, headers=hostile)


def test_every_address_can_be_asked(full):
    seen = {endpoint: full.gets(path).status_code for endpoint, path in addresses(full.app, "GET")}
    refused = {endpoint for endpoint, status in seen.items() if status >= 400}
    # Nobody has chosen a picture, the Lobby stays, and the owner is not out.
    none = {"space.picture", "upkeep.delete", "moderation.removed"}
    assert refused == {"first_run.welcome", "links.join", "logins.enter"} | none
    assert len(seen) >= 25


def test_every_answer_keeps_the_rules(full, stranger):
    count = 0
    for endpoint, answer in everything(full, stranger):
        where = (endpoint, answer.request.path, answer.status_code)
        assert answer.status_code < 500, where
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", where
        assert headers["Referrer-Policy"] == "same-origin", where
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", where
        expected = DIRECTIVES
        if endpoint in OF_FILES and answer.status_code == 200:
            expected = SANDBOX
        elif endpoint == "rooms.listing":
            expected = DIRECTIVES | {"frame-ancestors": "'self'"}
        assert policy(answer) == expected, where
        assert "unsafe" not in headers["Content-Security-Policy"], where
        assert "Server" not in headers and "X-Powered-By" not in headers, where
        count += 1
    assert count > 200


def test_no_shared_cache_keeps_anything_but_what_is_static(full, stranger):
    for endpoint, answer in everything(full, stranger):
        where = (endpoint, answer.request.path, answer.status_code)
        kept = answer.headers["Cache-Control"]
        if endpoint == "static" and answer.status_code == 200:
            continue
        assert "private" in kept or "no-store" in kept, where
        assert "public" not in kept, where
        assert "immutable" not in kept or endpoint in OF_FILES, where
    feed = full.gets("/rooms/1/feed?after=0")
    assert feed.headers["Cache-Control"] == "no-store"


def test_pages_are_asked_for_again_and_may_be_shown_on_the_way_back(full):
    for path in ("/rooms/1", "/people", "/people/me", "/login"):
        kept = {word.strip() for word in full.gets(path).headers["Cache-Control"].split(",")}
        assert kept == {"private", "no-cache"}, "no-store would make going back slow"


def test_the_stylesheet_comes_without_its_comments(stranger):
    path = stranger.page("/login").select_one("link[href*='parley.css']")["href"]
    answer = stranger.gets(path)
    whole = (ROOT / "static" / "parley.css").read_text()
    assert answer.text == re.sub(r"\s*/\*.*?\*/", "", whole, flags=re.DOTALL)
    assert ".message {" in answer.text and "/*" not in answer.text
    assert stranger.gets(path, If_None_Match=answer.headers["ETag"]).status_code == 304


def test_static_files_are_kept_as_long_as_their_address_holds(full):
    page = full.page("/rooms/1")
    names = [one["href"] for one in page.select("link[href^='/static/']")]
    names += [one["src"] for one in page.select("script")]
    assert len(names) >= 4
    for name in names:
        answer = full.gets(name)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        bare = full.gets(name.partition("?")[0])
        assert "immutable" not in bare.headers["Cache-Control"]


def test_what_differs_by_who_asks_and_how_says_so(full):
    paths = ("/rooms/1", "/people", "/people/me", "/login", "/messages/1", "/files/1", "/nothing")
    for path in paths:
        for headers in ({}, HTMX, JSON):
            said = full.gets(path, **headers).headers["Vary"]
            assert {name.strip() for name in said.split(",")} >= VARIES, path


def test_pages_are_compressed_where_the_browser_can(full):
    answer = full.gets("/rooms/1", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in full.gets("/rooms/1").headers


def test_no_page_needs_what_the_policy_forbids(full, stranger):
    for _endpoint, answer in everything(full, stranger):
        if answer.mimetype != "text/html":
            continue
        page = soup(answer)
        assert not page.select("style, [style], script:not([src]), object, embed, meta[http-equiv]")
        for one in page.find_all(True):
            assert not [name for name in one.attrs if name.startswith(("on", "hx-on"))], one
            for name in ("src", "href", "action", "hx-get", "hx-post"):
                address = str(one.get(name, "/"))
                assert address.startswith(("/", "#")) and not address.startswith("//"), one
        for link in page.select("a[target=_blank]"):
            assert "noopener" in link["rel"]


# ---- The cookie ----


def flags(answer: TestResponse, cookie: str) -> dict[str, str]:
    """What the session's cookie is told, or that of the browser."""
    told = [one.split(";") for one in answer.headers.getlist("Set-Cookie")]
    assert len(told) == 2
    [(name, *more)] = [[part.strip() for part in one] for one in told if one[0].startswith(cookie)]
    assert len(name) > len(cookie) + 40, "256 bits"
    return {part.partition("=")[0]: part.partition("=")[2] for part in more}


COOKIES = ["parley=", "browser="]


@pytest.mark.parametrize("cookie", COOKIES)
def test_the_cookie_stays_in_the_browser_and_on_this_site(ann, app, cookie):
    answer = Visitor(app, "Ann").signs_in()
    said = flags(answer, cookie)
    assert said["SameSite"] == "Lax"
    assert said["Path"] == "/"
    assert "HttpOnly" in said
    assert "Secure" not in said, "a browser would not keep it over http"
    assert "Domain" not in said


@pytest.fixture
def public(tmp_path) -> Iterator[Flask]:
    """The same behind a proxy with TLS."""
    app = create_app(Settings(data=tmp_path, secret="not so secret", url="https://chat.example"))
    app.testing = True
    with app.test_request_context(), parts(app).db.writing() as c:
        spaces.found(c, "The Larks", "UTC", "Olga", passwords.hashed(PASSWORD))
    yield app
    parts(app).close()


@pytest.mark.parametrize("cookie", COOKIES)
def test_behind_https_the_cookie_is_secure_and_https_is_kept(public, cookie):
    answer = Visitor(public, "Olga").signs_in()
    assert "Secure" in flags(answer, cookie)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_without_https_nothing_is_said_about_it(stranger):
    headers = stranger.gets("/login").headers
    assert "Strict-Transport-Security" not in headers


def test_a_proxy_is_believed_only_where_there_is_one(public, app, ann):
    forwarded = {"X-Forwarded-Host": "chat.example", "X-Forwarded-Proto": "https"}
    form = {"name": "Olga", "password": PASSWORD}
    ours = forwarded | {"Origin": "https://chat.example"}
    assert Visitor(public).client.post("/login", data=form, headers=ours).status_code == 303
    form["name"] = "Ann"
    assert Visitor(app).client.post("/login", data=form, headers=ours).status_code == 403


def test_a_redirect_stays_on_this_site_whatever_host_is_named(stranger):
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        assert stranger.client.get("/rooms/1", headers=headers).location.startswith("/login")
