"""The register of problems (问题): the cause behind incidents, its owner and its date.

A known error stays a problem until its cause is gone: its owner owes it on, with the workaround
that the service desk needs meanwhile.
"""

import re
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from config.contract import contract_policy
from config.current import current
from config.language import say
from models.contract import Contract, Problem
from models.duty import Duty
from processes.contract.forms import Solved, SolveProblem
from processes.duty import beside
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from processes.duty.subject import Subject
from rules import contract as rule
from rules.contract import ProblemState
from rules.words import DutyKind

KIND: Final = "problem"
SOLVED: Final = "Recorded: the problem is solved."
KNOWN: Final = "Recorded as a known error; removing its cause is owed on."
CLOSED: Final = "the register says that the problem is solved"


def owe(session: Session, row: Problem, *, at: datetime, actor: str) -> bool:
    """Owe an open problem to its owner; False if it is owed already."""
    if row.state is ProblemState.CLOSED or duties.open_duties_about(session, KIND, row.code):
        return False
    duties.issue(
        session,
        kind=DutyKind.SOLVE_PROBLEM,
        subject_kind=KIND,
        subject=row.code,
        title=row.title,
        owner_id=row.owner_id,
        due_at=current().calendar.close_of(row.due),
        at=at,
        entered_at=at,
        actor=actor,
    )
    return True


def settled(session: Session, row: Problem, *, at: datetime, actor: str) -> None:
    """Withdraw what is owed about a problem that was closed by a file."""
    for duty in duties.open_duties_about(session, KIND, row.code):
        duties.withdraw(session, duty, at=at, why=CLOSED, actor=actor)


def by_code(session: Session, code: str) -> Problem:
    """Return a problem that a duty is about."""
    return session.exec(select(Problem).where(col(Problem.code) == code)).one()


def _check(deed: Deed, form: SolveProblem) -> None:
    row = by_code(deed.session, deed.duty.subject)
    if not (form.cause.strip() or row.cause.strip()):
        raise rule.NoCause
    known = form.decision is Solved.KNOWN_ERROR
    if known and not (form.workaround.strip() or row.workaround.strip()):
        raise rule.NoWorkaround


def _settle(deed: Deed, form: SolveProblem) -> str:
    row = by_code(deed.session, deed.duty.subject)
    row.cause = form.cause or row.cause
    row.workaround = form.workaround or row.workaround
    row.changes = sorted({*row.changes, *listed(form.changes)})
    known = form.decision is Solved.KNOWN_ERROR
    row.state = ProblemState.KNOWN_ERROR if known else ProblemState.CLOSED
    row.closed_at = None if known else deed.at
    deed.session.add(row)
    deed.record(f"problem.{row.state.value}", f"{KIND}:{row.code}", after={"changes": row.changes})
    deed.discharge()
    if not known:
        return SOLVED
    days = contract_policy().requirements.meet_working_days
    later = current().calendar.working_days(deed.at, days)
    row.due = max(row.due, current().calendar.day(later))
    deed.session.add(row)
    deed.session.flush()
    owe(deed.session, row, at=deed.at, actor=deed.actor)
    return KNOWN


def listed(cell: str) -> list[str]:
    """Return the numbers in a text, each once; semicolons or commas lie between them."""
    return sorted({part.strip()[:64] for part in re.split("[;；,，、]", cell) if part.strip()})


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return what is known of the problem."""
    row = by_code(session, duty.subject)
    contract = session.get(Contract, row.contract_id) if row.contract_id else None
    told = [
        (say(language, "Contract"), f"{contract.code} {contract.name}" if contract else ""),
        (say(language, "Cause"), row.cause),
        (say(language, "Workaround"), row.workaround),
        (say(language, "Tickets"), ", ".join(row.tickets)),
        (say(language, "Changes"), ", ".join(row.changes)),
    ]
    return [(name, text) for name, text in told if text]


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.SOLVE_PROBLEM,
        form=SolveProblem,
        check=_check,
        settle=_settle,
        handed_over=True,
        asks="Say what lies behind it, and how it is got rid of",
        follows="A known error stays owed until its cause is gone; a solved problem is closed.",
        advice="Please find the cause of this problem, and say how it is got rid of.",
    )
)
FACTS: Final = {DutyKind.SOLVE_PROBLEM: _facts}
SUBJECTS: Final = {KIND: Subject(called="Problem {code}")}
