"""The kinds of duty about nonconformities (不符合类待办), for the one door."""

from typing import Final

from processes.duty import forms
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
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


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.RESPOND,
        files=True,
        handed_over=True,
        shows=frozenset({"decision", "reason"}),
        asks="Answer with cause and plan",
        follows="Once you have answered, the quality department decides on your plan.",
        advice="Please analyse the cause, plan correction, corrective and preventive action,"
        " look for the same elsewhere, and name a date.",
        form=forms.Respond,
        settle=_respond,
    ),
    Kind(
        kind=DutyKind.AGREE,
        rounds_first=True,
        asks="Decide on the plan",
        follows="If you agree, the owner carries the action out; if not, the owner plans anew.",
        advice="Please judge the cause and the planned action: agree, or send it back with a"
        " reason.",
        form=forms.Agree,
        settle=_agree,
        signature=True,
        check=_check_agree,
    ),
    Kind(
        kind=DutyKind.ACT,
        files=True,
        handed_over=True,
        rounds_first=True,
        shows=frozenset(),
        asks="Carry out the action and show it",
        follows="Once you have answered, somebody from quality verifies it.",
        advice="Please carry out the agreed action and attach the evidence.",
        form=forms.Act,
        settle=_act,
    ),
    Kind(
        kind=DutyKind.VERIFY,
        rounds_first=True,
        shows=frozenset({"result"}),
        asks="Verify whether the action works",
        follows="If it is effective it is closed, a major one after a later look at its effect;"
        " if not, the owner begins another round.",
        advice="Please judge by the evidence whether the action is effective: it is closed only"
        " if it is.",
        form=forms.Verify,
        settle=_verify,
        signature=True,
        check=_check_verify,
    ),
    Kind(
        kind=DutyKind.VERIFY_EFFECT,
        rounds_first=True,
        shows=frozenset({"result"}),
        asks="Confirm that the effect has lasted",
        follows="If it has lasted it is closed; if not, another round begins.",
        advice="Please confirm whether the effect has lasted: a major nonconformity is closed"
        " only then.",
        form=forms.VerifyEffect,
        settle=_verify,
        signature=True,
        check=_check_verify,
    ),
    Kind(
        kind=DutyKind.DECIDE_DISPUTE,
        asks="Decide on the dispute",
        follows="If you uphold the dispute it is void; if not, the owner answers it.",
        advice="Please decide whether the nonconformity stands.",
        form=forms.DecideDispute,
        settle=_decide_dispute,
        signature=True,
        check=_check_decide_dispute,
    ),
    Kind(
        kind=DutyKind.DECIDE,
        asks="Decide what management does about it",
        follows="The owner hears your decision; the nonconformity goes on until it is closed.",
        advice="Please decide: give resources, order a measure, or accept the risk with a reason.",
        form=forms.Decide,
        settle=_decide,
        signature=True,
        check=_check_decide,
    ),
)


def _handed_over(deed: Deed, owner: int, receiver: int) -> None:
    """Give the nonconformity to whoever owes the duty now, who then never verifies it."""
    found = rows.by_code(deed.session, deed.duty.subject)
    if found.owner_id == owner:
        found.owner_id = receiver
        deed.session.add(found)


ON: Final = {f"extended:{KIND}": answers.extended, f"handed_over:{KIND}": _handed_over}
