"""Importance, status and site of what is audited (受审核领域): the areas themselves are computed.

An area is a unit of the organisation or a process of the procedure; the file says how much it
matters (1 to 5), whether it is steady, changed or new, and where it is.
"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlmodel import Session, col, select

from models import trail
from models.audit import AuditArea
from models.engine import transaction
from processes import audit_areas
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problem, Problems, Wrong
from processes.imports.report import Report
from processes.imports.upsert import Values


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


def take(path: Path, *, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take a file about areas over, or refuse it whole."""
    problems = Problems(path.name)
    table = tabular.read(path, problems, known=[c.name for c in COLUMNS], needed=["code"])
    rows = upsert.by_code(cells.parse(table.records, COLUMNS, problems), problems)
    return _take(table, rows, problems, at=at, actor=actor, dry_run=dry_run)


@transaction
def _take(
    session: Session,
    table: tabular.Table,
    rows: dict[str, tuple[int, Values]],
    problems: Problems,
    *,
    at: datetime,
    actor: str,
    dry_run: bool,
) -> Report:
    audit_areas.sync_in(session, at=at, actor=actor)
    known = {
        area.code: {name: getattr(area, name) for name in ("code", "importance", "status", "site")}
        for area in session.exec(select(AuditArea)).all()
    }
    upsert.known_codes(rows, "code", set(known), "audit area", problems)
    problems.refuse_if_any()
    found = upsert.compare(rows, known, {})
    for code, (before, after) in found.changed.items() if not dry_run else ():
        area = session.exec(select(AuditArea).where(col(AuditArea.code) == code)).one()
        for name, value in after.items():
            setattr(area, name, value)
        session.add(area)
        subject = f"audit_area:{code}"[:120]
        trail.record(
            session,
            at=at,
            actor=actor,
            action="audit_area.changed",
            subject=subject,
            before=before,
            after=after,
        )
    return Report(
        kind="areas",
        file=table.file,
        new=0,
        changed=len(found.changed),
        unchanged=found.unchanged,
        notes=tuple(
            Problem(file=table.file, sentence=n.sentence, facts=n.facts) for n in table.notes
        ),
        codes=(),
        dry_run=dry_run,
    )
