"""The kinds of duty by which documents are approved (文件审批类待办)."""

from typing import Final

from processes.approval import course as approval
from processes.approval import forms
from processes.duty.deed import Deed
from processes.duty.kind import Kind
from rules.words import DutyKind


def _draw_up(deed: Deed, form: forms.DrawUp | forms.Revise) -> str:
    return approval.hand_in(deed, note=form.note)


def _check(deed: Deed, form: forms.Review) -> None:
    approval.check(deed, passes=form.decision is forms.Verdict.PASS, note=form.note)


def _judge(deed: Deed, form: forms.Review) -> str:
    return approval.judge(deed, passes=form.decision is forms.Verdict.PASS, note=form.note)


def _read(deed: Deed, form: forms.Read) -> str:
    return approval.receive(deed, note=form.note)


KINDS: Final = (
    Kind(kind=DutyKind.DRAW_UP, model=forms.DrawUp, settle=_draw_up),
    Kind(kind=DutyKind.REVISE, model=forms.Revise, settle=_draw_up),
    Kind(kind=DutyKind.REVIEW, model=forms.Review, settle=_judge, signature=True, check=_check),
    Kind(kind=DutyKind.APPROVE, model=forms.Approve, settle=_judge, signature=True, check=_check),
    Kind(kind=DutyKind.READ, model=forms.Read, settle=_read),
)
