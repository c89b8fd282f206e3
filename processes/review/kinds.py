"""The kind of duty about management reviews (管理评审类待办), for the one door."""

from typing import Final

from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from processes.review import forms
from processes.review import holding as review_holding
from rules.words import DutyKind


def _hold(deed: Deed, form: forms.HoldReview) -> str:
    return review_holding.hold(deed, form)


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.HOLD_REVIEW,
        handed_over=True,
        asks="Hold the management review and write down what it decided",
        follows="The input is kept as it stands now. Once the review is confirmed, each decision"
        " is owed by its owner and goes up level by level until it is done.",
        advice="Please hold the management review with its input, and write down what it"
        " concluded and decided.",
        form=forms.HoldReview,
        settle=_hold,
    ),
)
