"""What was promised to whom (服务合同): customers, their contacts, contracts, services, SLAs.

A version of an SLA is never edited once it is in force: a change is the next version. What
people wrote about a requirement or a problem stays in the answers to its duty.
"""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, by_value
from models.kpi import Exact
from rules.contract import Basis, Met, ProblemState, RequirementState, Rhythm, SlaState
from rules.kpi import Direction
from rules.period import Frequency


class Customer(Row, table=True):
    """Who buys services (客户); `manager_id` answers for the relation."""

    __tablename__ = "customer"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    manager_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    address: str = Field(default="", max_length=300)
    active: bool = True


class Contact(Row, table=True):
    """A person at a customer's (客户联系人): why the data may be kept, and until when.

    `refused_at` is since when the person wants no surveys and reports; `erase_on` is the day on
    which an erasure that was asked for takes place, `erased_at` when it did.
    """

    __tablename__ = "contact"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    email: str | None = Field(default=None, max_length=254, index=True)
    phone: str | None = Field(default=None, max_length=64)
    title: str | None = Field(default=None, max_length=120)
    language: str | None = Field(default=None, max_length=8)
    basis: Basis = Field(default=Basis.CONTRACT, sa_type=by_value(Basis))
    active: bool = True
    left_on: date | None = None
    refused_at: datetime | None = None
    erase_on: date | None = None
    erased_at: datetime | None = None


class Contract(Row, table=True):
    """A contract (服务合同): with whom, from when to when, and when service is promised.

    A `draft` was made from the text that a project has for its contract. `service_time` and
    `window` are words that `rules/service_time.py` reads; `holidays` is `none`, `site`, or days.
    """

    __tablename__ = "contract"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    manager_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    start: date | None = None
    end: date | None = None
    zone: str | None = Field(default=None, max_length=64)
    service_time: str | None = Field(default=None, max_length=300)
    holidays: str | None = Field(default=None, max_length=2000)
    notice_hours: int | None = None
    window: str | None = Field(default=None, max_length=300)
    rhythm: Rhythm | None = Field(default=None, sa_type=by_value(Rhythm))
    report_days: int | None = None
    reach: str | None = Field(default=None, max_length=300)
    draft: bool = False


class ContractProject(Row, table=True):
    """Which contract a project belongs to (项目所属合同)."""

    __tablename__ = "contract_project"

    project_id: int = Field(primary_key=True, foreign_key="project.id")
    contract_id: int = Field(foreign_key="contract.id", index=True)


class ContractContact(Row, table=True):
    """For which contracts a contact speaks (合同联系人)."""

    __tablename__ = "contract_contact"

    contract_id: int = Field(primary_key=True, foreign_key="contract.id")
    contact_id: int = Field(primary_key=True, foreign_key="contact.id")


class Service(Row, table=True):
    """An entry of the service catalogue (服务目录)."""

    __tablename__ = "service"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    description: str = Field(default="", sa_type=sa.Text)
    active: bool = True


class ContractService(Row, table=True):
    """Which services a contract promises (合同约定的服务)."""

    __tablename__ = "contract_service"

    contract_id: int = Field(primary_key=True, foreign_key="contract.id")
    service_id: int = Field(primary_key=True, foreign_key="service.id")


class Sla(Row, table=True):
    """One version of a contract's service level agreement (SLA 版本)."""

    __tablename__ = "sla"
    __table_args__ = (sa.UniqueConstraint("contract_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    version: int = 1
    state: SlaState = Field(default=SlaState.DRAFT, sa_type=by_value(SlaState))
    made_at: datetime
    signed_on: date | None = None  # brought in as signed with the customer before
    in_force_at: datetime | None = None
    replaced_at: datetime | None = None


class SlaLine(Row, table=True):
    """One promise of a version (SLA 指标行): indicator, target, formula, and its small print."""

    __tablename__ = "sla_line"
    __table_args__ = (sa.UniqueConstraint("sla_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    sla_id: int = Field(foreign_key="sla.id", index=True)
    code: str = Field(max_length=64, index=True)
    service_id: int | None = Field(default=None, foreign_key="service.id")
    indicator: str = Field(max_length=200)
    direction: Direction = Field(default=Direction.AT_LEAST, sa_type=by_value(Direction))
    target: Decimal = Field(sa_type=Exact)
    unit: str = Field(default="%", max_length=32)
    formula: str = Field(default="", sa_type=sa.Text)
    formula_version: int = 1
    period: Frequency = Field(default=Frequency.MONTH, sa_type=by_value(Frequency))
    source: str = Field(default="", max_length=160)
    minimum_n: int = 1
    exceptions: str = Field(default="", sa_type=sa.Text)
    workload_limit: Decimal | None = Field(default=None, sa_type=Exact)
    deduction: str = Field(default="", sa_type=sa.Text)


class Requirement(Row, table=True):
    """Something a customer, the law or we ourselves want of the services (服务需求)."""

    __tablename__ = "requirement"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    title: str = Field(max_length=200)
    description: str = Field(default="", sa_type=sa.Text)
    contract_id: int | None = Field(default=None, foreign_key="contract.id", index=True)
    source: str = Field(default="", max_length=120)
    wanted_by: str = Field(default="", max_length=200)
    owner_id: int = Field(foreign_key="person.id", index=True)
    raised_on: date
    due: date
    state: RequirementState = Field(
        default=RequirementState.OPEN, sa_type=by_value(RequirementState)
    )
    met_by: Met | None = Field(default=None, sa_type=by_value(Met))
    reference: str = Field(default="", max_length=200)
    met_at: datetime | None = None


class Problem(Row, table=True):
    """The cause behind incidents (问题): who looks for it until when, and what is known."""

    __tablename__ = "problem"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    title: str = Field(max_length=200)
    contract_id: int | None = Field(default=None, foreign_key="contract.id", index=True)
    owner_id: int = Field(foreign_key="person.id", index=True)
    raised_on: date
    due: date
    state: ProblemState = Field(default=ProblemState.OPEN, sa_type=by_value(ProblemState))
    cause: str = Field(default="", sa_type=sa.Text)
    workaround: str = Field(default="", sa_type=sa.Text)
    tickets: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    changes: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    closed_at: datetime | None = None
