"""A process that is off plans, asks, opens and imports nothing new; what is open goes on."""

import asyncio
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from models.engine import reading
from models.plan import Activity
from models.record import Trail
from processes import plug
from processes.plan import activities
from processes.watch import switches
from processes.watch.switches import AlwaysOn, ProcessOff
from rules.refusal import NotFound
from service.home.opened import upgrade
from tasks.step import step
from tests.support import upgrades
from tests.support.cast import at
from web import plug as pages
from web.frame.session import Reader

ROOT = Path(__file__).parents[3]
NOW = at("2026-09-28", "10:00")
OPTIONAL = [one.name for one in plug.processes() if one.optional]
CORE = [one.name for one in plug.processes() if not one.optional]


def switch(name, on, when=NOW):
    return switches.switch(name, on=on, by="operator:li", at=when)


def on():
    return {one.name for one in switches.listed() if one.on}


@pytest.fixture
def later(monkeypatch):
    """Audits, as if a later release had brought them."""
    known = [
        replace(one, founding=False) if one.name == "audit" else one for one in plug.processes()
    ]
    monkeypatch.setattr(plug, "processes", lambda: tuple(known))


def test_what_the_first_release_had_is_on_until_somebody_says_otherwise(home):
    assert {one.name for one in plug.processes() if one.founding} <= on()


def test_a_later_process_is_off_in_an_upgraded_home(later, tmp_path):
    home = tmp_path / "home"
    upgrades.put_back("0.1.0", home)
    upgrade(home)
    assert "audit" not in on()
    assert {"check", "kpi", "review"} <= on()
    assert switch("audit", True)
    assert "audit" in on()


def test_a_later_process_is_on_in_a_home_that_begins_with_it(later, home):
    switches.begin(NOW)
    switches.begin(NOW)  # twice is harmless
    assert "audit" in on()


def test_a_home_that_is_opened_again_keeps_what_was_switched_off(later, home):
    switches.begin(NOW)
    switch("audit", False)
    switches.begin(NOW)
    assert "audit" not in on()


@pytest.mark.parametrize("name", OPTIONAL)
def test_every_optional_process_goes_off_and_on_again_with_a_line_in_the_trail(home, name):
    assert switch(name, False)
    assert name not in on()
    assert not switch(name, False), "said twice, changed once"
    assert switch(name, True)
    assert name in on()
    with reading() as session:
        told = session.exec(
            select(Trail.action, Trail.actor).where(Trail.subject == f"process:{name}")
        ).all()
    assert told == [("process.off", "operator:li"), ("process.on", "operator:li")]


@pytest.mark.parametrize("name", CORE)
def test_what_the_others_rest_on_cannot_be_switched_off(home, name):
    with pytest.raises(AlwaysOn):
        switch(name, False)
    assert name in on()


def test_a_name_that_no_process_has_is_refused_by_name(home):
    with pytest.raises(NotFound) as no:
        switch("aduit", False)
    assert no.value.facts["code"] == "aduit"


def test_a_step_of_a_process_that_is_off_does_nothing(home):
    done = []

    @step("Do it", of="audit", otherwise=0)
    def work():
        done.append(1)
        return 7

    assert asyncio.run(work()) == 7
    switch("audit", False)
    assert asyncio.run(work()) == 0
    assert done == [1]


def test_every_step_names_a_process_that_there_is():
    named = set()
    for path in (ROOT / "tasks").glob("*.py"):
        named |= set(re.findall(r'\bof="(\w*)"', path.read_text("utf-8")))
    assert named
    assert named <= set(OPTIONAL)


@pytest.mark.parametrize(
    ("table", "key"),
    [("imports", key) for process in plug.processes() if process.optional
     for piece in process.imports for key in piece.keys],
)  # fmt: skip
def test_nothing_is_imported_into_a_process_that_is_off(home, table, key):
    name = plug.owner(table, key).name
    switches.refuse_off(table, key)
    switch(name, False)
    with pytest.raises(ProcessOff) as no:
        switches.refuse_off(table, key)
    assert no.value.facts["name"] == name


def test_an_activity_of_a_process_that_is_off_stays_planned_until_it_is_on(tmp_path):
    upgrades.put_back("0.1.0", tmp_path / "home")
    upgrade(tmp_path / "home")
    switch("check", False)
    waiting = states_of("project_quality_check")
    assert waiting["planned"]
    activities.open_due(AFTER)
    assert states_of("project_quality_check") == waiting
    switch("check", True)
    activities.open_due(AFTER)
    assert states_of("project_quality_check")["planned"] < waiting["planned"]


AFTER = at("2027-03-01", "09:00")
READER = Reader(
    id=1, code="li", name="李明", roles=frozenset(), language="zh", bound=(), via="sign-in"
)


def states_of(kind):
    with reading() as session:
        return Counter(
            str(state)
            for state in session.exec(select(Activity.state).where(Activity.kind == kind))
        )


def test_its_pages_can_be_read_and_are_no_longer_offered(home):
    assert "/audits" in [place.path for place in pages.nav(READER)]
    switch("audit", False)
    assert "/audits" not in [place.path for place in pages.nav(READER)]
