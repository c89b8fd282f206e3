"""The kinds of duty about indicators (指标类待办)."""

from typing import Final

from processes import kpi_answers, kpi_systems, kpi_verifying  # noqa: F401 - their rules, too
from processes.answers import forms_kpi as forms
from processes.answers.kind import Kind
from rules.words import DutyKind

KINDS: Final = (Kind(kind=DutyKind.REPORT_KPI, model=forms.ReportKpi, settle=kpi_answers.report),)
