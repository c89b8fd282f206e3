"""What a contract says of its time (合同时间约定): zone, service time, days off, maintenance."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from config.contract import contract_policy
from config.current import current
from models.contract import Contract
from rules.availability import Terms
from rules.period import Period
from rules.refusal import NotFound, Refused
from rules.service_time import ServiceTime, week_of

SITE: Final = "site"
NONE: Final = "none"


class NoServiceTime(Refused):
    """A contract without service time promises nothing that could be measured."""

    sentence = (
        "the contract {contract} has no service time: enter it first (import contracts, column"
        " service_time)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The time of one contract: where its days lie, when it is served, when it is maintained."""

    contract_id: int
    code: str
    name: str
    zone: ZoneInfo
    service: ServiceTime
    terms: Terms

    def bounds(self, period: Period) -> tuple[datetime, datetime]:
        """Return the instants of a period there, the second one not included."""
        return self._midnight(period.first), self._midnight(period.last + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def of(session: Session, code: str) -> Agreed:
    """Return the time of a contract; refuse one that has none by its code."""
    contract = session.exec(select(Contract).where(col(Contract.code) == code)).one_or_none()
    if contract is None:
        raise NotFound(what="contract", code=code)
    if contract.service_time is None:
        raise NoServiceTime(contract=code)
    return agreed(contract)


def agreed(contract: Contract) -> Agreed:
    """Return the time of a contract that has a service time."""
    assert contract.service_time is not None
    assert contract.id is not None
    zone = ZoneInfo(contract.zone) if contract.zone else current().settings.zone
    off, make_up = _days(contract.holidays)
    hours = contract.notice_hours
    hours = contract_policy().maintenance.notice_hours if hours is None else hours
    window = ServiceTime(zone=zone, week=week_of(contract.window)) if contract.window else None
    return Agreed(
        contract_id=contract.id,
        code=contract.code,
        name=contract.name,
        zone=zone,
        service=ServiceTime(
            zone=zone, week=week_of(contract.service_time), off=off, make_up=make_up
        ),
        terms=Terms(notice=timedelta(hours=hours), window=window),
    )


def _days(holidays: str | None) -> tuple[frozenset[date], frozenset[date]]:
    """Return the days off and the make-up days that a contract goes by."""
    if holidays is None or holidays == NONE:
        return frozenset(), frozenset()
    if holidays == SITE:
        calendar = current().calendar
        return calendar.holidays, calendar.make_up
    return frozenset(date.fromisoformat(day) for day in holidays.split(";")), frozenset()
