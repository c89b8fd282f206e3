"""What of a cycle somebody may see (可见范围): how many is everybody's, which is his own area's.

A page that names a check or a nonconformity of another unit would say that there is one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from processes.audit import registers as registers_audit
from processes.check import registers as registers_check
from processes.cycle.walk import LineWalked, Step, Walk
from processes.kpi import registers as registers_kpi
from processes.plan import registers as registers_plan
from processes.register import registers
from processes.register.query import Filters

OF_ACTIVITY: Final = frozenset({"activity", "kpi_report"})  # seen by whoever sees the activity


def narrowed(walk: Walk, *, people: frozenset[int], reader: int, at: datetime) -> Walk:
    """Return the walk with the records of these people alone, and what the reader raised."""
    wanted = Filters(people=people, reader=reader)
    matters = frozenset(row.code for row in registers.nonconformities(wanted, at=at).rows)
    records = {
        "audit": frozenset(row.code for row in registers_audit.audits(wanted, at=at).rows),
        "check": frozenset(row.code for row in registers_check.checks(wanted, at=at).rows),
        "measurement": frozenset(row.code for row in registers_kpi.kpis(wanted, at=at).rows),
    }
    activities = frozenset(row.code for row in registers_plan.activities(wanted, at=at).rows)
    records["decision"] = activities  # of a management review: each is an activity of its owner

    def shown(step: Step) -> bool:
        if step.kind in OF_ACTIVITY:
            return step.activity in activities
        return step.code in records.get(step.kind, ())

    return replace(
        walk,
        lines=tuple(replace(line, steps=_own(line, shown, matters)) for line in walk.lines),
        others=tuple(_bare(step, matters) for step in walk.others if shown(step)),
        nonconformities=tuple(one for one in walk.nonconformities if one.code in matters),
        improvements=(),
    )


def _own(
    line: LineWalked, shown: Callable[[Step], bool], matters: frozenset[str]
) -> tuple[Step, ...]:
    return tuple(_bare(step, matters) for step in line.steps if shown(step))


def _bare(step: Step, matters: frozenset[str]) -> Step:
    """Return the step without the nonconformities that are not the reader's."""
    return replace(step, nonconformities=tuple(c for c in step.nonconformities if c in matters))
