"""The kind of duty about management reviews (管理评审类待办), for the one door."""

from typing import Final

from processes import (
    review_beside,  # noqa: F401 - says what stands beside its forms
    review_holding,
)
from processes.answers import forms_review as forms
from processes.answers.kind import Kind
from processes.deed import Deed
from rules.words import DutyKind


def _hold(deed: Deed, form: forms.HoldReview) -> str:
    return review_holding.hold(deed, form)


KINDS: Final = (Kind(kind=DutyKind.HOLD_REVIEW, model=forms.HoldReview, settle=_hold),)
