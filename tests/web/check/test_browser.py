"""A checker at a customer's site, with a phone and no scripts: 360 pixels, line by line."""

import pytest
from sqlmodel import select

from models.check import Check
from models.engine import reading
from tests.web.check.test_pages import (
    POINTS,
    check,  # noqa: F401 - a fixture
    drafted,
)
from tests.web.frame.test_browser import (
    chromium,  # noqa: F401 - fixtures
    runs_off,
    served,  # noqa: F401 - fixtures
)

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 740}


@pytest.fixture
def phone(chromium):  # noqa: F811 - the fixture
    context = chromium.new_context(
        viewport=NARROW, java_script_enabled=False, locale="zh-CN", has_touch=True
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def choose(phone, key, word):
    line = phone.locator(f"#line-{key}")
    if line.get_attribute("open") is None:
        line.locator("summary").first.click()
    line.locator(f"input[value={word}]").check()
    return line


def test_a_check_sheet_is_filled_on_a_phone(phone, served, check, token):  # noqa: F811
    phone.goto(f"{served}/d/{token(check.id, 'zhao')}")
    assert runs_off(phone) <= 0

    # The first line stands open; what is wrong is asked for only where something is.
    first = phone.locator("#line-planning")
    assert not first.locator("textarea[name='line.planning.problem']").is_visible()
    choose(phone, "planning", "nonconforming")
    first.locator("textarea[name='line.planning.problem']").fill("服务计划未经批准")
    with phone.expect_navigation():
        first.locator("button[value=draft]").click()
    assert phone.locator(".said.yes").is_visible()
    assert drafted(check)["planning"]["result"] == "nonconforming"
    assert runs_off(phone) <= 0

    # Sent without evidence it is refused beside the line, and nothing typed is lost.
    for key in POINTS[1:]:
        choose(phone, key, "conforming")
    phone.fill("textarea[name=summary]", "总体可控")
    with phone.expect_navigation():
        phone.click(".sheet-acts button[value=answer]")
    assert phone.locator("[id='wrong-line.planning.evidence']").is_visible()
    assert phone.input_value("textarea[name='line.planning.problem']") == "服务计划未经批准"
    assert phone.input_value("textarea[name=summary]") == "总体可控"
    assert runs_off(phone) <= 0

    phone.fill("textarea[name='line.planning.evidence']", "服务计划 V1.2 无审批记录")
    with phone.expect_navigation():
        phone.click(".sheet-acts button[value=answer]")
    assert phone.locator(".said.yes").is_visible()
    assert runs_off(phone) <= 0
    with reading() as session:
        done = session.exec(select(Check)).one()
    assert (str(done.score), done.findings, done.summary) == ("85.0", 1, "总体可控")


def test_the_register_and_a_check_fit_a_phone(phone, served, check, signed_in):  # noqa: F811
    cookie = dict(signed_in("head").cookies)
    phone.context.add_cookies([{"name": n, "value": v, "url": served} for n, v in cookie.items()])
    for path in ("/checks", f"/checks/{check.subject}"):
        phone.goto(served + path)
        assert check.subject in phone.content()
        assert runs_off(phone) <= 0, path
