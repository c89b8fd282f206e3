"""Work that people did (工作记录): what they may not audit for as long as the policy says.

`area` is a unit or a process of the audit procedure, `project` a project; one of them is needed.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session, col, select

from models import trail
from models.audit import AuditArea, Work
from models.engine import transaction
from models.organisation import Person, Project, Unit
from processes.audit_ground import policy
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problem, Problems
from processes.imports.report import Report
from processes.imports.upsert import Values

COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("person", cells.code(), needed=True),
    Column("area", cells.code(160)),
    Column("project", cells.code()),
    Column("what", cells.line(300), needed=True),
    Column("begins", cells.day, needed=True),
    Column("ends", cells.day),
)
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}
NEEDED: Final = frozenset({"person", "what", "begins"})


def take(path: Path, *, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take a file of work over, or refuse it whole."""
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
    upsert.alone(session, Work)
    known, persons = _known(session), upsert.codes(session, Person)
    areas = {*upsert.codes(session, Unit), *upsert.codes(session, AuditArea), *policy().processes}
    upsert.needed_when_new(rows, known, NEEDED - set(table.columns), problems)
    upsert.known_codes(rows, "person", set(persons), "person", problems)
    upsert.known_codes(rows, "area", areas, "audit area", problems)
    upsert.known_codes(rows, "project", set(upsert.codes(session, Project)), "project", problems)
    found = upsert.compare(rows, known, DEFAULTS)
    _whole(rows, found.merged(known), problems)
    problems.refuse_if_any()
    if not dry_run:
        written = {**found.new, **{code: after for code, (_, after) in found.changed.items()}}
        for code, values in written.items():
            _write(session, code, values, persons, at, actor)
    return Report(
        kind="work",
        file=table.file,
        new=len(found.new),
        changed=len(found.changed),
        unchanged=found.unchanged,
        notes=tuple(
            Problem(file=table.file, sentence=n.sentence, facts=n.facts) for n in table.notes
        ),
        codes=tuple(found.new),
        dry_run=dry_run,
    )


def _known(session: Session) -> dict[str, Values]:
    rows = session.exec(select(Work, Person.code).join(Person, col(Person.id) == Work.person_id))
    return {
        row.code: {
            "code": row.code,
            "person": person,
            "area": row.area,
            "project": row.project,
            "what": row.what,
            "begins": row.begins_on,
            "ends": row.ends_on,
        }
        for row, person in rows
    }


def _whole(
    rows: dict[str, tuple[int, Values]], merged: dict[str, Values], problems: Problems
) -> None:
    for code, (number, _) in rows.items():
        values = merged[code]
        if not values["area"] and not values["project"]:
            problems.say("name the area or the project that it was done for", row=number)
        begins, ends = values["begins"], values["ends"]
        if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
            problems.say(
                "it ended on {ends}, before it began on {begins}",
                row=number,
                column="ends",
                ends=ends,
                begins=begins,
            )


def _write(
    session: Session, code: str, values: Values, persons: dict[str, int], at: datetime, actor: str
) -> None:
    row = session.exec(select(Work).where(col(Work.code) == code)).one_or_none()
    own: Values = {
        "person_id": persons[values["person"]],
        "area": values["area"],
        "project": values["project"],
        "what": values["what"],
        "begins_on": values["begins"],
        "ends_on": values["ends"],
    }
    row = row or Work(code=code, **own)
    for name, value in own.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    told = {name: str(value) if isinstance(value, date) else value for name, value in own.items()}
    trail.record(
        session,
        at=at,
        actor=actor,
        action="work.imported",
        subject=f"work:{code}"[:120],
        after=told,
    )
