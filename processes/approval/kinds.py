"""The kinds of duty by which documents are approved (文件审批类待办)."""

from typing import Final

from processes.approval import course as approval
from processes.approval import forms
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from rules.words import DutyKind


def _draw_up(deed: Deed, form: forms.DrawUp | forms.Revise) -> str:
    return approval.hand_in(deed, note=form.note)


def _check(deed: Deed, form: forms.Review) -> None:
    approval.check(deed, passes=form.decision is forms.Verdict.PASS, note=form.note)


def _judge(deed: Deed, form: forms.Review) -> str:
    return approval.judge(deed, passes=form.decision is forms.Verdict.PASS, note=form.note)


def _read(deed: Deed, form: forms.Read) -> str:
    return approval.receive(deed, note=form.note)


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.DRAW_UP,
        asks="Draw up the document and hand it in",
        follows="Once you hand it in, somebody else reviews it and a third person approves it.",
        advice="Please draw the document up and hand it in for review.",
        form=forms.DrawUp,
        settle=_draw_up,
    ),
    Kind(
        kind=DutyKind.REVISE,
        asks="Revise the document and hand it in again",
        follows="Once you hand it in again, it is reviewed and approved anew.",
        advice="Please revise the document as asked and hand it in again.",
        form=forms.Revise,
        settle=_draw_up,
    ),
    Kind(
        kind=DutyKind.REVIEW,
        asks="Review the document",
        follows="If it passes, a third person approves it; if not, its author revises it.",
        advice="Please review the document: pass it on for approval, or send it back with a"
        " reason.",
        form=forms.Review,
        settle=_judge,
        signature=True,
        check=_check,
    ),
    Kind(
        kind=DutyKind.APPROVE,
        asks="Approve the document",
        follows="If you approve it, it is in force and its readers are told; if not, its author"
        " revises it.",
        advice="Please approve the document, or send it back with a reason.",
        form=forms.Approve,
        settle=_judge,
        signature=True,
        check=_check,
    ),
    Kind(
        kind=DutyKind.READ,
        asks="Confirm that you have received the document",
        follows="It is recorded that you have this version.",
        advice="Please read the document and confirm that you have received it.",
        form=forms.Read,
        settle=_read,
    ),
)
