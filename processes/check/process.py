"""Project quality checks as a part of the house (接入)."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="check",
    founding=True,
    kinds=part("processes.check.kinds", DutyKind.QUALITY_CHECK, DutyKind.DECIDE_CHECKER),
    activities=part("processes.check.planned", "project_quality_check"),
    sheets=part("processes.check.filling", DutyKind.QUALITY_CHECK),
    facts=(
        *part("processes.check.filling", DutyKind.QUALITY_CHECK),
        *part("processes.check.exceptions", DutyKind.DECIDE_CHECKER),
    ),
    walkers=part("processes.check.walk", "check"),
    proposes=part("processes.check.proposals", "quality_check"),
    registers=part("processes.check.registers", "checks"),
    imports=(*part("processes.check.import_checks", "checks"),),
    subjects=part("processes.check.subjects", "check"),
)
