"""What the year's processes give to a management review (评审输入: 体系变更与各过程的结果)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.base import columns
from models.check import Check
from models.kpi import Kpi, KpiFormula, KpiMiss, KpiSystem, KpiTarget
from models.nonconformity import Nonconformity, Round
from models.plan import Activity, ActivityChange, ActivityState, Plan
from models.record import Trail
from processes.approval import course as approval
from processes.audit import review as audit_review
from processes.check import statistics as check_statistics
from processes.check.statistics import Wanted
from processes.kpi import board as kpi_board
from processes.kpi.board import BoardRow, CellState
from processes.plan import rows
from processes.review.parts import (
    MOST,
    Activities,
    Audited,
    Audits,
    Change,
    Changes,
    Checked,
    Checks,
    Customers,
    Indicator,
    Nonconformities,
    Objectives,
    Span,
)
from processes.review.standing import count, inside, matters, name
from processes.watch import overview
from processes.watch.overview import OVER
from rules import kpi as rule
from rules.check import CheckState

VOICE: Final = ("complaint", "major_incident")  # sources that customers speak by
CUSTOMERS: Final = frozenset({"SATISFACTION", "COMPLAINTS", "COMPLAINT-ONTIME", "CALLBACK"})
IMPORTED: Final = ("person.imported", "person.changed", "unit.imported", "unit.changed")


def changes(session: Session, span: Span) -> Changes:
    """Return what of the system was changed in the period, why and by whom."""
    found = sorted(_changes(session, span), key=lambda one: (one.on or span.first, one.code))
    asked = session.exec(
        select(col(ActivityChange.until)).where(
            col(ActivityChange.granted).is_(True),
            col(ActivityChange.decided_at) >= span.begins,
            col(ActivityChange.decided_at) < span.ends,
        )
    ).all()
    return Changes(
        rows=tuple(found[-MOST:]),
        more=max(0, len(found) - MOST),
        imports=_imports(session, span),
        postponed=sum(until is not None for until in asked),
        cancelled=sum(until is None for until in asked),
        activities=_activities(session, span),
    )


def _changes(session: Session, span: Span) -> Iterator[Change]:
    organisation, day = people.organisation(session), current().calendar.day
    ours = _between(col(Plan.in_force_at), span)
    for plan in session.exec(select(Plan).where(*ours)):
        signed = approval.state(session, rows.KIND, plan.code, plan.version)
        yield Change(
            kind="plan",
            code=plan.code,
            version=plan.version,
            reason=plan.change_reason,
            on=day(plan.in_force_at) if plan.in_force_at else None,
            by=name(organisation, signed.approved_by_id if signed else None),
        )
    for own in session.exec(select(KpiSystem).where(*_between(col(KpiSystem.approved_at), span))):
        yield Change(
            kind=own.kind,
            code=own.code,
            version=own.version,
            reason=own.summary,
            on=day(own.approved_at) if own.approved_at else None,
        )
    for kind, table in (("target", KpiTarget), ("formula", KpiFormula)):
        yield from _of_indicators(session, span, kind, columns(table))


def _of_indicators(session: Session, span: Span, kind: str, own: Any) -> Iterator[Change]:
    """Yield new targets and formulas; the first ones are no change."""
    query = sa.select(Kpi.code, Kpi.name, own.version, own.at).where(  # type: ignore[call-overload]
        own.kpi_id == Kpi.id, own.version > 1, *_between(own.at, span)
    )
    for code, called, version, at in session.execute(query):
        on = current().calendar.day(at)
        yield Change(kind=kind, code=code, version=version, reason=called, on=on)


def _imports(session: Session, span: Span) -> dict[str, int]:
    """Return how often people and units were taken in anew or changed."""
    counted = (
        sa.select(Trail.action, sa.func.count())  # type: ignore[call-overload]
        .where(col(Trail.action).in_(IMPORTED), *_between(col(Trail.at), span))
        .group_by(Trail.action)
        .order_by(Trail.action)
    )
    return {str(action): int(n) for action, n in session.execute(counted)}


def _activities(session: Session, span: Span) -> tuple[Activities, ...]:
    own, today = columns(Activity), current().calendar.day(span.at)
    still = own.state.in_((ActivityState.PLANNED, ActivityState.OPEN))
    counted = (
        sa.select(
            own.kind,
            _sum(own.state != ActivityState.CANCELLED),
            _sum(own.state == ActivityState.DONE),
            _sum(sa.and_(still, own.planned_on < today)),
            _sum(own.state == ActivityState.CANCELLED),
        )
        .where(own.planned_on >= span.first, own.planned_on <= span.last)
        .group_by(own.kind)
        .order_by(own.kind)
    )
    return tuple(
        Activities(kind=kind, planned=planned, done=done, late=late, cancelled=cancelled)
        for kind, planned, done, late, cancelled in session.execute(counted)
    )


def objectives(session: Session, span: Span, found: Sequence[BoardRow]) -> Objectives:
    """Return how far the indicators' targets were attained in the periods that ended here."""
    states = Counter(cell.state for row in found for cell in _cells(row, span))
    judged = states[CellState.MET] + states[CellState.MISSED]
    worst = sorted(_indicators(session, found, span), key=_worst)
    amiss = [one for one in worst if one.missed or one.missing]
    plan = rows.in_force(session, str(span.last.year))
    return Objectives(
        met=states[CellState.MET],
        missed=states[CellState.MISSED],
        no_data=states[CellState.NO_DATA],
        missing=states[CellState.MISSING],
        share=rule.value(
            Decimal(states[CellState.MET]), Decimal(judged), per=rule.HUNDRED, places=1
        ),
        rows=tuple(amiss[:MOST]),
        more=max(0, len(amiss) - MOST),
        objectives=tuple({key: str(value) for key, value in one.items()} for one in plan.objectives)
        if plan
        else (),
    )


def board(session: Session, span: Span) -> Sequence[BoardRow]:
    """Return the board of indicators over the period: what two parts are made of."""
    months = 12 * (span.last.year - span.first.year) + span.last.month - span.first.month
    wanted = kpi_board.Wanted(periods=months + 2)
    return kpi_board.board(session, wanted, at=span.at, people=None).rows


def _cells(row: BoardRow, span: Span) -> list[kpi_board.Cell]:
    return [cell for cell in row.cells if inside(span, cell.ends_on)]


def _indicators(session: Session, found: Sequence[BoardRow], span: Span) -> Iterator[Indicator]:
    raised = _raised(session, span)
    for row in found:
        own, cells = row.series, _cells(row, span)
        states = Counter(cell.state for cell in cells)
        newest = next((cell for cell in reversed(cells) if cell.value is not None), None)
        yield Indicator(
            code=own.code,
            name=own.name,
            name_en=own.name_en,
            scope="" if own.scope == rule.ORGANISATION else own.scope,
            unit=own.unit,
            target=row.target,
            met=states[CellState.MET],
            missed=states[CellState.MISSED],
            missing=states[CellState.MISSING],
            value=newest.value if newest else None,
            period=newest.period if newest else "",
            nonconformities=tuple(raised.get((own.kpi_id, own.scope), ())),
        )


def _raised(session: Session, span: Span) -> dict[tuple[int, str], list[str]]:
    """Return the nonconformities of missed targets, by indicator and scope, each once."""
    found: dict[tuple[int, str], list[str]] = {}
    query = select(KpiMiss.kpi_id, KpiMiss.scope, KpiMiss.nonconformity).where(
        *_between(col(KpiMiss.at), span), col(KpiMiss.withdrawn_at).is_(None)
    )
    for kpi, scope, code in session.exec(query.order_by(col(KpiMiss.id))):
        known = found.setdefault((kpi, scope), [])
        if code not in known:
            known.append(code)
    return found


def _worst(one: Indicator) -> tuple[int, int, str]:
    return -one.missed, -one.missing, one.code


def nonconformities(session: Session, span: Span) -> Nonconformities:
    """Return what was raised, closed and found again, and what is open and late now."""
    own = columns(Nonconformity)
    raised = _between(own.raised_at, span)
    closed = _between(own.closed_at, span)
    still = own.state.not_in(OVER)
    figures = overview.figures(span.at)["nonconformities"]
    verified = _verified(session, span)
    return Nonconformities(
        raised=_many(session, *raised),
        closed=_many(session, *closed),
        closed_in_time=_many(session, *closed, own.closed_at <= own.first_due_at),
        void=_many(session, *raised, own.state == "void"),
        open=figures["open"],
        overdue=figures["overdue"],
        disputed=_many(session, own.state == "disputed"),
        recurrences=_many(session, *raised, own.recurs_from.is_not(None)),
        verified=sum(verified.values()),
        ineffective=verified.get(False, 0),
        states=_grouped(session, own.state, sa.or_(still, sa.and_(*raised), sa.and_(*closed))),
        severities=_grouped(session, own.severity, *raised),
        sources=_grouped(session, own.source, *raised),
        late=matters(session, span, still, own.due_at < span.at),
        recurred=matters(session, span, *raised, own.recurs_from.is_not(None)),
        repeated=matters(
            session,
            span,
            own.rounds > 1,
            sa.or_(still, sa.and_(*closed)),
            first=(own.rounds.desc(), own.due_at, own.id),
        ),
    )


def _verified(session: Session, span: Span) -> dict[bool, int]:
    """Return how many verifications found what."""
    query = (
        sa.select(Round.effective, sa.func.count())  # type: ignore[call-overload]
        .where(*_between(col(Round.verified_at), span), col(Round.effective).is_not(None))
        .group_by(Round.effective)
    )
    return {bool(effective): int(n) for effective, n in session.execute(query)}


def checks(session: Session, span: Span) -> Checks:
    """Return the statistics of the project quality checks of the period."""
    counted = check_statistics.statistics(Wanted(first=span.first, last=span.last), "zh")
    english = check_statistics.point_words(session, "en")
    return Checks(
        checks=count(
            session,
            sa.select(sa.func.count())
            .select_from(Check)
            .where(
                col(Check.state) == CheckState.DONE,
                col(Check.performed_on) >= span.first,
                col(Check.performed_on) <= span.last,
            ),
        ),
        checked=counted.whole.checked,
        nonconforming=counted.whole.nonconforming,
        observation=counted.whole.observation,
        rate=counted.whole.rate,
        points=_checked([row for row in counted.points if row.found.nonconforming], english),
        projects=_checked([row for row in counted.projects if row.found.nonconforming], {}),
    )


def _checked(found: Sequence[check_statistics.Row], english: dict[str, str]) -> tuple[Checked, ...]:
    return tuple(
        Checked(
            code=row.code,
            name=row.name,
            name_en=english.get(row.code, row.name),
            checked=row.found.checked,
            nonconforming=row.found.nonconforming,
            rate=row.found.rate,
        )
        for row in found[: MOST // 2]
    )


def audits(span: Span) -> Audits:
    """Return what the internal audits of the period came to."""
    told = audit_review.review_input(span.first, span.last, at=span.at)
    names = ("code", "area", "held_on", "state", "service", "own", "effective", "conclusion")
    return Audits(
        rows=tuple(
            Audited(
                **{each: getattr(one, each) for each in names},
                grades=one.grades,
                still_open=one.still_open,
            )
            for one in told.results[-MOST:]
        ),
        more=max(0, len(told.results) - MOST),
        not_held=told.not_held[:MOST],
        unstaffed=told.unstaffed[:MOST],
    )


def customers(session: Session, span: Span, found: Sequence[BoardRow]) -> Customers:
    """Return complaints and major incidents of the period, and satisfaction as measured."""
    own = columns(Nonconformity)
    raised = _between(own.raised_at, span)
    still = own.state.not_in(OVER)
    complaint = own.source == VOICE[0]
    measured = [row for row in found if row.series.code in CUSTOMERS]
    return Customers(
        complaints=_many(session, *raised, complaint),
        complaints_open=_many(session, still, complaint),
        incidents=_many(session, *raised, own.source == VOICE[1]),
        matters=matters(session, span, own.source.in_(VOICE), sa.or_(still, sa.and_(*raised))),
        indicators=tuple(
            one for one in _indicators(session, measured, span) if one.period or one.missing
        )[:MOST],
    )


def _between(column: Any, span: Span) -> tuple[Any, Any]:
    return column >= span.begins, column < span.ends


def _sum(condition: Any) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _many(session: Session, *where: Any) -> int:
    return count(session, sa.select(sa.func.count()).select_from(Nonconformity).where(*where))


def _grouped(session: Session, by: Any, *where: Any) -> dict[str, int]:
    query = sa.select(by, sa.func.count()).where(*where).group_by(by).order_by(by)
    return {str(getattr(word, "value", word)): int(n) for word, n in session.execute(query)}
