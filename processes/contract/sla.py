"""Versions of an SLA (SLA 版本): drafted from a file, approved by three people, then in force.

A version in force is never edited; until the next one is approved, the old one holds. A draft
cannot be handed in while its contract lacks a service time or anybody to answer for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from config.contract import contract_policy
from config.current import current
from config.language import label, say
from models import people, trail
from models.contract import Contract, Sla, SlaLine
from processes.approval import course as approval
from processes.approval.course import Paper
from processes.contract import standing
from processes.duty import issued as duties
from processes.duty.deed import Deed
from rules import contract as rule
from rules.contract import SlaState
from rules.refusal import NotFound
from rules.words import DutyKind, Role

KIND: Final = "sla"  # of the document, and of what a duty about it is about
NEEDED: Final = frozenset({rule.Hole.CUSTOMER, rule.Hole.MANAGER, rule.Hole.SERVICE_TIME})
SIGNED: Final = "this version was brought in as signed with the customer"
TITLE: Final = "SLA of {name}, version {version}"


def newest(session: Session, contract_id: int) -> Sla | None:
    """Return the newest version of a contract's SLA; None if there is none."""
    return session.exec(
        select(Sla)
        .where(col(Sla.contract_id) == contract_id)
        .order_by(col(Sla.version).desc())
        .limit(1)
    ).first()


def newest_of_all(session: Session) -> dict[str, Sla]:
    """Return the newest version of every contract that has one, by the contract's code."""
    rows = session.exec(
        select(Contract.code, Sla)
        .join(Sla, col(Sla.contract_id) == col(Contract.id))
        .order_by(col(Sla.version))
    )
    return dict(rows.all())


def in_force(session: Session, contract_id: int) -> Sla | None:
    """Return the version that holds now."""
    return session.exec(
        select(Sla).where(col(Sla.contract_id) == contract_id, col(Sla.state) == SlaState.IN_FORCE)
    ).one_or_none()


def versions(session: Session, contract_id: int) -> Sequence[Sla]:
    """Return every version, the newest first."""
    return session.exec(
        select(Sla).where(col(Sla.contract_id) == contract_id).order_by(col(Sla.version).desc())
    ).all()


def lines(session: Session, version: Sla) -> Sequence[SlaLine]:
    """Return the lines of a version, by their codes."""
    return session.exec(
        select(SlaLine).where(col(SlaLine.sla_id) == version.id).order_by(col(SlaLine.code))
    ).all()


def draft_of(session: Session, contract_id: int, *, at: datetime, actor: str) -> Sla:
    """Return the draft of a contract's next version; made from the newest if there is none."""
    last = newest(session, contract_id)
    if last is not None and last.state is SlaState.DRAFT:
        return last
    version = Sla(contract_id=contract_id, version=last.version + 1 if last else 1, made_at=at)
    session.add(version)
    session.flush()
    assert version.id is not None
    for line in lines(session, last) if last else ():
        kept = line.model_dump(exclude={"id", "sla_id"})
        session.add(SlaLine(sla_id=version.id, **kept))
    session.flush()
    _record(session, version, "drafted", at=at, actor=actor)
    return version


def drafted(
    session: Session, version: Sla, *, signed_on: date | None, at: datetime, actor: str
) -> None:
    """Bring in what was signed before, or owe it to the contract's manager for approval."""
    if signed_on is not None:
        version.signed_on = signed_on
        code = session.get_one(Contract, version.contract_id).code
        for duty in duties.open_duties_about(session, KIND, code):
            if duty.kind in {DutyKind.DRAW_UP, DutyKind.REVISE}:
                duties.withdraw(session, duty, at=at, why=SIGNED, actor=actor)
        _put_in_force(session, version, at=at, actor=actor)
        return
    owe_drawing_up(session, version, at=at, actor=actor)


def owe_drawing_up(session: Session, version: Sla, *, at: datetime, actor: str) -> bool:
    """Owe the draft to the contract's manager; False if nobody answers, or it is owed already."""
    contract = session.get_one(Contract, version.contract_id)
    owner = standing.manager_of(session, contract)
    owed = {one.kind for one in duties.open_duties_about(session, KIND, contract.code)}
    if owner is None or owed & {DutyKind.DRAW_UP, DutyKind.REVISE}:
        return False
    days = contract_policy().sla.draw_up_working_days
    approval.draw_up(
        session,
        kind=KIND,
        code=contract.code,
        title=title(contract, version),
        author_id=owner,
        due_at=current().calendar.working_days(at, days),
        at=at,
        actor=actor,
    )
    return True


def title(contract: Contract, version: Sla) -> str:
    """Return what a version is called, in the site's language."""
    language = current().settings.language
    return say(language, TITLE, name=contract.name, version=version.version)


def hand_in(deed: Deed, note: str) -> None:
    """Hand the draft in for review, if its contract has what an SLA rests on."""
    session = deed.session
    contract = standing.by_code(session, deed.duty.subject)
    version = newest(session, contract.id or 0)
    if version is None or version.state is not SlaState.DRAFT or not lines(session, version):
        raise NotFound(what="draft of the SLA", code=contract.code)
    _refuse_holes(session, contract)
    version.state = SlaState.SUBMITTED
    session.add(version)
    policy = contract_policy().sla
    approval.submit(
        session,
        kind=KIND,
        code=contract.code,
        version=version.version,
        title=title(contract, version),
        author_id=deed.person_id,
        reviewers=_holders(session, policy.reviewers),
        approvers=_holders(session, policy.approvers),
        readers=_holders(session, policy.readers),
        at=deed.at,
        actor=deed.actor,
        summary=note,
        hands=deed.hands,
    )


def _refuse_holes(session: Session, contract: Contract) -> None:
    language = current().settings.language
    found = [one for one in standing.holes(session, contract) if one in NEEDED]
    if found:
        lacks = ", ".join(label(language, one, "contract_hole") for one in found)
        raise rule.NotReady(contract=contract.code, lacks=lacks)


def approved(session: Session, code: str, version: int, at: datetime, by_id: int) -> None:
    """Put a version into force; the one before it is replaced."""
    row = _version(session, code, version)
    _put_in_force(session, row, at=at, actor=f"person:{by_id}")


def returned(session: Session, code: str, version: int, _reason: str, _at: datetime) -> None:
    """Let it be a draft again; why is kept with the approval."""
    row = _version(session, code, version)
    row.state = SlaState.DRAFT
    session.add(row)


def owe_missing(session: Session, at: datetime) -> int:
    """Owe drafts that nobody owes yet, since their contract had no manager; return how many."""
    drafts: Mapping[str, Sla] = newest_of_all(session)
    return sum(
        owe_drawing_up(session, one, at=at, actor="clock")
        for one in drafts.values()
        if one.state is SlaState.DRAFT
    )


def _put_in_force(session: Session, version: Sla, *, at: datetime, actor: str) -> None:
    before = in_force(session, version.contract_id)
    if before is not None and before.id != version.id:
        before.state, before.replaced_at = SlaState.REPLACED, at
        session.add(before)
        session.flush()
    version.state, version.in_force_at = SlaState.IN_FORCE, at
    session.add(version)
    session.flush()
    _record(session, version, "in_force", at=at, actor=actor)


def _version(session: Session, code: str, version: int) -> Sla:
    contract = standing.by_code(session, code)
    query = select(Sla).where(col(Sla.contract_id) == contract.id, col(Sla.version) == version)
    return session.exec(query).one()


def _holders(session: Session, roles: Iterable[Role]) -> list[int]:
    return list(dict.fromkeys(one for role in roles for one in people.holders(session, role)))


def _record(session: Session, version: Sla, what: str, *, at: datetime, actor: str) -> None:
    contract = session.get_one(Contract, version.contract_id)
    signed = str(version.signed_on) if version.signed_on else None
    trail.record(
        session,
        at=at,
        actor=actor,
        action=f"sla.{what}",
        subject=f"{KIND}:{contract.code}",
        after={"version": version.version, "state": version.state.value, "signed_on": signed},
    )


PAPERS: Final = {KIND: Paper(drawn=hand_in, approved=approved, returned=returned)}
