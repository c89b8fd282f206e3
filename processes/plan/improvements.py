"""What was proposed for the next plan (改进建议), as the plan reads it and takes it up."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.plan import Improvement


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
