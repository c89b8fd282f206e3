"""What happened to a duty (履历): who was told what and when, who answered what.

It is read from lines, answers, extensions and the trail as they were written: this is the evidence
an auditor asks for. Names are those of today; the trail itself knows only numbers.
"""

from datetime import datetime

from models.engine import reading
from processes.duty import registers
from processes.history import reading as read
from processes.history.rows import DutyHistory
from processes.register.query import Filters
from rules.refusal import NotFound


def of_duty(number: int, *, at: datetime) -> DutyHistory:
    """Return a duty with everything that happened to it, or refuse by number."""
    found = registers.duties(Filters(ids=(number,)), at=at).rows
    if not found:
        raise NotFound(what="duty", code=number)
    with reading() as session:
        names = read.names(session)
        return DutyHistory(
            duty=found[0],
            told=read.told(session, names, [number]),
            answers=read.answers(session, names, [number]),
            extensions=read.extensions(session, names, [number]),
            evidence=read.evidence(session, names, [number]),
            trail=read.trail(session, names, [f"duty:{number}"]),
            comments=read.comments(session, names, [number]),
        )
