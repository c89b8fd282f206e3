"""The kinds of duty about planned activities (计划活动类待办)."""

from typing import Final

from processes.duty.deed import Deed
from processes.duty.kind import Kind
from processes.plan import activity_answers as answers
from processes.plan import activity_changes as changes
from processes.plan import beside as plan_beside  # noqa: F401
from processes.plan import (
    forms,
    plans,  # noqa: F401
)
from rules.words import DutyKind


def _carry_out(deed: Deed, form: forms.CarryOut) -> str:
    return answers.carry_out(
        deed,
        done_on=form.done_on,
        result=form.result,
        record=form.record,
        evidence_note=form.evidence_note,
    )


def _check_activity(deed: Deed, form: forms.CheckActivity) -> str:
    confirmed = form.decision is forms.Checked.DONE
    return answers.check_activity(deed, confirmed=confirmed, note=form.note)


def _check_change(deed: Deed, form: forms.DecideChange) -> None:
    changes.check(deed, grants=form.decision is forms.Allowed.GRANT, note=form.note)


def _decide_change(deed: Deed, form: forms.DecideChange) -> str:
    return changes.decide(deed, grants=form.decision is forms.Allowed.GRANT, note=form.note)


KINDS: Final = (
    Kind(kind=DutyKind.CARRY_OUT, model=forms.CarryOut, settle=_carry_out),
    Kind(kind=DutyKind.CHECK_ACTIVITY, model=forms.CheckActivity, settle=_check_activity),
    Kind(
        kind=DutyKind.DECIDE_CHANGE,
        model=forms.DecideChange,
        settle=_decide_change,
        signature=True,
        check=_check_change,
    ),
)
