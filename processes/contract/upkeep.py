"""What a turn does about contracts (合同日常维护): drafts, requirements, contacts, erasures.

A contract that a project names and nobody entered becomes a draft, which `pdca doctor` lists
until it is completed: nothing promised to a customer is left as a mere word.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models import trail
from models.contract import Contract, ContractProject, Customer
from models.engine import transaction
from models.organisation import Project
from processes.contract import contacts, requirements, sla

NOT_IN_A_CODE: Final = re.compile(r"""[\s:;,，；："'<>\\/]+""")
LONGEST: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was done about contracts."""

    drafts: int
    slas: int
    reopened: int
    contacts: int
    erased: int


@transaction
def erase(session: Session, at: datetime) -> Kept:
    """Do what is owed to contacts even where contracts are switched off: erase what is due."""
    erased = contacts.erase_due(session, at)
    return Kept(drafts=0, slas=0, reopened=0, contacts=0, erased=erased)


@transaction
def keep_up(session: Session, at: datetime) -> Kept:
    """Do everything that is due about contracts; twice is harmless."""
    drafts = draft_from_projects(session, at)
    contacts.withdraw_mended(session, at)
    return Kept(
        drafts=drafts,
        slas=sla.owe_missing(session, at),
        reopened=requirements.reopen(session, at),
        contacts=contacts.owe_lost(session, at),
        erased=contacts.erase_due(session, at),
    )


def draft_from_projects(session: Session, at: datetime) -> int:
    """Let each project belong to the contract that its text names; return how many are new."""
    linked = set(session.exec(select(ContractProject.project_id)))
    known = {one.code: one for one in session.exec(select(Contract))}
    known |= {one.name: one for one in known.values() if one.name not in known}
    new = 0
    for project in session.exec(select(Project).order_by(col(Project.code))).all():
        text = (project.contract or "").strip()
        if not text or project.id in linked:
            continue
        contract = known.get(text) or known.get(code_of(text))
        if contract is None:
            contract = known[text] = _draft(session, project, text, at)
            known[contract.code] = contract
            new += 1
        assert contract.id is not None
        assert project.id is not None
        session.add(ContractProject(project_id=project.id, contract_id=contract.id))
    session.flush()
    return new


def code_of(text: str) -> str:
    """Return a code for what somebody wrote as a contract: without blanks and marks."""
    return NOT_IN_A_CODE.sub("-", text).strip("-")[:LONGEST] or "-"


def _draft(session: Session, project: Project, text: str, at: datetime) -> Contract:
    customer = session.exec(
        select(Customer.id).where(col(Customer.name) == (project.customer or ""))
    ).first()
    contract = Contract(
        code=code_of(text),
        name=project.name,
        customer_id=customer,
        manager_id=project.manager_id,
        start=project.start,
        end=project.end,
        draft=True,
    )
    session.add(contract)
    session.flush()
    trail.record(
        session,
        at=at,
        actor="clock",
        action="contract.drafted",
        subject=f"contract:{contract.id}",
        after={"code": contract.code, "from": project.code},
    )
    return contract
