"""What an operator and a cycle see of it all (概览): figures, and what is overdue.

Codes, titles and names only: no address and no link leaves by this door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models.duty import Duty
from models.engine import reading
from models.nonconformity import Nonconformity
from models.organisation import Person
from rules.words import DutyState

LONGEST_TABLE: Final = 200
OVER: Final = ("closed", "void")  # states of a nonconformity in which nothing is owed any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """One duty past its due instant; `days` are working days."""

    duty: int
    kind: str
    code: str
    title: str
    owner: str
    severity: str
    due_at: datetime
    level: int
    days: int


def overdue(at: datetime, limit: int = LONGEST_TABLE) -> tuple[list[Overdue], int]:
    """Return the duties longest overdue, and how many there are in all."""
    with reading() as session:
        late = (col(Duty.state) == DutyState.OPEN, col(Duty.due_at) < at)
        rows = session.execute(
            select(  # type: ignore[call-overload]
                Duty.id,
                Duty.kind,
                Duty.subject,
                Duty.title,
                Person.name,
                Duty.severity,
                Duty.due_at,
                Duty.level,
            )
            .join(Person, col(Person.id) == Duty.owner_id)
            .where(*late)
            .order_by(col(Duty.due_at), col(Duty.id))
            .limit(limit)
        ).all()
        if len(rows) < limit:
            return [_overdue(row, at) for row in rows], len(rows)
        count = session.exec(select(sa.func.count()).select_from(Duty).where(*late)).one()
        return [_overdue(row, at) for row in rows], count


def figures(at: datetime) -> dict[str, Any]:
    """Return what is open and overdue of the nonconformities, by severity and by state."""
    with reading() as session:
        states = _counted(session, Nonconformity.state)
        still = (col(Nonconformity.state).not_in(OVER),)
        late = (*still, col(Nonconformity.due_at) < at)
        return {
            "nonconformities": {
                "open": sum(n for state, n in states.items() if state not in OVER),
                "overdue": sum(_counted(session, Nonconformity.severity, *late).values()),
                "by_state": states,
                "open_by_severity": _counted(session, Nonconformity.severity, *still),
                "overdue_by_severity": _counted(session, Nonconformity.severity, *late),
            },
            "duties": {
                "open": _duties(session),
                "overdue": _duties(session, col(Duty.due_at) < at),
            },
        }


def _overdue(row: Sequence[Any], at: datetime) -> Overdue:
    calendar = current().calendar
    number, kind, subject, title, owner, severity, due_at, level = row
    return Overdue(
        duty=number,
        kind=kind,
        code=subject,
        title=title,
        owner=owner,
        severity=str(severity),
        due_at=due_at,
        level=level,
        days=calendar.count(calendar.day(due_at), calendar.day(at)),
    )


def _counted(session: Session, by: Any, *where: Any) -> dict[str, int]:
    rows = session.execute(select(by, sa.func.count()).where(*where).group_by(by).order_by(by))
    return {str(word): count for word, count in rows}


def _duties(session: Session, *where: Any) -> int:
    query = select(sa.func.count()).select_from(Duty)
    return session.exec(query.where(col(Duty.state) == DutyState.OPEN, *where)).one()
