"""What stands in the registers of contracts (合同类台账行)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer; `contracts` are the codes of its contracts."""

    code: str
    name: str
    manager: str | None
    active: bool
    contracts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A contact at a customer's; `reachable` is false once it left or its mail bounces."""

    code: str
    name: str
    customer: str | None
    contracts: tuple[str, ...]
    email: str | None
    basis: str
    active: bool
    reachable: bool
    refused_at: datetime | None
    erase_on: date | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """A contract; `lacks` are the words of what it lacks."""

    code: str
    name: str
    customer: str | None
    customer_name: str
    state: str
    start: date | None
    end: date | None
    manager: str | None
    manager_name: str
    services: tuple[str, ...]
    projects: tuple[str, ...]
    service_time: str | None
    zone: str | None
    holidays: str | None
    notice_hours: int
    window: str | None
    rhythm: str | None
    sla_version: int | None
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """An entry of the service catalogue."""

    code: str
    name: str
    description: str
    contracts: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaRow:
    """One line of one version of an SLA."""

    code: str
    contract: str
    version: int
    state: str
    service: str | None
    indicator: str
    direction: str
    target: Decimal
    unit: str
    formula: str
    formula_version: int
    period: str
    source: str
    minimum_n: int
    exceptions: str
    workload_limit: Decimal | None
    deduction: str
    signed_on: date | None
    in_force_at: datetime | None
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementRow:
    """A service requirement; `late` says that it is open past its day."""

    code: str
    title: str
    contract: str | None
    source: str
    wanted_by: str
    owner: str
    owner_name: str
    raised_on: date
    due: date
    state: str
    met_by: str | None
    reference: str
    met_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """A problem; `late` says that it is open past its day."""

    code: str
    title: str
    contract: str | None
    owner: str
    owner_name: str
    raised_on: date
    due: date
    state: str
    cause: str
    workaround: str
    tickets: tuple[str, ...]
    changes: tuple[str, ...]
    closed_at: datetime | None
    late: bool
