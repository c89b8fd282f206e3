"""The kinds of duty about nonconformities (不符合类待办), for the one door."""

from typing import Final

from processes.duty import extension, forms
from processes.duty.deed import Deed
from processes.duty.kind import Kind
from processes.nonconformity import answers, rows, sources, verdicts
from processes.nonconformity.rows import KIND
from rules.words import DutyKind


def _respond(deed: Deed, form: forms.Respond) -> str:
    nonconformity = rows.by_code(deed.session, deed.duty.subject)
    sources.of(nonconformity).responded(deed, nonconformity, form)
    if form.decision is forms.Response.DISPUTE:
        return answers.dispute(deed, form.reason)
    plan = answers.Plan(
        cause=form.cause,
        method=form.method.value if form.method else None,
        correction=form.correction,
        corrective_action=form.corrective_action,
        preventive_action=form.preventive_action,
        look_elsewhere=form.look_elsewhere,
        planned_on=form.planned_on,
    )
    return answers.accept(deed, plan)


def _check_agree(deed: Deed, form: forms.Agree) -> None:
    agrees = form.decision is forms.Agreement.AGREE
    answers.check_agree(deed, agrees=agrees, note=form.note)


def _agree(deed: Deed, form: forms.Agree) -> str:
    if form.decision is forms.Agreement.AGREE:
        return answers.agree(deed)
    return answers.refuse_plan(deed, form.note)


def _act(deed: Deed, form: forms.Act) -> str:
    return answers.implement(deed, done=form.done, note=form.evidence_note)


def _check_verify(deed: Deed, form: forms.Verify) -> None:
    effective = form.result is forms.Finding.EFFECTIVE
    verdicts.check_verify(deed, effective=effective, note=form.note)


def _verify(deed: Deed, form: forms.Verify) -> str:
    effective = form.result is forms.Finding.EFFECTIVE
    return verdicts.verify(deed, effective=effective, note=form.note)


def _check_decide_dispute(deed: Deed, form: forms.DecideDispute) -> None:
    upheld = form.decision is forms.Ruling.UPHOLD
    verdicts.check_decide_dispute(deed, upheld=upheld, reason=form.reason)


def _decide_dispute(deed: Deed, form: forms.DecideDispute) -> str:
    upheld = form.decision is forms.Ruling.UPHOLD
    return verdicts.decide_dispute(deed, upheld=upheld, reason=form.reason)


def _check_decide(deed: Deed, form: forms.Decide) -> None:
    verdicts.check_decide(deed, text=form.text)


def _decide(deed: Deed, form: forms.Decide) -> str:
    return verdicts.decide(deed, decision=form.decision.value, text=form.text)


KINDS: Final = (
    Kind(kind=DutyKind.RESPOND, model=forms.Respond, settle=_respond),
    Kind(
        kind=DutyKind.AGREE,
        model=forms.Agree,
        settle=_agree,
        signature=True,
        check=_check_agree,
    ),
    Kind(kind=DutyKind.ACT, model=forms.Act, settle=_act),
    Kind(
        kind=DutyKind.VERIFY,
        model=forms.Verify,
        settle=_verify,
        signature=True,
        check=_check_verify,
    ),
    Kind(
        kind=DutyKind.VERIFY_EFFECT,
        model=forms.VerifyEffect,
        settle=_verify,
        signature=True,
        check=_check_verify,
    ),
    Kind(
        kind=DutyKind.DECIDE_DISPUTE,
        model=forms.DecideDispute,
        settle=_decide_dispute,
        signature=True,
        check=_check_decide_dispute,
    ),
    Kind(
        kind=DutyKind.DECIDE,
        model=forms.Decide,
        settle=_decide,
        signature=True,
        check=_check_decide,
    ),
)

extension.ON_GRANTED[KIND] = answers.extended
