"""An audit plan approved before the auditee hears of it (审核计划审批), if the procedure says so.

ISO 19011 leaves it open who approves a plan, so `plan_approved` in `config/audit.toml` does. The
plan is drawn, reviewed and approved by three people of whom none is in the team or the auditee;
with the approval it is announced, and the notice to the auditee is counted from that day.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from config.current import current
from config.language import say
from models.audit import Audit
from processes.approval import course as approval
from processes.audit import team as audit_team
from processes.audit.ground import policy
from processes.audit.report import judges
from processes.audit.staffing import record
from processes.duty.deed import Deed
from rules.approval import ApprovalState as State
from rules.words import Role

KIND: Final = "audit_plan"
VERSION: Final = 1
TITLE: Final = "Audit plan {code}: {area}"


def needed() -> bool:
    """Whether the procedure wants plans approved."""
    return policy().procedure.plan_approved


def submit(deed: Deed, audit: Audit) -> None:
    """Hand the drawn plan in for review."""
    session, own, organisation = deed.session, policy().procedure, deed.organisation
    area = audit_team.area_of(session, audit)
    team = {member.person_id for member in audit_team.team_of(session, audit)}
    tops = (Role.QUALITY_HEAD, Role.TOP_MANAGEMENT, Role.VP_OPERATIONS)
    approval.submit(
        session,
        kind=KIND,
        code=audit.code,
        version=VERSION,
        title=say(current().settings.language, TITLE, code=audit.code, area=area.name),
        author_id=deed.duty.owner_id,
        reviewers=judges(organisation, area.owner_id, own.plans, Role.QUALITY, *tops),
        approvers=judges(organisation, area.owner_id, own.reviews, *tops),
        readers=(),
        at=deed.at,
        actor=deed.actor,
        hands=deed.hands | team,
    )
    record(session, audit, "plan_submitted", at=deed.at, actor=deed.actor)


def came_back(session: Session, audit: Audit) -> bool:
    """Whether the plan was sent back and may be drawn anew."""
    found = approval.state(session, KIND, audit.code, VERSION)
    return found is not None and found.state is State.RETURNED


def returned(session: Session, code: str, version: int, reason: str, at: datetime) -> None:
    """Keep that it goes back to its author (`ON_RETURNED`)."""
    del version
    audit = audit_team.by_code(session, code)
    record(session, audit, "plan_returned", at=at, actor="clock", reason=reason)


approval.ON_RETURNED[KIND] = returned
