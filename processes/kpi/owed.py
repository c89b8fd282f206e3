"""Values that are owed (指标填报): a duty of whoever answers for the indicator, each period anew.

A value that comes by another way (a file, a source) ends the duty: nothing is asked twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.kpi import kpi_policy
from config.language import say
from models.duty import Duty
from models.engine import transaction
from models.kpi import Kpi, Measurement
from models.organisation import Project
from models.people import organisation
from processes.duty import issued as duties
from processes.kpi.sources import ASKED
from rules import period as periods
from rules.kpi import ORGANISATION, Level
from rules.period import Period
from rules.words import DutyKind, DutyState

KIND: Final = "kpi"  # `subject_kind` of its duties
CAME: Final = "the value has come by another way"
RETIRED: Final = "the indicator is no longer tracked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One value that somebody owes: of which scope, and who answers for it."""

    scope: str
    owner_id: int
    project: str | None = None


@transaction
def ask(session: Session, *, at: datetime) -> int:
    """Issue a duty for each value that is due to be reported and has not come; how many are new."""
    wanted = session.exec(
        select(Kpi)
        .where(col(Kpi.active), col(Kpi.source).in_(sorted(ASKED)))
        .order_by(col(Kpi.code))
    ).all()
    today = current().calendar.day(at)
    asked = _asked(session) if wanted else set()
    missing = [
        (kpi, period, owed)
        for kpi in wanted
        for period in due_periods(kpi, today)
        for owed in owners(session, kpi, period)
        if (subject_of(kpi.code, period.code), owed.project) not in asked
    ]
    known = measured(session, missing[0][1].first if missing else today)
    owing = [one for one in missing if (one[0].id, one[1].code, one[2].scope) not in known]
    for kpi, period, owed in owing:
        owe(session, kpi, period, owed, at=at)
    return len(owing)


def measured(session: Session, oldest: date) -> set[tuple[int | None, str, str]]:
    """Return what was measured of periods since then, or a year before: in one question."""
    since = oldest - timedelta(days=366)
    rows = session.execute(
        select(col(Measurement.kpi_id), col(Measurement.period), col(Measurement.scope)).where(
            col(Measurement.ends_on) >= since
        )
    )
    return {(row[0], row[1], row[2]) for row in rows}


def due_periods(kpi: Any, today: date) -> list[Period]:
    """Return the periods that are over and tracked, at most a year of them."""
    found: list[Period] = []
    period = periods.ended(today, kpi.frequency)
    while period.last >= kpi.since and len(found) < 12 // periods.MONTHS[kpi.frequency]:
        found.append(period)
        period = periods.preceding(period)
    return found[::-1]


def due_at(period: Period) -> datetime:
    """Return by when the value of a period is owed: n working days after its end."""
    now = current()
    noon = datetime.combine(period.last, time(12), now.settings.zone).astimezone(UTC)
    return now.calendar.working_days(noon, kpi_policy().report.working_days)


def subject_of(code: str, period: str) -> str:
    """Return what a duty to report is about."""
    return f"{code}/{period}"


def split(subject: str) -> tuple[str, str]:
    """Return indicator and period of a duty's subject."""
    code, _, period = subject.rpartition("/")
    return code, period


def scope_of(kpi: Any, project: str | None) -> str:
    """Return the scope whose value a duty asks for."""
    return f"{kpi.scope.value}={project}" if project else ORGANISATION


def owners(session: Session, kpi: Kpi, period: Period) -> Sequence[Owed]:
    """Return who owes the values of a period: the owner, or each project's manager for his own."""
    if kpi.scope is Level.ORGANISATION:
        return [Owed(scope=ORGANISATION, owner_id=kpi.owner_id)]
    posts = organisation(session).posts
    found = session.exec(select(Project).order_by(col(Project.code))).all()
    return [
        Owed(
            scope=scope_of(kpi, project.code),
            owner_id=_active(posts, project.manager_id) or kpi.owner_id,
            project=project.code,
        )
        for project in found
        if (project.start or date.min) <= period.last and period.first <= (project.end or date.max)
    ]


def owe(
    session: Session, kpi: Kpi, period: Period, owed: Owed, *, at: datetime, **facts: Any
) -> Duty:
    """Owe the value of one period and scope."""
    settings, calendar = current().settings, current().calendar
    by, days = due_at(period), kpi_policy().report.working_days
    return duties.issue(
        session,
        kind=DutyKind.REPORT_KPI,
        subject_kind=KIND,
        subject=subject_of(kpi.code, period.code),
        title=say(settings.language, "{name}, {period}", name=kpi.name, period=period.code),
        owner_id=owed.owner_id,
        due_at=by if by > at else calendar.working_days(at, days),
        at=at,
        project=owed.project,
        **facts,
    )


def is_asked(session: Session, kpi: Kpi, period: Period) -> bool:
    """Whether somebody owes the value of this period already."""
    open_ = duties.open_duties_about(session, KIND, subject_of(kpi.code, period.code))
    return any(duty.kind == DutyKind.REPORT_KPI for duty in open_)


def settle(
    session: Session, kpi: Kpi, measurement: Measurement, *, at: datetime, actor: str
) -> None:
    """End the duties that asked for this value: it is there."""
    for duty in duties.open_duties_about(session, KIND, subject_of(kpi.code, measurement.period)):
        right = scope_of(kpi, duty.project) == measurement.scope
        if duty.kind == DutyKind.REPORT_KPI and right and duty.id != measurement.duty_id:
            duties.withdraw(session, duty, at=at, why=CAME, actor=actor)


def settle_many(
    session: Session, subjects: Iterable[tuple[str, str]], *, at: datetime, actor: str
) -> None:
    """End the duties that asked for these values, by subject and scope."""
    wanted = set(subjects)
    rows = session.exec(
        select(Duty).where(
            col(Duty.kind) == DutyKind.REPORT_KPI.value, col(Duty.state) == DutyState.OPEN
        )
    ).all()
    known = {kpi.code: kpi for kpi in session.exec(select(Kpi))} if rows else {}
    for duty in rows:
        kpi = known.get(split(duty.subject)[0])
        if kpi is not None and (duty.subject, scope_of(kpi, duty.project)) in wanted:
            duties.withdraw(session, duty, at=at, why=CAME, actor=actor)


@transaction
def withdraw_retired(session: Session, *, at: datetime) -> int:
    """End what is owed about indicators that are no longer tracked; return how many."""
    retired = sa.select(col(Kpi.code)).where(~col(Kpi.active))
    gone = set(session.scalars(retired))
    rows = session.exec(
        select(Duty).where(
            col(Duty.kind) == DutyKind.REPORT_KPI.value, col(Duty.state) == DutyState.OPEN
        )
    ).all()
    over = [duty for duty in rows if split(duty.subject)[0] in gone]
    for duty in over:
        duties.withdraw(session, duty, at=at, why=RETIRED)
    return len(over)


def _asked(session: Session) -> set[tuple[str, str | None]]:
    """Return what was asked for before: a duty is issued once, whatever became of it."""
    rows = session.execute(
        select(col(Duty.subject), col(Duty.project)).where(
            col(Duty.kind) == DutyKind.REPORT_KPI.value
        )
    )
    return {(row[0], row[1]) for row in rows}


def _active(posts: Any, person: int | None) -> int | None:
    post = posts.get(person) if person is not None else None
    return person if post is not None and post.active else None
