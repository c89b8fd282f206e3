"""The kinds of duty about planned activities (计划活动类待办)."""

from typing import Final

from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from processes.plan import activity_answers as answers
from processes.plan import activity_changes as changes
from processes.plan import (
    forms,
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


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.CARRY_OUT,
        handed_over=True,
        asks="Carry out the planned activity and show it",
        follows="Once you have answered, the checker named in the plan looks at it.",
        advice="Please carry out the planned activity and name the record that shows it.",
        form=forms.CarryOut,
        settle=_carry_out,
    ),
    Kind(
        kind=DutyKind.CHECK_ACTIVITY,
        asks="Check whether it was done as planned",
        follows="If you confirm it, it is done; if not, it is carried out again.",
        advice="Please check whether it was done as planned, by its record.",
        form=forms.CheckActivity,
        settle=_check_activity,
    ),
    Kind(
        kind=DutyKind.DECIDE_CHANGE,
        asks="Decide on the change of the plan",
        follows="If you allow it, the plan changes; the first date is kept.",
        advice="Please decide whether the plan is changed as asked.",
        form=forms.DecideChange,
        settle=_decide_change,
        signature=True,
        check=_check_change,
    ),
)
