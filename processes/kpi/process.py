"""Indicators as a part of the house (接入): measured, judged, explained, verified."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

DOCUMENT: Final = (
    *(DutyKind.DRAW_UP, DutyKind.REVISE, DutyKind.REVIEW, DutyKind.APPROVE, DutyKind.READ),
)

PROCESS: Final = Process(
    name="kpi",
    founding=True,
    kinds=(
        *part("processes.kpi.kinds", DutyKind.REPORT_KPI),
        *part("processes.kpi.special_kinds", DutyKind.EXPLAIN_SPECIAL),
        *part("processes.kpi.late_kinds", DutyKind.CONFIRM_VALUE),
    ),
    papers=part("processes.kpi.systems", "indicator_system", "tracking_plan"),
    sources=part("processes.kpi.verifying", "kpi_miss"),
    activities=part("processes.kpi.follow_up", "kpi_follow_up"),
    facts=(
        *part("processes.kpi.verifying", DutyKind.VERIFY, DutyKind.VERIFY_EFFECT),
        *part("processes.kpi.answers", DutyKind.REPORT_KPI),
        *part("processes.kpi.special_kinds", DutyKind.EXPLAIN_SPECIAL),
        *part("processes.kpi.late_kinds", DutyKind.CONFIRM_VALUE),
        *part("processes.kpi.systems", *DOCUMENT),
    ),
    typed=part("processes.kpi.verifying", DutyKind.VERIFY),
    idle=part("processes.kpi.verifying", DutyKind.RESPOND),
    on=part("processes.kpi.late", "tickets.imported"),
    walkers=part("processes.kpi.walk", "measurement"),
    targets=part("processes.kpi.from_tickets", "tickets"),
    values=(
        *part("processes.kpi.from_tickets", "tickets"),
        *part("processes.kpi.from_availability", "availability"),
        *part("processes.kpi.fetch", "sql", "http", "prometheus"),
    ),
    proposes=part("processes.kpi.advice", "kpi_advice"),
    registers=part("processes.kpi.registers", "kpis", "measurements"),
    imports=(
        *part("processes.kpi.import_kpis", "kpis"),
        *part("processes.kpi.import_measurements", "measurements"),
    ),
    subjects=part(
        "processes.kpi.subjects",
        "kpi",
        "kpi_late",
        "kpi_special",
        "indicator_system",
        "tracking_plan",
    ),
)
