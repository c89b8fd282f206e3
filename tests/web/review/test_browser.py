"""A management review on a phone and on paper, without scripts."""

import pytest

from processes.nonconformity import raising as nonconformities
from tests.web.frame.test_browser import (
    chromium,  # noqa: F401 - fixtures
    runs_off,
    served,  # noqa: F401 - fixtures
)
from tests.web.review.test_pages import (
    CODE,
    confirmed,  # noqa: F401
    duty,
    held,  # noqa: F401
    planned,  # noqa: F401
)

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 740}
LONG = "核心交换机巡检记录缺失" * 12 + "x" * 80


@pytest.fixture
def narrow(chromium, served, signed_in):  # noqa: F811 - the fixtures
    context = chromium.new_context(viewport=NARROW, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(10_000)
    cookie = dict(signed_in("head").cookies)
    context.add_cookies([{"name": n, "value": v, "url": served} for n, v in cookie.items()])
    yield context.new_page()
    context.close()


def test_nothing_runs_off_a_phone(narrow, served, confirmed, people, hour):  # noqa: F811
    late = hour.at.replace(month=6)
    nonconformities.raise_(title=LONG, owner_code="li", raised_by="zhao", at=late, source="daily")
    for path in (f"/review/{CODE}", "/review/2026", "/cycles/2026"):
        narrow.goto(served + path)
        assert runs_off(narrow) <= 0, path


def test_it_is_held_on_a_phone(narrow, served, planned, people):  # noqa: F811
    narrow.goto(f"{served}/duties/{duty('hold_review').id}")
    assert runs_off(narrow) <= 0
    first = narrow.locator("#line-d01")
    first.locator("input[value=resource]").check()
    first.locator("textarea[name='line.d01.what']").fill("增加夜班人员")
    first.locator("input[name='line.d01.who']").fill("wang")
    first.locator("input[name='line.d01.until']").fill("2026-11-30")
    for word in ("suitable", "adequate", "effective"):
        narrow.locator(f"input[name={word}][value=yes]").check()
    narrow.locator("textarea[name=result]").fill("总体有效")
    with narrow.expect_navigation():
        narrow.locator("button[value=answer]").click()
    assert narrow.locator(".said.yes").is_visible()
    narrow.goto(f"{served}/review/{CODE}")
    assert "增加夜班人员" in narrow.locator("#decisions").inner_text()


def test_on_paper_it_is_tables_and_nothing_to_press(narrow, served, confirmed):  # noqa: F811
    narrow.goto(f"{served}/review/{CODE}")
    narrow.emulate_media(media="print")
    narrow.set_viewport_size({"width": 1040, "height": 740})  # a sheet of A4 on its side
    assert not narrow.locator("header nav").is_visible()
    assert not narrow.locator(".unprinted").first.is_visible()
    assert narrow.locator("table.register thead").first.is_visible()
