"""Duties as a part of the house (接入): the one kind that every duty may lead to, an extension."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="duty",
    founding=True,
    optional=False,
    kinds=part("processes.duty.extension_kinds", DutyKind.DECIDE_EXTENSION),
    offices=part("processes.duty.extension_kinds", DutyKind.DECIDE_EXTENSION),
    registers=part("processes.duty.registers", "duties"),
)
