"""The kinds of duty about checks (检查类待办), for the one door."""

from typing import Final

from processes.check import answers as check_answers
from processes.check import exceptions as check_exceptions
from processes.check import forms
from processes.duty.deed import Deed
from processes.duty.kind import Kind
from rules.words import DutyKind


def _settle(deed: Deed, form: forms.Checked) -> str:
    return check_answers.settle(deed, lines=form.lines, on=form.performed_on, summary=form.summary)


def _check_exception(deed: Deed, form: forms.DecideChecker) -> None:
    check_exceptions.check_decide(deed, note=form.note)


def _decide_exception(deed: Deed, form: forms.DecideChecker) -> str:
    allow = form.decision is forms.Exemption.ALLOW
    return check_exceptions.decide(deed, allow=allow, note=form.note)


KINDS: Final = (
    Kind(kind=DutyKind.QUALITY_CHECK, model=forms.Checked, settle=_settle),
    Kind(
        kind=DutyKind.DECIDE_CHECKER,
        model=forms.DecideChecker,
        settle=_decide_exception,
        signature=True,
        check=_check_exception,
    ),
)
