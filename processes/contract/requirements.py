"""The register of service requirements (服务需求): what nothing meets is owed by its owner.

A requirement is met by a line of an SLA in force, by an activity of the plan or by a document.
Where the line it rests on is gone from the SLA, it is open again.
"""

from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from config.contract import contract_policy
from config.current import current
from config.language import label, say
from models import trail
from models.contract import Contract, Requirement, Sla, SlaLine
from models.duty import Duty
from models.plan import Activity
from processes.contract.forms import MET, MeetRequirement, MeetWay
from processes.duty import beside
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from processes.duty.subject import Subject
from rules import contract as rule
from rules import gates
from rules.contract import Met, RequirementState, SlaState
from rules.words import DutyKind

KIND: Final = "requirement"
IS_MET: Final = "Recorded: the requirement is met."
WITHDRAWN: Final = "Recorded: it is not wanted any more."
MET_ELSEWHERE: Final = "the requirement is met: the register says by what"


def due_at(day: date | None, at: datetime) -> datetime:
    """Return by when a requirement is owed; of a day, the end of its working hours."""
    calendar = current().calendar
    if day is None:
        return calendar.working_days(at, contract_policy().requirements.meet_working_days)
    return calendar.close_of(day)


def owe(session: Session, row: Requirement, *, at: datetime, actor: str) -> bool:
    """Owe an open requirement to its owner; False if it is owed already."""
    if row.state is not RequirementState.OPEN or _owed(session, row):
        return False
    duties.issue(
        session,
        kind=DutyKind.MEET_REQUIREMENT,
        subject_kind=KIND,
        subject=row.code,
        title=row.title,
        owner_id=row.owner_id,
        due_at=due_at(row.due, at),
        at=at,
        entered_at=at,
        actor=actor,
    )
    return True


def settled(session: Session, row: Requirement, *, at: datetime, actor: str) -> None:
    """Withdraw what is owed about a requirement that is met or not wanted any more."""
    for duty in _owed(session, row):
        duties.withdraw(session, duty, at=at, why=MET_ELSEWHERE, actor=actor)


def _owed(session: Session, row: Requirement) -> list[Duty]:
    found = duties.open_duties_about(session, KIND, row.code)
    return [one for one in found if one.kind == DutyKind.MEET_REQUIREMENT]


def refuse_missing(session: Session, met_by: Met, named: str, contract_id: int | None) -> None:
    """Refuse a line that no SLA in force has, and an activity that no plan has."""
    if met_by is Met.SLA_LINE and not _line_in_force(session, named, contract_id):
        raise rule.NothingMeets(reference=named, what=rule.MET_BY[met_by])
    if met_by is Met.ACTIVITY:
        query = select(Activity.id).where(col(Activity.code) == named)
        if session.exec(query).first() is None:
            raise rule.NothingMeets(reference=named, what=rule.MET_BY[met_by])


def _line_in_force(session: Session, code: str, contract_id: int | None) -> bool:
    query = (
        select(SlaLine.id)
        .join(Sla, col(Sla.id) == col(SlaLine.sla_id))
        .where(col(SlaLine.code) == code, col(Sla.state) == SlaState.IN_FORCE)
    )
    if contract_id is not None:
        query = query.where(col(Sla.contract_id) == contract_id)
    return session.exec(query.limit(1)).first() is not None


def reopen(session: Session, at: datetime) -> int:
    """Open again what rests on a line that is gone; return how many."""
    rows = session.exec(
        select(Requirement).where(
            col(Requirement.state) == RequirementState.MET,
            col(Requirement.met_by) == Met.SLA_LINE,
        )
    ).all()
    gone = [row for row in rows if not _line_in_force(session, row.reference, row.contract_id)]
    for row in gone:
        calendar = current().calendar
        row.state, row.met_at = RequirementState.OPEN, None
        row.due = calendar.day(due_at(None, at))
        session.add(row)
        session.flush()
        trail.record(
            session,
            at=at,
            actor="clock",
            action="requirement.reopened",
            subject=f"{KIND}:{row.code}",
            after={"gone": row.reference},
        )
        owe(session, row, at=at, actor="clock")
    return len(gone)


def by_code(session: Session, code: str) -> Requirement:
    """Return a requirement that a duty is about."""
    return session.exec(select(Requirement).where(col(Requirement.code) == code)).one()


def _check(deed: Deed, form: MeetRequirement) -> None:
    if form.met_by is MeetWay.WITHDRAWN:
        gates.reason(form.note)
        return
    met_by = MET[form.met_by]
    named = rule.reference(met_by, form.reference)
    row = by_code(deed.session, deed.duty.subject)
    refuse_missing(deed.session, met_by, named, row.contract_id)


def _settle(deed: Deed, form: MeetRequirement) -> str:
    row = by_code(deed.session, deed.duty.subject)
    withdrawn = form.met_by is MeetWay.WITHDRAWN
    row.state = RequirementState.WITHDRAWN if withdrawn else RequirementState.MET
    row.met_by = None if withdrawn else MET[form.met_by]
    row.reference = "" if withdrawn else form.reference[:200]
    row.met_at = None if withdrawn else deed.at
    deed.session.add(row)
    deed.record(
        f"requirement.{row.state.value}",
        f"{KIND}:{row.code}",
        after={"met_by": row.met_by, "reference": row.reference},
    )
    deed.discharge()
    return WITHDRAWN if withdrawn else IS_MET


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return what is wanted, by whom, and which lines could meet it."""
    row = by_code(session, duty.subject)
    contract = session.get(Contract, row.contract_id) if row.contract_id else None
    lines = _offered(session, row.contract_id) if contract else []
    told = [
        (say(language, "Wanted by"), row.wanted_by),
        (say(language, "Source"), row.source),
        (say(language, "Description"), row.description),
        (say(language, "Contract"), f"{contract.code} {contract.name}" if contract else ""),
        (label(language, "sla_line", "met_by"), "\n".join(lines)),
    ]
    return [(name, text) for name, text in told if text]


def _offered(session: Session, contract_id: int | None) -> list[str]:
    query = (
        select(SlaLine)
        .join(Sla, col(Sla.id) == col(SlaLine.sla_id))
        .where(col(Sla.contract_id) == contract_id, col(Sla.state) == SlaState.IN_FORCE)
        .order_by(col(SlaLine.code))
    )
    return [f"{line.code} {line.indicator}" for line in session.exec(query)]


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.MEET_REQUIREMENT,
        form=MeetRequirement,
        check=_check,
        settle=_settle,
        handed_over=True,
        asks="Say by what this requirement is met",
        follows="The register says from then on by what it is met, and by whom it was said.",
        advice="Please see to it that something meets this requirement, and say what does.",
    )
)
FACTS: Final = {DutyKind.MEET_REQUIREMENT: _facts}
SUBJECTS: Final = {KIND: Subject(called="Service requirement {code}")}
