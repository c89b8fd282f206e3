"""Measured values: once each, corrected and never overwritten, and nothing half taken."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models import trail
from models.engine import reading
from models.kpi import Kpi, KpiFormula, KpiTarget, Measurement, MeasurementCorrection
from processes.imports.problems import ImportRefused
from processes.kpi import import_kpis as kpis
from processes.kpi import import_measurements as measurements
from processes.kpi import measurements as process
from rules.kpi import Judgement
from rules.refusal import Refused
from tests.support.cast import at, codes_by_id, hire

AT = at("2026-09-28")
KPIS = (
    "code,name,element,definition,numerator,denominator,unit,direction,target,frequency,"
    "owner,checker,source"
)
SLA = "SLA,SLA达成率,process,达成数÷总数,达成数,总数,%,>=,95,month,li,zhao,report"
MTTR = "MTTR,平均解决时间,process,,,,h,<=,4,quarter,quality_head,,import"
HEAD = "kpi,period,scope,value,numerator,denominator,note"
CATALOGUE = Path(kpis.__file__).parents[2] / "config" / "kpis.toml"


def put(folder, text, name="measurements.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def indicators(home, *rows, when=AT, head=KPIS):
    path = put(home, "\n".join([head, *rows]) + "\n", "kpis.csv")
    return kpis.take(path, at=when, actor="operator:test")


def values(home, *rows, when=AT, **options):
    path = put(home, "\n".join([HEAD, *rows]) + "\n")
    return measurements.take(path, at=when, actor="operator:test", **options)


def counts(report):
    return report.new, report.changed, report.unchanged


def refused(home, *rows, take=values):
    with pytest.raises(ImportRefused) as no:
        take(home, *rows)
    return [(p.row, p.column, p.said("en").rpartition(": ")[2]) for p in no.value.problems]


def recorded():
    with reading() as session:
        return session.exec(select(Measurement).order_by(Measurement.id)).all()


@pytest.fixture
def known(home):
    hire()
    indicators(home, SLA, MTTR)
    return home


# --- indicators -----------------------------------------------------------------------


def test_takes_indicators_once_and_an_owner_may_be_a_role(home):
    hire()
    assert counts(indicators(home, SLA, MTTR)) == (2, 0, 0)
    assert counts(indicators(home, SLA, MTTR)) == (0, 0, 2)
    with reading() as session:
        owners = {kpi.code: codes_by_id()[kpi.owner_id] for kpi in session.exec(select(Kpi))}
    assert owners == {"SLA": "li", "MTTR": "qin"}


def test_the_starter_catalogue_of_forty_two_can_be_imported(home):
    hire(li={"roles": ["process_owner", "service_desk"]})
    report = kpis.take(CATALOGUE, at=AT, actor="operator:test")
    assert counts(report) == (42, 0, 0)
    with reading() as session:
        every = session.exec(select(Kpi)).all()
        aims = session.exec(select(KpiTarget)).all()
    assert all(kpi.name and kpi.name_en and kpi.definition for kpi in every)
    assert len(aims) == 42
    assert counts(kpis.take(CATALOGUE, at=AT, actor="operator:test")) == (0, 0, 42)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("SLA,SLA,process,,,,%,≈,95,month,li,,report", (2, "direction")),
        ("SLA,SLA,process,,,,%,>=,95%,month,li,,report", (2, "target")),  # 0.95 in Excel
        ('SLA,SLA,process,,,,%,>=,"95,5",month,li,,report', (2, "target")),
        ("SLA,SLA,process,,,,%,>=,95,weekly,li,,report", (2, "frequency")),
        ("SLA,SLA,magic,,,,%,>=,95,month,li,,report", (2, "element")),
        ("SLA,SLA,process,,,,%,>=,95,month,nobody,,report", (2, "owner")),
        ("SLA,SLA,process,,,,%,>=,95,month,process_owner,,report", (2, "owner")),  # held by none
        ("SLA,SLA,process,,,,%,>=,95,month,li,,oracle", (2, "source")),
        ("SLA,,process,,,,%,>=,95,month,li,,report", (2, "name")),
    ],
)
def test_an_indicator_that_cannot_be_taken_is_refused_by_name(home, row, problem):
    hire()
    assert problem in [place[:2] for place in refused(home, row, MTTR, take=indicators)]
    with reading() as session:
        assert session.exec(select(Kpi)).first() is None


def test_a_changed_formula_is_a_version_and_values_keep_theirs(known):
    values(known, "SLA,2026-07,,,95,100,")
    indicators(known, SLA.replace("达成数÷总数", "达成数÷（总数−豁免数）"))
    values(known, "SLA,2026-08,,,96,100,")
    assert [row.formula_version for row in recorded()] == [1, 2]
    with reading() as session:
        kept = session.exec(select(KpiFormula).order_by(KpiFormula.id)).all()
    assert [(f.version, f.definition) for f in kept if f.definition.startswith("达成数")] == [
        (1, "达成数÷总数"),
        (2, "达成数÷（总数−豁免数）"),
    ]


def test_a_new_target_counts_from_its_day_and_the_past_stays_judged(known):
    values(known, "SLA,2026-08,,,96,100,")
    indicators(known, SLA.replace(",95,", ",97,"), when=at("2026-09-10"))
    values(known, "SLA,2026-07,,,96,100,", "SLA,2026-09,,,96,100,")
    found = {row.period: (row.target, row.judgement) for row in recorded()}
    assert found == {
        "2026-08": (95, Judgement.MET),
        "2026-07": (95, Judgement.MET),  # late, and judged by the target of its day
        "2026-09": (97, Judgement.MISSED),
    }


def test_a_target_may_begin_on_a_named_day(known):
    row = SLA.replace(",95,", ",97,") + ",2027-01-01"
    assert counts(indicators(known, row, head=f"{KPIS},target_from")) == (0, 1, 0)
    with reading() as session:
        kept = session.exec(
            select(KpiTarget).join(Kpi, Kpi.id == KpiTarget.kpi_id).where(Kpi.code == "SLA")
        ).all()
    assert [(one.valid_from, one.valid_until) for one in kept] == [
        (None, date(2026, 12, 31)),
        (date(2027, 1, 1), None),
    ]


def test_what_is_measured_by_the_month_is_not_measured_by_the_quarter_later(known):
    values(known, "SLA,2026-08,,,96,100,")
    quarter = SLA.replace(",month,", ",quarter,")
    assert [place[:2] for place in refused(known, quarter, take=indicators)] == [(2, "frequency")]


# --- values ---------------------------------------------------------------------------


def test_takes_values_and_judges_them_by_their_counts(known):
    report = values(
        known,
        "SLA,2026-08,,,940,1000,七月漏报已补",
        "SLA,2026-07,organisation,,0,0,",  # nothing happened: no data
        "SLA,2026-08,P1,,19,20,",  # a project's code says it all
        "MTTR,2026-Q2,,3.5,,,",
    )
    assert counts(report) == (4, 0, 0)
    found = {(row.period, row.scope): row for row in recorded()}
    august = found["2026-08", "organisation"]
    assert (august.value, august.count, august.judgement) == (94, 1000, Judgement.MISSED)
    assert august.evidence["row"] == 2
    assert august.source == "file:measurements.csv"
    assert found["2026-07", "organisation"].judgement is Judgement.NO_DATA
    assert found["2026-07", "organisation"].value is None
    assert found["2026-08", "project=P1"].judgement is Judgement.MET
    assert found["2026-Q2", "organisation"].judgement is Judgement.MET


def test_the_same_file_again_changes_nothing(known):
    rows = ("SLA,2026-08,,,940,1000,", "MTTR,2026-Q2,,3.50,,,")
    values(known, *rows)
    with reading() as session:
        before = len(session.exec(select(trail.Trail)).all())
    assert counts(values(known, *rows)) == (0, 0, 2)
    assert counts(values(known, rows[0], "MTTR,2026-Q2,,3.5,,,")) == (0, 0, 2)  # the same number
    with reading() as session:
        assert len(session.exec(select(trail.Trail)).all()) == before


def test_another_value_without_a_reason_is_refused_and_nothing_is_taken(known):
    values(known, "SLA,2026-08,,,940,1000,")
    (problem,) = refused(known, "SLA,2026-08,,,960,1000,", "SLA,2026-07,,,960,1000,")
    assert problem[:2] == (2, "note")
    assert [(row.period, row.value) for row in recorded()] == [("2026-08", 94)]


@pytest.mark.parametrize(("note", "options"), [("漏算夜班", {}), ("", {"reason": "漏算夜班"})])
def test_another_value_with_a_reason_is_a_correction_that_keeps_the_first(known, note, options):
    values(known, "SLA,2026-08,,,940,1000,")
    report = values(known, f"SLA,2026-08,,,960,1000,{note}", when=at("2026-09-29"), **options)
    assert counts(report) == (0, 1, 0)
    (row,) = recorded()
    assert (row.value, row.judgement, row.corrections) == (96, Judgement.MET, 1)
    with reading() as session:
        kept = session.exec(select(MeasurementCorrection)).one()
    assert (kept.before["numerator"], kept.after["numerator"]) == ("940", "960")
    assert (kept.reason, kept.late, kept.actor) == ("漏算夜班", True, "operator:test")


def test_a_correction_by_hand_needs_a_reason_and_a_value_to_correct(known):
    values(known, "SLA,2026-08,,,940,1000,")
    fields = {"kpi": "SLA", "period": "2026-08", "at": AT, "actor": "operator:test"}
    new = {"numerator": Decimal(960), "denominator": Decimal(1000)}
    with pytest.raises(process.ReasonMissing):
        process.correct(**fields, **new, reason="  ")
    with pytest.raises(Refused, match="there is no measurement"):
        process.correct(**{**fields, "period": "2026-07"}, **new, reason="x")
    assert process.correct(**fields, **new, reason="漏算夜班") == "changed"
    assert process.correct(**fields, **new, reason="漏算夜班") == "unchanged"


BAD = [
    ("SLA,2026-08,,94%,,,", "value"),
    ('SLA,2026-08,,"94,5",,,', "value"),  # a decimal comma
    ('SLA,2026-08,,,"1,000","1,200",', "numerator"),  # thousands
    ("SLA,2026-08,,1.000.5,,,", "value"),
    ("SLA,2026-08,,NS,,,", "value"),
    ("SLA,2026-08,,NA,,,", "value"),
    ("SLA,2026-08,,nan,,,", "value"),
    ("SLA,2026-08,,Infinity,,,", "value"),
    ("SLA,2026-08,,９４,,,", "value"),
    ("SLA,2026-08,,-1,,,", "value"),
    ("SLA,2026-08,,,-1,5,", "numerator"),
    ("SLA,2026-08,,,6,5,", "numerator"),
    ("SLA,2026-08,,,6,,", "denominator"),
    ("SLA,2026-08,,101,,,", "value"),
    ("SLA,2026-08,,,,,", "value"),
    ("SLA,2026-08,,90,95,100,", "value"),
    ("SLA,08/2026,,94,,,", "period"),  # another form of date
    ("SLA,2026-8,,94,,,", "period"),
    ("SLA,2026-13,,94,,,", "period"),
    ("SLA,2026-Q3,,94,,,", "period"),  # it would overlap its months
    ("MTTR,2026-07,,3,,,", "period"),
    ("XXX,2026-08,,94,,,", "kpi"),
    (",2026-08,,94,,,", "kpi"),
    ("SLA,,,94,,,", "period"),
    ("SLA,2026-08,project=P9,94,,,", "scope"),
    ("SLA,2026-08,一部,94,,,", "scope"),
]


@pytest.mark.parametrize(("row", "column"), BAD)
def test_a_value_that_cannot_be_is_refused_by_row_and_column(known, row, column):
    assert (3, column) in [place[:2] for place in refused(known, "SLA,2026-07,,95,,,", row)]
    assert recorded() == []  # nothing of the file was taken


def test_every_wrong_row_is_named_at_once(known):
    wrong = {(number, column) for number, (_, column) in enumerate(BAD, start=2)}
    assert wrong <= {place[:2] for place in refused(known, *(row for row, _ in BAD))}


def test_a_period_that_stands_twice_in_a_file_is_refused(known):
    found = refused(known, "SLA,2026-08,,95,,,", "SLA,2026-08,organisation,95,,,")
    assert found[0][:2] == (3, "kpi")


def test_a_period_that_is_not_over_is_taken_with_a_note(known):
    report = values(known, "SLA,2026-09,,96,,,")
    assert [note.said("en") for note in report.notes] == [
        "measurements.csv, row 2, column period: 2026-09 is not over yet"
    ]


def test_a_dry_run_takes_nothing(known):
    assert counts(values(known, "SLA,2026-08,,95,,,", dry_run=True)) == (1, 0, 0)
    assert recorded() == []


def test_a_value_keeps_every_digit(known):
    values(known, "MTTR,2026-Q2,,3.14159265358979323846,,,")
    assert recorded()[0].value == Decimal("3.14159265358979323846")
