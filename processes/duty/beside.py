"""What stands beside a form (表单旁注): facts that whoever answers needs, and what is proposed.

A process registers functions for its kinds of duty. They read and never write; what is
proposed is only typed in beforehand, and counts when a person sends it.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sqlmodel import Session

from models.duty import Duty
from models.engine import reading

Fact = tuple[str, str]  # a label in the reader's language, and what stands there
# (session, duty, language): what is known about it, in order; nothing where it is not theirs.
Facts = Callable[[Session, Duty, str], list[Fact]]
# (session, duty, language): what is typed into the form beforehand, by field.
Proposal = Callable[[Session, Duty, str], Mapping[str, str]]
# (session, duty): fields of the form that do not concern this duty.
Idle = Callable[[Session, Duty], frozenset[str]]

FACTS: Final[dict[str, list[Facts]]] = {}
PROPOSALS: Final[dict[str, list[Proposal]]] = {}
IDLE: Final[dict[str, list[Idle]]] = {}


def facts(number: int, language: str) -> list[Fact]:
    """Return what is known about a duty, for the page beside its form."""
    with reading() as session:
        duty = session.get_one(Duty, number)
        return [one for told in FACTS.get(duty.kind, ()) for one in told(session, duty, language)]


def proposed(number: int, language: str) -> dict[str, str]:
    """Return what is typed into a duty's form beforehand."""
    with reading() as session:
        duty = session.get_one(Duty, number)
        found: dict[str, str] = {}
        for propose in PROPOSALS.get(duty.kind, ()):
            found.update(propose(session, duty, language))
        return found


def idle(number: int) -> frozenset[str]:
    """Return the fields of a duty's form that do not concern it."""
    with reading() as session:
        duty = session.get_one(Duty, number)
        return frozenset().union(*(left(session, duty) for left in IDLE.get(duty.kind, ())))
