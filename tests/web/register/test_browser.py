"""A manager's first ten minutes in a real browser without scripts, on a desk and on a phone."""

import pytest

from processes.duty import climbing
from processes.duty import issued as duties
from tests.web.frame.test_browser import (
    chromium,  # noqa: F401 - fixtures
    phone,  # noqa: F401 - fixtures
    runs_off,
    served,  # noqa: F401 - fixtures
)
from tests.web.matters import Matter
from web.frame.session import COOKIE

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

LONG = "超长不断行的标题" + "ABCDEFGHIJ" * 12


@pytest.fixture
def late(people, hour):
    Matter(people, hour.at, title=LONG)
    for _ in range(8):
        hour.later(days=1)
        climbing.climb(duties.due(hour.at), at=hour.at)


def enter(page, served, client):  # noqa: F811
    page.context.add_cookies([{"name": COOKIE, "value": client.cookies[COOKIE], "url": served}])


@pytest.mark.parametrize("who", ["wang", "head", "li"])
@pytest.mark.parametrize("path", ["/", "/search?find=超长", "/duties?level=1&due_until=2026-12-31"])
def test_nothing_runs_off_and_all_is_named(late, served, phone, signed_in, who, path):  # noqa: F811
    enter(phone, served, signed_in(who))
    for width in (320, 390, 1280):
        phone.set_viewport_size({"width": width, "height": 800})
        phone.goto(served + path)
        assert runs_off(phone) <= 0, width
    nameless = phone.evaluate(
        """[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
        .filter(e => !(e.labels && e.labels.length) && !e.getAttribute('aria-label')
            && !e.textContent.trim()).map(e => e.outerHTML)"""
    )
    assert nameless == []
    twice = phone.evaluate(
        """[...document.querySelectorAll('[id]')].map(e => e.id)
        .filter((id, n, all) => all.indexOf(id) !== n)"""
    )
    assert twice == []


def test_a_manager_acts_on_what_climbed_in_three_taps(late, served, phone, signed_in):  # noqa: F811
    enter(phone, served, signed_in("wang"))
    phone.goto(served + "/")
    assert phone.locator("h2").first.inner_text().startswith("升级到我")
    phone.locator('a[href$="#instruct"]').first.click()
    phone.fill('textarea[name="instruction"]', "请于周五前给出原因分析")
    phone.locator("#instruct button[type=submit]").click()
    assert "已记录" in phone.locator(".said").inner_text()
    assert "请于周五前给出原因分析" in phone.locator("ol.time").inner_text()


def test_a_manager_takes_note_in_one_tap(late, served, phone, signed_in):  # noqa: F811
    enter(phone, served, signed_in("wang"))
    phone.goto(served + "/")
    phone.locator('button[value="acknowledge"]').click()
    assert "已记录" in phone.locator(".said").inner_text()


def test_a_figure_opens_what_is_behind_it(late, served, phone, signed_in):  # noqa: F811
    enter(phone, served, signed_in("head"))
    phone.goto(served + "/")
    figure = phone.locator("a.heat").first
    count = int(figure.inner_text())
    figure.click()
    assert phone.locator("table.register td.title").count() == count
