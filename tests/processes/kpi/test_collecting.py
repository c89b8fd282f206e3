"""Fetched and asked for: a source that fails stops no other, and its owner owes the value."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from models import alarms
from models.engine import reading
from models.kpi import KpiCollection, Measurement
from models.record import Alarm
from processes.duty import answers
from processes.kpi import collecting as kpi_collecting
from processes.kpi import import_kpis as kpis
from processes.kpi import import_measurements as measurements
from processes.kpi import misses as kpi_misses
from processes.kpi import owed as kpi_owed
from processes.kpi import sources as kpi_sources
from processes.kpi.sources import Fetched, SourceFailed
from processes.watch import news
from rules.kpi import Observation
from rules.refusal import Refused
from tests.support.cast import at, change, codes_by_id, duties_of, duty_of, hire, nonconformity

HEAD = "code,name,target,direction,frequency,scope,owner,source"
AT = at("2026-10-12")


def track(home, *rows, when=AT):
    path = home / "kpis.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    kpis.take(path, at=when, actor="operator:test")


def measure(home, *rows, when=AT):
    path = home / "m.csv"
    path.write_text("\n".join(["kpi,period,numerator,denominator", *rows]) + "\n", "utf-8")
    measurements.take(path, at=when, actor="operator:test")


def good(wanted):
    return Fetched(
        observations=(
            Observation(period=wanted.period.code, numerator=Decimal(96), denominator=Decimal(100)),
        ),
        evidence={"query": "…"},
    )


def broken(wanted):
    raise SourceFailed("the source gave no value for {period}", period=wanted.period.code)


def faulty(wanted):
    raise ZeroDivisionError("a fault in the source's own code")


def foolish(wanted):
    return Fetched(
        observations=(
            Observation(
                period=wanted.period.code, numerator=Decimal(200), denominator=Decimal(100)
            ),
        )
    )


@pytest.fixture
def sources(home, monkeypatch):
    hire()
    for name in ("good", "broken", "faulty", "foolish"):
        monkeypatch.setitem(kpi_sources.SOURCES, name, f"{__name__}:{name}")
    return home


def rows(model):
    with reading() as session:
        return session.exec(select(model).order_by(model.id)).all()


# --- fetched --------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["broken", "faulty"])
def test_a_source_that_fails_stops_no_other(sources, source):
    track(
        sources,
        f"A,甲,95,>=,month,organisation,li,{source}:x",
        "B,乙,95,>=,month,organisation,chen,good:x",
    )
    done = kpi_collecting.collect(AT)
    assert (done.done, done.failed, done.given_up) == (1, 1, 0)
    (found,) = rows(Measurement)
    assert (found.period, found.value, found.source) == ("2026-09", 96, "good:x")
    assert kpi_collecting.collect(AT).done == 0  # twice is harmless


def test_nothing_is_fetched_before_its_working_day(sources):
    track(sources, "B,乙,95,>=,month,organisation,chen,good:x", when=at("2026-09-30"))
    # National Day: the first working day of October is the 8th.
    assert kpi_collecting.collect(at("2026-10-07")).done == 1  # August's
    assert kpi_collecting.collect(at("2026-10-08")).done == 1  # September's
    assert [row.period for row in rows(Measurement)] == ["2026-08", "2026-09"]


def test_a_failing_source_is_tried_again_later_and_then_its_owner_owes_the_value(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,broken:x")
    when, tries = AT, 0
    while not rows(Alarm):
        tries += 1
        kpi_collecting.collect(when)
        kpi_collecting.collect(when)  # not before its time
        when += timedelta(hours=12)
    assert tries == 4
    (row,) = rows(KpiCollection)
    assert (row.state, row.attempts) == ("failed", 4)
    duty = duty_of("A/2026-09", "report_kpi")
    assert codes_by_id()[duty.owner_id] == "li"
    (alarm,) = rows(Alarm)
    assert (alarm.kind, alarm.ref) == ("kpi_source", "kpi:A/2026-09")
    measure(sources, "A,2026-09,97,100", when=when)
    assert duties_of("A/2026-09", "report_kpi", state="withdrawn")
    kpi_collecting.clear_settled(at=when)
    with reading() as session:
        assert alarms.open_alarms(session) == []


def test_what_cannot_have_been_measured_is_not_asked_for_again(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,foolish:x")
    assert kpi_collecting.collect(AT).given_up == 1
    assert "above the denominator" in rows(KpiCollection)[0].error
    assert rows(Measurement) == []
    assert duty_of("A/2026-09", "report_kpi")


def test_an_answer_after_the_lease_was_taken_over_counts_for_nothing(sources):
    track(sources, "B,乙,95,>=,month,organisation,chen,good:x")
    kpi_collecting.open_due(at=AT)
    first = kpi_collecting.claim(at=AT)
    assert kpi_collecting.claim(at=AT) is None
    second = kpi_collecting.claim(at=AT + timedelta(minutes=11))
    assert second.token == first.token + 1
    assert kpi_collecting.settle(first, good(first.wanted), at=AT) == 0
    assert rows(Measurement) == []
    assert kpi_collecting.settle(second, good(second.wanted), at=AT) == 1


def test_a_source_that_says_otherwise_later_makes_a_correction(sources):
    track(sources, "B,乙,95,>=,month,organisation,chen,good:x")
    kpi_collecting.collect(AT)
    assert kpi_collecting.recompute("B", "2026-09", reason="工单补录", at=AT) == []
    kpi_sources.SOURCES["good"] = f"{__name__}:better"
    assert kpi_collecting.recompute("B", "2026-09", reason="工单补录", at=AT) == ["organisation"]
    (row,) = rows(Measurement)
    assert (row.value, row.corrections) == (99, 1)


def better(wanted):
    return Fetched(
        observations=(
            Observation(period=wanted.period.code, numerator=Decimal(99), denominator=Decimal(100)),
        )
    )


# --- asked for ------------------------------------------------------------------------


def test_each_period_that_is_over_is_asked_for_once(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,report", when=at("2026-09-10"))
    assert kpi_owed.ask(at=at("2026-09-10")) == 1
    assert kpi_owed.ask(at=at("2026-09-10")) == 0
    duty = duty_of("A/2026-08", "report_kpi")
    assert duty.due_at == at("2026-09-17", "18:00")  # late to begin: five days from now
    assert kpi_owed.ask(at=at("2026-10-01")) == 1
    # Five working days after September, across National Day and its make-up Saturday.
    assert duty_of("A/2026-09", "report_kpi").due_at == at("2026-10-13", "18:00")


def test_what_is_there_is_not_asked_for(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,report")
    measure(sources, "A,2026-09,96,100")
    assert kpi_owed.ask(at=AT) == 0


def test_a_value_that_comes_by_a_file_ends_the_duty(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,report")
    kpi_owed.ask(at=AT)
    measure(sources, "A,2026-09,96,100")
    assert duties_of("A/2026-09") == []
    assert len(duties_of("A/2026-09", state="withdrawn")) == 1


def test_each_project_s_manager_reports_his_own(sources):
    track(sources, "A,甲,95,>=,month,project,li,report")
    assert kpi_owed.ask(at=AT) == 1
    duty = duty_of("A/2026-09", "report_kpi")
    assert (codes_by_id()[duty.owner_id], duty.project) == ("sun", "P1")
    answer(duty, numerator="96", denominator="100")
    assert rows(Measurement)[0].scope == "project=P1"


def test_a_retired_indicator_is_asked_for_no_more(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,report")
    kpi_owed.ask(at=AT)
    path = sources / "kpis.csv"
    path.write_text("code,active\nA,no\n", "utf-8")
    kpis.take(path, at=AT, actor="operator:test")
    assert kpi_owed.withdraw_retired(at=AT) == 1
    assert kpi_owed.ask(at=at("2026-11-10")) == 0


def answer(duty, **fields):
    return answers.answer(duty.id, person_id=duty.owner_id, data=fields, at=AT, via="test")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"value": "九十五"}, "no number"),
        ({"value": "95,5"}, "with a point"),
        ({"numerator": "5"}, "denominator is missing"),
        ({"numerator": "6", "denominator": "5"}, "above the denominator"),
        ({}, "give a value"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_the_duty_stays(sources, fields, why):
    track(sources, "A,甲,95,>=,month,organisation,li,report")
    kpi_owed.ask(at=AT)
    duty = duty_of("A/2026-09", "report_kpi")
    with pytest.raises(Refused, match=why):
        answer(duty, **fields)
    assert duty_of("A/2026-09", "report_kpi").id == duty.id


# --- missed ---------------------------------------------------------------------------


def test_a_missed_target_is_raised_once_however_often_it_is_looked_at(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,import")
    measure(sources, "A,2026-08,90,100", "A,2026-09,91,100", "A,2026-07,97,100")
    (code,) = kpi_misses.raise_missed(at=AT).raised
    assert nonconformity(code).source_record == "A/2026-09/organisation"  # the latest; August joins
    assert kpi_misses.raise_missed(at=AT) == kpi_misses.Missed()
    measure(sources, "A,2026-06,80,100")
    assert kpi_misses.raise_missed(at=AT) == kpi_misses.Missed(joined=1)


def test_a_period_that_is_not_over_is_not_missed_yet(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,import")
    measure(sources, "A,2026-10,90,100")
    assert kpi_misses.raise_missed(at=AT).raised == ()
    assert len(kpi_misses.raise_missed(at=at("2026-11-01")).raised) == 1


def test_a_miss_of_years_ago_is_history(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,import")
    measure(sources, "A,2024-09,90,100")
    assert kpi_misses.raise_missed(at=AT).raised == ()


def test_somebody_above_owns_the_miss_of_an_owner_who_has_left(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,import")
    measure(sources, "A,2026-09,90,100")
    change("li", active=False)
    (code,) = kpi_misses.raise_missed(at=AT).raised
    assert codes_by_id()[nonconformity(code).owner_id] == "wang"


def test_the_witness_hears_of_each_missed_target(sources):
    track(sources, "A,甲,95,>=,month,organisation,li,import")
    measure(sources, "A,2026-08,90,100", "A,2026-09,91,100")
    news.told(news.fresh()[1], AT)
    (code,) = kpi_misses.raise_missed(at=AT).raised
    told = [(one.event, one.resource) for one in news.fresh()[0]]
    assert told.count(("pdca.kpi.missed", f"pdca.nonconformity.{code}")) == 2
    assert ("pdca.nonconformity.raised", f"pdca.nonconformity.{code}") in told
