"""Work that people did (工作记录): what they may not audit for as long as the policy says.

`area` is a unit or a process of the audit procedure, `project` a project; one of them is needed.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from models import trail
from models.audit import AuditArea, Work
from models.organisation import Person, Project, Unit
from processes.audit.ground import policy
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values

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


def _judge(session: Session, file: Incoming) -> Difference:
    known = _known(session)
    areas = {*upsert.codes(session, Unit), *upsert.codes(session, AuditArea), *policy().processes}
    file.refuse_bare(known, NEEDED)
    file.refuse_unknown("person", upsert.codes(session, Person), "person")
    file.refuse_unknown("area", areas, "audit area")
    file.refuse_unknown("project", upsert.codes(session, Project), "project")
    found = upsert.compare(file.rows, known, DEFAULTS)
    _whole(file, found.merged(known))
    return found


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


def _whole(file: Incoming, merged: Mapping[str, Values]) -> None:
    for code, (number, _) in file.rows.items():
        values = merged[code]
        if not values["area"] and not values["project"]:
            file.problems.say("name the area or the project that it was done for", row=number)
        begins, ends = values["begins"], values["ends"]
        if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
            file.problems.say(
                "it ended on {ends}, before it began on {begins}",
                row=number,
                column="ends",
                ends=ends,
                begins=begins,
            )


def _write(session: Session, file: Incoming, found: Difference) -> None:
    persons = upsert.codes(session, Person)
    for code, values in found.written().items():
        _keep(session, file, code, {**values, "person_id": persons[values["person"]]})


def _keep(session: Session, file: Incoming, code: str, values: Values) -> None:
    row = session.exec(select(Work).where(col(Work.code) == code)).one_or_none()
    own: Values = {
        "person_id": values["person_id"],
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
        at=file.at,
        actor=file.actor,
        action="work.imported",
        subject=f"work:{code}"[:120],
        after=told,
    )


take: Final = Import(kind="work", columns=COLUMNS, model=Work, judge=_judge, write=_write).take
