"""What a source of nonconformities adds to their life (不符合项来源的特别规定).

Most come from people and live by the common rules alone. One that a missed target raised is
verified by the next measurements; its process says so here, and the common functions ask.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from models.nonconformity import Nonconformity
from processes.duty.deed import Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The special rules of one source; what is not given is as for all others."""

    # The owner has answered: the form as he sent it.
    responded: Callable[[Deed, Nonconformity, Any], None] = lambda _deed, _row, _form: None
    # Quality has agreed to the plan, or upheld the dispute.
    agreed: Callable[[Deed, Nonconformity], None] = lambda _deed, _row: None
    # By when it can be verified; None is as policy has it.
    verify_by: Callable[[Session, Nonconformity, datetime], datetime | None] = (
        lambda _session, _row, _at: None
    )
    # Refuses a verdict that what was measured contradicts.
    check_verdict: Callable[[Deed, Nonconformity, bool], None] = lambda _deed, _row, _good: None
    # How many levels hear at once of another round; None is as for all others.
    enters_at: Callable[[Nonconformity], int | None] = lambda _row: None


ORDINARY: Final = Source()
SOURCES: Final[dict[str, Source]] = {}


def of(nonconformity: Nonconformity) -> Source:
    """Return the special rules of where it came from."""
    return SOURCES.get(nonconformity.source, ORDINARY)
