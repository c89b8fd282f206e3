"""What activities led to (活动的记录): one value a record, as the walk through a cycle tells it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A record that an activity led to: a check, an audit, a measured indicator."""

    kind: str  # check, audit, measurement: a word of the labels' sort "step"
    code: str
    title: str
    on: date
    activity: str | None = None
    outcome: str = ""  # a score, a judgement, a conclusion
    nonconformities: tuple[str, ...] = ()


# (session, first, last): what a process found in these days, both included.
Walker = Callable[[Session, date, date], Iterable[Step]]
