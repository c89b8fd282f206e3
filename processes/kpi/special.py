"""Special situations (特殊情况): found, told and explained once each, also when the target is met.

Looked for by Check in every series whose values have changed. The owner owes one sentence that
explains it (说明特殊情况); the quality head hears of it. What lies further back than policy says
is marked on the board and asks nobody anything. A correction that takes it away takes the duty
with it, unless it was explained already: what somebody has said stays said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.special import special_policy
from models import people, trail
from models.duty import Duty
from models.engine import transaction
from models.kpi import Kpi, Measurement
from models.organisation import Project
from models.record import Stamp
from models.special import KpiSpecial
from processes.duty import issued as duties
from processes.kpi import board_series as board
from processes.kpi import special_letters
from processes.kpi.board_series import Series
from rules import period as periods
from rules import spc
from rules.kpi import Direction, Level
from rules.period import Frequency
from rules.refusal import Refused
from rules.spc import Side, SpecialCause
from rules.words import DutyKind, DutyState, LetterKind, Role

KIND: Final = "kpi_special"  # `subject_kind` of its duties
LOOKED: Final = "specials"  # the stamp of what was looked at last
GONE: Final = "a correction has shown that nothing was special"
GOOD: Final = {Direction.AT_LEAST: Side.ABOVE, Direction.AT_MOST: Side.BELOW}


class NothingExplained(Refused):
    """An explanation without a word in it."""

    sentence = "say in a sentence what happened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look came to: found anew, told to their owners, withdrawn by a correction."""

    found: int = 0
    told: int = 0
    withdrawn: int = 0


@transaction
def look(session: Session, *, at: datetime) -> Looked:
    """Look at every series whose values have changed since the last look; twice finds nothing."""
    mark = _mark(session, at)
    stamp = session.get(Stamp, LOOKED)
    if stamp is not None and stamp.mark == mark:
        return Looked()
    known = _known(session)
    begun = board.breaks(session)
    found = told = 0
    still: set[tuple[int, str, str]] = set()
    for series in board.read(session):
        chart = board.control(series, begun)
        still |= {(series.kpi_id, series.scope, cause.period) for cause in chart.causes}
        for cause in chart.causes:
            row = known.get((series.kpi_id, series.scope, cause.period))
            if row is None:
                found += 1
                told += _found(session, series, chart, cause, at=at)
            elif row.withdrawn_at is not None:
                row.withdrawn_at = None
                session.add(row)
    withdrawn = _withdraw(session, (row for key, row in known.items() if key not in still), at)
    session.merge(Stamp(name=LOOKED, mark=_mark(session, at)))
    return Looked(found=found, told=told, withdrawn=withdrawn)


def explain(
    session: Session, duty: Duty, *, text: str, lasting: bool, by_id: int, at: datetime, actor: str
) -> KpiSpecial:
    """Keep the owner's sentence; what is lasting is learnt anew from its first period on."""
    if not text.strip():
        raise NothingExplained
    row = session.exec(select(KpiSpecial).where(col(KpiSpecial.duty_id) == duty.id)).one()
    row.explanation, row.lasting = text, lasting
    row.explained_by_id, row.explained_at = by_id, at
    session.add(row)
    trail.record(
        session,
        at=at,
        actor=actor,
        action="special.explained",
        subject=f"special:{row.code}",
        after={"explanation": text, "lasting": lasting},
    )
    return row


def by_code(session: Session, code: str) -> KpiSpecial | None:
    """Return the special situation that a duty is about."""
    return session.exec(select(KpiSpecial).where(col(KpiSpecial.code) == code)).one_or_none()


def _mark(session: Session, at: datetime) -> str:
    """Return what changes whenever a series or the periods that are recent may have changed."""
    day = current().calendar.day(at)
    rows = session.execute(
        sa.select(
            sa.func.count(col(Measurement.id)),
            sa.func.max(col(Measurement.id)),
            sa.func.sum(col(Measurement.corrections)),
            sa.func.sum(col(Measurement.formula_version)),
        )
    ).one()
    kept = session.execute(
        sa.select(sa.func.count(), sa.func.sum(sa.cast(col(KpiSpecial.lasting), sa.Integer)))
    ).one()
    active = session.execute(
        sa.select(sa.func.count()).select_from(Kpi).where(col(Kpi.active))
    ).scalar()
    policy = special_policy().learning
    seen = (*rows, kept[1], active, f"{day:%Y-%m}", policy.enough, policy.settled)
    return sha256(repr(seen).encode()).hexdigest()


def _known(session: Session) -> dict[tuple[int, str, str], KpiSpecial]:
    return {(row.kpi_id, row.scope, row.period): row for row in session.exec(select(KpiSpecial))}


def _found(
    session: Session, series: Series, chart: spc.Chart, cause: SpecialCause, *, at: datetime
) -> bool:
    """Write a new one down; True if somebody is told."""
    good = GOOD.get(series.direction)
    row = KpiSpecial(
        kpi_id=series.kpi_id,
        scope=series.scope,
        period=cause.period,
        ends_on=periods.parse(cause.period).last,
        begins_on=periods.parse(cause.periods[0]).first,
        rule=cause.rule,
        side=cause.side,
        favourable=None if good is None else cause.side is good,
        facts=cause.facts,
        found_at=at,
    )
    session.add(row)
    session.flush()
    row.code = f"TS-{row.id:04}"
    trail.record(
        session,
        at=at,
        actor="clock",
        action="special.found",
        subject=f"special:{row.code}",
        after={
            "kpi": series.code,
            "scope": series.scope,
            "period": cause.period,
            "rule": cause.rule,
        },
    )
    recent = _recent(series.frequency, cause.period, at)
    if recent:
        _tell(session, series, chart, row, at=at)
    return recent


def _recent(frequency: Frequency, code: str, at: datetime) -> bool:
    period = periods.ended(current().calendar.day(at), frequency)
    for _ in range(special_policy().explain.periods - 1):
        period = periods.preceding(period)
    return periods.parse(code).last >= period.last


def _tell(
    session: Session, series: Series, chart: spc.Chart, row: KpiSpecial, *, at: datetime
) -> None:
    """Owe the explanation, with the chart in the letter; the quality head hears of it."""
    posts, calendar = people.organisation(session).posts, current().calendar
    owner_id, project = _owner(session, series)
    site = current().settings.language

    def facts(person: int) -> dict[str, Any]:
        language = posts[person].language or site
        return special_letters.facts(series, chart, row, language)

    duty = duties.issue(
        session,
        kind=DutyKind.EXPLAIN_SPECIAL,
        subject_kind=KIND,
        subject=row.code,
        title=special_letters.title(series, row, site),
        owner_id=owner_id,
        due_at=calendar.working_days(at, special_policy().explain.working_days),
        at=at,
        project=project,
        letter=LetterKind.SPECIAL_SITUATION,
        facts=facts(owner_id),
    )
    row.duty_id = duty.id
    session.add(row)
    for head in people.holders(session, Role.QUALITY_HEAD)[:1]:
        if head != owner_id:
            special_letters.tell(session, row, head, facts(head), at=at)


def _owner(session: Session, series: Series) -> tuple[int, str | None]:
    """Return who explains it: the manager of the project it was measured of, else the owner."""
    level, _, code = series.scope.partition("=")
    if level not in set(Level) or not code:
        return series.owner_id, None
    project = session.exec(select(Project).where(col(Project.code) == code)).one_or_none()
    if project is None:
        return series.owner_id, None
    posts = people.organisation(session).posts
    manager = posts.get(project.manager_id) if project.manager_id else None
    return (manager.id if manager and manager.active else series.owner_id), code


def _withdraw(session: Session, rows: Iterable[KpiSpecial], at: datetime) -> int:
    """Take back what is special no longer; what was explained stays as it was said."""
    count = 0
    for row in rows:
        if row.withdrawn_at is not None or row.explained_at is not None:
            continue
        count += 1
        row.withdrawn_at = at
        session.add(row)
        duty = session.get(Duty, row.duty_id) if row.duty_id else None
        if duty is not None and duty.state is DutyState.OPEN:
            duties.withdraw(session, duty, at=at, why=GONE)
    return count


def marked(
    session: Session, *, kpis: Iterable[int] | None = None
) -> Mapping[tuple[int, str], dict[str, KpiSpecial]]:
    """Return what is special, by series and period."""
    query = select(KpiSpecial).where(col(KpiSpecial.withdrawn_at).is_(None))
    if kpis is not None:
        query = query.where(col(KpiSpecial.kpi_id).in_(list(kpis)))
    found: dict[tuple[int, str], dict[str, KpiSpecial]] = {}
    for row in session.exec(query):
        found.setdefault((row.kpi_id, row.scope), {})[row.period] = row
    return found
