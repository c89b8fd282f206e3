"""Management reviews as a part of the house (接入)."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="review",
    founding=True,
    kinds=part("processes.review.kinds", DutyKind.HOLD_REVIEW),
    activities=part("processes.review.holding", "management_review", "review_decision"),
    sheets=part("processes.review.holding", DutyKind.HOLD_REVIEW),
    facts=part("processes.review.beside", DutyKind.CHECK_ACTIVITY),
    walkers=part("processes.review.walk", "review"),
)
