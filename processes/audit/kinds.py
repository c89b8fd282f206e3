"""The kinds of duty of an internal audit (内部审核待办): each with its form and what follows."""

from typing import Final

import processes.audit.activities  # the annual plan hears what was reported
import processes.audit.beside  # noqa: F401 - says what stands beside the forms of documents
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
from processes.duty.kind import Kind
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


KINDS: Final = (
    Kind(kind=DutyKind.PLAN_AUDIT, model=forms.PlanAudit, settle=_plan),
    Kind(kind=DutyKind.RECEIVE_AUDIT, model=forms.ReceiveAudit, settle=_receive),
    Kind(kind=DutyKind.CONDUCT_AUDIT, model=forms.ConductAudit, settle=_conduct),
    Kind(
        kind=DutyKind.CONFIRM_FINDING,
        model=forms.ConfirmFinding,
        settle=_confirm,
        check=_check_word,
    ),
    Kind(
        kind=DutyKind.DECIDE_FINDING,
        model=forms.DecideFinding,
        settle=_decide_finding,
        signature=True,
        check=_check_finding,
    ),
    Kind(kind=DutyKind.REPORT_AUDIT, model=forms.ReportAudit, settle=_report),
    Kind(
        kind=DutyKind.CARRY_FINDINGS,
        model=forms.CarryFindings,
        settle=_carry,
        signature=True,
        check=_check_carry,
    ),
    Kind(
        kind=DutyKind.DECIDE_AUDITOR_EXCEPTION,
        model=forms.DecideException,
        settle=_exception,
        signature=True,
        check=_check_exception,
    ),
)
