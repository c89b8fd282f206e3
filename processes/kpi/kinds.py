"""The kinds of duty about indicators (指标类待办)."""

from typing import Final

from processes.duty.kind import Kind, kind_table
from processes.kpi import answers as kpi_answers
from processes.kpi import forms
from rules.words import DutyKind

KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.REPORT_KPI,
        files=True,
        handed_over=True,
        asks="Report the value of the indicator",
        follows="Once you have answered, it is judged against its target; a miss becomes a"
        " nonconformity.",
        advice="Please report the value of the period as it was measured, and say what it rests"
        " on.",
        form=forms.ReportKpi,
        settle=kpi_answers.report,
    ),
)
