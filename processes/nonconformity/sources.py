"""What a source of nonconformities adds to their life (不符合项来源的特别规定).

Most come from people and live by the common rules alone. One that a missed target raised is
verified by the next measurements; its process says so here, and the common functions ask.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlmodel import Session

from models.nonconformity import Nonconformity
from processes import plug
from processes.duty.deed import Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The special rules of one source; what is not given is as for all others."""

    # The owner has answered: the form as it was sent.
    responded: Callable[[Deed, Nonconformity, Any], None] = lambda _deed, _row, _form: None
    # Quality has agreed to the plan, or upheld the dispute.
    agreed: Callable[[Deed, Nonconformity], None] = lambda _deed, _row: None
    # By when it can be verified; None is as policy has it.
    verify_by: Callable[[Session, Nonconformity, datetime], datetime | None] = (
        lambda _session, _row, _at: None
    )
    # Refuses a verdict that what was measured contradicts.
    check_verdict: Callable[[Deed, Nonconformity, bool], None] = lambda _deed, _row, _good: None
    # Who verifies, of those who are not barred; None is as for all others.
    verifier: Callable[[Session, Nonconformity, frozenset[int], datetime], int | None] = (
        lambda _session, _row, _barred, _at: None
    )
    # Refuses a verification by hands that are tied to what is verified.
    refuse_tied: Callable[[Session, Nonconformity, frozenset[int], datetime], None] = (
        lambda _session, _row, _hands, _at: None
    )
    # How many levels hear at once of another round; None is as for all others.
    enters_at: Callable[[Nonconformity], int | None] = lambda _row: None


ORDINARY: Final = Source()
# Sources that live by the common rules alone; the others are declared by their processes.
SOURCES: Final = dict.fromkeys(
    (
        "external_audit",
        "quality_check",
        "process_audit",
        "management_review",
        "complaint",
        "kpi_advice",
        "major_incident",
        "daily",
    ),
    ORDINARY,
)


def of(nonconformity: Nonconformity) -> Source:
    """Return the special rules of where it came from; a word of a user's own has none."""
    if not plug.has("sources", nonconformity.source):
        return ORDINARY
    return cast("Source", plug.one("sources", nonconformity.source))
