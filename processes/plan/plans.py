"""The annual quality plan (年度质量管理计划): handed in, approved, in force, changed with a reason.

A version in force is never edited. A change is the next version, with its reason, through the
same three people; until it is approved the old one holds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.current import current
from config.language import label
from config.plan import plan_policy
from models import people, trail
from models.approval import Approval, Reading
from models.engine import transaction
from models.plan import Plan, PlanState
from processes.approval import course as approval
from processes.duty.deed import Deed
from processes.plan import drafting as plan_drafting
from processes.plan import expansion as plan_expansion
from processes.plan import rows
from processes.plan.rows import KIND
from rules import gates
from rules import plan as rule
from rules.approval import ApprovalState, another
from rules.words import Role

TEXT = ("purpose", "scope", "objectives", "roles", "readers", "number", "title")
QUALITY: frozenset[str] = frozenset({Role.QUALITY, Role.QUALITY_HEAD})


def hand_in(deed: Deed, note: str) -> None:
    """The author hands the draft in for review, with what is new in it."""
    session = deed.session
    plan = rows.by_code(session, deed.duty.subject)
    _refuse_no_draft(plan)
    if not rows.items(session, plan):
        raise rule.NothingPlanned
    plan.state = PlanState.SUBMITTED
    plan.author_id = plan.author_id or deed.person_id
    session.add(plan)
    policy = plan_policy().plan
    approval.submit(
        session,
        kind=KIND,
        code=plan.code,
        version=plan.version,
        title=plan.title,
        author_id=plan.author_id,
        reviewers=rows.holders(session, policy.reviewers),
        approvers=rows.holders(session, policy.approvers),
        readers=rows.named(session, plan.readers),
        at=deed.at,
        actor=deed.actor,
        summary=note or plan.change_reason,
        hands=deed.hands,
    )


def approved(session: Session, code: str, version: int, at: datetime, by_id: int) -> None:
    """It is in force from now on; the version before it is replaced, and activities follow."""
    plan = rows.by_code(session, code, version)
    before = rows.in_force(session, code)
    if before is not None and before.id != plan.id:
        before.state, before.replaced_at = PlanState.REPLACED, at
        session.add(before)
        session.flush()
    plan.state, plan.in_force_at = PlanState.IN_FORCE, at
    session.add(plan)
    session.flush()
    expanded = plan_expansion.expand(session, plan, at=at, actor=f"person:{by_id}")
    trail.record(
        session,
        at=at,
        actor=f"person:{by_id}",
        action="plan.in_force",
        subject=f"{KIND}:{code}",
        after={"version": version, "new": expanded.new, "dropped": expanded.dropped},
    )


def returned(session: Session, code: str, version: int, _reason: str, _at: datetime) -> None:
    """It is a draft again; why is kept with the approval."""
    plan = rows.by_code(session, code, version)
    plan.state = PlanState.DRAFT
    session.add(plan)


@transaction
def begin_change(session: Session, code: str, *, person_id: int, reason: str, at: datetime) -> int:
    """Begin the next version of a plan in force; its author owes the draft. Returns its number."""
    newest = rows.by_code(session, code)
    refuse_stranger(session, newest, person_id)
    if newest.state is not PlanState.IN_FORCE:
        under_way = rows.in_force(session, code) is not None
        raise (
            rule.ChangeUnderWay(code=code, version=newest.version)
            if under_way
            else (rule.NotInForce(code=code))
        )
    plan = plan_drafting.new_version(session, newest.year, at=at, reason=gates.reason(reason))
    plan.author_id = person_id
    session.add(plan)
    actor = f"person:{person_id}"
    plan_drafting.owe_drawing_up(session, plan, at=at, actor=actor)
    trail.record(
        session,
        at=at,
        actor=actor,
        action="plan.change_begun",
        subject=f"{KIND}:{code}",
        after={"version": plan.version, "reason": plan.change_reason},
    )
    return plan.version


@transaction
def edit(
    session: Session,
    code: str,
    *,
    person_id: int,
    text: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    at: datetime,
) -> bool:
    """Change a draft on its page; True if anything is different."""
    plan = rows.by_code(session, code)
    refuse_stranger(session, plan, person_id)
    _refuse_nobody(session, lines)
    return write(session, plan, text=text, lines=lines, at=at, actor=f"person:{person_id}")


def write(
    session: Session,
    plan: Plan,
    *,
    text: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    at: datetime,
    actor: str,
) -> bool:
    """Write text and lines into a draft; True if anything is different."""
    _refuse_no_draft(plan)
    before = {name: getattr(plan, name) for name in TEXT}
    for name in TEXT:
        if name in text:
            setattr(plan, name, text[name])
    changed = before != {name: getattr(plan, name) for name in TEXT}
    session.add(plan)
    changed = rows.replace_lines(session, plan, lines) or changed
    if changed:
        trail.record(
            session,
            at=at,
            actor=actor,
            action="plan.edited",
            subject=f"{KIND}:{plan.code}",
            after={"version": plan.version, "lines": len(lines)},
        )
    return changed


def adopt(
    session: Session, plan: Plan, *, author: int, reviewer: int, approver: int, at: datetime
) -> None:
    """Take over a plan that three people signed on paper before this system was in use.

    It goes the same way into force; the trail says that an operator entered it.
    """
    posts = people.organisation(session).posts
    another(hands=frozenset({reviewer}), before=frozenset({author}), person=posts[reviewer].name)
    another(
        hands=frozenset({approver}),
        before=frozenset({author, reviewer}),
        person=posts[approver].name,
    )
    plan.author_id, plan.state = author, PlanState.SUBMITTED
    session.add(plan)
    _signed_on_paper(session, plan, author, reviewer, approver, at)
    trail.record(
        session,
        at=at,
        actor="operator:paper",
        action="plan.adopted",
        subject=f"{KIND}:{plan.code}",
        after={"author": author, "reviewer": reviewer, "approver": approver},
    )
    approved(session, plan.code, plan.version, at, approver)


def _signed_on_paper(
    session: Session, plan: Plan, author: int, reviewer: int, approver: int, at: datetime
) -> None:
    """Keep the three signatures, and that everybody has read it."""
    signed = Approval(
        kind=KIND,
        code=plan.code,
        version=plan.version,
        title=plan.title,
        state=ApprovalState.APPROVED,
        author_id=author,
        author_hands=[author],
        submitted_at=at,
        reviewed_at=at,
        reviewed_by_id=reviewer,
        review_hands=[reviewer],
        approved_at=at,
        approved_by_id=approver,
        readers=rows.named(session, plan.readers),
    )
    session.add(signed)
    session.flush()
    assert signed.id is not None
    session.add_all(
        Reading(approval_id=signed.id, person_id=one, handed_out_at=at, read_at=at, read_by_id=one)
        for one in signed.readers
    )


def refuse_stranger(session: Session, plan: Plan, person_id: int) -> None:
    """Refuse anybody but the author and the quality department."""
    post = people.organisation(session).posts.get(person_id)
    own = plan.author_id == person_id
    if post is None or not post.active or not (own or post.roles & QUALITY):
        raise rule.NotTheAuthor(code=plan.code)


def _refuse_nobody(session: Session, lines: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a line that names neither a role nor a person."""
    posts = people.organisation(session).posts.values()
    known = {*(role.value for role in Role), "unit_head", "", *(post.code for post in posts)}
    for line in lines:
        for who in (line["owner"], line["checker"]):
            if who not in known:
                raise rule.NobodyNamed(number=line["number"], who=who)


def _refuse_no_draft(plan: Plan) -> None:
    if plan.state is not PlanState.DRAFT:
        state = label(current().settings.language, plan.state, "plan_state")
        raise rule.NotADraft(code=plan.code, state=state)


approval.ON_DRAWN[KIND] = hand_in
approval.ON_APPROVED[KIND] = approved
approval.ON_RETURNED[KIND] = returned
