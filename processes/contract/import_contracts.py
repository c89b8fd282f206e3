"""Contracts from a file (导入合同): with whom, from when to when, and when service is promised."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from models.contract import Contract, ContractProject, Customer
from models.organisation import Person, Project
from processes.contract import links
from processes.imports import cells, numbers, upsert, whole
from processes.imports.cells import Column
from processes.imports.problems import Problem, Wrong
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.contract import Rhythm
from rules.refusal import Refused
from rules.service_time import week_of

NO_HOLIDAYS: Final = "none"
SITE: Final = "site"
LONGEST_TIME: Final = 300
TOO_LONG: Final = "{length} characters are too many, at most {most} are kept"
MOST_HOURS: Final = 2_000
MOST_DAYS: Final = 60
NO_SERVICE_TIME: Final = (
    "the contract has no service time: availability and times against its SLA cannot be"
    " computed until it has"
)


def service_time(cell: str) -> str:
    """Read when service is promised, as `rules/service_time.py` says it."""
    try:
        week_of(cell)
    except Refused as refused:
        raise Wrong(refused.sentence, **refused.facts) from refused
    if len(cell) > LONGEST_TIME:
        raise Wrong(TOO_LONG, length=len(cell), most=LONGEST_TIME)
    return cell


def zone(cell: str) -> str:
    """Read the name of a time zone."""
    if cell not in available_timezones():
        raise Wrong("no time zone is called {name}", name=cell)
    return cell


def holidays(cell: str) -> str:
    """Read which days are off: `none`, `site` (the site's calendar), or days with semicolons."""
    if cell.lower() in {NO_HOLIDAYS, SITE}:
        return cell.lower()
    days = sorted({cells.day(part.strip()) for part in cell.replace("；", ";").split(";")})
    return ";".join(str(day) for day in days)


def whole_number(most: int) -> cells.Read:
    """Return a reader of a whole number from nought to `most`."""

    def read(cell: str) -> int:
        found = numbers.count(cell)
        if found != found.to_integral_value() or found > most:
            raise Wrong("{cell} must be a whole number, at most {most}", cell=cell, most=most)
        return int(found)

    return read


COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("customer", cells.code()),
    Column("start", cells.day),
    Column("end", cells.day),
    Column("manager", cells.code()),
    Column("projects", links.codes),
    Column("zone", zone),
    Column("service_time", service_time),
    Column("holidays", holidays),
    Column("notice_hours", whole_number(MOST_HOURS)),
    Column("window", service_time),
    Column("rhythm", cells.one_of(Rhythm)),
    Column("report_days", whole_number(MOST_DAYS)),
    Column("reach", cells.line(300)),
)
DEFAULTS: Final[Values] = {**{column.name: column.default for column in COLUMNS}, "projects": []}
OWN: Final = tuple(
    column.name
    for column in COLUMNS
    if column.name not in {"code", "customer", "manager", "projects"}
)


def _judge(session: Session, file: Incoming) -> Difference:
    known = _known(session)
    projects = upsert.codes(session, Project)
    file.refuse_bare(known, {"name"})
    file.refuse_unknown("customer", upsert.codes(session, Customer), "customer")
    file.refuse_unknown("manager", upsert.codes(session, Person), "person")
    file.refuse_unknown("projects", projects, "project")
    for _, values in file.rows.values():
        if "projects" in values:
            values["projects"] = values["projects"] or []
    found = upsert.compare(file.rows, known, DEFAULTS)
    merged = found.merged(known)
    _check_dates(file, merged)
    _check_projects(file, merged)
    _note_holes(file, found, merged)
    return found


def _known(session: Session) -> dict[str, Values]:
    person, customer = whole.code_of(session, Person), whole.code_of(session, Customer)
    projects = whole.code_of(session, Project)
    linked: dict[int, list[int]] = {}
    for row in session.exec(select(ContractProject)):
        linked.setdefault(row.contract_id, []).append(row.project_id)
    return {
        row.code: {
            "code": row.code,
            "customer": customer.get(row.customer_id or 0),
            "manager": person.get(row.manager_id or 0),
            "projects": links.named(linked, row.id or 0, projects),
            **{name: _plain(getattr(row, name)) for name in OWN},
        }
        for row in session.exec(select(Contract).order_by(col(Contract.code)))
    }


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Rhythm) else value


def _check_dates(file: Incoming, merged: Mapping[str, Values]) -> None:
    for code, (number, _) in file.rows.items():
        begins, ends = merged[code]["start"], merged[code]["end"]
        if begins and ends and ends < begins:
            wrong = "the contract ends on {ends}, before it begins on {begins}"
            file.problems.say(wrong, row=number, column="end", ends=ends, begins=begins)


def _check_projects(file: Incoming, merged: Mapping[str, Values]) -> None:
    """Refuse a project in two contracts, at the row of the file."""
    taken: dict[str, str] = {}
    for code, values in merged.items():
        for project in values["projects"]:
            other = taken.setdefault(project, code)
            row = file.rows.get(code) or file.rows.get(other)
            if other != code and row is not None:
                file.problems.say(
                    "the project {project} belongs to the contract {contract} already",
                    row=row[0],
                    column="projects",
                    project=project,
                    contract=other if code in file.rows else code,
                )


def _note_holes(file: Incoming, found: Difference, merged: Mapping[str, Values]) -> None:
    found.notes.extend(
        Problem(
            file=file.problems.file, row=number, column="service_time", sentence=NO_SERVICE_TIME
        )
        for code, (number, _) in file.rows.items()
        if merged[code]["service_time"] is None
    )


def _write(session: Session, file: Incoming, found: Difference) -> None:
    people, customers = upsert.codes(session, Person), upsert.codes(session, Customer)
    whole.write(
        session,
        Contract,
        file,
        found,
        columns=lambda _, values: {
            **{name: values[name] for name in OWN},
            "customer_id": customers.get(values["customer"] or ""),
            "manager_id": people.get(values["manager"] or ""),
            "draft": False,
        },
    )
    link(session, found, at=file.at, actor=file.actor)


def link(session: Session, found: Difference, *, at: datetime, actor: str) -> None:
    """Let the projects of the file belong to their contracts."""
    contracts, projects = upsert.codes(session, Contract), upsert.codes(session, Project)
    wanted = {
        contracts[code]: [projects[one] for one in values["projects"]]
        for code, values in found.written().items()
    }
    links.write(session, ContractProject, "contract_id", "project_id", wanted, at=at, actor=actor)


take: Final = Import(
    kind="contracts", columns=COLUMNS, model=Contract, judge=_judge, write=_write
).take

IMPORTS: Final = {"contracts": Importable(take=take, columns=names(COLUMNS))}
