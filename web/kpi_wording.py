"""What a page says about special situations (特殊情况的说法)."""

from typing import Final

from rules.words import DutyKind

ASKS: Final[dict[str, str]] = {
    DutyKind.EXPLAIN_SPECIAL: "Explain in one sentence what happened",
}
FOLLOWS: Final[dict[str, str]] = {
    DutyKind.EXPLAIN_SPECIAL: "Your sentence stands beside the chart,"
    " on the board and in the next review.",
}
