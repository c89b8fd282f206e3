"""The annual plan as a part of the house (接入): its document, its activities and their kinds."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="plan",
    founding=True,
    optional=False,
    kinds=part(
        "processes.plan.activity_kinds",
        *(DutyKind.CARRY_OUT, DutyKind.CHECK_ACTIVITY, DutyKind.DECIDE_CHANGE),
    ),
    papers=part("processes.plan.plans", "quality_plan"),
    activities=part(
        "processes.plan.activity_answers",
        *("satisfaction", "complaint_analysis", "improvement_review", "improvement"),
        *("document_review", "emergency_drill", "service_report", "other"),
    ),
    facts=part(
        "processes.plan.beside",
        *(DutyKind.DRAW_UP, DutyKind.REVISE, DutyKind.REVIEW, DutyKind.APPROVE, DutyKind.READ),
        *(DutyKind.CARRY_OUT, DutyKind.HOLD_REVIEW, DutyKind.CHECK_ACTIVITY),
        DutyKind.DECIDE_CHANGE,
    ),
    on=part("processes.plan.activity_answers", "extended:activity"),
    walkers=part("processes.plan.walk", "activity"),
    registers=part("processes.plan.registers", "plan", "activities"),
    imports=(*part("processes.plan.import_plan", "plan"),),
    subjects=part("processes.plan.subjects", "quality_plan", "activity"),
)
