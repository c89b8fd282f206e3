"""What a page says about indicators and special situations (指标与特殊情况的说法)."""

from typing import Final

from rules.words import DutyKind

ASKS: Final[dict[str, str]] = {
    DutyKind.REPORT_KPI: "Report the value of the indicator",
    DutyKind.EXPLAIN_SPECIAL: "Explain in one sentence what happened",
}
FOLLOWS: Final[dict[str, str]] = {
    DutyKind.REPORT_KPI: "Once you have answered, it is judged against its target;"
    " a miss becomes a nonconformity.",
    DutyKind.EXPLAIN_SPECIAL: "Your sentence stands beside the chart,"
    " on the board and in the next review.",
}
