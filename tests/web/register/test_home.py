"""The home: what climbed comes first, and figures open as many rows as they say."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from models.duty import Duty
from models.engine import reading
from processes.duty import climbing
from processes.duty import issued as duties
from tests.web.matters import Matter


def climb(hour, days):
    """Let the clock turn for some days."""
    for _ in range(days):
        hour.later(days=1)
        climbing.climb(duties.due(hour.at), at=hour.at)


@pytest.fixture
def late(people, hour):
    matter = Matter(people, hour.at)
    climb(hour, 8)
    return matter


def test_what_climbed_stands_before_ones_own_duties(late, hour, signed_in):
    text = signed_in("wang").get("/").text
    assert "升级到我" in text
    assert text.index("升级到我") < text.index('id="mine"')
    assert "李娜" in text
    assert "li@company.example" in text


def test_the_owner_has_nothing_that_climbed_to_him(late, signed_in):
    text = signed_in("li").get("/").text
    assert "升级到我" not in text
    assert "驾驶舱" not in text
    assert "我的部门" not in text


def test_a_manager_takes_note_from_the_first_screen(late, hour, signed_in):
    browser = signed_in("wang")
    home = browser.get("/").text
    form = re.search(
        r'action="(/duties/\d+)"><input type="hidden" name="csrf" value="([^"]+)"', home
    )
    assert form
    answer = browser.post(form[1], data={"csrf": form[2], "act": "acknowledge"})
    assert answer.status_code == 200
    assert "我已知悉" not in browser.get("/").text


@pytest.mark.parametrize(("who", "called"), [("head", "驾驶舱"), ("director", "我的部门")])
def test_every_figure_opens_as_many_rows_as_it_says(who, called, late, hour, signed_in):
    Matter(late.people, hour.at, title="另一项")
    browser = signed_in(who)
    home = browser.get("/").text
    assert called in home
    cells = re.findall(r'class="heat h\d" href="([^"]+)">(\d+)<', home)
    assert cells
    weeks = re.findall(
        r'<li><a href="(/duties\?[^"]*state=open[^"]*)">[^<]*</a>'
        r"<progress[^>]*></progress><strong>(\d+)<",
        home,
    )
    assert any(int(count) for _, count in weeks)
    for link, count in (*cells, *weeks):
        rows = browser.get(link.replace("&amp;", "&")).text.count('<td class="title">')
        assert rows == int(count), link


def test_what_is_no_day_in_an_address_is_left_out(late, signed_in):
    browser = signed_in("head")
    for words in (
        "level=x",
        "due_from=0001-01-01",
        "due_until=9999-12-31",
        "ended_from=soon",
        "level=9999999",
    ):
        assert browser.get(f"/duties?{words}").status_code == 200


def test_nothing_of_a_granted_extension_is_left_at_the_manager(late, hour, signed_in):
    with reading() as session:
        duty = session.exec(select(Duty)).first()
    late.respond()
    assert duty is not None
    assert f'/duties/{duty.id}"' not in signed_in("wang").get("/").text


def test_the_share_in_time_counts_what_was_answered(late, hour, signed_in):
    late.at = hour.at
    late.respond()  # answered after its day
    hour.later(hours=1)
    home = signed_in("head").get("/").text
    assert "0 / 1" in home
    assert timedelta(0) < hour.at - late.duty("agree").issued_at


def test_a_manager_instructs_from_the_first_screen(late, signed_in):
    browser = signed_in("wang")
    link = re.search(r'href="(/duties/\d+)#instruct"', browser.get("/").text)
    assert link
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get(link[1]).text)
    asked = {"csrf": csrf[1], "act": "instruct", "instruction": "请于周五前答复"}
    done = browser.post(link[1], data=asked)
    assert done.status_code == 200
    assert "已记录，并将以邮件告知责任人" in done.text
    assert "请于周五前答复" in signed_in("li").get(link[1]).text  # the owner reads it in the record
    refused = browser.post(link[1], data={**asked, "instruction": "字" * 2001})
    assert refused.status_code == 409
    assert "字" * 2001 in refused.text  # what was typed is kept
