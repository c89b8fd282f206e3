"""Approval of documents (编制—审核—批准—签收): one mechanism for whatever has to be approved.

An author hands a version in; somebody else reviews it; a third person approves it, and only
then does it come into force and go out to its readers. Each step is a duty, so that it is
reminded and escalated like any other. Sent back, it comes to the author as a duty to revise.

Whoever owns a kind of document says here what follows: `ON_DRAWN` when its author hands it in,
`ON_APPROVED` when it is in force, `ON_RETURNED` when it was sent back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from models.approval import Approval, Reading
from models.duty import Duty
from processes.approval import readers as approval_readers
from processes.approval import says as says_approval
from processes.approval import steps
from processes.duty import issued as duties
from processes.duty.deed import Deed
from rules import approval as rule
from rules import gates
from rules.approval import ApprovalState as State
from rules.words import DutyKind

Approved = Callable[[Session, str, int, datetime, int], None]
Returned = Callable[[Session, str, int, str, datetime], None]
Drawn = Callable[[Deed, str], None]

ON_APPROVED: Final[dict[str, Approved]] = {}  # kind: (session, code, version, at, by_id)
ON_RETURNED: Final[dict[str, Returned]] = {}  # kind: (session, code, version, reason, at)
# kind: (deed, note); must call `submit`. Without one, what was sent back goes in again as it was.
ON_DRAWN: Final[dict[str, Drawn]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalState:
    """Where a version stands: who had it when, by person ids."""

    kind: str
    code: str
    version: int
    title: str
    summary: str
    state: State
    round: int
    author_id: int
    submitted_at: datetime
    reviewed_at: datetime | None
    reviewed_by_id: int | None
    review_note: str
    approved_at: datetime | None
    approved_by_id: int | None
    approval_note: str
    returned_at: datetime | None
    returned_by_id: int | None
    returned_reason: str
    readers: tuple[tuple[int, datetime | None], ...]  # to whom it went, and when he had it

    @property
    def approved(self) -> bool:
        return self.state is State.APPROVED


def draw_up(
    session: Session,
    *,
    kind: str,
    code: str,
    title: str,
    author_id: int,
    due_at: datetime,
    at: datetime,
    actor: str = "clock",
    project: str | None = None,
    facts: dict[str, Any] | None = None,
) -> Duty:
    """Owe a document (编制): its author answers when the draft is ready for review."""
    return duties.issue(
        session,
        kind=DutyKind.DRAW_UP,
        subject_kind=kind,
        subject=code,
        title=title,
        owner_id=author_id,
        due_at=due_at,
        at=at,
        project=project,
        facts=facts,
        actor=actor,
    )


def submit(
    session: Session,
    *,
    kind: str,
    code: str,
    version: int,
    title: str,
    author_id: int,
    reviewers: Sequence[int],
    approvers: Sequence[int],
    readers: Sequence[int],
    at: datetime,
    actor: str,
    project: str | None = None,
    summary: str = "",
    hands: Iterable[int] = (),
) -> None:
    """Hand a version in for review; refuses by name if three different people cannot be had.

    Candidates are asked in their order. `hands` are all who had a hand in drawing it up,
    besides the author: nobody of them may judge it.
    """
    row = steps.row_of(session, kind, code, version)
    rule.submittable(row.state if row else None, code=code, version=version)
    steps.refuse_another(session, kind, code)
    row = row or Approval(
        kind=kind, code=code, version=version, title=title, author_id=author_id, submitted_at=at
    )
    row.round += row.state is State.RETURNED
    row.title, row.project, row.summary = title[:300], project, summary
    row.state, row.author_id, row.submitted_at = State.REVIEW, author_id, at
    row.author_hands = sorted({author_id, *hands})
    row.reviewers, row.approvers, row.readers = [*reviewers], [*approvers], [*readers]
    row.reviewed_at, row.reviewed_by_id, row.review_hands, row.review_note = None, None, [], ""
    reviewer = steps.reviewer(session, row, at)
    session.add(row)
    session.flush()
    steps.end_drawing_up(session, row, at=at, actor=actor)
    steps.issue(session, row, DutyKind.REVIEW, reviewer, at=at, actor=actor)
    steps.record(session, row, "submitted", at=at, actor=actor)


def hand_in(deed: Deed, *, note: str) -> str:
    """The author says that his draft is ready (DRAW_UP), or changed as asked (REVISE)."""
    duty = deed.duty
    drawn = ON_DRAWN.get(duty.subject_kind)
    deed.discharge()
    if drawn is not None:
        drawn(deed, note)
    elif duty.kind == DutyKind.REVISE:
        resubmit(deed, note=note)
    return says_approval.HANDED_IN


def resubmit(deed: Deed, *, note: str = "") -> None:
    """Hand the version that was sent back in again, to the same candidates."""
    row = steps.of_duty(deed.session, deed.duty)
    submit(
        deed.session,
        kind=row.kind,
        code=row.code,
        version=row.version,
        title=row.title,
        author_id=row.author_id,
        reviewers=row.reviewers,
        approvers=row.approvers,
        readers=row.readers,
        at=deed.at,
        actor=deed.actor,
        project=row.project,
        summary=note or row.summary,
        hands=deed.hands,
    )


def check(deed: Deed, *, passes: bool, note: str) -> None:
    """Refuse a judgement by anybody with a hand in it before, or sending back without a reason."""
    row = steps.of_duty(deed.session, deed.duty)
    before = set(row.author_hands) | {row.author_id}
    if deed.duty.kind == DutyKind.APPROVE:
        before |= set(row.review_hands)
    rule.another(hands=deed.hands, before=frozenset(before), person=deed.person.name)
    if not passes:
        gates.reason(note)


def judge(deed: Deed, *, passes: bool, note: str) -> str:
    """Review or approve what this duty is about, or send it back."""
    check(deed, passes=passes, note=note)
    row = steps.of_duty(deed.session, deed.duty)
    deed.discharge()
    if not passes:
        return _send_back(deed, row, gates.reason(note))
    if deed.duty.kind == DutyKind.REVIEW:
        return _reviewed(deed, row, note)
    return _approved(deed, row, note)


def receive(deed: Deed, *, note: str) -> str:
    """A reader says that he has the version that was handed out to him."""
    approval_readers.received(deed, note=note)
    deed.discharge()
    return says_approval.RECEIVED


def state(session: Session, kind: str, code: str, version: int) -> ApprovalState | None:
    """Return where a version stands; None if it was never handed in."""
    row = steps.row_of(session, kind, code, version)
    if row is None:
        return None
    readers = session.exec(
        select(Reading).where(col(Reading.approval_id) == row.id).order_by(col(Reading.id))
    )
    copied = {
        name: getattr(row, name) for name in ApprovalState.__dataclass_fields__ if name != "readers"
    }
    return ApprovalState(
        **copied, readers=tuple((reading.person_id, reading.read_at) for reading in readers)
    )


def _reviewed(deed: Deed, row: Approval, note: str) -> str:
    row.state, row.reviewed_at, row.reviewed_by_id = State.APPROVAL, deed.at, deed.person_id
    row.review_hands, row.review_note = sorted(deed.hands), note.strip()
    deed.session.add(row)
    steps.record(
        deed.session, row, "reviewed", at=deed.at, actor=deed.actor, on_behalf_of=deed.represented
    )
    steps.ask_approver(deed.session, row, at=deed.at, actor=deed.actor)
    return says_approval.REVIEWED


def _approved(deed: Deed, row: Approval, note: str) -> str:
    row.state, row.approved_at, row.approved_by_id = State.APPROVED, deed.at, deed.person_id
    row.approval_note, row.duty_id = note.strip(), None
    deed.session.add(row)
    deed.session.flush()
    steps.record(
        deed.session, row, "approved", at=deed.at, actor=deed.actor, on_behalf_of=deed.represented
    )
    follows = ON_APPROVED.get(row.kind)
    if follows is not None:
        follows(deed.session, row.code, row.version, deed.at, deed.person_id)
    approval_readers.hand_out(deed.session, row, at=deed.at, actor=deed.actor)
    return says_approval.APPROVED


def _send_back(deed: Deed, row: Approval, reason: str) -> str:
    row.state, row.returned_at, row.returned_by_id = State.RETURNED, deed.at, deed.person_id
    row.returned_reason = reason
    deed.session.add(row)
    steps.record(
        deed.session, row, "returned", at=deed.at, actor=deed.actor, on_behalf_of=deed.represented
    )
    follows = ON_RETURNED.get(row.kind)
    if follows is not None:
        follows(deed.session, row.code, row.version, reason, deed.at)
    steps.issue(
        deed.session,
        row,
        DutyKind.REVISE,
        row.author_id,
        at=deed.at,
        actor=deed.actor,
        facts={"note": reason, "by": deed.person_id, "returned": True},
    )
    return says_approval.RETURNED
