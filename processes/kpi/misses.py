"""Missed targets (未达成): each raises a nonconformity, or joins the one that is open about it.

One measurement is counted once, ever. While a nonconformity about the same indicator and scope
is open, another missed period is a fact for it and not a second one beside it: its cause is
being worked on. The owner of the indicator owes cause, improvement and date like for any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.kpi import kpi_policy
from config.language import say
from models import alarms, trail
from models.engine import transaction
from models.kpi import Kpi, KpiMiss, Measurement
from models.nonconformity import Nonconformity
from models.people import organisation
from processes.alarm import wording as says
from processes.kpi import answers as kpi_answers
from processes.nonconformity import raising as nonconformities
from processes.nonconformity.entry import New
from rules.kpi import Judgement
from rules.nonconformity import ENDED
from rules.words import Role

SOURCE: Final = "kpi_miss"
CLAUSE: Final = "3.2.2"  # of the regulation: indicators are tracked, misses analysed and improved
ALARM: Final = "kpi_owner_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What a turn found missed: the codes raised, and how many joined one that is open."""

    raised: tuple[str, ...] = ()
    joined: int = 0


@transaction
def raise_missed(session: Session, *, at: datetime) -> Missed:
    """Raise a nonconformity for each missed target that has none; run twice, raise once."""
    raised: list[str] = []
    joined = 0
    for group in _groups(_new_misses(session, at)):
        kpi, latest = group[-1]
        code = _open_about(session, latest)
        if code is None:
            code = _raise(session, kpi, [row for _, row in group], at=at)
            if code is None:
                continue
            raised.append(code)
        else:
            joined += len(group)
        for _, row in group:
            _join(session, row, code, at=at)
    return Missed(raised=tuple(raised), joined=joined)


def misses_of(session: Session, code: str) -> Sequence[KpiMiss]:
    """Return the missed measurements of a nonconformity, the earliest first."""
    return session.exec(
        select(KpiMiss).where(col(KpiMiss.nonconformity) == code).order_by(col(KpiMiss.id))
    ).all()


def _new_misses(session: Session, at: datetime) -> Sequence[tuple[Kpi, Measurement]]:
    """Return what was missed in a period that is over, and not too long ago to be analysed."""
    today = current().calendar.day(at)
    oldest = today - timedelta(days=31 * kpi_policy().miss.months)
    known = select(KpiMiss.measurement_id)
    rows = session.exec(
        select(Kpi, Measurement)
        .join(Measurement, col(Measurement.kpi_id) == col(Kpi.id))
        .where(
            col(Measurement.judgement) == Judgement.MISSED,
            col(Measurement.ends_on) < today,
            col(Measurement.ends_on) >= oldest,
            col(Kpi.active),
            col(Measurement.id).not_in(known),
        )
        .order_by(col(Kpi.code), col(Measurement.scope), col(Measurement.ends_on))
    ).all()
    return [(kpi, row) for kpi, row in rows]


def _groups(
    rows: Sequence[tuple[Kpi, Measurement]],
) -> list[list[tuple[Kpi, Measurement]]]:
    """Return the misses of each indicator and scope together, the latest last."""
    found: dict[tuple[int, str], list[tuple[Kpi, Measurement]]] = {}
    for kpi, row in rows:
        found.setdefault((row.kpi_id, row.scope), []).append((kpi, row))
    return list(found.values())


def _open_about(session: Session, row: Measurement) -> str | None:
    """Return the open nonconformity about the same indicator and scope."""
    return session.exec(
        select(KpiMiss.nonconformity)
        .join(Nonconformity, col(Nonconformity.code) == col(KpiMiss.nonconformity))
        .where(
            col(KpiMiss.kpi_id) == row.kpi_id,
            col(KpiMiss.scope) == row.scope,
            col(Nonconformity.state).not_in([state.value for state in ENDED]),
        )
        .limit(1)
    ).first()


def _raise(session: Session, kpi: Kpi, rows: Sequence[Measurement], *, at: datetime) -> str | None:
    latest, language = rows[-1], current().settings.language
    owner = _owner(session, kpi)
    ref = f"kpi:{kpi.code}"
    if owner is None:
        message = says.nobody_owns(kpi.code, latest.period)
        alarms.raise_alarm(session, kind=ALARM, ref=ref, message=message, at=at)
        return None
    alarms.clear_alarm(session, kind=ALARM, ref=ref, at=at)
    new = New(
        title=say(
            language,
            "{name} missed its target in {period}",
            name=kpi.name,
            period=_where(latest),
        ),
        owner_code=owner,
        raised_at=at,
        description=_description(kpi, rows, language),
        source=SOURCE,
        source_record=f"{kpi.code}/{latest.period}/{latest.scope}"[:120],
        project=_project(latest.scope),
        clause=CLAUSE,
        severity=kpi_policy().miss.severity,
    )
    return nonconformities.raise_in(session, new, actor="clock")


def _join(session: Session, row: Measurement, code: str, *, at: datetime) -> None:
    assert row.id is not None
    session.add(
        KpiMiss(
            measurement_id=row.id,
            kpi_id=row.kpi_id,
            period=row.period,
            scope=row.scope,
            nonconformity=code,
            at=at,
        )
    )
    trail.record(
        session,
        at=at,
        actor="clock",
        action="kpi.missed",
        subject=f"nonconformity:{code}",
        after={"measurement": row.id, "period": row.period, "scope": row.scope},
    )


def _owner(session: Session, kpi: Kpi) -> str | None:
    """Return who owes cause and improvement: the owner, or who stands above if he has left."""
    posts = organisation(session)
    wanted = [kpi.owner_id, *posts.chain(kpi.owner_id).people, *posts.holders(Role.QUALITY_HEAD)]
    return next(
        (posts.posts[one].code for one in wanted if one in posts.posts and posts.posts[one].active),
        None,
    )


def _description(kpi: Kpi, rows: Sequence[Measurement], language: str) -> str:
    latest = rows[-1]
    facts: dict[str, Any] = {
        "name": f"{kpi.code} {kpi.name}",
        "definition": kpi.definition or "-",
        "target": f"{kpi.direction} {latest.target} {kpi.unit}",
        "version": latest.target_version,
        "formula": latest.formula_version,
    }
    head = say(
        language,
        "Indicator: {name}\nDefinition (version {formula}): {definition}\n"
        "Target (version {version}): {target}\nMeasured:",
        **facts,
    )
    measured = [kpi_answers.told(row, kpi.unit, language) for row in rows]
    return "\n".join([head, *measured])


def _where(row: Measurement) -> str:
    _, sign, what = row.scope.partition("=")
    return f"{row.period} ({what})" if sign else row.period


def _project(scope: str) -> str | None:
    name, sign, code = scope.partition("=")
    return code if sign and name in {"project", "delivery"} else None
