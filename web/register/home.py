"""What the registers add to the home (首页): what the reader owes."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from processes.duty import registers as duty_registers
from processes.register.query import Filters
from rules.words import DutyState
from web.duty.late import lateness
from web.frame.session import Reader
from web.plug import Panel

AT_ONCE: Final = 100  # of one's own duties; the register has the rest


def mine(reader: Reader, language: str, at: datetime) -> Panel:
    """Return what the reader owes, the earliest due first."""
    del language
    wanted = Filters(person=reader.code, state=DutyState.OPEN.value)
    owed = duty_registers.duties(wanted, at=at, limit=AT_ONCE)
    late = duty_registers.duties(replace(wanted, overdue=True), at=at, limit=1)
    return Panel(
        template="home_mine.html",
        facts={
            "rows": owed.rows,
            "late": [lateness(row.due_at, at) for row in owed.rows],
            "total": owed.total,
            "overdue": late.total,
        },
    )
