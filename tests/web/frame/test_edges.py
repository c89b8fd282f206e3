"""What comes from outside: spellings, forged headers, bodies that dribble or break off."""

import asyncio
import logging
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from models.duty import Line
from models.engine import reading
from processes.watch.window import ClockLeapt
from rules.words import LetterKind
from web.frame import csrf, edge, guard
from web.frame.guard import BodyLimit
from web.identity.sign_in import ASKING


def whence(host):
    return edge.whence(SimpleNamespace(client=SimpleNamespace(host=host)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.1.2.3", "::ffff:10.1.2.3", True),
        ("10.1.2.3", "::ffff:0a01:0203", True),
        ("2001:db8::1", "2001:0DB8:0:0::1", True),
        ("2001:db8::1", "2001:db8::ffff:ffff:1", True),  # who has one has all of its network
        ("fe80::1%eth0", "fe80::1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("10.1.2.3", "10.1.2.4", False),
        ("testclient", "testclient", True),  # a socket without an address
    ],
)
def test_tries_are_counted_by_address_and_not_by_spelling(one, other, same):
    assert (whence(one) == whence(other)) is same


def asked(pages, hour, who):
    form = {csrf.FIELD: csrf.field(ASKING, hour.at), "who": who, "next": "/"}
    return pages.post("/sign-in", data=form)


def links_mailed():
    with reading() as session:
        return len(session.exec(select(Line).where(Line.letter == LetterKind.SIGN_IN)).all())


def test_one_mailbox_is_not_flooded_by_spelling_it_in_other_ways(pages, hour):
    spellings = (
        *("li@company.example", "LI@company.example", " li@company.example "),
        *("Li@Company.Example", "\uff4ci@company.example", "li@COMPANY.example"),
        *("lI@company.example", "LI@COMPANY.EXAMPLE"),
    )
    for who in spellings:
        assert asked(pages, hour, who).status_code == 200
    assert 0 < links_mailed() <= 5


def test_a_clock_that_cannot_be_right_signs_nobody_in_and_still_shows(pages, hour):
    def doubts(at):
        raise ClockLeapt(at=at, known=hour.at)

    pages.app.state.trusted = doubts
    answer = asked(pages, hour, "li@company.example")
    assert answer.status_code == 503
    assert "本机时钟" in answer.text
    assert links_mailed() == 0
    assert pages.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/health/", "/duties/"])
def test_a_forged_host_redirects_nowhere_else(pages, path):
    found = pages.get(path, headers={"host": "evil.example"}, follow_redirects=False)
    assert "evil.example" not in found.headers.get("location", "")
    assert "evil.example" not in found.text


def test_a_redirect_of_ours_stays_what_it_was(pages):
    found = pages.get("/health/", follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (307, "/health")


# --- bodies ------------------------------------------------------------------------------------


async def reads_all(scope, receive, send):
    del scope, send
    while (await receive()).get("more_body"):
        pass


def test_a_body_that_dribbles_is_given_up(monkeypatch):
    monkeypatch.setattr(guard, "FIRST_SECONDS", 0.01)
    parts = iter([{"type": "http.request", "body": b"x", "more_body": True}])

    async def dribbles():
        given = next(parts, None)
        if given is None:
            await asyncio.Event().wait()  # for ever
        return given

    with pytest.raises(HTTPException) as refused:
        asyncio.run(BodyLimit(reads_all, most=100)({"type": "http"}, dribbles, None))
    assert refused.value.status_code == 408


def test_what_waits_for_the_end_of_the_connection_is_no_slow_body(monkeypatch):
    monkeypatch.setattr(guard, "FIRST_SECONDS", 0.01)
    messages = iter(
        [{"type": "http.request", "body": b"x", "more_body": False}, {"type": "http.disconnect"}]
    )
    seen = []

    async def then_silence():
        await asyncio.sleep(0.05 if seen else 0)
        return next(messages)

    async def waits(scope, receive, send):
        del scope, send
        seen.append(await receive())
        seen.append(await receive())

    asyncio.run(BodyLimit(waits, most=100)({"type": "http"}, then_silence, None))
    assert [one["type"] for one in seen] == ["http.request", "http.disconnect"]


def test_an_upload_that_breaks_off_is_one_line_of_the_log(pages: TestClient, caplog):
    app: FastAPI = pages.app
    parts = iter(
        [
            {"type": "http.request", "body": b"who=", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/sign-in",
        "raw_path": b"/sign-in",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("pages.test", 80),
        "client": ("10.0.0.9", 1),
        "headers": [
            (b"host", b"pages.test"),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"content-length", b"100000"),
        ],
        "app": app,
    }

    async def receive():
        return next(parts, {"type": "http.disconnect"})

    async def send(_message):
        pass

    with caplog.at_level(logging.WARNING):
        pages.portal.call(app, scope, receive, send)
    assert [one.getMessage() for one in caplog.records] == [
        "a request was broken off by its sender: POST /sign-in"
    ]
    assert all(one.exc_info is None for one in caplog.records)
