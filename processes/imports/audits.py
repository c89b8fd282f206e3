"""Teams of audits as somebody planned them elsewhere (审核组导入): code, lead, auditors.

The audits themselves come from a programme in force. A file is one more way to name a team, and
goes through the same gate: whoever may not audit is refused by row and column, with the reason.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session

from models.audit import Audit
from models.engine import transaction
from models.organisation import Person
from processes import audit_staffing, audit_team
from processes.imports import cells, tabular, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problem, Problems
from processes.imports.report import Report
from processes.imports.upsert import Values
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


def take(path: Path, *, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take a file of teams over, or refuse it whole."""
    problems = Problems(path.name)
    table = tabular.read(
        path, problems, known=[c.name for c in COLUMNS], needed=[c.name for c in COLUMNS]
    )
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
    _check_codes(session, rows, problems)
    same = {code: values for code, (_, values) in rows.items() if _same(session, code, values)}
    with session.begin_nested() as tried:
        for code, (number, values) in rows.items():
            if code in same:
                continue
            try:
                audit_staffing.set_team_in(
                    session,
                    code,
                    lead=values["lead"],
                    auditors=values["auditors"],
                    at=at,
                    actor=actor,
                )
            except Refused as refused:
                problems.say(refused.sentence, row=number, column="lead", **refused.facts)
        if dry_run:
            tried.rollback()
    problems.refuse_if_any()
    return Report(
        kind="audits",
        file=table.file,
        new=0,
        changed=len(rows) - len(same),
        unchanged=len(same),
        notes=tuple(
            Problem(file=table.file, sentence=n.sentence, facts=n.facts) for n in table.notes
        ),
        codes=(),
        dry_run=dry_run,
    )


def _check_codes(session: Session, rows: dict[str, tuple[int, Values]], problems: Problems) -> None:
    """Refuse audits and people that nobody knows, each where it stands."""
    people = set(upsert.codes(session, Person))
    upsert.known_codes(rows, "code", set(upsert.codes(session, Audit)), "audit", problems)
    upsert.known_codes(rows, "lead", people, "person", problems)
    for number, values in rows.values():
        for code in values.get("auditors", ()):
            upsert.known_codes(
                {code: (number, {"auditors": code})}, "auditors", people, "person", problems
            )
    problems.refuse_if_any()


def _same(session: Session, code: str, values: Values) -> bool:
    team = audit_team.team_of(session, audit_team.by_code(session, code))
    persons = upsert.codes(session, Person)
    wanted = {persons[one]: "auditor" for one in values["auditors"]}
    wanted[persons[values["lead"]]] = audit_team.LEAD
    return {m.person_id: m.role for m in team} == wanted
