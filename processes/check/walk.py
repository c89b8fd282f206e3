"""Checks on the walk through a cycle (周期中的检查), with the nonconformities that they raised."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from models.check import Check, CheckLine
from processes.plan.steps import Step


def checks(session: Session, first: date, last: date) -> Iterator[Step]:
    """Project quality checks that were carried out, with what each of them raised."""
    own = col(Check.performed_on)
    done = session.exec(select(Check).where(own >= first, own <= last)).all()
    raised: dict[int, list[str]] = defaultdict(list)
    found = select(CheckLine.check_id, CheckLine.nonconformity).where(
        col(CheckLine.nonconformity).is_not(None),
        col(CheckLine.check_id).in_([one.id for one in done]),
    )
    for number, code in session.exec(found):
        raised[number].append(code or "")
    for one in done:
        assert one.performed_on is not None
        yield Step(
            kind="check",
            code=one.code,
            title=one.project,
            on=one.performed_on,
            activity=one.activity,
            outcome=str(one.score) if one.score is not None else "",
            nonconformities=tuple(raised.get(one.id or 0, ())),
        )


WALKERS: Final = {"check": checks}
