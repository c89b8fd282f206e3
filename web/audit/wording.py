"""What duties of an internal audit are called on their pages (审核待办的页面用语)."""

from typing import Final

from rules.words import DutyKind

ASKS: Final[dict[str, str]] = {
    DutyKind.PLAN_AUDIT: "Plan the audit: name its opening meeting",
    DutyKind.RECEIVE_AUDIT: "Confirm the date of the audit",
    DutyKind.CONDUCT_AUDIT: "Conduct the audit and fill the checklist",
    DutyKind.CONFIRM_FINDING: "Confirm the finding, or dispute it",
    DutyKind.DECIDE_FINDING: "Decide whether the finding stands",
    DutyKind.REPORT_AUDIT: "Write the audit report",
    DutyKind.CARRY_FINDINGS: "Decide on the findings that are still open",
    DutyKind.DECIDE_AUDITOR_EXCEPTION: "Decide on an exception from independence",
}
FOLLOWS: Final[dict[str, str]] = {
    DutyKind.PLAN_AUDIT: "Timetable and checklist are made, and everybody is invited.",
    DutyKind.RECEIVE_AUDIT: "The team hears that you know of it.",
    DutyKind.CONDUCT_AUDIT: "Handing it in is the closing meeting: the auditee is asked about each"
    " finding, and the report is owed.",
    DutyKind.CONFIRM_FINDING: "Confirmed, it is a nonconformity and you owe cause and plan.",
    DutyKind.DECIDE_FINDING: "If it stands it is a nonconformity of the audited area.",
    DutyKind.REPORT_AUDIT: "The report goes to review and approval, then to everybody it is for.",
    DutyKind.CARRY_FINDINGS: "Carried, the audit is closed and the next one begins with them.",
    DutyKind.DECIDE_AUDITOR_EXCEPTION: "It is kept on record with both your names.",
}
