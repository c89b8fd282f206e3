"""The kinds of duty about indicators (指标类待办)."""

from typing import Final

from processes import (  # their rules, too, and what opens the month's follow-up
    kpi_answers,
    kpi_follow_up,  # noqa: F401
    kpi_systems,  # noqa: F401
    kpi_verifying,  # noqa: F401
)
from processes.answers import forms_kpi as forms
from processes.answers.kind import Kind
from rules.words import DutyKind

KINDS: Final = (Kind(kind=DutyKind.REPORT_KPI, model=forms.ReportKpi, settle=kpi_answers.report),)
