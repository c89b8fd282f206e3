"""The kinds of duty about indicators (指标类待办)."""

from typing import Final

from processes.duty.kind import Kind
from processes.kpi import answers as kpi_answers
from processes.kpi import follow_up as kpi_follow_up  # noqa: F401
from processes.kpi import forms
from processes.kpi import systems as kpi_systems  # noqa: F401
from processes.kpi import verifying as kpi_verifying  # noqa: F401
from rules.words import DutyKind

KINDS: Final = (Kind(kind=DutyKind.REPORT_KPI, model=forms.ReportKpi, settle=kpi_answers.report),)
