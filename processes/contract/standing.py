"""Where a contract stands (合同现状): its state, what it lacks, who answers for it."""

from datetime import date

from sqlmodel import Session, col, select

from models import people
from models.contract import (
    Contact,
    Contract,
    ContractContact,
    ContractProject,
    ContractService,
    Sla,
)
from models.organisation import Project
from rules import contract as rule
from rules.contract import ContractState, Hole, SlaState, Standing
from rules.refusal import NotFound


def by_code(session: Session, code: str) -> Contract:
    """Return a contract, or refuse by its code."""
    found = session.exec(select(Contract).where(col(Contract.code) == code)).one_or_none()
    if found is None:
        raise NotFound(what="contract", code=code)
    return found


def state_on(contract: Contract, day: date) -> ContractState:
    """Return where a contract stands on a local day."""
    return rule.state(draft=contract.draft, start=contract.start, end=contract.end, day=day)


def manager_of(session: Session, contract: Contract) -> int | None:
    """Return who answers for a contract: its own manager, else the manager of its first project."""
    posts = people.organisation(session).posts
    managers = session.exec(
        select(Project.manager_id)
        .join(ContractProject, col(ContractProject.project_id) == col(Project.id))
        .where(col(ContractProject.contract_id) == contract.id)
        .order_by(col(Project.code))
    )
    candidates: list[int | None] = [contract.manager_id, *managers]
    for found in candidates:
        if found is not None and found in posts and posts[found].active:
            return found
    return None


def holes(session: Session, contract: Contract) -> tuple[Hole, ...]:
    """Return what a contract lacks."""
    return rule.holes(
        Standing(
            customer=contract.customer_id is not None,
            manager=manager_of(session, contract) is not None,
            service_time=contract.service_time is not None,
            services=_any(session, ContractService, contract.id),
            sla=session.exec(
                select(Sla.id).where(
                    col(Sla.contract_id) == contract.id, col(Sla.state) == SlaState.IN_FORCE
                )
            ).first()
            is not None,
            contact=bool(contacts(session, contract.id or 0)),
        )
    )


def contacts(session: Session, contract_id: int) -> list[Contact]:
    """Return who can be reached for a contract."""
    found = session.exec(
        select(Contact)
        .join(ContractContact, col(ContractContact.contact_id) == col(Contact.id))
        .where(
            col(ContractContact.contract_id) == contract_id,
            col(Contact.active),
            col(Contact.erased_at).is_(None),
        )
        .order_by(col(Contact.code))
    )
    return list(found)


def _any(session: Session, link: type[ContractService], contract_id: int | None) -> bool:
    query = select(link.service_id).where(col(link.contract_id) == contract_id)
    return session.exec(query.limit(1)).first() is not None
