"""What whoever judges a document of an audit reads beside his form (审批内容): the document itself.

A programme, a plan and a report are reviewed, approved and received from a letter on a phone:
what is signed has to stand there, line by line.
"""

from functools import partial
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import label, listed, say, show_instant
from models import people
from models.audit import AuditAgenda, AuditLine
from models.duty import Duty
from processes.audit import plan_approval as audit_plan_approval
from processes.audit import programme as audit_programme
from processes.audit import report as audit_report
from processes.audit import team as audit_team
from processes.duty import beside
from processes.duty.beside import Fact
from rules.refusal import NotFound
from rules.words import DutyKind

KINDS: Final = (
    DutyKind.DRAW_UP,
    DutyKind.REVIEW,
    DutyKind.APPROVE,
    DutyKind.REVISE,
    DutyKind.READ,
)


def programme(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return a programme: what for, whether it covers everything, each area with its reasons."""
    t = partial(say, language)
    found = audit_programme.by_code(session, duty.subject)
    left_out = audit_programme.uncovered(session, found)
    covered = t("every unit, process and clause is covered")
    return [
        (t("Purpose"), found.purpose),
        (t("Scope"), found.scope),
        (t("Methods"), found.methods),
        (t("Coverage"), t("left out: {what}", what=", ".join(left_out)) if left_out else covered),
        *(
            (f"{line.rank}. {area.name}", _line(language, line))
            for line, area in audit_programme.lines_of(session, found)
        ),
    ]


def plan(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return an audit plan: when and where, by whom, who looks at what."""
    t, zone = partial(say, language), current().settings.zone
    audit = audit_team.by_code(session, duty.subject)
    area, posts = audit_team.area_of(session, audit), people.organisation(session).posts
    slots = session.exec(
        select(AuditAgenda)
        .where(col(AuditAgenda.audit_id) == audit.id, col(AuditAgenda.person_id).is_not(None))
        .order_by(col(AuditAgenda.number))
    )
    return [
        (t("Audited"), area.name),
        (t("Auditee"), posts[area.owner_id].name if area.owner_id is not None else "—"),
        (
            t("Opening meeting"),
            show_instant(language, audit.opens_at, zone) if audit.opens_at else "—",
        ),
        (t("Place"), audit.place),
        *((posts[slot.person_id or 0].name, listed(language, slot.clauses)) for slot in slots),
    ]


def report(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return a report: its three conclusions, its words, and each finding."""
    t = partial(say, language)
    audit = audit_team.by_code(session, duty.subject)
    told = audit_report.of_audit(session, audit).content
    words = told["words"]
    answers = (
        (t("Meets the requirements of IT service operation"), words["service"]),
        (t("Meets the service needs and our own quality requirements"), words["own"]),
        (t("Is effectively implemented and maintained"), words["effective"]),
    )
    texts = (
        (t("How the audit went"), words["summary"]),
        (t("Conclusion"), words["conclusion"]),
        (t("Strengths"), words["strengths"]),
        (t("Suggestions"), words["improvements"]),
    )
    return [
        (t("Audited"), told["area"]),
        *((name, label(language, answer, "conclusion")) for name, answer in answers),
        *texts,
        *(
            (f"{one['code']} {label(language, one['grade'], 'grade')}", _finding(one))
            for one in told["findings"]
        ),
    ]


DOCUMENTS: Final = {
    audit_programme.KIND: programme,
    audit_plan_approval.KIND: plan,
    audit_report.KIND: report,
}


def document(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return the document that a duty is about; nothing for those of other processes."""
    told = DOCUMENTS.get(duty.subject_kind)
    if told is None:
        return []
    try:
        return [one for one in told(session, duty, language) if one[1]]
    except NotFound:
        return []


def _line(language: str, line: AuditLine) -> str:
    why = [f"{label(language, word, 'audit_reason')} {count}" for word, count, _ in line.reasons]
    edited = line.edited_reason
    parts = [
        say(language, "months {months}", months=", ".join(map(str, line.months)) or "—"),
        listed(language, why),
        *([say(language, "edited: {reason}", reason=edited)] if edited else []),
    ]
    return " · ".join(parts)


def _finding(one: dict[str, str]) -> str:
    return "\n".join(part for part in (one["clause"], one["evidence"], one["gap"]) if part)


for _kind in KINDS:
    beside.FACTS.setdefault(_kind, []).append(document)
