"""In a real browser without scripts: a phone answers, nothing runs off its edge."""

import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import uvicorn
from sqlmodel import select

from models.duty import Answer, Duty
from models.engine import reading
from models.nonconformity import Evidence
from processes.duty import climbing
from rules.words import DutyState, Severity
from tests.web import matters
from tests.web.cast import TestClient
from tests.web.duty.test_page import state_of
from tests.web.matters import ABOUT_NONCONFORMITIES, Matter, bring_to

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    "--disable-background-networking",
)
PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 600}
DESK = {"width": 1280, "height": 900}
LONG = "超长不断行的编号" + "ABCDEFGHIJ" * 12


@pytest.fixture
def served(pages: TestClient) -> Iterator[str]:
    """The pages on a real server; returns their address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(pages.app, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(
        viewport=PHONE, java_script_enabled=False, locale="zh-CN", has_touch=True
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def runs_off(page) -> int:
    """How many pixels of the page lie beyond its right edge."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def test_the_owner_answers_on_a_phone(phone, served, people, hour, token):
    duty, _ = bring_to("respond", people, hour.at)
    phone.goto(f"{served}/d/{token(duty.id, 'li')}")
    assert phone.locator("input[name=decision]:checked").count() == 0  # nothing beforehand
    assert not phone.locator("textarea[name=reason]").first.is_visible()  # only if disputed
    phone.check("input[value=accept]")
    phone.select_option("select[name=method]", "5why")
    phone.fill("textarea[name=cause]", "模板漏项")
    phone.fill("input[name=planned_on]", "2026-09-25")
    phone.click("#answer button[type=submit]")
    assert "须" in phone.locator(".said.no").inner_text()  # no corrective action yet
    assert phone.input_value("textarea[name=cause]") == "模板漏项"
    assert phone.input_value("input[name=planned_on]") == "2026-09-25"
    phone.fill("textarea[name=corrective_action]", "修订模板并每季度复核")
    phone.set_input_files(
        "#answer input[type=file]",
        {"name": "照片.txt", "mimeType": "text/plain", "buffer": b"evidence"},
    )
    with phone.expect_navigation():
        phone.click("#answer button[type=submit]")
    assert phone.locator(".said.yes").is_visible()
    assert state_of(duty.id) is DutyState.DISCHARGED
    with reading() as session:
        assert session.exec(select(Answer).where(Answer.act == "answer")).one().data["cause"]
        assert session.exec(select(Evidence)).one().name == "照片.txt"


def test_quality_signs_with_the_mailed_code_on_a_phone(phone, served, people, hour, token):
    duty, owner = bring_to("agree", people, hour.at)
    phone.goto(f"{served}/d/{token(duty.id, owner)}")
    phone.check("input[value=agree]")
    phone.click("#answer button[type=submit]")
    phone.fill("input[name=code]", matters.code())
    with phone.expect_navigation():
        phone.click("button[value=sign]")
    assert phone.locator(".said.yes").is_visible()
    assert state_of(duty.id) is DutyState.DISCHARGED


def test_a_dispute_asks_for_its_reason_alone(phone, served, people, hour, token):
    duty, _ = bring_to("respond", people, hour.at)
    phone.goto(f"{served}/d/{token(duty.id, 'li')}")
    phone.check("input[value=dispute]")
    assert phone.locator("#answer textarea[name=reason]").is_visible()
    assert not phone.locator("textarea[name=cause]").is_visible()


def test_a_manager_acknowledges_on_a_phone(phone, served, people, hour, token):
    duty, _ = bring_to("respond", people, hour.at)
    row = duty
    while row.level == 0:
        hour.at = row.next_at
        climbing.climb([duty.id], at=hour.at)
        with reading() as session:
            row = session.get(Duty, duty.id)
    phone.goto(f"{served}/d/{token(duty.id, 'wang')}")
    # The letter's link was the first tap: there are two more, and no more.
    phone.check("#else input[value=acknowledge]")
    with phone.expect_navigation():
        phone.click("#else button[type=submit]")
    assert phone.locator(".said.yes").is_visible()


@pytest.mark.parametrize("size", [PHONE, SMALL, DESK], ids=["phone", "small", "desk"])
def test_nothing_runs_off_the_edge(size, chromium, served, people, hour, token, signed_in):
    hard = Matter(
        people,
        hour.at - timedelta(days=40),
        title=LONG,
        description=LONG * 3,
        clause=LONG[:60],
        severity=Severity.MAJOR,
    )
    paths = [f"/d/{token(hard.duty('respond').id, 'li')}", "/", "/d/bad", "/nothing"]
    for kind in ABOUT_NONCONFORMITIES:
        hour.later(hours=2)
        duty, owner = bring_to(kind.value, people, hour.at)
        paths.append(f"/d/{token(duty.id, owner)}")
    context = chromium.new_context(viewport=size, java_script_enabled=False)
    page = context.new_page()
    for path in paths:
        page.goto(served + path)
        assert runs_off(page) <= 0, path
    cookie = dict(signed_in("zhao").cookies)
    context.add_cookies([{"name": n, "value": v, "url": served} for n, v in cookie.items()])
    for path in ("/", "/duties", "/nonconformities", "/raise", f"/nonconformities/{hard.code}"):
        page.goto(served + path)
        assert "钱" in page.content() or "赵敏" in page.content()
        assert runs_off(page) <= 0, path
    context.close()


def test_the_browser_finds_nothing_against_its_policy(chromium, served, people, hour, token):
    duty, _ = bring_to("respond", people, hour.at)
    context = chromium.new_context(viewport=DESK)  # with scripts allowed, as a scanner has them
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/d/{token(duty.id, 'li')}")
    assert said == []
    assert all(url.startswith((served, "data:")) for url in asked)
    assert state_of(duty.id) is DutyState.OPEN
    context.close()
