"""How late a thing is (逾期): the one figure a manager looks for, in working days."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from config.current import current

SOON: Final = 2  # working days before due in which a thing is called due soon


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """`days` working days past due, or to come; 0 is the day itself."""

    mark: Literal["late", "soon", "calm"]
    days: int


def lateness(due_at: datetime, at: datetime) -> Late:
    """Return how late it is at `at`, by the site's working calendar."""
    calendar = current().calendar
    due_on, today = calendar.day(due_at), calendar.day(at)
    if due_at < at:
        return Late(mark="late", days=calendar.count(due_on, today))
    left = calendar.count(today, due_on)
    return Late(mark="soon" if left <= SOON else "calm", days=left)
