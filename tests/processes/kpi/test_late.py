"""Tickets that come late: the recorded value stays until its owner agrees, and is asked once."""

import pytest
from sqlmodel import select

from models.engine import reading
from models.kpi import LateValue, Measurement, MeasurementCorrection
from models.nonconformity import Nonconformity
from processes.duty import answers
from processes.kpi import collecting as kpi_collecting
from processes.kpi import import_kpis as kpis
from processes.kpi import misses as kpi_misses
from processes.tickets import taken as tickets_taken
from rules.refusal import Refused
from tests.support.cast import at, codes_by_id, duties_of, duty_of, hire

HEAD = (
    "number,reopen_count,made_sla,opened_at,sys_updated_at,priority,assignment_group,"
    "resolved_at,closed_at"
)
MET, MISSED = "true", "false"


def bring(home, *tickets, when):
    rows = [
        f"INC{n},0,{flag},2/9/2026 10:00,{day}/9/2026 12:00,2 - High,G,?,{day}/9/2026 12:00"
        for n, (day, flag) in enumerate(tickets, start=1)
    ]
    path = home / "log.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    tickets_taken.take(path, mapping="uci", at=when, actor="operator:test")


def recorded():
    with reading() as session:
        return [(row.numerator, row.denominator) for row in session.exec(select(Measurement))]


def asked():
    return duties_of("SLA", "confirm_value")


def answer(when, **data):
    (duty,) = asked()
    return answers.answer(duty.id, person_id=duty.owner_id, data=data, at=when, via="test")


@pytest.fixture
def measured(home):
    """September's value is recorded as 1 of 1, and then a missed ticket of it comes."""
    hire()
    path = home / "kpis.csv"
    path.write_text(
        "code,name,target,frequency,owner,source\nSLA,SLA,95,month,li,tickets:uci\n", "utf-8"
    )
    kpis.take(path, at=at("2026-10-01"), actor="operator:test")
    bring(home, (5, MET), when=at("2026-10-01"))
    assert kpi_collecting.collect(at("2026-10-12")).done == 1
    bring(home, (5, MET), (6, MISSED), when=at("2026-10-13"))
    kpi_collecting.collect(at("2026-10-13"))
    return home


def test_the_value_stays_and_its_owner_is_asked_once(measured):
    assert recorded() == [(1, 1)]
    assert [codes_by_id()[duty.owner_id] for duty in asked()] == ["li"]
    bring(measured, (5, MET), (6, MISSED), (7, MISSED), when=at("2026-10-14"))
    kpi_collecting.collect(at("2026-10-14"))
    assert len(asked()) == 1  # the same duty tells the newest counts
    with reading() as session:
        row = session.exec(select(LateValue)).one()
    assert (row.numerator, row.denominator) == (1, 3)


def test_agreed_it_is_corrected_and_its_miss_is_raised(measured):
    answer(at("2026-10-14"), decision="agree")
    assert recorded() == [(1, 2)]
    with reading() as session:
        made = session.exec(select(MeasurementCorrection)).one()
    assert (made.before["numerator"], made.after["denominator"]) == ("1", "2")
    assert len(kpi_misses.raise_missed(at=at("2026-10-14")).raised) == 1


def test_kept_it_needs_a_reason_and_is_not_asked_again_about_the_same(measured):
    with pytest.raises(Refused):
        answer(at("2026-10-14"), decision="keep")
    answer(at("2026-10-14"), decision="keep", reason="该工单属于另一合同")
    assert recorded() == [(1, 1)]
    bring(measured, (5, MET), (6, MISSED), (1, MET), when=at("2026-10-15"))
    kpi_collecting.collect(at("2026-10-15"))
    assert len(asked()) == 1  # the log says something else than what was kept
    assert recorded() == [(1, 1)]


def test_what_the_log_says_again_is_no_question_any_more(measured):
    bring(measured, (5, MET), when=at("2026-10-14"))  # forgets nothing: the question stands
    assert len(asked()) == 1
    again = "INC2,0,?,2/9/2026 10:00,7/9/2026 12:00,2 - High,G,?,6/9/2026 12:00"
    path = measured / "log.csv"
    path.write_text(f"{HEAD}\n{again}\n", "utf-8")
    tickets_taken.take(path, mapping="uci", at=at("2026-10-15"), actor="operator:test")
    kpi_collecting.collect(at("2026-10-15"))
    assert asked() == []
    assert recorded() == [(1, 1)]


def test_a_miss_that_was_none_is_put_to_the_quality_head_and_voided_by_nobody_else(home, measured):
    answer(at("2026-10-14"), decision="agree")
    (code,) = kpi_misses.raise_missed(at=at("2026-10-14")).raised
    bring(home, (5, MET), (8, MET), when=at("2026-10-15"))
    kpi_collecting.collect(at("2026-10-15"))
    answer(at("2026-10-16"), decision="agree")
    assert recorded() == [(2, 2)]
    with reading() as session:
        raised = session.exec(select(Nonconformity).where(Nonconformity.code == code)).one()
    assert raised.state == "disputed"
    assert codes_by_id()[duty_of(code, "decide_dispute").owner_id] == "qin"


def test_a_month_that_its_log_does_not_reach_is_owed_until_its_tickets_come(home):
    hire()
    path = home / "kpis.csv"
    path.write_text(
        "code,name,target,frequency,owner,source\nSLA,SLA,95,month,li,tickets:uci\n", "utf-8"
    )
    august = "INC9,0,true,2/8/2026 10:00,5/8/2026 12:00,2 - High,G,?,5/8/2026 12:00"
    log = home / "log.csv"
    log.write_text(f"{HEAD}\n{august}\n", "utf-8")
    kpis.take(path, at=at("2026-09-01"), actor="operator:test")
    tickets_taken.take(log, mapping="uci", at=at("2026-09-01"), actor="operator:test")
    for day in range(12, 28):
        kpi_collecting.collect(at(f"2026-10-{day}"))
    assert recorded() == [(1, 1)]  # August's; of September nothing is known
    assert codes_by_id()[duty_of("SLA/2026-09", "report_kpi").owner_id] == "li"
    bring(home, (5, MISSED), when=at("2026-10-28"))
    kpi_collecting.collect(at("2026-10-28"))
    assert (0, 1) in recorded()
    assert duties_of("SLA/2026-09", "report_kpi") == []
