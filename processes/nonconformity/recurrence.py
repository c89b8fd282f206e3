"""The same again (重复发生): found when the owner names the cause, linked, and one severity up."""

from sqlmodel import Session, col, select

from models.nonconformity import Nonconformity
from processes.duty.deed import Deed
from processes.nonconformity import rows
from rules import nonconformity as rule
from rules.nonconformity import ONE_UP, State, Trait


def link_recurrence(deed: Deed, nonconformity: Nonconformity, *, cause: str) -> None:
    """Keep the cause for later comparison, and link an earlier one with the same."""
    nonconformity.cause_key = rule.cause_key(cause)
    deed.session.add(nonconformity)
    deed.session.flush()
    if nonconformity.recurs_from is not None:
        return
    earlier = _earlier(deed.session, nonconformity)
    if earlier is None:
        return
    before = {"severity": nonconformity.severity.value, "priority": nonconformity.priority}
    nonconformity.recurs_from = earlier.code
    nonconformity.severity = ONE_UP[nonconformity.severity]
    nonconformity.severity_reason = rule.RECURRENCE.format(code=earlier.code)
    nonconformity.priority, nonconformity.priority_reason = rule.priority(
        nonconformity.severity, nonconformity.risk
    )
    deed.session.add(nonconformity)
    deed.session.flush()
    deed.record(
        "nonconformity.recurs",
        rows.subject(nonconformity.code),
        before=before,
        after={
            "recurs_from": earlier.code,
            "severity": nonconformity.severity.value,
            "priority": nonconformity.priority,
        },
    )


def _earlier(session: Session, nonconformity: Nonconformity) -> Nonconformity | None:
    """Return the latest one that this one repeats."""
    new = _trait(nonconformity)
    if not new.complete:
        return None
    same = session.exec(
        select(Nonconformity).where(
            col(Nonconformity.project) == nonconformity.project,
            col(Nonconformity.clause) == nonconformity.clause,
            col(Nonconformity.cause_key) == nonconformity.cause_key,
            col(Nonconformity.state) != State.VOID.value,
        )
    )
    found = [other for other in same if rule.recurs(new, _trait(other))]
    return max(found, key=lambda other: (other.raised_at, other.code), default=None)


def _trait(nonconformity: Nonconformity) -> Trait:
    return Trait(
        code=nonconformity.code,
        project=nonconformity.project,
        clause=nonconformity.clause,
        cause_key=nonconformity.cause_key,
        raised_at=nonconformity.raised_at,
    )
