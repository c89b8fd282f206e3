"""Values computed from imported tickets (由工单计算指标值).

`tickets:SOURCE:MEASURE:BASIS:DIMENSION`, of which only the source must be named:
`tickets:uci` is the share that met its SLA by month closed, `tickets:uci:reopened`,
`tickets:uci:met_sla:opened_month:priority` one value for each priority.
"""

from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.kpi import Kpi
from processes.kpi import targets
from processes.kpi.sources import Fetched, SourceFailed, Wanted
from processes.tickets import attainment
from rules.kpi import Target
from rules.refusal import Refused
from rules.ticket import Basis

DEFAULTS: Final = ("", attainment.DEFAULT, Basis.CLOSED.value, "")


def fetch(wanted: Wanted) -> Fetched:
    """Return what the tickets of the wanted period come to, a scope each."""
    source, measure, basis, dimension = parts(wanted.rest)
    try:
        ways = attainment.ways([basis, *([dimension] if dimension else [])])
        found, log = attainment.observed(
            source,
            measure=measure,
            basis=ways[0],
            dimensions=ways[1],
            period=wanted.period,
            at=wanted.at,
        )
    except Refused as refused:
        raise SourceFailed(refused.sentence, permanent=True, **refused.facts) from refused
    return Fetched(
        observations=tuple(observation for observation, _ in found),
        evidence={
            "log": log.source,
            "file": log.file,
            "sha256": log.sha256,
            "imported_at": log.imported_at.isoformat(),
            "tickets": sum(count for _, count in found),
        },
    )


def parts(rest: str) -> tuple[str, str, str, str]:
    """Return source, measure, basis and dimension; what is not named is the default."""
    given = rest.split(":")
    filled = [word or default for word, default in zip(given, DEFAULTS, strict=False)]
    filled += DEFAULTS[len(filled) :]
    source, measure, basis, dimension = filled[:4]
    return source, measure, basis, dimension


def targets_of(session: Session, source: str, measure: str) -> list[Target]:
    """Return the targets of the indicator that is computed from this log, if there is one."""
    names = [f"tickets:{source}:{measure}"]
    names += [f"tickets:{source}"] if measure == attainment.DEFAULT else []
    wanted = sa.or_(
        col(Kpi.source).in_(names),
        col(Kpi.source).startswith(f"{names[0]}:", autoescape=True),
    )
    kpi = session.exec(select(Kpi).where(wanted, col(Kpi.active)).order_by(col(Kpi.code))).first()
    return targets.of(session, kpi) if kpi is not None else []


TARGETS: Final = {"tickets": targets_of}
VALUES: Final = {"tickets": fetch}
