"""The kind of duty about management reviews (管理评审类待办), for the one door."""

from typing import Final

from processes.duty.deed import Deed
from processes.duty.kind import Kind
from processes.review import beside as review_beside  # noqa: F401
from processes.review import forms
from processes.review import holding as review_holding
from rules.words import DutyKind


def _hold(deed: Deed, form: forms.HoldReview) -> str:
    return review_holding.hold(deed, form)


KINDS: Final = (Kind(kind=DutyKind.HOLD_REVIEW, model=forms.HoldReview, settle=_hold),)
