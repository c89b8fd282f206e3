"""Steps of internal audits (内部审核): programme, teams, audits opened and closed."""

from datetime import datetime

from processes.audit import activities as audit_activities
from processes.audit import closing as audit_closing
from processes.audit import opening as audit_opening
from processes.audit import programme as audit_programme
from processes.audit import staffing as audit_staffing
from tasks.step import step


@step("Draft the audit programme that is due", of="audit", otherwise=None)
def draft(at: datetime) -> str | None:
    """Compute next year's programme in time; return its code if one was due."""
    return audit_programme.draft_due(at=at)


@step("Seat the audit teams", of="audit", otherwise=0)
def staff(at: datetime) -> int:
    """Give every audit of a programme in force its team, or say why it has none."""
    found = audit_staffing.staff_due(at)
    return found.joined if found is not None else 0


@step("Open the audits that come up", of="audit", otherwise=0)
def open_due(at: datetime) -> int:
    """Ask the lead auditors for their plans; return how many."""
    return audit_opening.open_due(at=at)


@step("Close the audits whose findings are verified", of="audit", otherwise=[])
def close_due(at: datetime) -> list[str]:
    """Close what is verified, ask for a decision about what is open long after.

    What the annual plan says of internal audits is done when its audits are reported.
    """
    audit_activities.settle(at=at)
    return audit_closing.close_due(at=at)
