"""What a duty of an audit is about, beside its form (审核待办的内容): the finding, or the audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from config.current import current
from config.language import label, listed, say, show_instant
from models.engine import reading
from processes.audit import findings as audit_findings
from processes.audit import view as audit_view
from processes.register.rows import DutyRow
from rules.refusal import NotFound
from rules.words import DutyKind

FINDING: Final = frozenset({DutyKind.CONFIRM_FINDING, DutyKind.DECIDE_FINDING})
AUDIT: Final = frozenset(
    {
        DutyKind.PLAN_AUDIT,
        DutyKind.RECEIVE_AUDIT,
        DutyKind.CONDUCT_AUDIT,
        DutyKind.REPORT_AUDIT,
        DutyKind.CARRY_FINDINGS,
        DutyKind.DECIDE_AUDITOR_EXCEPTION,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A heading, facts in the reader's language, and the audit's page."""

    title: str
    facts: tuple[tuple[str, str], ...]
    link: str


def about(duty: DutyRow, language: str, at: datetime) -> About | None:
    """Return what the duty is about; None for any other kind."""
    try:
        if duty.kind in FINDING:
            return _finding(duty, language)
        return _audit(duty, language, at) if duty.kind in AUDIT else None
    except NotFound:
        return None


def _finding(duty: DutyRow, language: str) -> About:
    with reading() as session:
        found, audit = audit_findings.by_code(session, duty.subject)
    facts = (
        (say(language, "Code"), found.code),
        (say(language, "Judgement"), label(language, found.grade, "grade")),
        (say(language, "Clause"), found.clause),
        (say(language, "Requirement"), found.requirement),
        (say(language, "Evidence"), found.evidence),
        (say(language, "Gap"), found.gap),
        (say(language, "Word of the auditee or the decision"), found.answer or ""),
    )
    return About(
        title=say(language, "Audit finding {code}", code=found.code),
        facts=tuple(one for one in facts if one[1]),
        link=f"/audits/{audit.code}",
    )


def _audit(duty: DutyRow, language: str, at: datetime) -> About:
    view = audit_view.audit_of(duty.subject, at=at)
    row, zone = view.row, current().settings.zone
    opens = show_instant(language, row.opens_at, zone) if row.opens_at else ""
    waiting = [e for e in view.exceptions if e.granted is None]
    facts = (
        (say(language, "Audited"), view.area.name),
        (say(language, "Auditee"), row.owner_name or ""),
        (say(language, "Planned on"), str(row.planned_on)),
        (say(language, "Opening meeting"), opens),
        (say(language, "Place"), view.audit.place),
        (say(language, "Lead auditor"), row.lead_name or ""),
        (say(language, "Auditors"), listed(language, row.auditor_names)),
        (say(language, "Clauses"), listed(language, view.audit.clauses)),
        *(
            (say(language, "Exception for {name}", name=view.name(e.person_id)), e.reason)
            for e in waiting
        ),
    )
    return About(
        title=say(language, "Audit {code}", code=row.code),
        facts=tuple(one for one in facts if one[1]),
        link=f"/audits/{row.code}",
    )
