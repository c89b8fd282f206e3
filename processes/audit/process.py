"""Internal audits as a part of the house (接入): from the programme to the last finding."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="audit",
    founding=True,
    kinds=part(
        "processes.audit.kinds",
        *(DutyKind.PLAN_AUDIT, DutyKind.RECEIVE_AUDIT, DutyKind.CONDUCT_AUDIT),
        *(DutyKind.CONFIRM_FINDING, DutyKind.DECIDE_FINDING, DutyKind.REPORT_AUDIT),
        *(DutyKind.CARRY_FINDINGS, DutyKind.DECIDE_AUDITOR_EXCEPTION),
    ),
    papers=(
        *part("processes.audit.programme", "audit_programme"),
        *part("processes.audit.plan", "audit_plan"),
        *part("processes.audit.report", "audit_report"),
    ),
    sources=part("processes.audit.verification", "internal_audit"),
    activities=part("processes.audit.activities", "internal_audit"),
    sheets=part("processes.audit.conduct", DutyKind.CONDUCT_AUDIT),
    facts=part(
        "processes.audit.beside",
        *(DutyKind.DRAW_UP, DutyKind.REVIEW, DutyKind.APPROVE, DutyKind.REVISE, DutyKind.READ),
    ),
    on=(
        *part("processes.audit.activities", "audit.reported"),
        *part("processes.audit.opening", "audit.lead_changed"),
    ),
    walkers=part("processes.audit.walk", "audit_programme", "audit"),
    registers=part("processes.audit.registers", "audits", "auditors"),
    imports=(
        *part("processes.audit.import_areas", "areas"),
        *part("processes.audit.import_auditors", "auditors"),
        *part("processes.audit.import_work", "work"),
        *part("processes.audit.import_audits", "audits"),
    ),
    subjects=part(
        "processes.audit.subjects",
        "audit",
        "audit_finding",
        "audit_programme",
        "audit_plan",
        "audit_report",
    ),
)
