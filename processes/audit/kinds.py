"""The kinds of duty of an internal audit (内部审核待办): each with its form and what follows."""

from typing import Final

from processes.audit import closing as audit_closing
from processes.audit import conduct as audit_conduct
from processes.audit import exception as audit_exception
from processes.audit import findings as audit_findings
from processes.audit import forms
from processes.audit import plan as audit_plan
from processes.audit import report as audit_report
from processes.audit import says as says_audit
from processes.audit import team as audit_team
from processes.audit.plan import Wanted
from processes.audit.staffing import record
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from rules import gates
from rules.words import DutyKind


def _wanted(form: forms.PlanAudit) -> Wanted:
    return Wanted(opening_on=form.opening_on, opening_at=form.clock(), place=form.place)


def _plan(deed: Deed, form: forms.PlanAudit) -> str:
    return audit_plan.make(deed, _wanted(form))


def _receive(deed: Deed, form: forms.ReceiveAudit) -> str:
    audit = audit_team.by_code(deed.session, deed.duty.subject)
    deed.discharge()
    record(deed.session, audit, "received", at=deed.at, actor=deed.actor, note=form.note)
    return says_audit.RECEIVED


def _conduct(deed: Deed, form: forms.ConductAudit) -> str:
    one = None if form.together is None else form.together is forms.Together.ONE_MAJOR
    return audit_conduct.settle(
        deed, lines=form.lines, one=one, reason=form.reason, attendance=form.attendance
    )


def _check_word(deed: Deed, _form: forms.ConfirmFinding) -> None:
    audit_findings.check_answer(deed)


def _confirm(deed: Deed, form: forms.ConfirmFinding) -> str:
    audit_findings.check_answer(deed)
    if form.decision is forms.Word.CONFIRM:
        return audit_findings.confirm(deed)
    return audit_findings.dispute(deed, form.reason)


def _check_finding(deed: Deed, form: forms.DecideFinding) -> None:
    audit_findings.check_decide(deed, form.reason)


def _decide_finding(deed: Deed, form: forms.DecideFinding) -> str:
    upheld = form.decision is forms.Holds.UPHOLD
    return audit_findings.decide(deed, upheld=upheld, reason=form.reason)


def words_of(form: forms.ReportAudit) -> audit_report.Words:
    """Return what the lead auditor wrote; a summary and a conclusion must be there."""
    return audit_report.Words(
        service=form.service.value,
        own=form.own.value,
        effective=form.effective.value,
        summary=gates.reason(form.summary),
        conclusion=gates.reason(form.conclusion),
        strengths=form.strengths,
        improvements=form.improvements,
    )


def _report(deed: Deed, form: forms.ReportAudit) -> str:
    return audit_report.write(deed, words_of(form))


def _check_carry(deed: Deed, form: forms.CarryFindings) -> None:
    audit_closing.check_carry(deed, form.reason)


def _carry(deed: Deed, form: forms.CarryFindings) -> str:
    carries = form.decision is forms.Carry.CARRY
    return audit_closing.carry(deed, carries=carries, reason=form.reason)


def _check_exception(deed: Deed, form: forms.DecideException) -> None:
    audit_exception.check(deed, form.reason)


def _exception(deed: Deed, form: forms.DecideException) -> str:
    granted = form.decision is forms.Grant.GRANT
    return audit_exception.decide(deed, granted=granted, reason=form.reason)


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.PLAN_AUDIT,
        asks="Plan the audit: name its opening meeting",
        follows="Timetable and checklist are made, and everybody is invited.",
        advice="Please name day, hour and place of the opening meeting; timetable and checklist"
        " are made from it.",
        form=forms.PlanAudit,
        settle=_plan,
    ),
    Kind(
        kind=DutyKind.RECEIVE_AUDIT,
        asks="Confirm the date of the audit",
        follows="The team hears that you know of it.",
        advice="Please confirm that you know of the audit and that your people have time for it.",
        form=forms.ReceiveAudit,
        settle=_receive,
    ),
    Kind(
        kind=DutyKind.CONDUCT_AUDIT,
        asks="Conduct the audit and fill the checklist",
        follows="Handing it in is the closing meeting: the auditee is asked about each finding,"
        " and the report is owed.",
        advice="Please judge the checklist line by line; what was found is written there with"
        " its evidence.",
        form=forms.ConductAudit,
        settle=_conduct,
    ),
    Kind(
        kind=DutyKind.CONFIRM_FINDING,
        asks="Confirm the finding, or dispute it",
        follows="Confirmed, it is a nonconformity and you owe cause and plan.",
        advice="Please confirm the finding, or dispute it with a reason.",
        form=forms.ConfirmFinding,
        settle=_confirm,
        check=_check_word,
    ),
    Kind(
        kind=DutyKind.DECIDE_FINDING,
        asks="Decide whether the finding stands",
        follows="If it stands it is a nonconformity of the audited area.",
        advice="Please decide whether the finding stands, with a reason.",
        form=forms.DecideFinding,
        settle=_decide_finding,
        signature=True,
        check=_check_finding,
    ),
    Kind(
        kind=DutyKind.REPORT_AUDIT,
        asks="Write the audit report",
        follows="The report goes to review and approval, then to everybody it is for.",
        advice="Please write the report: the three conclusions, a summary, and what was good.",
        form=forms.ReportAudit,
        settle=_report,
    ),
    Kind(
        kind=DutyKind.CARRY_FINDINGS,
        asks="Decide on the findings that are still open",
        follows="Carried, the audit is closed and the next one begins with them.",
        advice="Please decide whether the audit is closed and the next one begins with what is"
        " still open.",
        form=forms.CarryFindings,
        settle=_carry,
        signature=True,
        check=_check_carry,
    ),
    Kind(
        kind=DutyKind.DECIDE_AUDITOR_EXCEPTION,
        asks="Decide on an exception from independence",
        follows="It is kept on record with both your names.",
        advice="Please decide whether this person may audit all the same, with a reason.",
        form=forms.DecideException,
        settle=_exception,
        signature=True,
        check=_check_exception,
    ),
)
