"""Which sheet a project is checked by (检查表选用), and the version that is kept of it.

The most particular sheet wins: one that names the project, then one that names its unit or one
above, then one for the phase of its contract, then the default. A version is kept word for word
when it is first used; a file that was changed under the same number is refused, because checks
that were opened with it would say something else.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from json import dumps

from sqlmodel import Session, col, select

from config.check_sheets import Configured, Phase, load_check_sheets
from config.current import current
from config.reading import Misconfigured, Problem
from models.check import CheckSheetVersion
from models.organisation import Project
from models.upsert import insert_new
from rules.check import CheckSheet, sheet_from_json


def configured() -> list[Configured]:
    """Return the sheets of this home; read once a batch."""
    return load_check_sheets(current().settings.home)


def choose(
    sheets: list[Configured], project: Project, *, on: date, units: frozenset[str]
) -> Configured:
    """Return the sheet of a project on that day; `units` are its unit and those above."""
    by_project = [one for one in sheets if project.code in one.projects]
    by_unit = [one for one in sheets if one.units & units]
    by_phase = [one for one in sheets if one.phase and one.phase == phase(project, on, one)]
    default = [one for one in sheets if one.default]
    return next(iter([*by_project, *by_unit, *by_phase, *default]))


def phase(project: Project, on: date, sheet: Configured) -> Phase:
    """Return where the project's contract stands on that day; the end before the beginning."""
    span = timedelta(days=sheet.phase_days)
    if project.end is not None and on > project.end - span:
        return "closing"
    if project.start is not None and on < project.start + span:
        return "start"
    return "running"


def keep(session: Session, chosen: Configured, at: datetime) -> int:
    """Return the number of this version, kept if it is new; refuse one changed in silence."""
    body = chosen.sheet.to_json()
    digest = sha256(dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    code, version = chosen.sheet.code, chosen.sheet.version
    row = {"code": code, "version": version, "hash": digest, "body": body, "at": at}
    insert_new(session, CheckSheetVersion, [row])
    found = session.exec(
        select(CheckSheetVersion).where(
            col(CheckSheetVersion.code) == code, col(CheckSheetVersion.version) == version
        )
    ).one()
    if found.hash != digest:
        sentence = "was changed and is still version {version}: checks were opened with it, add 1"
        raise Misconfigured(Problem(f"{chosen.path}: version", sentence, {"version": version}))
    assert found.id is not None
    return found.id


def kept(session: Session, sheet_id: int) -> CheckSheet:
    """Return a sheet as it was when it was first used."""
    row = session.get(CheckSheetVersion, sheet_id)
    assert row is not None
    return sheet_from_json(row.code, row.version, row.body)


def units_above(parents: Mapping[str, str | None], unit: str | None) -> frozenset[str]:
    """Return a unit's code and those of the units above it."""
    found: set[str] = set()
    while unit is not None and unit not in found:
        found.add(unit)
        unit = parents.get(unit)
    return frozenset(found)
