"""Importance, status and site of what is audited (受审核领域): the areas themselves are computed.

An area is a unit of the organisation or a process of the procedure; the file says how much it
matters (1 to 5), whether it is steady, changed or new, and where it is.
"""

from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from models import trail
from models.audit import AuditArea
from processes.audit import areas as audit_areas
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.problems import Wrong
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference


class Status(StrEnum):
    """Whether an area is what it was."""

    STEADY = "steady"
    CHANGED = "changed"
    NEW = "new"


def _importance(cell: str) -> int:
    if cell not in {"1", "2", "3", "4", "5"}:
        raise Wrong("{cell} is no importance: write 1 (little) to 5 (much)", cell=cell)
    return int(cell)


COLUMNS: Final = (
    Column("code", cells.code(160), needed=True),
    Column("importance", _importance, needed=True),
    Column("status", cells.one_of(Status), default="steady"),
    Column("site", cells.line(64)),
)


def _judge(session: Session, file: Incoming) -> Difference:
    audit_areas.sync_in(session, at=file.at, actor=file.actor)
    known = {
        area.code: {column.name: getattr(area, column.name) for column in COLUMNS}
        for area in session.exec(select(AuditArea)).all()
    }
    file.refuse_unknown("code", known, "audit area")
    return upsert.compare(file.rows, known, {})


def _write(session: Session, file: Incoming, found: Difference) -> None:
    for code, (before, after) in found.changed.items():
        area = session.exec(select(AuditArea).where(col(AuditArea.code) == code)).one()
        for name, value in after.items():
            setattr(area, name, value)
        session.add(area)
        trail.record(
            session,
            at=file.at,
            actor=file.actor,
            action="audit_area.changed",
            subject=f"audit_area:{code}"[:120],
            before=before,
            after=after,
        )


take: Final = Import(kind="areas", columns=COLUMNS, judge=_judge, write=_write).take
