"""Values computed from the register of outages (由停机台账计算指标值).

`availability:FIGURE:CONTRACT:SERVICE`; FIGURE is `all`, `agreed` (the default) or `reliability`.
Without a contract the value of each project is that of the contract it belongs to, and the whole
is the least of them.
"""

from decimal import Decimal
from typing import Final

from sqlmodel import col, select

from config.current import current
from models.contract import Contract, ContractProject
from models.engine import reading
from models.organisation import Project
from processes.availability import figures
from processes.kpi.sources import Fetched, SourceFailed, Wanted
from rules.kpi import ORGANISATION, Level, Observation
from rules.refusal import Refused

DEFAULT: Final = "agreed"


def fetch(wanted: Wanted) -> Fetched:
    """Return what the outages of the wanted period come to, a scope each."""
    figure, contract, service = (*wanted.rest.split(":"), "", "", "")[:3]
    figure = figure or DEFAULT
    if figure not in figures.FIGURES:
        known = ", ".join(figures.FIGURES)
        sentence = "{figure} is not computed from outages: use one of {known}"
        raise SourceFailed(sentence, permanent=True, figure=figure, known=known)
    try:
        found = _values(wanted, figure, contract, service or None)
    except Refused as refused:
        raise SourceFailed(refused.sentence, permanent=True, **refused.facts) from refused
    return Fetched(
        observations=tuple(
            Observation(period=wanted.period.code, scope=scope, value=value)
            for scope, value in found.items()
            if value is not None
        ),
        evidence={"figure": figure, "computed_at": wanted.at.isoformat()},
    )


def _values(
    wanted: Wanted, figure: str, contract: str, service: str | None
) -> dict[str, Decimal | None]:
    """Return a value for each scope: the contract that is named, or those of all projects."""
    if contract:
        (row, *_) = figures.of(contract, [wanted.period], at=wanted.at, service=service)
        return {ORGANISATION: getattr(row, figure)}
    found = {}
    for project, code in _projects(wanted).items():
        (row, *_) = figures.of(code, [wanted.period], at=wanted.at)
        found[f"{Level.PROJECT.value}={project}"] = getattr(row, figure)
    known = [value for value in found.values() if value is not None]
    return {ORGANISATION: min(known)} | found if known else {}


def _projects(wanted: Wanted) -> dict[str, str]:
    """Return the contract of each project that has one with a service time in the period."""
    with reading() as session:
        rows = session.exec(
            select(Project.code, Contract)
            .join(ContractProject, col(ContractProject.project_id) == col(Project.id))
            .join(Contract, col(Contract.id) == col(ContractProject.contract_id))
            .where(col(Contract.service_time).is_not(None))
            .order_by(col(Project.code))
        ).all()
    day = current().calendar.day(wanted.at)
    return {
        code: contract.code
        for code, contract in rows
        if (contract.start is None or contract.start <= min(wanted.period.last, day))
        and (contract.end is None or contract.end >= wanted.period.first)
    }


VALUES: Final = {"availability": fetch}
