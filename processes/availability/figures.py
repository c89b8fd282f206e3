"""The figures of a contract by service and period (可用性计算), from outages and exclusions.

The whole contract is down when any of its services is: outages at the same time are merged
before they are added. A period that still runs is computed up to now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar

from sqlmodel import Session, col, select

from models.availability import ExclusionWindow, Outage
from models.contract import ContractService, Service
from models.engine import reading
from processes.availability import terms
from processes.availability.terms import Agreed
from rules import availability as rule
from rules.availability import Excluded, Figures
from rules.period import Period
from rules.refusal import Refused

One = TypeVar("One", Outage, ExclusionWindow)
FIGURES: Final = ("all", "agreed", "reliability")


class ServiceNotPromised(Refused):
    """A service that the contract does not name."""

    sentence = "the contract {contract} promises no service {service}: it promises {known}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityRow:
    """The figures of one contract, service and period; `service` None is the whole contract.

    Figures are per cent. `until` is the instant up to which a period that still runs is computed.
    """

    contract: str
    service: str | None
    period: str
    agreed_minutes: Decimal
    planned_minutes: Decimal
    unplanned_minutes: Decimal
    excluded_minutes: Decimal
    false_minutes: Decimal
    outages: int
    all: Decimal | None
    agreed: Decimal | None
    reliability: Decimal | None
    mttr_minutes: Decimal | None
    mtbf_minutes: Decimal | None
    until: datetime | None


def of(
    contract: str, periods: Iterable[Period], *, at: datetime, service: str | None = None
) -> list[AvailabilityRow]:
    """Return the figures of a contract: of one service, or of the whole and of each service."""
    with reading() as session:
        agreed = terms.of(session, contract)
        services = dict(services_of(session, agreed.contract_id))
        if service is not None and service not in services:
            known = ", ".join(sorted(services)) or "–"
            raise ServiceNotPromised(contract=contract, service=service, known=known)
        wanted = [service] if service else [None, *sorted(services)]
        outages = _outages(session, agreed.contract_id)
        windows = _windows(session, agreed.contract_id)
    return [
        _row(agreed, one, period, at, _ones(outages, services, one), _ones(windows, services, one))
        for period in periods
        for one in wanted
    ]


def services_of(session: Session, contract_id: int) -> list[tuple[str, int]]:
    """Return the services that a contract promises, by code and id."""
    found = session.exec(
        select(Service.code, Service.id)
        .join(ContractService, col(ContractService.service_id) == col(Service.id))
        .where(col(ContractService.contract_id) == contract_id)
        .order_by(col(Service.code))
    )
    return [(code, number) for code, number in found if number is not None]


def _outages(session: Session, contract_id: int) -> list[Outage]:
    query = select(Outage).where(col(Outage.contract_id) == contract_id)
    return list(session.exec(query))


def _windows(session: Session, contract_id: int) -> list[ExclusionWindow]:
    query = select(ExclusionWindow).where(col(ExclusionWindow.contract_id) == contract_id)
    return list(session.exec(query))


def _ones(rows: Sequence[One], services: dict[str, int], service: str | None) -> list[One]:
    """Return the rows of a service: its own, and those of the whole contract."""
    if service is None:
        return list(rows)
    return [one for one in rows if one.service_id in {None, services[service]}]


def _row(
    agreed: Agreed,
    service: str | None,
    period: Period,
    at: datetime,
    outages: Sequence[Outage],
    windows: Sequence[ExclusionWindow],
) -> AvailabilityRow:
    begins, ends = agreed.bounds(period)
    if at <= begins:
        raise rule.PeriodNotBegun(period=period.code)
    last = min(ends, at)
    found: Figures = rule.figures(
        [outage(one, at) for one in outages],
        [excluded(one) for one in windows],
        terms=agreed.terms,
        service=agreed.service,
        begins=begins,
        ends=last,
    )
    return AvailabilityRow(
        contract=agreed.code,
        service=service,
        period=period.code,
        until=last if last < ends else None,
        **{name: getattr(found, name) for name in Figures.__dataclass_fields__},
    )


def outage(row: Outage, at: datetime) -> rule.Outage:
    """Return an outage as the rule reads it; one that goes on lasts until now."""
    return rule.Outage(
        begins=row.starts_at,
        ends=row.ends_at or max(at, row.starts_at),
        announced_at=row.announced_at,
        planned=row.planned,
        counted=row.counted,
    )


def excluded(row: ExclusionWindow) -> Excluded:
    """Return an exclusion as the rule reads it; it is agreed if somebody is named who agreed."""
    return Excluded(
        kind=row.kind,
        begins=row.starts_at,
        ends=row.ends_at,
        announced_at=row.announced_at,
        agreed=bool(row.agreed_by.strip()),
    )
