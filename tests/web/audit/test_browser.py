"""Internal audits in a real browser without scripts: phones, keys alone, both languages."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from sqlmodel import col, select

from models.audit import AuditArea, AuditLine, ChecklistLine, Finding
from models.engine import reading
from notifications import links
from processes.audit import programme as audit_programme
from tests.support.audit_cast import audit, company, drafted, team, the_audit
from tests.support.audit_life import (
    HELD,
    OPENING,
    PLANNED,
    announced,
    conducted,
    lead,
    reported,
)
from tests.support.cast import at, change, duty_of
from tests.web.cast import Hour, TestClient, field, secret
from tests.web.frame.test_browser import (
    chromium,  # noqa: F401 - a fixture
    runs_off,
)
from web.frame.app import create_app
from web.frame.session import COOKIE

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@dataclass
class Site:
    """The pages on a real server, at an hour that a test may change."""

    url: str
    hour: Hour
    app: object
    cast: dict[str, int]
    signed: int = 0

    def sign(self, context, who):
        """Sign somebody in, in that browser."""
        self.signed += 1
        payload = (self.cast[who], f"n-{who}-{self.signed}", "/")
        token = links.sign(secret(), links.Purpose.SIGN_IN, payload, self.hour.at)
        client = TestClient(self.app, base_url="http://pages.test")
        form = field(client.get(f"/sign-in/{token}").text)
        client.post(f"/sign-in/{token}", data={"csrf": form, "me": "yes"})
        kept = client.cookies[COOKIE]
        context.add_cookies([{"name": COOKIE, "value": kept, "url": self.url}])

    def letter(self, duty, who):
        """Return the address that a letter about a duty leads to."""
        payload = (duty.id, self.cast[who], duty.episode)
        return f"{self.url}/d/{links.sign(secret(), links.Purpose.DUTY, payload, self.hour.at)}"


@pytest.fixture
def cast(home):
    return company()


@pytest.fixture
def site(cast) -> Iterator[Site]:
    hour = Hour(HELD)
    app = create_app(hour)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", hour, app, cast)
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


def browser(chromium, site, who, *, size=PHONE, language="zh"):  # noqa: F811 - the fixture
    change(who, language=language)
    context = chromium.new_context(viewport=size, java_script_enabled=False, has_touch=True)
    context.set_default_timeout(10_000)
    site.sign(context, who)
    return context.new_page()


def judge(page, key, word, **texts):
    line = page.locator(f"#line-{key}")
    if line.get_attribute("open") is None:
        line.locator("summary").first.click()
    line.locator(f"input[value={word}]").check()
    for name, said in texts.items():
        line.locator(f"[name='line.{key}.{name}']").fill(said)
    return line


def test_a_lead_auditor_fills_the_checklist_on_a_phone(chromium, site, cast):  # noqa: F811
    code = announced(cast)
    duty = duty_of(code, "conduct_audit")
    page = browser(chromium, site, lead(code))
    page.goto(site.letter(duty, lead(code)))
    assert runs_off(page) <= 0
    first = page.locator("#line-c1")
    assert not first.locator("[name='line.c1.gap']").is_visible()  # only where something lacks
    line = judge(page, "c1", "minor", sample="5 份抽 2 份", evidence="培训台账第 3 页")
    line.locator("[name='line.c1.gap']").fill("两名新员工没有培训记录")
    with page.expect_navigation():
        line.locator("button[value=draft]").click()
    assert page.locator(".said.yes").is_visible()
    assert runs_off(page) <= 0

    page.goto("about:blank")
    page.goto(site.letter(duty, lead(code)))  # another day, the same letter
    assert page.input_value("[name='line.c1.gap']") == "两名新员工没有培训记录"
    assert page.input_value("[name='line.c1.sample']") == "5 份抽 2 份"

    judge(page, "c2", "conformity")  # without evidence: not seen is not audited
    judge(page, "c3", "conformity", evidence="记录 5 份")
    page.fill("textarea[name=attendance]", "首末次会议：全体")
    with page.expect_navigation():
        page.click(".sheet-acts button[value=answer]")
    assert page.locator("[id='wrong-line.c2.evidence']").is_visible()
    assert page.input_value("textarea[name=attendance]") == "首末次会议：全体"
    assert runs_off(page) <= 0

    page.fill("[name='line.c2.evidence']", "受控文件清单")
    page.set_input_files(
        "form input[type=file]",
        {"name": "台账.txt", "mimeType": "text/plain", "buffer": b"page 3"},
    )
    with page.expect_navigation():
        page.click(".sheet-acts button[value=answer]")
    assert page.locator(".said.yes").is_visible()
    with reading() as session:
        found = session.exec(select(Finding)).one()
        kept = session.exec(select(ChecklistLine).where(col(ChecklistLine.number) == 1)).one()
    assert (found.grade, found.evidence, found.gap) == (
        "minor",
        "培训台账第 3 页",
        "两名新员工没有培训记录",
    )
    assert found.requirement
    assert kept.sample == "5 份抽 2 份"
    page.context.close()


@pytest.mark.parametrize(("word", "state"), [("confirm", "confirmed"), ("dispute", "disputed")])
def test_the_auditee_answers_a_finding_from_his_letter(chromium, site, cast, word, state):  # noqa: F811
    code = conducted(cast, c1="minor")
    duty = duty_of(f"{code}-F1", "confirm_finding")
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()  # not signed in: the letter is the key
    page.goto(site.letter(duty, "wang"))
    assert "第 1 项缺少记录" in page.content()  # what is confirmed is read first
    assert runs_off(page) <= 0
    page.check(f"input[value={word}]")
    if word == "dispute":
        with page.expect_navigation():
            page.click("#answer button[type=submit]")
        assert page.locator(".said.no").is_visible()  # a dispute says why
        page.fill("#answer textarea[name=reason]", "记录在纸质台账")
    with page.expect_navigation():
        page.click("#answer button[type=submit]")
    assert page.locator(".said.yes").is_visible()
    assert runs_off(page) <= 0
    with reading() as session:
        found = session.exec(select(Finding)).one()
    assert found.state == state
    assert bool(found.nonconformity) is (word == "confirm")
    context.close()


def line_of(area):
    with reading() as session:
        return session.exec(
            select(AuditLine, AuditArea)
            .join(AuditArea, col(AuditArea.id) == AuditLine.area_id)
            .where(col(AuditArea.code) == area)
        ).one()


def test_importance_and_months_are_decided_otherwise_with_a_reason(chromium, site, cast):  # noqa: F811
    drafted(2026, "2026-01-05")
    site.hour.at = at("2026-01-06")
    before, _ = line_of("NET")
    page = browser(chromium, site, "zhao")
    page.goto(f"{site.url}/audit-programmes/2026")
    assert runs_off(page) <= 0
    entry = page.locator("details.act", has_text="NET部")
    entry.locator("summary").click()
    entry.locator("select[name=importance]").select_option("5")
    with page.expect_navigation():
        entry.get_by_role("button").click()
    assert page.locator(".said.no").is_visible()  # not without a reason
    entry = page.locator("details.act[open]", has_text="NET部")
    assert entry.locator("select[name=importance]").input_value() == "5"  # nothing typed is lost
    entry.locator("textarea[name=reason]").fill("承接新的政务云项目")
    with page.expect_navigation():
        entry.get_by_role("button").click()
    assert page.locator(".said.yes").is_visible()
    after, area = line_of("NET")
    assert area.importance == 5
    assert after.points > before.points

    entry = page.locator("details.act[open]", has_text="NET部")
    entry.locator("input[name=months]").fill("5, 11")
    entry.locator("textarea[name=reason]").fill("客户检查后")
    with page.expect_navigation():
        entry.get_by_role("button").click()
    assert page.locator(".said.yes").is_visible()
    kept, _ = line_of("NET")
    assert (kept.months, kept.edited_reason) == ([5, 11], "客户检查后")
    assert kept.computed_months == after.computed_months  # both values stay
    assert runs_off(page) <= 0
    page.context.close()


def test_the_months_scroll_by_themselves_and_keep_the_area_in_sight(chromium, site, cast):  # noqa: F811
    drafted(2026, "2026-01-05")
    site.hour.at = at("2026-01-06")
    page = browser(chromium, site, "zhao")
    page.goto(f"{site.url}/audit-programmes/2026")
    assert runs_off(page) <= 0
    table = page.locator(".wide-table")
    assert table.evaluate("one => one.scrollWidth > one.clientWidth")  # the matrix is wider
    table.focus()
    table.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
    head = page.locator("table.matrix tbody th").first
    assert head.bounding_box()["x"] >= 0
    page.context.close()


def test_an_audit_is_planned_with_the_keys_alone(chromium, site, cast):  # noqa: F811
    """No pointer: the team is named and refused, then named otherwise."""
    code = announced(cast)
    site.hour.at = PLANNED
    page = browser(chromium, site, "zhao", size=DESK)
    page.goto(f"{site.url}/audits/{code}")

    def tab_to(test):
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const e = document.activeElement; return {test}; }})()"):
                return
        raise AssertionError(test)

    def name_the_team(others):
        tab_to("e.tagName === 'SUMMARY' && e.parentElement.querySelector('[name=lead]') !== null")
        if page.locator("details:has([name=lead])").get_attribute("open") is None:
            page.keyboard.press("Enter")
        tab_to("e.name === 'lead'")
        page.keyboard.type("赵")
        tab_to("e.name === 'auditors'")
        page.keyboard.press("Control+A")
        page.keyboard.type(others)
        tab_to("e.tagName === 'BUTTON'")
        page.keyboard.press("Enter")

    name_the_team("sun")
    page.locator(".said.no").wait_for()
    assert "属于受审核部门" in page.locator(".said.no").inner_text()
    assert page.input_value("[name=auditors]") == "sun"  # open, and nothing typed is lost
    name_the_team("he")
    page.locator(".said.yes").wait_for()
    assert team(code) == {"zhao": "lead", "he": "auditor"}
    page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_audits_fits_a_phone_in_both_languages(chromium, site, cast, language):  # noqa: F811
    code = conducted(cast, c1="minor", c2="observation")
    reported(cast, code)
    audit("SYS", day=OPENING)
    audit_programme.draft(2027, at=HELD, actor="person:1")
    page = browser(chromium, site, "zhao", language=language)
    said = {"zh": ("内部审核", "独立"), "en": ("Internal audit", "independent")}[language]
    for path, word in (
        ("/audits", said[0]),
        (f"/audits/{code}", said[1]),
        ("/audit-programmes/2026", said[0]),
        ("/audit-programmes/2027", said[0]),
        ("/auditors", {"zh": "培训有效期至", "en": "Training valid until"}[language]),
    ):
        page.goto(site.url + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert word in page.content(), path
        assert runs_off(page) <= 0, path
    assert the_audit(code).state == "conducted"
    page.context.close()
