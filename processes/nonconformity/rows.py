"""A nonconformity and its rounds as rows (不符合项存取): found, moved to a state, and recorded."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import trail
from models.nonconformity import Counter, Nonconformity, Round
from models.upsert import insert_new
from processes.duty import issued as duties
from processes.duty.deed import Deed
from rules import nonconformity as rule
from rules.nonconformity import ENDED, Event, State
from rules.refusal import NotFound
from rules.words import DutyKind

KIND = "nonconformity"  # `subject_kind` of its duties


def subject(code: str) -> str:
    """Return what the trail calls it."""
    return f"{KIND}:{code}"


def by_code(session: Session, code: str) -> Nonconformity:
    """Return it, locked until this transaction ends, or refuse by name."""
    found = session.exec(
        select(Nonconformity)
        .where(col(Nonconformity.code) == code)
        .with_for_update()
        .execution_options(populate_existing=True)  # what another transaction just wrote
    ).one_or_none()
    if found is None:
        raise NotFound(what=KIND, code=code)
    return found


def present_round(session: Session, nonconformity: Nonconformity) -> Round:
    """Return the round that is being answered now."""
    return session.exec(
        select(Round).where(
            col(Round.nonconformity_id) == nonconformity.id,
            col(Round.number) == nonconformity.rounds,
        )
    ).one()


def next_code(session: Session, year: int) -> str:
    """Return NC-YYYY-NNNN; the counter's row is locked, so two raisers never get the same."""
    series = f"NC-{year}"
    insert_new(session, Counter, [{"series": series, "last": 0}])
    while True:
        session.execute(
            sa.update(Counter)
            .where(col(Counter.series) == series)
            .values(last=col(Counter.last) + 1)
            .execution_options(synchronize_session=False)
        )
        number = session.execute(
            select(col(Counter.last)).where(col(Counter.series) == series)
        ).scalar_one()
        code = f"{series}-{number:04d}"
        if not exists(session, code):  # an import may have brought the same code with it
            return code


def exists(session: Session, code: str) -> bool:
    """Whether the code is taken."""
    found = session.exec(select(Nonconformity.id).where(col(Nonconformity.code) == code)).first()
    return found is not None


def move(deed: Deed, nonconformity: Nonconformity, event: Event, **after: Any) -> State:
    """Bring it to the state that follows the event, and record the act; or refuse."""
    before = State(nonconformity.state)
    follows = rule.after(before, event)
    nonconformity.state = follows.value
    nonconformity.rev += 1
    if follows in ENDED:
        nonconformity.closed_at = deed.at
    deed.session.add(nonconformity)
    deed.session.flush()
    deed.record(
        f"nonconformity.{event.value}",
        subject(nonconformity.code),
        before={"state": before.value},
        after={"state": follows.value, "round": nonconformity.rounds, **after},
    )
    return follows


def withdraw_rest(
    session: Session,
    nonconformity: Nonconformity,
    *,
    at: datetime,
    why: str,
    note: str | None = None,
    actor: str,
) -> None:
    """Nothing about it is owed any more."""
    for duty in duties.open_duties_about(session, KIND, nonconformity.code):
        duties.withdraw(session, duty, at=at, why=why, note=note, actor=actor)


def withdraw_kind(deed: Deed, nonconformity: Nonconformity, kind: DutyKind, *, why: str) -> None:
    """The duties of this kind about it are owed no more."""
    for duty in duties.open_duties_about(deed.session, KIND, nonconformity.code):
        if duty.kind == kind:
            duties.withdraw(deed.session, duty, at=deed.at, why=why, actor=deed.actor)


def record(
    session: Session,
    nonconformity: Nonconformity,
    action: str,
    *,
    at: datetime,
    actor: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write into the trail what no deed did: raising, importing, mending."""
    trail.record(
        session,
        at=at,
        actor=actor,
        action=action,
        subject=subject(nonconformity.code),
        before=before,
        after=after,
    )
