"""What the owner of an indicator answers (指标填报): judged like a value from any other source."""

from decimal import Decimal
from typing import Final

from sqlmodel import Session, col, select

from config.language import label, say
from models.duty import Duty
from models.kpi import Measurement
from processes.duty import beside
from processes.duty.deed import Deed
from processes.imports import numbers
from processes.imports.problems import Wrong
from processes.kpi import catalogue as kpi_catalogue
from processes.kpi import measurements
from processes.kpi import owed as kpi_owed
from processes.kpi import targets as kpi_targets
from processes.kpi.forms import ReportKpi
from processes.kpi.measurements import Given
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Judgement, Observation
from rules.refusal import NotFound, Refused
from rules.words import DutyKind

RECORDED: Final = "It is recorded, and the target is attained."
MISSED: Final = (
    "It is recorded. The target is missed: a nonconformity is raised, and you are asked for"
    " cause and improvement."
)
EMPTY: Final = "It is recorded as no data."
PLAIN: Final = "It is recorded; there is no target for this period."
SAID: Final = {
    Judgement.MET: RECORDED,
    Judgement.MISSED: MISSED,
    Judgement.NO_DATA: EMPTY,
    None: PLAIN,
}
BEFORE: Final = 6  # earlier values that stand beside the form


class NoNumber(Refused):
    """Something typed that can mean no one number; the sentence is the cell's own."""

    sentence = "{cell} is no number: write it like 95.5"

    def __init__(self, wrong: Wrong) -> None:
        self.__dict__["sentence"] = wrong.sentence
        super().__init__(**wrong.facts)


def report(deed: Deed, form: ReportKpi) -> str:
    """Record the value that the duty asks for."""
    code, period = kpi_owed.split(deed.duty.subject)
    kpi = kpi_catalogue.by_code(deed.session, code)
    observation = Observation(
        period=period,
        scope=kpi_owed.scope_of(kpi, deed.duty.project),
        value=_number(form.value),
        numerator=_number(form.numerator),
        denominator=_number(form.denominator),
    )
    given = Given(
        observation=observation,
        source="report",
        note=form.note,
        evidence={"duty": deed.duty.id},
        duty_id=deed.duty.id,
        reason=form.note,
    )
    _, found = measurements.record(deed.session, kpi, given, at=deed.at, actor=deed.actor)
    deed.discharge()
    return SAID[found.judgement]


def _number(typed: str) -> Decimal | None:
    if not typed:
        return None
    try:
        return numbers.count(typed)
    except Wrong as wrong:
        raise NoNumber(wrong) from wrong


def beside_the_form(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return how the indicator is defined, its target, and the values before."""
    code, period_code = kpi_owed.split(duty.subject)
    try:
        kpi = kpi_catalogue.by_code(session, code)
    except NotFound:
        return []
    period = periods.parse(period_code)
    target = rule.in_force(kpi_targets.of(session, kpi), period.last)
    before = session.exec(
        select(Measurement)
        .where(
            col(Measurement.kpi_id) == kpi.id,
            col(Measurement.scope) == kpi_owed.scope_of(kpi, duty.project),
            col(Measurement.ends_on) < period.first,
        )
        .order_by(col(Measurement.ends_on).desc())
        .limit(BEFORE)
    ).all()
    aim = f"{target.direction} {rule.plain(target.value)} {kpi.unit}" if target else "-"
    facts = [
        ("Indicator", f"{kpi.code} {kpi.name if language == 'zh' else kpi.name_en or kpi.name}"),
        ("Period", f"{period.code} ({period.first} – {period.last})"),
        ("Definition", kpi.definition),
        ("Numerator", kpi.numerator),
        ("Denominator", kpi.denominator),
        ("Target", aim),
        ("Values before", "\n".join(told(row, kpi.unit, language) for row in before)),
    ]
    return [(say(language, name), text) for name, text in facts if text]


def told(row: Measurement, unit: str, language: str) -> str:
    """Return a measurement on one line: the period, the value, its counts, the judgement."""
    value = f"{rule.plain(row.value)} {unit}" if row.value is not None else "-"
    counts = ""
    if row.numerator is not None and row.denominator is not None:
        counts = f" ({rule.plain(row.numerator)}/{rule.plain(row.denominator)})"
    judged = label(language, row.judgement.value, "judgement") if row.judgement else ""
    return f"{row.period}: {value}{counts} {judged}".rstrip()


beside.FACTS.setdefault(DutyKind.REPORT_KPI.value, []).append(beside_the_form)
