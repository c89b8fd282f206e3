"""A contract as its page shows it (合同详情): terms, SLA and what was attained, people, duties.

Of SLA lines whose source is `availability`, the value of their last whole period stands beside
the target; other sources have their own pages.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from models.contract import Contract, Sla, SlaLine
from models.engine import reading
from models.people import organisation
from processes.approval import course as approval
from processes.availability import figures
from processes.availability import registers as availability
from processes.availability.figures import FIGURES, AvailabilityRow
from processes.contract import registers, sla, standing
from processes.contract.rows import ContactRow, ContractRow, ProblemRow, RequirementRow
from processes.register.query import Filters
from rules import kpi
from rules import period as periods
from rules.kpi import Judgement, Observation, Target
from rules.period import Frequency, Period
from rules.refusal import NotFound

SOURCE: Final = "availability"
MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """A line of an SLA; `actual` of `period` where the product computes it."""

    line: SlaLine
    service: str | None
    period: str
    actual: Decimal | None
    judgement: Judgement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """One version of an SLA and who signed it."""

    version: Sla
    lines: tuple[LineSeen, ...]
    signed: tuple[tuple[str, datetime], ...]  # who reviewed and approved it, and when


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSeen:
    """Everything that a contract's page shows."""

    row: ContractRow
    reach: str
    versions: tuple[VersionSeen, ...]
    contacts: tuple[ContactRow, ...]
    requirements: tuple[RequirementRow, ...]
    problems: tuple[ProblemRow, ...]
    months: tuple[AvailabilityRow, ...]
    services: tuple[AvailabilityRow, ...]
    outages: tuple[availability.OutageRow, ...]
    exclusions: tuple[availability.ExclusionRow, ...]
    chart: dict[str, Any] | None


def read(code: str, *, at: datetime, people: frozenset[int] | None) -> ContractSeen:
    """Return a contract; refuse one that is none, or not of the reader's people."""
    mine = Filters(subject=code)
    found = registers.contracts(mine, at=at).rows
    if not found:
        raise NotFound(what="contract", code=code)
    with reading() as session:
        contract = standing.by_code(session, code)
        if people is not None and standing.manager_of(session, contract) not in people:
            raise NotFound(what="contract", code=code)
        months = _months(contract, at)
        last = months[-1].code if months else ""
        whole = _figures(contract, months, at)
        versions = tuple(
            _version(session, contract, one, at) for one in sla.versions(session, contract.id or 0)
        )
    return ContractSeen(
        row=found[0],
        reach=contract.reach or "",
        versions=versions,
        contacts=tuple(registers.contacts(mine, at=at).rows),
        requirements=tuple(registers.requirements(mine, at=at).rows),
        problems=tuple(registers.problems(mine, at=at).rows),
        months=tuple(one for one in whole if one.service is None),
        services=tuple(one for one in whole if one.service and one.period == last),
        outages=tuple(availability.outages(mine, at=at).rows),
        exclusions=tuple(availability.exclusions(mine, at=at).rows),
        chart=_chart(whole, _target(versions)),
    )


def _months(contract: Contract, at: datetime) -> list[Period]:
    """Return the last whole months of a contract that has a service time."""
    if contract.service_time is None:
        return []
    month = periods.ended(current().calendar.day(at), Frequency.MONTH)
    found = []
    for _ in range(MONTHS):
        if contract.start is not None and month.last < contract.start:
            break
        found.append(month)
        month = periods.preceding(month)
    return found[::-1]


def _figures(contract: Contract, months: list[Period], at: datetime) -> list[AvailabilityRow]:
    return figures.of(contract.code, months, at=at) if months else []


def _version(session: Session, contract: Contract, version: Sla, at: datetime) -> VersionSeen:
    state = approval.state(session, sla.KIND, contract.code, version.version)
    posts = organisation(session).posts
    signed = []
    if state is not None:
        steps = ((state.author_id, state.submitted_at), (state.reviewed_by_id, state.reviewed_at),
                 (state.approved_by_id, state.approved_at))  # fmt: skip
        signed = [(posts[who].name, when) for who, when in steps if who and when and who in posts]
    lines = tuple(_line(session, contract, one, at) for one in sla.lines(session, version))
    return VersionSeen(version=version, lines=lines, signed=tuple(signed))


def _line(session: Session, contract: Contract, line: SlaLine, at: datetime) -> LineSeen:
    services = {number: code for code, number in figures.services_of(session, contract.id or 0)}
    service = services.get(line.service_id or 0)
    kind, _, figure = line.source.partition(":")
    period, actual = "", None
    if kind == SOURCE and contract.service_time is not None:
        wanted = periods.ended(current().calendar.day(at), line.period)
        begun = contract.start is None or contract.start <= wanted.last
        if begun:
            (row,) = figures.of(contract.code, [wanted], at=at, service=service)[:1]
            period = wanted.code
            actual = getattr(row, figure if figure in FIGURES else "agreed")
    judged = _judged(line, period, actual)
    return LineSeen(line=line, service=service, period=period, actual=actual, judgement=judged)


def _judged(line: SlaLine, period: str, actual: Decimal | None) -> Judgement | None:
    if not period:
        return None
    target = Target(value=line.target, direction=line.direction, per=kpi.per(line.unit))
    return kpi.judge(Observation(period=period, value=actual), target)


def _target(versions: tuple[VersionSeen, ...]) -> Decimal | None:
    """Return the target of the first line in force that is measured by availability."""
    for one in versions:
        if one.version.in_force_at and not one.version.replaced_at:
            found = [x for x in one.lines if x.line.source.startswith(SOURCE)]
            return found[0].line.target if found else None
    return None


def _chart(rows: list[AvailabilityRow], target: Decimal | None) -> dict[str, Any] | None:
    whole = [one for one in rows if one.service is None]
    if not whole:
        return None
    return {
        "unit": "%",
        "targets": [float(target) if target is not None else None for _ in whole],
        "target": target,
        "points": [
            (
                one.period,
                None if one.agreed is None else float(one.agreed),
                target is not None and one.agreed is not None and one.agreed < target,
                False,
            )
            for one in whole
        ],
    }
