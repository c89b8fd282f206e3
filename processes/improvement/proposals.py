"""Proposals for improvement (改进建议): what one cycle found, and the next plan takes up.

Checks, indicators, audits and nonconformities propose; the draft of the next plan makes a line
of each proposal that no plan has taken up, with its source beside it. Twice is harmless: a
source proposes a thing once a cycle.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models import trail
from models.plan import Improvement
from models.upsert import insert_new


def propose(
    session: Session, *, source: str, ref: str, text: str, cycle: str, at: datetime
) -> bool:
    """Propose an improvement; `ref` names what it follows from; False if it is known already.

    `source` is a source of nonconformities (quality_check, kpi_miss, internal_audit, …), `cycle`
    the year in which it was found.
    """
    new = insert_new(
        session,
        Improvement,
        [
            {
                "source": source,
                "ref": ref[:120],
                "cycle": cycle,
                "text": text.strip(),
                "proposed_at": at,
            }
        ],
    )
    if new:
        trail.record(
            session,
            at=at,
            actor="clock",
            action="improvement.proposed",
            subject=f"cycle:{cycle}",
            after={"source": source, "ref": ref[:120]},
        )
    return bool(new)


def waiting(session: Session, *, before: str) -> Sequence[Improvement]:
    """Return what no plan has taken up yet, of the cycles before that year."""
    return session.exec(
        select(Improvement)
        .where(col(Improvement.taken_into).is_(None), col(Improvement.cycle) < before)
        .order_by(col(Improvement.cycle), col(Improvement.source), col(Improvement.id))
    ).all()


def of_cycle(session: Session, cycle: str) -> Sequence[Improvement]:
    """Return what one year proposed."""
    return session.exec(
        select(Improvement).where(col(Improvement.cycle) == cycle).order_by(col(Improvement.id))
    ).all()


def taken(session: Session, plan: str) -> Sequence[Improvement]:
    """Return what a plan has taken up."""
    return session.exec(
        select(Improvement).where(col(Improvement.taken_into) == plan).order_by(col(Improvement.id))
    ).all()
