"""Teams of audits as somebody planned them elsewhere (审核组导入): code, lead, auditors.

The audits themselves come from a programme in force. A file is one more way to name a team, and
goes through the same gate: whoever may not audit is refused by row and column, with the reason.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session

from config.register_mapping import RegisterMapping
from models.audit import Audit
from models.organisation import Person
from processes.audit import staffing as audit_staffing
from processes.audit import team as audit_team
from processes.audit.import_past import PAST
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.past import is_register
from processes.imports.report import Report
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.refusal import Refused


def _codes(cell: str) -> list[str]:
    read = cells.code()
    return sorted(
        {read(part.strip()) for part in cell.replace("；", ";").split(";") if part.strip()}
    )


COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("lead", cells.code(), needed=True),
    Column("auditors", _codes, default=[]),
)


def _judge(session: Session, file: Incoming) -> Difference:
    """Try each team that is another one by the gate, and take it back: what is refused is named."""
    people = upsert.codes(session, Person)
    file.refuse_unknown("code", upsert.codes(session, Audit), "audit")
    file.refuse_unknown("lead", people, "person")
    file.refuse_unknown("auditors", people, "person")
    file.problems.refuse_if_any()
    for _, values in file.rows.values():
        values["auditors"] = [one for one in values["auditors"] if one != values["lead"]]
    codes = {number: code for code, number in people.items()}
    known = {code: _team(session, code, codes) for code in file.rows}
    found = upsert.compare(file.rows, known, {})
    with session.begin_nested() as tried:
        for code, (_, values) in found.changed.items():
            try:
                _set(session, file, code, values)
            except Refused as refused:
                row = file.rows[code][0]
                file.problems.say(refused.sentence, row=row, column="lead", **refused.facts)
        tried.rollback()
    return found


def _team(session: Session, code: str, codes: Mapping[int, str]) -> Values:
    """Return the team of an audit as a file writes it."""
    team = audit_team.team_of(session, audit_team.by_code(session, code))
    leads = [codes[m.person_id] for m in team if m.role == audit_team.LEAD]
    auditors = sorted(codes[m.person_id] for m in team if m.role != audit_team.LEAD)
    return {"code": code, "lead": next(iter(leads), None), "auditors": auditors}


def _write(session: Session, file: Incoming, found: Difference) -> None:
    for code, (_, values) in found.changed.items():
        _set(session, file, code, values)


def _set(session: Session, file: Incoming, code: str, values: Values) -> None:
    audit_staffing.set_team_in(
        session,
        code,
        lead=values["lead"],
        auditors=values["auditors"],
        at=file.at,
        actor=file.actor,
    )


TEAMS: Final = Import(
    kind="audits",
    columns=COLUMNS,
    needed=[column.name for column in COLUMNS],
    judge=_judge,
    write=_write,
)


def take(
    path: Path,
    *,
    at: datetime,
    actor: str,
    dry_run: bool = False,
    mapping: RegisterMapping | None = None,
) -> Report:
    """Take teams over, or a register of audits of earlier years; or refuse the file whole."""
    if mapping is not None or is_register(path):
        return PAST.take(path, at=at, actor=actor, dry_run=dry_run, mapping=mapping)
    return TEAMS.take(path, at=at, actor=actor, dry_run=dry_run)


IMPORTS: Final = {
    "audits": Importable(take=take, columns=names(COLUMNS), options=frozenset({"register"}))
}
