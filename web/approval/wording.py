"""What a page says about documents to be approved and about planned activities (审批与活动)."""

from typing import Final

from rules.words import DutyKind

ASKS: Final[dict[str, str]] = {
    DutyKind.DRAW_UP: "Draw up the document and hand it in",
    DutyKind.REVIEW: "Review the document",
    DutyKind.APPROVE: "Approve the document",
    DutyKind.REVISE: "Revise the document and hand it in again",
    DutyKind.READ: "Confirm that you have received the document",
    DutyKind.CARRY_OUT: "Carry out the planned activity and show it",
    DutyKind.CHECK_ACTIVITY: "Check whether it was done as planned",
    DutyKind.HOLD_REVIEW: "Hold the management review and write down what it decided",
    DutyKind.DECIDE_CHANGE: "Decide on the change of the plan",
}
FOLLOWS: Final[dict[str, str]] = {
    DutyKind.DRAW_UP: "Once you hand it in, somebody else reviews it"
    " and a third person approves it.",
    DutyKind.REVIEW: "If it passes, a third person approves it; if not, its author revises it.",
    DutyKind.APPROVE: "If you approve it, it is in force and its readers are told;"
    " if not, its author revises it.",
    DutyKind.REVISE: "Once you hand it in again, it is reviewed and approved anew.",
    DutyKind.READ: "It is recorded that you have this version.",
    DutyKind.CARRY_OUT: "Once you have answered, the checker named in the plan looks at it.",
    DutyKind.CHECK_ACTIVITY: "If you confirm it, it is done; if not, it is carried out again.",
    DutyKind.HOLD_REVIEW: "The input is kept as it stands now. Once the review is confirmed, each"
    " decision is owed by its owner and goes up level by level until it is done.",
    DutyKind.DECIDE_CHANGE: "If you allow it, the plan changes; the first date is kept.",
}
