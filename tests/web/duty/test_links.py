"""Links and tokens: whatever is tried, a page without detail, and nothing changed."""

import string
from datetime import timedelta

import pytest
from sqlmodel import select

from config.current import current
from models.duty import Answer
from models.engine import reading, writing
from models.organisation import Person
from notifications import links
from rules.words import DutyState
from tests.web.cast import TestClient, field, secret
from tests.web.duty.test_page import everything, post, state_of
from tests.web.matters import PLAN, Matter, bring_to


def changed(token: str, at: int) -> str:
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


@pytest.fixture
def good(people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    return token(duty.id, owner)


BAD = {
    "first letter": lambda good, _: changed(good, 0),
    "in the middle": lambda good, _: changed(good, len(good) // 2),
    "last letter": lambda good, _: changed(good, len(good) - 1),
    "cut": lambda good, _: good[:-3],
    "longer": lambda good, _: good + "A",
    "without signature": lambda good, _: good.rpartition(".")[0],
    "other purpose": lambda _, at: links.sign(secret(), "sign-in", (1, 3, 1), at),
    "session": lambda _, at: links.sign(secret(), "session", (1, 3, 1), at),
    "other key": lambda _, at: links.sign("another-key-0123456789", "duty", (1, 3, 1), at),
    "too few parts": lambda _, at: links.sign(secret(), "duty", (1, 3), at),
    "wrong parts": lambda _, at: links.sign(secret(), "duty", ("1", None, "x"), at),
    "as long as a client sends": lambda *_: "x" * 60_000,
    "algorithm none": lambda *_: "eyJhbGciOiJub25lIn0.eyJkdXR5IjoxfQ.",
    "not ascii": lambda *_: "%E5%BC%A0%E4%B8%89",
    "zero byte": lambda *_: "a%00b",
    "markup": lambda *_: "%3Cscript%3Ealert(1)%3C%5Cscript%3E",
    "dots": lambda *_: "...",
    "sql": lambda *_: "1' OR '1'='1",
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_token_is_403_without_a_word_of_what_it_was_for(how, pages, good, hour):
    before = everything()
    path = f"/d/{BAD[how](good, hour.at)}"
    got, posted = pages.get(path), pages.post(path, data={"act": "answer", **PLAN})
    assert [got.status_code, pages.head(path).status_code, posted.status_code] == [403] * 3
    for text in (got.text, posted.text):
        assert "机房巡检" not in text
        assert "<script>" not in text
        assert 'name="who"' in text  # sign in instead
    assert everything() == before


def test_all_bad_tokens_read_alike(pages, good, hour):
    texts = set()
    for how in BAD.values():
        page = pages.get(f"/d/{how(good, hour.at)}").text
        texts.add(page.replace(field(page), ""))
    expired = hour.at + timedelta(days=61)
    hour.at = expired
    page = pages.get(f"/d/{good}").text
    texts.add(page.replace(field(page), ""))
    assert len(texts) == 1


async def test_a_token_of_a_megabyte_is_403(pages):
    sent = []
    path = "/d/" + "x" * 1_000_000
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("pages.test", 80),
        "scheme": "http",
        "http_version": "1.1",
    }

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await pages.app(scope, receive, send)
    assert sent[0]["status"] == 403


@pytest.mark.parametrize("tail", ["", "/", "/x", "/evidence/", "/evidence/x", "/evidence/-1"])
def test_an_empty_token_or_a_strange_path_is_not_there(tail, pages):
    assert pages.get(f"/d{tail}").status_code in {403, 404}


def test_a_link_lives_sixty_days(pages, good, hour):
    hour.later(days=60)
    assert pages.get(f"/d/{good}").status_code == 200
    hour.later(seconds=1)
    assert pages.get(f"/d/{good}").status_code == 403


def test_a_link_from_the_future_works_after_the_clock_was_set_back(pages, good, hour):
    hour.later(hours=-5)
    assert pages.get(f"/d/{good}").status_code == 200


def test_a_rotated_key_still_opens_old_links(pages, good):
    settings = current().settings
    new = type(settings.secret_key)("a-new-secret-for-tests-9876543210")
    settings.old_secret_keys, settings.secret_key = [settings.secret_key], new
    assert pages.get(f"/d/{good}").status_code == 200
    settings.old_secret_keys = []
    assert pages.get(f"/d/{good}").status_code == 403


def test_a_link_of_before_an_extension_shows_and_does_nothing(pages, people, hour, token):
    matter = Matter(people, hour.at)
    duty = matter.duty("respond")
    path = f"/d/{token(duty.id, 'li')}"
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    matter.extension()
    matter.do("decide_extension", "wang", {"decision": "grant"})
    page = pages.get(path)
    assert page.status_code == 200
    assert "期限已调整" in page.text
    assert 'name="cause"' not in page.text
    before = everything()
    for act in ("answer", "acknowledge", "extend", "hand_over", "straight_up", "attach"):
        assert pages.post(path, data={**data, "act": act}).status_code == 409
    assert everything() == before
    assert pages.get(f"/d/{token(duty.id, 'li', 2)}").text.count('name="cause"') == 1


def test_a_closed_duty_is_shown_politely(pages, people, hour, token):
    matter = Matter(people, hour.at)
    path = f"/d/{token(matter.duty('respond').id, 'li')}"
    matter.respond()
    page = pages.get(path)
    assert page.status_code == 200
    assert "李娜已于" in page.text
    assert 'method="post"' not in page.text


def test_a_withdrawn_duty_is_shown_politely(pages, people, hour, token, signed_in):
    matter = Matter(people, hour.at)
    duty = matter.duty("respond")
    path = f"/d/{token(duty.id, 'li')}"
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    matter.dispute()
    matter.do("decide_dispute", "head", {"decision": "uphold", "reason": "不属本项目"})
    assert state_of(duty.id) is DutyState.WITHDRAWN
    assert "无需再办理" in pages.get(path).text
    assert pages.post(path, data=data).status_code == 200


def test_the_link_of_somebody_who_left_is_over(pages, good, people):
    with writing() as session:
        session.get(Person, people["li"]).active = False
    before = everything()
    page = pages.get(f"/d/{good}")
    assert page.status_code == 410
    assert "机房巡检" not in page.text
    assert pages.post(f"/d/{good}", data={"act": "answer", **PLAN}).status_code == 410
    assert everything() == before


def test_a_link_for_a_duty_that_is_none(pages, token):
    assert pages.get(f"/d/{token(999, 'li')}").status_code == 404


def test_a_link_made_for_somebody_the_duty_does_not_concern(pages, people, hour, token):
    duty, _ = bring_to("respond", people, hour.at)
    page = pages.get(f"/d/{token(duty.id, 'chen')}")
    assert page.status_code == 403
    assert "机房巡检" not in page.text


def test_a_forwarded_mail_is_recorded_as_by_link_of_its_reader(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    other = TestClient(pages.app, base_url="http://pages.test", client=("10.1.2.3", 5555))
    post(other, f"/d/{token(duty.id, owner)}", PLAN)
    with reading() as session:
        answer = session.exec(select(Answer).where(Answer.act == "answer")).one()
    assert answer.via == "link of li from 10.1.2.3"


def test_guessing_is_slowed_and_good_links_still_work(pages, good):
    statuses = [pages.get(f"/d/guess{n}").status_code for n in range(62)]
    assert statuses[:60] == [403] * 60
    assert statuses[-1] == 429
    slowed = pages.get("/d/guess")
    assert "Retry-After" in slowed.headers
    assert "频繁" in slowed.text
    assert pages.get(f"/d/{good}").status_code == 200


def test_guessing_from_one_address_slows_no_other(pages, good):
    for n in range(65):
        pages.get(f"/d/guess{n}")
    other = TestClient(pages.app, base_url="http://pages.test", client=("10.9.9.9", 5555))
    assert other.get("/d/guess").status_code == 403


def test_access_logs_do_not_hold_tokens(pages, good, caplog):
    import logging

    log = logging.getLogger("uvicorn.access")
    with caplog.at_level(logging.INFO, "uvicorn.access"):
        log.propagate = True
        log.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", f"/d/{good}?x=1", "1.1", 200)
        log.info('%s - "%s %s HTTP/%s" %d', "1:1", "GET", f"/d/{good}/evidence/3", "1.1", 200)
        log.info('%s - "%s %s HTTP/%s" %d', "1:1", "GET", f"/sign-in/{good}", "1.1", 200)
    assert good not in caplog.text
    assert "/d/…" in caplog.text
    assert "/d/…/evidence/3" in caplog.text
    assert "/sign-in/…" in caplog.text


def test_tokens_are_letters_that_no_mail_breaks(good):
    assert set(good) <= set(string.ascii_letters + string.digits + "-_.")
