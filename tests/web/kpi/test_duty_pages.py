"""Pages about indicators: what is asked, what stands beside it, what is typed in beforehand."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.duty import Duty
from models.engine import reading
from models.kpi import Measurement
from processes.duty import answers, climbing
from processes.duty import issued as duties
from processes.kpi import import_kpis as kpis
from processes.kpi import import_measurements as measurements
from processes.kpi import misses as kpi_misses
from processes.kpi import owed as kpi_owed
from processes.kpi import verifying as kpi_verifying
from tests.web.cast import field
from tests.web.matters import code

HEAD = "code,name,definition,numerator,denominator,target,frequency,owner,source"
SLA = "SLA,SLA达成率,达成数÷总数,达成数<b>,总数,95,month,li,report"


@pytest.fixture
def tracked(people, hour, home):
    """Li's indicator, tracked since August; July is known and September (14th) goes on."""
    path = home / "kpis.csv"
    path.write_text(f"{HEAD}\n{SLA}\n", "utf-8")
    kpis.take(path, at=hour.at, actor="operator:test")
    measure(home, hour.at, "SLA,2026-07,968,1000")
    kpi_owed.ask(at=hour.at)


def measure(home, at, *rows):
    path = home / "m.csv"
    path.write_text("\n".join(["kpi,period,numerator,denominator", *rows]) + "\n", "utf-8")
    measurements.take(path, at=at, actor="operator:test")


def duty_of(kind):
    with reading() as session:
        return session.exec(select(Duty).where(Duty.kind == kind, Duty.state == "open")).one()


def test_the_page_says_what_is_measured_and_what_it_was_before(tracked, pages, people, token):
    duty = duty_of("report_kpi")
    page = pages.get(f"/d/{token(duty.id, 'li')}").text
    for said in ("达成数÷总数", "&gt;= 95 %", "2026-07: 96.8 % (968/1000) 达成", "填报指标值"):
        assert said in page
    assert "达成数<b>" not in page  # what people wrote is text
    assert "达成数&lt;b&gt;" in page


def test_a_value_is_reported_on_the_page_and_refused_there(tracked, pages, people, token):
    duty = duty_of("report_kpi")
    path = f"/d/{token(duty.id, 'li')}"

    def send(**typed):
        page = pages.get(path)
        return pages.post(path, data={"csrf": field(page.text), "act": "answer", **typed})

    wrong = send(numerator="1,000", denominator="1200")
    assert wrong.status_code == 409
    assert "千位分隔符" in wrong.text
    assert 'value="1,000"' in wrong.text  # what was typed is still there
    said = send(numerator="940", denominator="1000")
    assert "目标未达成" in said.text
    with reading() as session:
        rows = session.exec(select(Measurement).order_by(Measurement.id)).all()
        assert session.get(Duty, duty.id).state == "discharged"
    assert [(row.period, str(row.value)) for row in rows] == [
        ("2026-07", "96.8"),
        ("2026-08", "94"),
    ]


def test_the_verdict_that_was_measured_is_typed_in_beforehand(
    tracked, pages, people, hour, home, token
):
    measure(home, hour.at, "SLA,2026-08,940,1000")
    kpi_misses.raise_missed(at=hour.at)

    def answer(kind, **data):
        duty = duty_of(kind)
        given = {"person_id": duty.owner_id, "data": data, "at": hour.at, "via": "test"}
        try:
            answers.answer(duty.id, **given)
        except answers.CodeNeeded:
            answers.answer(duty.id, **given, code=code())

    respond = duty_of("respond")
    assert 'name="indicator_change"' in pages.get(f"/d/{token(respond.id, 'li')}").text
    plan = {"cause": "夜班只有一人", "corrective_action": "夜班两人", "method": "5why"}
    answer("respond", planned_on=f"{hour.at + timedelta(days=5):%Y-%m-%d}", **plan)
    answer("agree", decision="agree")
    answer("act", done="夜班两人", evidence_note="排班表")
    verify = duty_of("verify")
    verifier = next(who for who, number in people.items() if number == verify.owner_id)
    page = pages.get(f"/d/{token(verify.id, verifier)}").text
    assert "尚待测量" in page
    assert "2026-10" in page
    assert 'value="effective" checked' not in page
    hour.at += timedelta(days=50)
    measure(home, hour.at, "SLA,2026-10,961,1000")
    kpi_verifying.propose(at=hour.at)
    page = pages.get(f"/d/{token(verify.id, verifier)}").text
    assert "2026-10: 96.1 % (961/1000) 达成" in page
    assert 'value="effective" checked' in page
    for _ in range(30):  # reminded, overdue, climbing: it was said once
        hour.at += timedelta(days=1)
        climbing.climb(duties.due(hour.at), at=hour.at)
        assert kpi_verifying.propose(at=hour.at) == 0
    assert duty_of("verify").level > 1


def test_the_indicator_system_shows_each_reader_his_own(tracked, signed_in):
    assert "SLA达成率" in signed_in("li").get("/kpis").text
    assert "SLA达成率" in signed_in("zhao").get("/kpis").text  # quality sees everything
    assert "SLA达成率" not in signed_in("chen").get("/kpis").text
