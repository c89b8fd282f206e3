"""The office that a decision belongs to (职责岗位): who may give it, and who follows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.duty import Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Whether its owner still holds it, and if not, who would be asked now."""

    held: bool
    successor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """How a process answers for the decisions of one kind.

    `of` says how the office of a duty stands at an instant, None if it belongs to none; `may`
    whether a person may give this decision.
    """

    of: Callable[[Session, Duty, datetime], Office | None]
    may: Callable[[Session, Duty, int], bool]
