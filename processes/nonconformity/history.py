"""What happened to a nonconformity (履历): its rounds, its duties, who was told what and when."""

from datetime import datetime
from typing import Final

from models.engine import reading
from models.nonconformity import Nonconformity
from processes.duty import registers as duty_registers
from processes.history import reading as read
from processes.history.rows import NonconformityHistory
from processes.nonconformity import registers
from processes.register.named import one
from processes.register.query import Filters
from rules.refusal import NotFound


def of_nonconformity(code: str, *, at: datetime) -> NonconformityHistory:
    """Return a nonconformity with its rounds and duties, or refuse by code."""
    found = registers.nonconformities(Filters(subject=code), at=at).rows
    if not found:
        raise NotFound(what="nonconformity", code=code)
    with reading() as session:
        names = read.names(session)
        row = one(session, Nonconformity, code)
        numbers = read.duties_about(session, code)
        subjects = [f"nonconformity:{code}", *(f"duty:{number}" for number in numbers)]
        return NonconformityHistory(
            nonconformity=found[0],
            **{name: row[name] for name in SAID},
            rounds=read.rounds(session, names, row["id"]),
            duties=tuple(duty_registers.duties(Filters(ids=tuple(numbers)), at=at).rows),
            told=read.told(session, names, numbers),
            answers=read.answers(session, names, numbers),
            extensions=read.extensions(session, names, numbers),
            evidence=read.evidence(session, names, numbers),
            trail=read.trail(session, names, subjects),
            comments=read.comments(session, names, numbers),
        )


SAID: Final = (
    "description",
    "source_record",
    "potential",
    "severity_reason",
    "priority_reason",
    "straight_up_at",
    "straight_up_reason",
    "void_reason",
)
