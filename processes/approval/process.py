"""Approval as a part of the house (接入): the kinds of duty by which documents are approved."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="approval",
    founding=True,
    optional=False,
    kinds=part(
        "processes.approval.kinds",
        *(DutyKind.DRAW_UP, DutyKind.REVISE, DutyKind.REVIEW, DutyKind.APPROVE, DutyKind.READ),
    ),
)
