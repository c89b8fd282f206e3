"""Customers, contacts, contracts, services, SLA lines, requirements, problems (合同类台账)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.contract import contract_policy
from config.current import current
from models import people
from models.base import table_of
from models.contract import (
    Contact,
    Contract,
    ContractContact,
    ContractProject,
    ContractService,
    Customer,
    Problem,
    Requirement,
    Service,
    Sla,
    SlaLine,
)
from models.engine import reading
from models.organisation import Person, Project
from processes.contract import contacts as contact_process
from processes.contract import links, standing
from processes.contract.rows import (
    ContactRow,
    ContractRow,
    CustomerRow,
    ProblemRow,
    RequirementRow,
    ServiceRow,
    SlaRow,
)
from processes.imports import whole
from processes.register.query import Filters, Page, columns, named, page, whose
from processes.register.registers import Register, words
from rules.contract import ContractState, ProblemState, RequirementState, SlaState

R = TypeVar("R")


def customers(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[CustomerRow]:
    """Return the customers by code."""
    del at
    with reading() as session:
        person = whole.code_of(session, Person)
        owned: dict[int, list[str]] = {}
        for row in session.exec(select(Contract).order_by(col(Contract.code))):
            owned.setdefault(row.customer_id or 0, []).append(row.code)
        found = [
            CustomerRow(
                code=row.code,
                name=row.name,
                manager=person.get(row.manager_id or 0),
                active=row.active,
                contracts=tuple(owned.get(row.id or 0, ())),
            )
            for row in session.exec(select(Customer).order_by(col(Customer.code)))
            if _found(filters, row.code, row.name)
        ]
    return _cut(found, limit, offset)


def contacts(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ContactRow]:
    """Return the contacts by code; `subject` keeps those of one contract."""
    del at
    with reading() as session:
        customer, contract = whole.code_of(session, Customer), whole.code_of(session, Contract)
        linked = links.of(session, ContractContact, "contact_id", "contract_id")
        lost = {one.id for one in contact_process.lost(session)}
        found = [
            ContactRow(
                code=row.code,
                name=row.name,
                customer=customer.get(row.customer_id or 0),
                contracts=tuple(links.named(linked, row.id or 0, contract)),
                email=row.email,
                basis=row.basis.value,
                active=row.active,
                reachable=row.id not in lost and row.erased_at is None,
                refused_at=row.refused_at,
                erase_on=row.erase_on,
                erased_at=row.erased_at,
            )
            for row in session.exec(select(Contact).order_by(col(Contact.code)))
            if _found(filters, row.code, row.name)
        ]
    wanted = filters.subject
    return _cut([one for one in found if not wanted or wanted in one.contracts], limit, offset)


def contracts(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ContractRow]:
    """Return the contracts by code, with what each lacks."""
    day = current().calendar.day(at)
    with reading() as session:
        read = _Contracts(session)
        found = [
            read.row(one, standing.state_on(one, day))
            for one in session.exec(select(Contract).order_by(col(Contract.code)))
            if _found(filters, one.code, one.name)
        ]
    kept = [
        one
        for one in found
        if filters.state in {None, one.state}
        and filters.person in {None, one.manager}
        and (not filters.project or filters.project in one.projects)
        and (not filters.subject or filters.subject == one.code)
    ]
    return _cut(kept, limit, offset)


class _Contracts:
    """What rows of contracts are made of, read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.posts = people.organisation(session).posts
        self.customers = {one.id: one for one in session.exec(select(Customer))}
        self.services = links.of(session, ContractService, "contract_id", "service_id")
        self.service = whole.code_of(session, Service)
        self.projects = links.of(session, ContractProject, "contract_id", "project_id")
        self.project = whole.code_of(session, Project)
        in_force = select(Sla).where(col(Sla.state) == SlaState.IN_FORCE)
        self.versions = {one.contract_id: one.version for one in session.exec(in_force)}
        self.notice = contract_policy().maintenance.notice_hours

    def row(self, one: Contract, state: ContractState) -> ContractRow:
        """Return a contract's row."""
        number = one.id or 0
        customer = self.customers.get(one.customer_id)
        manager = standing.manager_of(self.session, one)
        post = self.posts.get(manager or 0)
        return ContractRow(
            code=one.code,
            name=one.name,
            customer=customer.code if customer else None,
            customer_name=customer.name if customer else "",
            state=state.value,
            start=one.start,
            end=one.end,
            manager=post.code if post else None,
            manager_name=post.name if post else "",
            services=tuple(links.named(self.services, number, self.service)),
            projects=tuple(links.named(self.projects, number, self.project)),
            service_time=one.service_time,
            zone=one.zone,
            holidays=one.holidays,
            notice_hours=self.notice if one.notice_hours is None else one.notice_hours,
            window=one.window,
            rhythm=one.rhythm.value if one.rhythm else None,
            sla_version=self.versions.get(number),
            lacks=tuple(hole.value for hole in standing.holes(self.session, one)),
        )


def services(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ServiceRow]:
    """Return the service catalogue by code."""
    del at
    with reading() as session:
        contract = whole.code_of(session, Contract)
        linked = links.of(session, ContractService, "service_id", "contract_id")
        found = [
            ServiceRow(
                code=row.code,
                name=row.name,
                description=row.description,
                contracts=tuple(links.named(linked, row.id or 0, contract)),
                active=row.active,
            )
            for row in session.exec(select(Service).order_by(col(Service.code)))
            if _found(filters, row.code, row.name)
        ]
    wanted = filters.subject
    return _cut([one for one in found if not wanted or wanted in one.contracts], limit, offset)


def slas(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[SlaRow]:
    """Return the lines of every version of every SLA; `subject` keeps those of one contract."""
    del at
    line, version, contract = table_of(SlaLine), table_of(Sla), table_of(Contract)
    service = table_of(Service)
    query = (
        sa.select(
            *columns(line, SlaRow, but=["contract", "service"]),
            *(version.c[name] for name in ("version", "state", "signed_on")),
            version.c.in_force_at,
            version.c.replaced_at,
            contract.c.code.label("contract"),
            service.c.code.label("service"),
        )
        .join(version, version.c.id == line.c.sla_id)
        .join(contract, contract.c.id == version.c.contract_id)
        .outerjoin(service, service.c.id == line.c.service_id)
        .order_by(contract.c.code, version.c.version.desc(), line.c.code)
    )
    if filters.state:
        query = query.where(version.c.state == filters.state)
    if filters.subject:
        query = query.where(contract.c.code == filters.subject)
    query = named(query, filters, line.c.code, line.c.indicator)
    return page(query, lambda row: SlaRow(**_plain(row)), limit, offset)


def requirements(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[RequirementRow]:
    """Return the service requirements, those due first."""
    table = table_of(Requirement)
    query = _owned(table, RequirementRow, filters)
    open_ = table.c.state == RequirementState.OPEN
    return _owed_page(query, table, open_, RequirementRow, filters, at, limit, offset)


def problems(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ProblemRow]:
    """Return the problems, those due first."""
    table = table_of(Problem)
    query = _owned(table, ProblemRow, filters)
    open_ = table.c.state != ProblemState.CLOSED
    return _owed_page(query, table, open_, ProblemRow, filters, at, limit, offset)


def _owned(table: sa.Table, row: type[Any], filters: Filters) -> Any:
    person, contract = table_of(Person), table_of(Contract)
    query = (
        sa.select(
            *columns(table, row, but=["contract"]),
            person.c.code.label("owner"),
            person.c.name.label("owner_name"),
            contract.c.code.label("contract"),
        )
        .join(person, person.c.id == table.c.owner_id)
        .outerjoin(contract, contract.c.id == table.c.contract_id)
        .order_by(table.c.due, table.c.code)
    )
    if filters.subject:
        query = query.where(contract.c.code == filters.subject)
    return named(whose(query, person, filters), filters, table.c.code, table.c.title)


def _owed_page(
    query: Any,
    table: sa.Table,
    open_: Any,
    row: Callable[..., R],
    filters: Filters,
    at: datetime,
    limit: int | None,
    offset: int,
) -> Page[R]:
    today = current().calendar.day(at)
    if filters.state:
        query = query.where(table.c.state == filters.state)
    if filters.overdue:
        query = query.where(open_, table.c.due < today)
    closed = {RequirementState.MET, RequirementState.WITHDRAWN, ProblemState.CLOSED}

    def made(values: dict[str, Any]) -> R:
        late = values["state"] not in closed and values["due"] < today
        return row(**_plain(values), late=late)

    return page(query, made, limit, offset)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return a row's values with stable words for enumerations, and tuples for lists."""
    found = {name: getattr(value, "value", value) for name, value in values.items()}
    return {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}


def _found(filters: Filters, *texts: str) -> bool:
    wanted = (filters.find or "").lower()
    return not wanted or any(wanted in text.lower() for text in texts)


def _cut(rows: Sequence[R], limit: int | None, offset: int) -> Page[R]:
    return Page(rows[offset:] if limit is None else rows[offset : offset + limit], len(rows))


REGISTERS: Final = {
    "customers": Register(
        read=customers,
        heads=(("code", "Code"), ("name", "Customer"), ("manager", "Customer manager"),
               ("contracts", "Contracts")),
    ),
    "contacts": Register(
        read=contacts,
        filters=("subject",),
        heads=(("code", "Code"), ("name", "Name"), ("customer", "Customer"),
               ("contracts", "Contracts"), ("email", "Address"), ("reachable", "Reachable"),
               ("basis", "Basis")),
        labels={"basis": "basis"},
    ),
    "contracts": Register(
        read=contracts,
        filters=("state", "person", "project", "subject"),
        states=words(ContractState),
        heads=(("code", "Code"), ("name", "Contract"), ("customer_name", "Customer"),
               ("state", "State"), ("start", "Starts on"), ("end", "Ends on"),
               ("manager_name", "Contract manager"), ("sla_version", "SLA version")),
        labels={"state": "contract_state"},
    ),
    "services": Register(
        read=services,
        filters=("subject",),
        heads=(("code", "Code"), ("name", "Service"), ("contracts", "Contracts"),
               ("active", "Active")),
    ),
    "slas": Register(
        read=slas,
        filters=("state", "subject"),
        states=words(SlaState),
        heads=(("contract", "Contract"), ("version", "Version"), ("state", "State"),
               ("code", "Code"), ("indicator", "Indicator"), ("direction", "Direction"),
               ("target", "Target"), ("unit", "Unit of the target"),
               ("minimum_n", "Minimum cases")),
        labels={"state": "sla_state"},
    ),
    "requirements": Register(
        read=requirements,
        filters=("state", "person", "subject", "overdue"),
        states=words(RequirementState),
        heads=(("code", "Code"), ("title", "Service requirement"), ("contract", "Contract"),
               ("owner_name", "Owner"), ("due", "Due"), ("state", "State"),
               ("met_by", "Met by"), ("reference", "Which one")),
        labels={"state": "requirement_state", "met_by": "met_by"},
    ),
    "problems": Register(
        read=problems,
        filters=("state", "person", "subject", "overdue"),
        states=words(ProblemState),
        heads=(("code", "Code"), ("title", "Problem"), ("contract", "Contract"),
               ("owner_name", "Owner"), ("due", "Due"), ("state", "State"),
               ("changes", "Changes")),
        labels={"state": "problem_state"},
    ),
}  # fmt: skip
