"""From a source to a measurement: one that fails is told and stops no other."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from models.alarms import open_alarms
from models.engine import reading
from models.kpi import KpiCollection, Measurement
from processes.kpi import collecting as kpi_collecting
from tests.support import rogue as web
from tests.support.cast import at, hire
from tests.support.indicators import indicator

NOW = at("2026-09-02", "10:00")


@pytest.fixture
def server(home):
    with web.rogue() as running:
        folder = home / "config" / "sources"
        folder.mkdir(parents=True)
        for name in ("good", "page"):
            (folder / f"{name}.toml").write_text(
                f'url = "{running.url}/{name}"\nvalue = "/rate"\nseconds = 5\n', "utf-8"
            )
        running.says("/good", {"rate": 97.5})
        running.behaviours["/page"] = web.answer("<html>sign in</html>", kind="text/html")
        yield running


def all_of(model):
    with reading() as session:
        return session.exec(select(model)).all()


def test_a_page_instead_of_a_value_is_told_and_the_other_value_comes(server):
    hire()
    indicator("BAD", source="http:page", since=date(2026, 8, 1))
    indicator("GOOD", source="http:good", since=date(2026, 8, 1))
    kpi_collecting.collect(NOW)
    (measured,) = all_of(Measurement)
    assert measured.value == Decimal("97.5")
    assert measured.evidence["url"].endswith("/good")
    errors = {row.error for row in all_of(KpiCollection) if row.state != "done"}
    assert any("text/html" in (error or "") for error in errors)


def test_a_source_that_is_not_described_is_its_owner_s_to_report(server):
    hire()
    indicator("LOST", source="http:nowhere", since=date(2026, 8, 1))
    kpi_collecting.collect(NOW)
    (row,) = all_of(KpiCollection)
    assert "nowhere.toml" in row.error
    assert row.state == "failed"
    assert row.duty_id is not None
    with reading() as session:
        assert len(open_alarms(session)) == 1
