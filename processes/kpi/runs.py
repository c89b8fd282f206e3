"""Where an indicator's values came from, run by run (数据来源记录): files taken, refused, fetched.

A file that changed nothing has left nothing to show, and is not in the list.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select

from models.engine import reading
from models.kpi import Kpi, KpiCollection, Measurement
from models.record import Trail
from processes.history import reading as read
from processes.kpi import from_tickets as kpi_tickets
from rules.refusal import NotFound

MOST: Final = 60  # of each kind: the newest
TAKEN: Final = "tickets.imported"
REFUSED: Final = "tickets.refused"
TICKETS: Final = "tickets"
FILE: Final = "file:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file that was taken over or refused; counts are rows, for a ticket log tickets."""

    at: datetime
    file: str
    sha256: str = ""
    actor: str
    events: int | None = None
    new: int = 0
    changed: int | None = None
    refused: int | None = None  # of a file that was refused: how many rows are wrong

    @property
    def was_refused(self) -> bool:
        return self.refused is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What is known of an indicator's source."""

    kpi: Kpi
    files: tuple[Taken, ...]
    fetches: Sequence[KpiCollection]


def of(code: str, *, people: Collection[int] | None) -> Runs:
    """Return the runs of an indicator's source; to others the indicator is not there."""
    with reading() as session:
        kpi = session.exec(select(Kpi).where(col(Kpi.code) == code)).one_or_none()
        if kpi is None or (people is not None and kpi.owner_id not in people):
            raise NotFound(what="kpi", code=code)
        kind, _, rest = kpi.source.partition(":")
        log = kpi_tickets.parts(rest)[0] if kind == TICKETS else None
        return Runs(
            kpi=kpi,
            files=_named(
                session, [*(_of_log(session, log) if log else ()), *_of_values(session, kpi)]
            ),
            fetches=session.exec(
                select(KpiCollection)
                .where(col(KpiCollection.kpi_id) == kpi.id)
                .order_by(col(KpiCollection.period).desc())
                .limit(MOST)
            ).all(),
        )


def _named(session: Session, files: Sequence[Taken]) -> tuple[Taken, ...]:
    """Return the files with people by their names."""
    names = read.names(session)
    return tuple(replace(one, actor=read.actor(names, one.actor)) for one in files)


def _of_log(session: Session, source: str) -> Sequence[Taken]:
    """Return what was done with files of a ticket log, as the trail has it."""
    rows = session.exec(
        select(Trail)
        .where(col(Trail.subject) == f"{TICKETS}:{source}", col(Trail.action).in_((TAKEN, REFUSED)))
        .order_by(col(Trail.seq).desc())
        .limit(MOST)
    )
    return [Taken(at=row.at, actor=row.actor, **(row.after or {})) for row in rows]


def _of_values(session: Session, kpi: Kpi) -> Sequence[Taken]:
    """Return the files that its values were imported from."""
    own = col(Measurement.source)
    at, count = func.max(col(Measurement.at)), func.count()
    rows = session.exec(
        select(own, col(Measurement.actor), at, count)
        .where(col(Measurement.kpi_id) == kpi.id, own.startswith(FILE))
        .group_by(own, col(Measurement.actor))
        .order_by(at.desc())
        .limit(MOST)
    )
    return [
        Taken(at=when, actor=actor, file=file.removeprefix(FILE), new=n)
        for file, actor, when, n in rows
    ]
