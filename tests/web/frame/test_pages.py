"""What holds on every page: its headers, its language, its errors, and that text is text."""

import logging
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.engine import writing
from models.organisation import Person
from processes.duty import answers
from processes.register import registers
from tests.web.cast import MONDAY, TEMPTING, TestClient, field
from tests.web.duty.test_page import PDF, post
from tests.web.matters import Matter, bring_to
from web.frame import posted
from web.frame.app import create_app

WHOLE = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'"


@pytest.mark.parametrize(
    "path", ["/", "/d/bad", "/nothing", "/health", "/static/pages.css", "/sign-in/bad", "/duties"]
)
def test_every_answer_is_private(path, pages):
    answer = pages.get(path, follow_redirects=False)
    assert answer.headers["content-security-policy"].startswith(WHOLE)
    assert "frame-ancestors 'none'; base-uri 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "noindex" in answer.headers["x-robots-tag"]
    kept = "immutable" if path.startswith("/static/") else "no-store"
    assert kept in answer.headers["cache-control"]


def test_a_page_needs_no_script_and_nothing_from_elsewhere(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    for text in (pages.get(f"/d/{token(duty.id, owner)}").text, pages.get("/").text):
        assert "<script" not in text
        assert "style=" not in text
        assert "http://" not in text.replace("http://127.0.0.1:8080", "")
        assert "https://" not in text


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,en;q=0.7,zh;q=0.3", "en"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
        ("en;q=x", "en"),
        ("," * 500, "zh-CN"),
    ],
)
def test_a_stranger_is_answered_in_his_browsers_language(accepts, language, pages):
    for path in ("/", "/nothing"):
        page = pages.get(path, headers={"accept-language": accepts})
        assert f'<html lang="{language}"' in page.text


def test_a_person_is_answered_in_his_own_language_whatever_his_browser(signed_in):
    browser = signed_in("smith")
    browser.headers["accept-language"] = "zh-CN"
    assert 'lang="en"' in browser.get("/").text
    assert "There is nothing here" in browser.get("/nothing").text
    assert 'lang="zh-CN"' in signed_in("li").get("/", headers={"accept-language": "en"}).text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/.env", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("PUT", "/", 405),
        ("DELETE", "/duties", 405),
        ("GET", "/sign-out", 405),
    ],
)
def test_what_is_not_there_is_a_page(method, path, status, pages):
    answer = pages.request(method, path)
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_a_number_that_is_none_is_not_there(signed_in):
    browser = signed_in("zhao")
    for number in ("0", "-1", "9" * 19, "9" * 400, "x", "1.5", "%00", "９９"):
        assert browser.get(f"/duties/{number}").status_code == 404, number
        assert browser.get(f"/evidence/{number}").status_code == 404, number


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked")),
        PoolTimeout("QueuePool limit of size 4 overflow 12 reached"),
    ],
)
def test_a_busy_database_says_try_again(fault, pages, people, hour, token, monkeypatch):
    duty, owner = bring_to("respond", people, hour.at)

    def busy(*_args, **_facts):
        raise fault

    monkeypatch.setattr(registers, "duties", busy)
    answer = pages.get(f"/d/{token(duty.id, owner)}")
    assert answer.status_code == 503
    assert "请重试" in answer.text
    assert "SELECT" not in answer.text
    assert answer.headers["retry-after"]


def test_our_own_bug_is_500_with_nothing_of_its_inside(people, hour, token, monkeypatch):
    duty, owner = bring_to("respond", people, hour.at)
    pages = TestClient(create_app(hour), raise_server_exceptions=False)

    def broken(*_args, **_facts):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(answers, "standing", broken)
    answer = pages.get(f"/d/{token(duty.id, owner)}")
    assert answer.status_code == 500
    assert "secret of the inside" not in answer.text
    assert "系统出现故障" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith(WHOLE)


def test_too_large_a_request_is_named(pages, people, hour, token, monkeypatch):
    monkeypatch.setattr(posted, "most_bytes", lambda: 10_000)
    small = TestClient(create_app(hour), headers={"accept-language": "zh"})
    duty, owner = bring_to("act", people, hour.at)
    answer = post(
        small,
        f"/d/{token(duty.id, owner)}",
        {"done": "x"},
        files=[("files", ("a.pdf", PDF + b"x" * 50_000))],
    )
    assert answer.status_code == 413
    assert "过大" in answer.text


@pytest.mark.parametrize("field_bytes", [300_000, 5_000_000])
def test_one_field_of_megabytes_is_refused(field_bytes, pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    answer = post(pages, f"/d/{token(duty.id, owner)}", {"cause": "x" * field_bytes})
    assert answer.status_code in {400, 413}
    assert "<h1>" in answer.text


def test_thousands_of_fields_are_refused(pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    many = {f"f{n}": "x" for n in range(5000)}
    assert post(pages, f"/d/{token(duty.id, owner)}", many).status_code == 400


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", ""])
def test_a_body_of_another_kind_is_no_form(kind, pages, people, hour, token):
    duty, owner = bring_to("respond", people, hour.at)
    answer = pages.post(
        f"/d/{token(duty.id, owner)}", content=b'{"act":"answer"}', headers={"content-type": kind}
    )
    assert answer.status_code in {400, 403}


# --- user text is text ----------------------------------------------------------------------

STRANGE = [
    TEMPTING,
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}{% include 'base.html' %}${x}%s{0}{title}",
    "'; DROP TABLE duty; --",
    "a\u202eb\u2028c",
    "</textarea></title></select>",
    "&lt;b&gt; &amp; &#39;",
]


@pytest.mark.parametrize("strange", STRANGE)
def test_user_text_is_text_on_every_page(strange, pages, people, hour, token, signed_in):
    with writing() as session:
        session.get(Person, people["li"]).name = strange[:100]
    matter = Matter(
        people, hour.at, title=strange, description=strange, clause=strange[:60], raised_by=None
    )
    duty = matter.duty("respond")
    path = f"/d/{token(duty.id, 'li')}"
    texts = [pages.get(path).text]
    typed = {"decision": "accept", "method": "", "cause": strange, "planned_on": strange}
    texts.append(post(pages, path, typed).text)
    texts.append(post(pages, path, {"until": strange, "reason": strange}, act="extend").text)
    post(pages, path, {"decision": "dispute", "reason": strange})
    zhao = signed_in("zhao")
    paths = (
        f"/nonconformities/{matter.code}",
        "/nonconformities",
        "/duties",
        f"/duties/{duty.id}",
        "/raise",
        f"/nonconformities?find={strange}",
        f"/duties?person={strange}&state={strange}&page={strange}",
    )
    texts += [zhao.get(path).text for path in paths]
    texts.append(post(pages, "/", {"who": strange}, act="").text)
    for text in texts:
        assert "<script>alert" not in text
        assert "<svg onload" not in text
        assert "<img src=x" not in text
        assert "</textarea></title>" not in text
        assert "49" not in text or "{{7*7}}" in text
        assert 'href="javascript' not in text
        assert "<h1>" in text
    assert any(_escaped(strange) in text for text in texts)


def _escaped(text: str) -> str:
    from markupsafe import escape

    from rules.text import line

    return str(escape(line(text)))


def test_a_title_in_braces_is_printed_as_it_is(pages, people, hour, token):
    matter = Matter(people, hour.at, title="{person} {0} {{7*7}} %s ${x}")
    page = pages.get(f"/d/{token(matter.duty('respond').id, 'li')}")
    assert "{person} {0} {{7*7}} %s ${x}" in page.text


def test_a_person_named_like_markup_signs_in_safely(pages, people):
    with writing() as session:
        session.get(Person, people["li"]).name = TEMPTING
    page = pages.post("/sign-in", data={"csrf": field(pages.get("/").text), "who": TEMPTING})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


# --- the application itself -----------------------------------------------------------------


def test_health_is_503_when_late(pages):
    answer = pages.get("/health")
    assert answer.status_code == 503  # no clock has ever been at work in this home
    assert answer.json()["late"] == ["clock"]
    assert pages.head("/health").status_code == 503


def test_the_style_is_the_one_we_took_over():
    import hashlib

    from web.frame.show import STATIC

    kept = (STATIC / "pico.min.css").read_bytes()
    digest = hashlib.sha256(kept).hexdigest()
    assert digest in (STATIC / "README.txt").read_text()


def test_a_rehearsal_is_served_at_its_own_hour(pages, people, hour, token):
    matter = Matter(people, MONDAY)
    hour.later(days=30)
    page = pages.get(f"/d/{token(matter.duty('respond').id, 'li')}")
    assert "已逾期" in page.text


def test_logging_is_not_given_what_people_typed(pages, people, hour, token, caplog):
    duty, owner = bring_to("respond", people, hour.at)
    with caplog.at_level(logging.DEBUG):
        post(pages, f"/d/{token(duty.id, owner)}", {"cause": "机密原因", "method": ""})
    assert "机密原因" not in caplog.text
